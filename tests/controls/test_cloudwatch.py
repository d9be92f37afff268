"""Controls over CloudWatch alarms and masking, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment import UNKNOWN

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
SERVICE = "aws:ecs/service:Service"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
POLICY = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
ACCOUNT = "aws:cloudwatch/logAccountPolicy:LogAccountPolicy"

NOTIFIES = "cloudwatch-alarm-notifies"
STATED = "cloudwatch-alarm-missing-data-stated"
MASKED = "cloudwatch-log-data-masked"
BARE = (ALARM, "a", {})
CARDS = (GROUP, "g", {"tags": {"data-class": "cardholder"}})

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (NOTIFIES, "tells a topic", [(ALARM, "a", {"alarmActions": ["arn"]})], []),
    (NOTIFIES, "tells nobody", [BARE], ["violated a alarmActions"]),
    (
        NOTIFIES,
        "is switched off",
        [(ALARM, "a", {"alarmActions": ["arn"], "actionsEnabled": False})],
        ["violated a actionsEnabled"],
    ),
    (
        NOTIFIES,
        "feeds a composite alarm that tells",
        [BARE, (COMPOSITE, "c", {"alarmRule": 'ALARM("a-id") OR ALARM(b)', "alarmActions": ["t"]})],
        [],
    ),
    (
        NOTIFIES,
        "a composite alarm is of others, and tells nobody",
        [BARE, (COMPOSITE, "c", {"alarmRule": "ALARM(b)"})],
        ["violated a alarmActions", "violated c alarmActions"],
    ),
    (
        NOTIFIES,
        "decides over a deployment",
        [BARE, (SERVICE, "s", {"alarms": {"alarmNames": ["a-id"]}})],
        [],
    ),
    (
        NOTIFIES,
        "a composite alarm whose rule is not known",
        [BARE, (COMPOSITE, "c", {"alarmRule": "?", "alarmActions": ["t"]})],
        ["undecided a alarmActions"],
    ),
    (NOTIFIES, "actions not known", [(ALARM, "a", {"alarmActions": "?"})], [
        "undecided a alarmActions"
    ]),
    (STATED, "silence is red", [(ALARM, "a", {"treatMissingData": "breaching"})], []),
    (STATED, "not said", [BARE], ["violated a treatMissingData"]),
    (
        STATED,
        "silence is no state",
        [(ALARM, "a", {"treatMissingData": "missing"})],
        ["violated a treatMissingData"],
    ),
    (
        STATED,
        "not known",
        [(ALARM, "a", {"treatMissingData": "?"})],
        ["undecided a treatMissingData"],
    ),
    (MASKED, "a group without personal data", [(GROUP, "g", {})], []),
    (MASKED, "card data in the clear", [CARDS], ["violated g tags"]),
    (MASKED, "masked", [CARDS, (POLICY, "p", {"logGroupName": "g-id"})], []),
    (
        MASKED,
        "masked for the whole account",
        [CARDS, (ACCOUNT, "p", {"policyType": "DATA_PROTECTION_POLICY"})],
        [],
    ),
    (MASKED, "a policy that may be its", [CARDS, (POLICY, "p", {"logGroupName": "?"})], [
        "undecided g"
    ]),
    (MASKED, "class not known", [(GROUP, "g", {"tags": "?"})], ['undecided g tags["data-class"]']),
]  # fmt: skip


def test_the_class_that_a_providers_default_tags_give_counts_and_an_unknown_one_is_undecided(
    judged: Any,
) -> None:
    def group(data_class: Any) -> tuple[Any, ...]:
        return (GROUP, "g", {}, {"outputs": {"tagsAll": {"data-class": data_class}}})

    assert judged(MASKED, [group("pii")]) == ["violated g tags"]
    assert judged(MASKED, [group(UNKNOWN)])[0].startswith("undecided g")
    assert judged(MASKED, [group("internal")]) == []


@pytest.mark.parametrize(
    ("control", "case", "resources", "expected"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES]
)
def test_cloudwatch(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == expected

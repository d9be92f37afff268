"""Controls over GuardDuty, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

STACK = "pulumi:pulumi:Stack"
DETECTOR = "aws:guardduty/detector:Detector"
FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"
ORGANIZATION = "aws:guardduty/organizationConfiguration:OrganizationConfiguration"
ORGANIZATION_FEATURE = (
    "aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature"
)
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
FEATURES = (
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "RUNTIME_MONITORING",
    "S3_DATA_EVENTS",
)


def detector(**inputs: Any) -> Any:
    return (DETECTOR, "d", inputs)


def feature(name: str, status: str = "ENABLED", detector_id: str = "d-id", **inputs: Any) -> Any:
    return (FEATURE, name, {"detectorId": detector_id, "name": name, "status": status, **inputs})


def all_features(*, but: tuple[str, ...] = ()) -> list[Any]:
    return [feature(name) for name in FEATURES if name not in but]


def rule(detail: Any = None, name: str = "r", **inputs: Any) -> Any:
    pattern: dict[str, Any] = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}
    if detail is not None:
        pattern["detail"] = detail
    return (RULE, name, {"eventPattern": json.dumps(pattern), "state": "ENABLED", **inputs})


def target(rule_name: str = "r-id") -> Any:
    return (TARGET, "t", {"rule": rule_name, "arn": "arn:aws:sns:eu-west-1:111122223333:page"})


def severity(*bounds: Any) -> dict[str, Any]:
    return {"severity": [{"numeric": list(bounds)}]}


def hub_rule(**findings: Any) -> Any:
    pattern = {"source": ["aws.securityhub"], "detail": {"findings": findings}}
    return (RULE, "r", {"eventPattern": json.dumps(pattern)})


ENABLED: list[tuple[str, list[Any], list[str]]] = [
    ("on", [detector(enable=True)], []),
    ("on by default", [detector()], []),
    ("suspended", [detector(enable=False)], ["violated d enable"]),
    ("not known", [detector(enable="?")], ["undecided d enable"]),
    ("members enrolled", [(ORGANIZATION, "o", {"autoEnableOrganizationMembers": "ALL"})], []),
    (
        "members left out",
        [(ORGANIZATION, "o", {"autoEnableOrganizationMembers": "NONE"})],
        ["violated o autoEnableOrganizationMembers"],
    ),
    ("an application", [(STACK, "s", {})], []),
]

PROTECTIONS: list[tuple[str, list[Any], list[str]]] = [
    ("all", [detector(), *all_features()], []),
    ("one is absent", [detector(), *all_features(but=("RDS_LOGIN_EVENTS",))], ["violated d"]),
    (
        "the old form",
        [
            detector(datasources={"s3Logs": {"enable": True}}),
            *all_features(but=("S3_DATA_EVENTS",)),
        ],
        [],
    ),
    ("one is off", [feature("S3_DATA_EVENTS", "DISABLED")], ["violated S3_DATA_EVENTS status"]),
    (
        "an agent is off",
        [
            feature(
                "RUNTIME_MONITORING",
                additionalConfigurations=[
                    {"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"},
                    {"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": "DISABLED"},
                ],
            )
        ],
        ["violated RUNTIME_MONITORING additionalConfigurations[1].status"],
    ),
    ("status not known", [feature("S3_DATA_EVENTS", "?")], ["undecided S3_DATA_EVENTS status"]),
    (
        "the detector of a feature is not known",
        [
            detector(),
            *all_features(but=("S3_DATA_EVENTS",)),
            feature("S3_DATA_EVENTS", detector_id="?"),
        ],
        ["undecided d"],
    ),
    ("for members", [(ORGANIZATION_FEATURE, "o", {"autoEnable": "NEW"})], []),
    (
        "not for members",
        [(ORGANIZATION_FEATURE, "o", {"autoEnable": "NONE"})],
        ["violated o autoEnable"],
    ),
]

ROUTED: list[tuple[str, list[Any], list[str]]] = [
    ("from high on", [detector(), rule(severity(">=", 7)), target()], []),
    ("all", [detector(), rule(), target()], []),
    ("between bounds", [detector(), rule(severity(">=", 4, "<=", 10)), target()], []),
    ("by prefix of nothing", [detector(), rule({"severity": [{"prefix": "7"}]}), target()],
     ["violated d"]),
    ("critical only", [detector(), rule(severity(">=", 9)), target()], ["violated d"]),
    ("one number only", [detector(), rule({"severity": [8]}), target()], ["violated d"]),
    ("nowhere", [detector(), rule()], ["violated d"]),
    ("of another service", [detector(), (RULE, "r", {"eventPattern": "{}"}), target()],
     ["violated d"]),
    ("not JSON", [detector(), (RULE, "r", {"eventPattern": "{"}), target()], ["violated d"]),
    ("by the clock", [detector(), (RULE, "r", {"scheduleExpression": "rate(1 day)"}), target()],
     ["violated d"]),
    ("disabled", [detector(), rule(state="DISABLED"), target()], ["violated d"]),
    ("disabled the old way", [detector(), rule(state=None, isEnabled=False), target()],
     ["violated d"]),
    ("through Security Hub", [detector(), hub_rule(), target()], []),
    (
        "through Security Hub, high and critical",
        [detector(), hub_rule(Severity={"Label": ["HIGH", "CRITICAL"]}), target()],
        [],
    ),
    (
        "through Security Hub, critical only",
        [detector(), hub_rule(Severity={"Label": ["CRITICAL"]}), target()],
        ["violated d"],
    ),
    (
        "through Security Hub, of another product",
        [detector(), hub_rule(ProductName=["Security Hub"]), target()],
        ["violated d"],
    ),
    ("pattern not known", [detector(), (RULE, "r", {"eventPattern": "?"}), target()],
     ["undecided d"]),
    ("rule of the target not known", [detector(), rule(), target("?")], ["undecided d"]),
    (
        "one pattern not known, another known",
        [detector(), (RULE, "x", {"eventPattern": "?"}), rule(), target()],
        [],
    ),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("guardduty-enabled", *case) for case in ENABLED),
    *(("guardduty-protections-on", *case) for case in PROTECTIONS),
    *(("guardduty-findings-routed", *case) for case in ROUTED),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_guardduty_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("project/prod", ["violated s"]), ("project/*", ["violated s"]), ("other/*", [])],
)
def test_the_baseline_of_an_account_needs_a_detector(
    pattern: str, expected: list[str], judged: Any
) -> None:
    stack = [(STACK, "s", {})]

    assert judged("guardduty-enabled", stack, account_stacks=(pattern,)) == expected
    assert judged("guardduty-enabled", [*stack, detector()], account_stacks=(pattern,)) == []


def test_a_detector_that_is_only_read_counts(judged: Any) -> None:
    read = (DETECTOR, "d", {}, {"existing": True})

    assert judged("guardduty-enabled", [(STACK, "s", {}), read], account_stacks=("*",)) == []


def test_what_no_preview_can_see_may_be_the_detector(judged: Any) -> None:
    hidden = ("other:index:Baseline", "b", {}, {"custom": False, "opaque": True})

    assert judged("guardduty-enabled", [(STACK, "s", {}), hidden], account_stacks=("*",)) == [
        "undecided s"
    ]


def test_the_features_that_are_needed_can_be_set(judged: Any) -> None:
    resources = [detector(), feature("S3_DATA_EVENTS")]

    assert judged("guardduty-protections-on", resources, features=("S3_DATA_EVENTS",)) == []


def test_messages_name_what_is_absent(messages: Any) -> None:
    assert messages("guardduty-protections-on", [detector(), *all_features(but=FEATURES[:2])]) == [
        "the detector is not given EBS_MALWARE_PROTECTION, EKS_AUDIT_LOGS"
    ]

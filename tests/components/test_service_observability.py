"""ServiceObservability: its alarms, masks and dashboard, and what it refuses.

What these tests do not prove: that CloudWatch accepts the expressions, or that anybody is woken at
the right moment.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.components._masking import policy
from fintech_infra.components._observability.objectives import BURNS, impossible
from fintech_infra.components.service_observability import ServiceObservability

PAGE = "arn:aws:sns:eu-west-1:111122223333:page"
TICKET = "arn:aws:sns:eu-west-1:111122223333:ticket"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k-1"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
DASHBOARD = "aws:cloudwatch/dashboard:Dashboard"
BEAT = {"namespace": "Payments", "metric_name": "Settled", "within_minutes": 60}
OWN = {
    "description": "payments wait",
    "namespace": "Payments",
    "metric_name": "Waiting",
    "above": 100,
    "missing_data": "ignore",
}
MUTE = {
    "schedule": "cron(0 2 ? * SUN *)",
    "duration": "PT2H",
    "expires": "2027-01-31",
    "reason": "The core bank is patched",
}
FULL: dict[str, Any] = {
    "load_balancer_arn_suffix": "app/api/1",
    "ticket_topic_arn": TICKET,
    "log_group_names": {"api": "api-logs"},
    "unmasked_log_group_names": {"batch": "batch-logs"},
    "heartbeats": {"settlement": BEAT},
    "alarms": {"queue": OWN},
    "mutes": {"patches": MUTE},
    "kms_key_arn": KEY,
}


def made(deploy: Callable[..., Any], **args: Any) -> Any:
    """What the component registers with these arguments."""
    found = deploy(lambda: ServiceObservability("api", {"page_topic_arn": PAGE, **args}))  # type: ignore[typeddict-item]
    assert found.snake_case_keys() == []
    return found


def reasons(**args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    with pytest.raises(pulumi.InputPropertiesError) as error:
        ServiceObservability("api", args)  # type: ignore[arg-type]
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_with_a_topic_alone_it_is_a_dashboard_and_a_watch_over_alarms(
    deploy: Callable[..., Any],
) -> None:
    assert made(deploy).identities == [
        (DASHBOARD, "api"),
        ("aws:cloudwatch/eventRule:EventRule", "api-tampering"),
        ("aws:cloudwatch/eventTarget:EventTarget", "api-tampering"),
        ("fintech_infra:index:ServiceObservability", "api"),
    ]


def test_everything_it_can_make_has_a_name_of_its_own(deploy: Callable[..., Any]) -> None:
    assert made(deploy, **FULL).identities == [
        ("aws:cloudwatch/alarmMuteRule:AlarmMuteRule", "api-mute-patches"),
        (COMPOSITE, "api-fast-burn"),
        (COMPOSITE, "api-slow-burn"),
        (COMPOSITE, "api-steady-burn"),
        (DASHBOARD, "api"),
        ("aws:cloudwatch/eventRule:EventRule", "api-tampering"),
        ("aws:cloudwatch/eventTarget:EventTarget", "api-tampering"),
        ("aws:cloudwatch/logAnomalyDetector:LogAnomalyDetector", "api-patterns-api"),
        ("aws:cloudwatch/logAnomalyDetector:LogAnomalyDetector", "api-patterns-batch"),
        ("aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy", "api-mask-batch"),
        (ALARM, "api-fast-burn-long"),
        (ALARM, "api-fast-burn-short"),
        (ALARM, "api-heartbeat-settlement"),
        (ALARM, "api-latency-unusual"),
        (ALARM, "api-patterns-api"),
        (ALARM, "api-patterns-batch"),
        (ALARM, "api-queue"),
        (ALARM, "api-slow-burn-long"),
        (ALARM, "api-slow-burn-short"),
        (ALARM, "api-steady-burn-long"),
        (ALARM, "api-steady-burn-short"),
        (ALARM, "api-traffic-unusual"),
        ("fintech_infra:index:ServiceObservability", "api"),
    ]


def test_a_heartbeat_more_leaves_the_other_alarms_as_they_are(deploy: Callable[..., Any]) -> None:
    one = made(deploy, heartbeats={"settlement": BEAT})
    two = made(deploy, heartbeats={"reports": BEAT, "settlement": BEAT})
    assert two.identities == sorted([*one.identities, (ALARM, "api-heartbeat-reports")])


@pytest.mark.parametrize(
    ("key", "rate", "threshold"),
    [("fast-burn", 14.4, 1.44), ("steady-burn", 6, 0.6), ("slow-burn", 3, 0.3)],
)
def test_burn_rates_are_those_of_the_sre_workbook(key: str, rate: float, threshold: float) -> None:
    (burn,) = (item for item in BURNS if item.key == key)
    assert burn.rate(30) == pytest.approx(rate)
    assert burn.threshold(99.9, 30) == pytest.approx(threshold)


@given(st.floats(90, 99.99), st.integers(7, 90))
def test_at_a_burn_rate_the_share_of_the_budget_is_gone_after_the_long_window(
    target: float, days: int
) -> None:
    for burn in BURNS:
        allowed = (100 - target) * days * 86_400
        used = burn.threshold(target, days) * burn.long_window
        assert used / allowed == pytest.approx(burn.share, rel=0.02)


def test_both_windows_of_a_burn_must_be_red_and_only_then_somebody_is_told(
    deploy: Callable[..., Any],
) -> None:
    found = made(deploy, **FULL)
    composite = found.one(COMPOSITE, "api-fast-burn").inputs
    windows = [found.one(ALARM, f"api-fast-burn-{length}") for length in ("long", "short")]
    names = [item.state["name"] for item in windows]
    assert composite["alarmRule"] == f'ALARM("{names[0]}") AND ALARM("{names[1]}")'
    assert composite["alarmActions"] == [PAGE]
    assert [item.inputs["alarmActions"] for item in windows] == [[], []]
    periods = [item.inputs["metricQueries"][0]["metric"]["period"] for item in windows]
    assert periods == [3600, 300]


def test_what_can_wait_goes_to_the_ticket_topic(deploy: Callable[..., Any]) -> None:
    found = made(deploy, **FULL)
    told = {item.name: item.inputs["alarmActions"] for item in found.of_type(ALARM)}
    told |= {item.name: item.inputs["alarmActions"] for item in found.of_type(COMPOSITE)}
    assert {name for name, topics in told.items() if topics == [TICKET]} == {
        "api-latency-unusual",
        "api-patterns-api",
        "api-patterns-batch",
        "api-queue",
        "api-slow-burn",
        "api-traffic-unusual",
    }
    assert {name for name, topics in told.items() if topics == [PAGE]} == {
        "api-fast-burn",
        "api-heartbeat-settlement",
        "api-steady-burn",
    }


def test_a_silent_heartbeat_is_red_and_a_caller_says_what_silence_means(
    deploy: Callable[..., Any],
) -> None:
    found = made(deploy, **FULL)
    beat = found.one(ALARM, "api-heartbeat-settlement").inputs
    assert (beat["treatMissingData"], beat["period"], beat["threshold"]) == ("breaching", 3600, 1)
    assert found.one(ALARM, "api-queue").inputs["treatMissingData"] == "ignore"
    assert all("treatMissingData" in item.inputs for item in found.of_type(ALARM))


def test_a_mute_names_every_alarm_and_ends(deploy: Callable[..., Any]) -> None:
    found = made(deploy, **FULL)
    mute = found.one("aws:cloudwatch/alarmMuteRule:AlarmMuteRule").inputs
    assert mute["expireDate"] == "2027-01-31T23:59:00Z"
    assert len(mute["muteTargets"]["alarmNames"]) == 12 + 3


def test_masking_finds_and_hides_the_same_data(deploy: Callable[..., Any]) -> None:
    text = (
        made(deploy, **FULL)
        .one("aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy")
        .inputs["policyDocument"]
    )
    audit, mask = json.loads(text)["Statement"]
    assert audit["DataIdentifier"] == mask["DataIdentifier"]
    assert "arn:aws:dataprotection::aws:data-identifier/CreditCardNumber" in mask["DataIdentifier"]
    assert mask["Operation"] == {"Deidentify": {"MaskConfig": {}}}
    assert "arn:aws-cn:dataprotection" in policy("p", "aws-cn")


def test_the_dashboard_shows_objective_alarms_and_logs(deploy: Callable[..., Any]) -> None:
    found = made(deploy, **FULL)
    widgets = json.loads(found.one(DASHBOARD).inputs["dashboardBody"])["widgets"]
    titles = [item["properties"]["title"] for item in widgets]
    assert titles == [
        "Alarms",
        "Objective: 99.9 % succeed",
        "Seconds to answer",
        "Requests in 5 minutes",
        "Errors in the logs",
    ]
    assert len(widgets[0]["properties"]["alarms"]) == 12 + 3
    places = [(item["x"], item["y"]) for item in widgets]
    assert places == [(0, 0), (12, 0), (0, 6), (12, 6), (0, 12)]


def test_every_mistake_is_in_one_message() -> None:
    found = reasons(
        target_percent=100,
        anomaly_deviations=0.5,
        log_group_names={"API logs": "x"},
        heartbeats={"h": {**BEAT, "within_minutes": 2000}},
        alarms={
            "a": {**OWN, "period_seconds": 90, "periods": 0, "statistic": "p99"},
            "c": {**OWN, "period_seconds": 300, "periods": 289},
        },
        mutes={"m": {**MUTE, "expires": "never", "reason": "noise"}},
    )
    assert found.keys() == {
        "page_topic_arn",
        "target_percent",
        "anomaly_deviations",
        "log_group_names.API logs",
        "heartbeats.h.within_minutes",
        "alarms.a.period_seconds",
        "alarms.a.periods",
        "alarms.a.statistic",
        "alarms.c.periods",
        "mutes.m.expires",
        "mutes.m.reason",
    }


def test_an_alarm_that_does_not_say_what_silence_means_is_refused() -> None:
    unsaid = {key: value for key, value in OWN.items() if key != "missing_data"}
    assert reasons(page_topic_arn=PAGE, alarms={"a": unsaid}) == {
        "alarms.a.missing_data": "is required"
    }


def test_an_objective_that_no_failure_could_break_is_refused() -> None:
    assert impossible(90, 30) == ["fast-burn"]
    found = reasons(page_topic_arn=PAGE, target_percent=90)
    assert "fast-burn can never be reached" in found["target_percent"]


def test_it_is_clean_under_every_control(judged: Callable[..., Any]) -> None:
    full = {**FULL, "page_topic_arn": PAGE}
    assert (
        judged(
            f"ServiceObservability('bare', {{'page_topic_arn': {PAGE!r}}})\n"
            f"ServiceObservability('full', {full!r})"
        )
        == []
    )


def test_what_a_transform_takes_away_a_control_finds(judged: Callable[..., Any]) -> None:
    program = f"""
def change(name, **inputs):
    def transform(args):
        if args.name != name:
            return None
        return pulumi.ResourceTransformResult({{**args.props, **inputs}}, args.opts)
    return pulumi.ResourceOptions(transforms=[transform])

beat = {{"page_topic_arn": {PAGE!r}, "heartbeats": {{"h": {BEAT!r}}}}}
ServiceObservability("mute", beat, change("mute-heartbeat-h", alarmActions=[], okActions=[]))
ServiceObservability("off", beat, change("off-heartbeat-h", actionsEnabled=False))
ServiceObservability("silent", beat, change("silent-heartbeat-h", treatMissingData="missing"))
"""
    assert judged(program) == [
        ("cloudwatch-alarm-missing-data-stated", "violated", "silent-heartbeat-h",
         "treatMissingData"),
        ("cloudwatch-alarm-notifies", "violated", "mute-heartbeat-h", "alarmActions"),
        ("cloudwatch-alarm-notifies", "violated", "off-heartbeat-h", "actionsEnabled"),
    ]  # fmt: skip

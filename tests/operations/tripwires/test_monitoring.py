"""Trails, detectors, recorders and alarms that somebody blinded, judged by the controls.

moto plays the services; composite alarms, which it has not, answer as botocore's model allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fintech_infra.operations.aws import Access
from fintech_infra.operations.drift import Captured
from fintech_infra.operations.tripwires import alarms
from fintech_infra.operations.tripwires.monitoring import TRIPWIRES
from tests.operations.tripwires.looking import (
    ACCOUNT,
    REGION,
    Hollow,
    account,
    captured,
    client,
    controls,
    looked,
    made,
    outcome,
    previewed,
    refusing,
    untold,
)

TRAIL = "aws:cloudtrail/trail:Trail"
DETECTOR = "aws:guardduty/detector:Detector"
FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"
RECORDER = "aws:cfg/recorder:Recorder"
STATUS = "aws:cfg/recorderStatus:RecorderStatus"
CHANNEL = "aws:cfg/deliveryChannel:DeliveryChannel"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
RULE = "aws:cloudwatch/eventRule:EventRule"

BUCKET = "audit-archive-eu-central-1"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:people"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/config"
PATTERN = '{ $.userIdentity.type = "Root" }'

ADVANCED: list[dict[str, Any]] = [
    {
        "name": "management",
        "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}],
    },
    {
        "name": "objects",
        "fieldSelectors": [
            {"field": "eventCategory", "equals": ["Data"]},
            {"field": "resources.type", "equals": ["AWS::S3::Object"]},
            {"field": "resources.ARN", "notStartsWiths": [f"arn:aws:s3:::{BUCKET}/"]},
        ],
    },
]
ALARM_GIVEN: dict[str, Any] = {
    "name": "root-used",
    "metricName": "RootUsed",
    "namespace": "Security",
    "statistic": "Sum",
    "period": 300,
    "evaluationPeriods": 1,
    "threshold": 1,
    "comparisonOperator": "GreaterThanOrEqualToThreshold",
    "treatMissingData": "notBreaching",
    "alarmActions": [TOPIC],
}


@pytest.fixture
def access() -> Iterator[Access]:
    with account() as found:
        s3 = found.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        trail = found.client("cloudtrail")
        trail.create_trail(
            Name="audit",
            S3BucketName=BUCKET,
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
        )
        trail.start_logging(Name="audit")
        trail.put_event_selectors(TrailName="audit", AdvancedEventSelectors=selectors())
        config = found.client("config")
        config.put_configuration_recorder(
            ConfigurationRecorder={
                "name": "all",
                "roleARN": ROLE,
                "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
            }
        )
        config.put_delivery_channel(DeliveryChannel={"name": "all", "s3BucketName": BUCKET})
        config.start_configuration_recorder(ConfigurationRecorderName="all")
        put_alarm(found)
        logs = found.client("logs")
        logs.create_log_group(logGroupName="audit")
        put_filter(found)
        found.client("events").put_rule(
            Name="findings", EventPattern='{"source": ["aws.guardduty"]}', State="ENABLED"
        )
        found.client("guardduty").create_detector(
            Enable=True,
            Features=[
                {
                    "Name": "RUNTIME_MONITORING",
                    "Status": "ENABLED",
                    "AdditionalConfiguration": [
                        {"Name": "EKS_ADDON_MANAGEMENT", "Status": "ENABLED"},
                        {"Name": "EC2_AGENT_MANAGEMENT", "Status": "DISABLED"},
                    ],
                }
            ],
        )
        yield found


def selectors(**management: Any) -> list[dict[str, Any]]:
    """What the program declares, in the words of CloudTrail; `management` changes the first."""
    first = {"Field": "eventCategory", "Equals": ["Management"]}
    others = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
        {"Field": "resources.ARN", "NotStartsWith": [f"arn:aws:s3:::{BUCKET}/"]},
    ]
    return [
        {"Name": "management", "FieldSelectors": [first], **management},
        {"Name": "objects", "FieldSelectors": others},
    ]


def put_alarm(access: Access, **changed: Any) -> None:
    asked = {key[:1].upper() + key[1:]: it for key, it in ALARM_GIVEN.items() if key != "name"}
    access.client("cloudwatch").put_metric_alarm(AlarmName="root-used", **{**asked, **changed})


def put_filter(access: Access, pattern: str = PATTERN) -> None:
    metric = {"metricName": "RootUsed", "metricNamespace": "Security", "metricValue": "1"}
    access.client("logs").put_metric_filter(
        logGroupName="audit",
        filterName="root-used",
        filterPattern=pattern,
        metricTransformations=[metric],
    )


def detector(access: Access) -> str:
    (found,) = access.client("guardduty").list_detectors()["DetectorIds"]
    return str(found)


def state(access: Access) -> Captured:
    own = detector(access)
    return captured(
        made(
            TRAIL,
            "audit",
            {
                "name": "audit",
                "s3BucketName": BUCKET,
                "isMultiRegionTrail": True,
                "enableLogFileValidation": True,
                "advancedEventSelectors": ADVANCED,
            },
        ),
        made(
            DETECTOR, "detector", {"enable": True}, id=own, findingPublishingFrequency="SIX_HOURS"
        ),
        made(
            FEATURE,
            "runtime",
            {
                "detectorId": own,
                "name": "RUNTIME_MONITORING",
                "status": "ENABLED",
                "additionalConfigurations": [{"name": "EKS_ADDON_MANAGEMENT", "status": "ENABLED"}],
            },
        ),
        made(
            RECORDER,
            "recorder",
            {
                "name": "all",
                "roleArn": ROLE,
                "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
            },
        ),
        made(STATUS, "recording", {"name": "all", "isEnabled": True}),
        made(CHANNEL, "channel", {"name": "all", "s3BucketName": BUCKET}),
        made(ALARM, "alarm", ALARM_GIVEN, okActions=[], statistic="Sum", extendedStatistic=""),
        made(
            FILTER,
            "filter",
            {
                "name": "root-used",
                "logGroupName": "audit",
                "pattern": PATTERN,
                "metricTransformation": {
                    "name": "RootUsed",
                    "namespace": "Security",
                    "value": "1",
                    "unit": "None",
                },
            },
        ),
        made(RULE, "findings", {"name": "findings", "state": "ENABLED"}),
    )


def test_what_nobody_touched_has_not_drifted(access: Access) -> None:
    report = looked(state(access), access, TRIPWIRES)
    assert outcome(report) == []
    assert any("looked at 9 of 9" in note for note in report.notes)


def stop_trail(access: Access) -> None:
    access.client("cloudtrail").stop_logging(Name="audit")


def record_one_region(access: Access) -> None:
    access.client("cloudtrail").update_trail(Name="audit", IsMultiRegionTrail=False)


def leave_out_reads(access: Access) -> None:
    only = {"Field": "readOnly", "Equals": ["false"]}
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}, only]
    access.client("cloudtrail").put_event_selectors(
        TrailName="audit", AdvancedEventSelectors=selectors(FieldSelectors=fields)
    )


def suspend_detector(access: Access) -> None:
    access.client("guardduty").update_detector(DetectorId=detector(access), Enable=False)


def stop_recorder(access: Access) -> None:
    access.client("config").stop_configuration_recorder(ConfigurationRecorderName="all")


def record_less(access: Access) -> None:
    access.client("config").put_configuration_recorder(
        ConfigurationRecorder={
            "name": "all",
            "roleARN": ROLE,
            "recordingGroup": {
                "allSupported": False,
                "includeGlobalResourceTypes": False,
                "resourceTypes": ["AWS::EC2::Instance"],
            },
        }
    )


def silence_alarm(access: Access) -> None:
    access.client("cloudwatch").disable_alarm_actions(AlarmNames=["root-used"])


def take_actions_away(access: Access) -> None:
    put_alarm(access, AlarmActions=[])


@pytest.mark.parametrize(
    ("tamper", "name", "path", "control"),
    [
        (stop_trail, "audit", "enableLogging", "cloudtrail-complete"),
        (record_one_region, "audit", "isMultiRegionTrail", "cloudtrail-complete"),
        (leave_out_reads, "audit", "advancedEventSelectors", "cloudtrail-complete"),
        (suspend_detector, "detector", "enable", "guardduty-enabled"),
        (stop_recorder, "recording", "isEnabled", "config-recorder-complete"),
        (record_less, "recorder", "recordingGroup", "config-recorder-complete"),
        (silence_alarm, "alarm", "actionsEnabled", "cloudwatch-alarm-notifies"),
        (take_actions_away, "alarm", "alarmActions", "cloudwatch-alarm-notifies"),
    ],
)
def test_a_blinded_watcher_is_dangerous(
    access: Access, tamper: Callable[[Access], None], name: str, path: str, control: str
) -> None:
    before = state(access)
    tamper(access)
    report = looked(before, access, TRIPWIRES)
    assert outcome(report) == [(name, path, "dangerous")]
    assert control in controls(report)


def test_a_trail_without_selectors_has_those_that_nobody_writes_down(access: Access) -> None:
    trail = access.client("cloudtrail")
    trail.create_trail(Name="plain", S3BucketName=BUCKET, IsMultiRegionTrail=True)
    trail.start_logging(Name="plain")
    usual = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
    trail.put_event_selectors(TrailName="plain", EventSelectors=[usual])
    inputs = {"name": "plain", "s3BucketName": BUCKET, "isMultiRegionTrail": True}
    before = captured(made(TRAIL, "plain", inputs))
    assert outcome(looked(before, access, TRIPWIRES)) == []
    trail.put_event_selectors(
        TrailName="plain", EventSelectors=[{**usual, "ReadWriteType": "WriteOnly"}]
    )
    assert outcome(looked(before, access, TRIPWIRES)) == [("plain", "eventSelectors", "dangerous")]


def test_selectors_that_leave_out_what_is_usual_say_the_same(access: Access) -> None:
    told = {"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}
    trail = access.client("cloudtrail")
    trail.create_trail(Name="plain", S3BucketName=BUCKET, IsMultiRegionTrail=True)
    trail.start_logging(Name="plain")
    trail.put_event_selectors(
        TrailName="plain",
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": told["type"], "Values": told["values"]}],
            }
        ],
    )
    inputs = {
        "name": "plain",
        "s3BucketName": BUCKET,
        "isMultiRegionTrail": True,
        "eventSelectors": [{"dataResources": [told]}],
    }
    assert outcome(looked(captured(made(TRAIL, "plain", inputs)), access, TRIPWIRES)) == []


def test_an_alarm_that_waits_for_more_is_seen(access: Access) -> None:
    put_alarm(access, Threshold=1000.0)
    assert outcome(looked(state(access), access, TRIPWIRES)) == [("alarm", "threshold", "relevant")]


def delete_trail(access: Access) -> None:
    access.client("cloudtrail").delete_trail(Name="audit")


def delete_detector(access: Access) -> None:
    access.client("guardduty").delete_detector(DetectorId=detector(access))


def delete_recorder(access: Access) -> None:
    access.client("config").stop_configuration_recorder(ConfigurationRecorderName="all")
    access.client("config").delete_configuration_recorder(ConfigurationRecorderName="all")


def delete_alarm(access: Access) -> None:
    access.client("cloudwatch").delete_alarms(AlarmNames=["root-used"])


def delete_filter(access: Access) -> None:
    access.client("logs").delete_metric_filter(logGroupName="audit", filterName="root-used")


def delete_rule(access: Access) -> None:
    access.client("events").delete_rule(Name="findings")


@pytest.mark.parametrize(
    ("tamper", "names"),
    [
        (delete_trail, {"audit"}),
        (delete_detector, {"detector", "runtime"}),
        (delete_recorder, {"recorder", "recording"}),
        (delete_alarm, {"alarm"}),
        (delete_filter, {"filter"}),
        (delete_rule, {"findings"}),
    ],
)
def test_a_watcher_that_is_gone_is_never_fine(
    access: Access, tamper: Callable[[Access], None], names: set[str]
) -> None:
    before = state(access)
    tamper(access)
    report = looked(before, access, TRIPWIRES)
    found = {it.name for it in report.items if it.op == "deleted" or it.judgement == "undecided"}
    assert found == names
    assert report.exit_code in {1, 2, 3}


def test_other_watchers_that_change_are_seen(access: Access) -> None:
    delete_filter(access)  # moto would keep both
    put_filter(access, '{ $.userIdentity.type = "Nobody" }')
    access.client("events").disable_rule(Name="findings")
    assert set(outcome(looked(state(access), access, TRIPWIRES))) == {
        ("filter", "pattern", "relevant"),
        ("findings", "state", "relevant"),
    }


def test_a_preview_is_compared_where_the_program_names_things(access: Access) -> None:
    own = state(access).environment.resources
    before = previewed(*own)
    assert {it[2] for it in outcome(looked(before, access, TRIPWIRES))} == set()
    stop_trail(access)
    take_actions_away(access)
    assert outcome(looked(before, access, TRIPWIRES)) == [
        ("audit", "enableLogging", "dangerous"),
        ("alarm", "alarmActions", "dangerous"),
    ]


def test_composite_alarms_are_asked_for_together_with_the_others() -> None:
    rule = 'ALARM("root-used")'
    before = captured(
        made(COMPOSITE, "any", {"alarmName": "any", "alarmRule": rule, "alarmActions": [TOPIC]})
    )
    watch, identity = client("cloudwatch"), client("sts")
    told = {"AlarmName": "any", "AlarmRule": rule, "AlarmActions": [TOPIC], "ActionsEnabled": False}
    stubber, caller = Stubber(watch), Stubber(identity)
    stubber.add_response(
        "describe_alarms",
        {"CompositeAlarms": [told], "MetricAlarms": []},
        {"AlarmNames": ["any"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
    )
    caller.add_response("get_caller_identity", {"Account": ACCOUNT}, {})
    for it in (stubber, caller):
        it.activate()
    access = Access(lambda service, _region: identity if service == "sts" else watch, REGION)
    assert outcome(looked(before, access, alarms.TRIPWIRES)) == [
        ("any", "actionsEnabled", "dangerous")
    ]


OPERATIONS = sorted(
    {
        "cloudtrail:get_trail",
        "cloudtrail:get_trail_status",
        "cloudtrail:get_event_selectors",
        "guardduty:list_detectors",
        "guardduty:get_detector",
        "config:describe_configuration_recorders",
        "config:describe_configuration_recorder_status",
        "config:describe_delivery_channels",
        "cloudwatch:describe_alarms",
        "logs:describe_metric_filters",
        "events:describe_rule",
        "sts:get_caller_identity",
    }
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(refused=st.sets(st.sampled_from(OPERATIONS), min_size=1), told=st.integers(0, 1))
def test_whatever_is_refused_is_undecided_and_the_rest_is_not(
    access: Access, refused: set[str], told: int
) -> None:
    assert untold(state(access), refusing(access, lambda it: it in refused, told), TRIPWIRES)


def test_answers_with_nothing_in_them_tell_nothing(access: Access) -> None:
    before = state(access)
    looks = {
        (it.name, path)
        for it in before.environment.resources
        for wire in TRIPWIRES
        for path in wire.looks.get(it.type, ())
    }
    assert untold(before, Hollow(access.make, access.region), TRIPWIRES) == looks

"""Tripwires on what watches: trails, detectors, recorders and rules here, and `alarms`.

Whoever means harm blinds these first, and none of it breaks anything that somebody would notice.

Reads `cloudtrail:GetTrail`, `cloudtrail:GetTrailStatus`, `cloudtrail:GetEventSelectors`,
`guardduty:ListDetectors`, `guardduty:GetDetector`, `config:DescribeConfigurationRecorders`,
`config:DescribeConfigurationRecorderStatus`, `config:DescribeDeliveryChannels`,
`logs:DescribeMetricFilters` and `events:DescribeRule`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.tripwires import alarms
from fintech_infra.operations.tripwires.model import GoneError, Scene, Seen, Tripwire, seen
from fintech_infra.operations.tripwires.shapes import (
    as_recorded,
    camel,
    recorded_of,
    referring,
)

_TRAIL: Final = "aws:cloudtrail/trail:Trail"
_DETECTOR: Final = "aws:guardduty/detector:Detector"
_FEATURE: Final = "aws:guardduty/detectorFeature:DetectorFeature"
_RECORDER: Final = "aws:cfg/recorder:Recorder"
_RECORDER_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"
_CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"
_FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
_RULE: Final = "aws:cloudwatch/eventRule:EventRule"

_TRAIL_FLAGS: Final = {
    "isMultiRegionTrail": "IsMultiRegionTrail",
    "includeGlobalServiceEvents": "IncludeGlobalServiceEvents",
    "enableLogFileValidation": "LogFileValidationEnabled",
}
_TRAIL_PLACES: Final = {
    "s3BucketName": "S3BucketName",
    "kmsKeyId": "KmsKeyId",
    "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
    "cloudWatchLogsRoleArn": "CloudWatchLogsRoleArn",
}
_PLURAL: Final = ("startsWith", "endsWith", "notStartsWith", "notEndsWith")
"""Conditions of selectors, which the provider writes with an `s`."""


def _trail(scene: Scene, resource: Resource) -> Seen:
    name = scene.name(resource, "name")
    gone = ("TrailNotFoundException",)

    def told(operation: str, **parameters: str) -> Mapping[str, Any]:
        return scene.ask(resource, "cloudtrail", operation, gone=gone, **parameters) or {}

    def trail(key: str) -> Any:
        return told("get_trail", Name=name)["Trail"].get(key)

    def selectors(key: str) -> Any:
        answer = told("get_event_selectors", TrailName=name)
        # Only an answer that names the trail can say by silence that there are none.
        given = (answer.get(key) or []) if answer["TrailARN"] else []
        found = [] if _is_usual(given) else [_selector(it) for it in given]
        mine = "eventSelectors" if key == "EventSelectors" else "advancedEventSelectors"
        return as_recorded(resource, mine, found)

    reads: dict[str, Callable[[], Any]] = {
        **{mine: partial(trail, key) for mine, key in _TRAIL_FLAGS.items()},
        "enableLogging": lambda: told("get_trail_status", Name=name)["IsLogging"],
        "eventSelectors": lambda: selectors("EventSelectors"),
        "advancedEventSelectors": lambda: selectors("AdvancedEventSelectors"),
    }
    places = {mine: partial(trail, key) for mine, key in _TRAIL_PLACES.items()}
    return referring(scene, seen({**reads, **places}), _TRAIL_PLACES)


def _is_usual(selectors: list[dict[str, Any]]) -> bool:
    """Whether these are the selectors of a trail that was given none, which nobody writes down."""
    if len(selectors) != 1 or "FieldSelectors" in selectors[0]:
        return False
    (one,) = selectors
    narrowed = one.get("DataResources") or one.get("ExcludeManagementEventSources")
    return one.get("ReadWriteType", "All") == "All" and not narrowed


def _selector(told: Mapping[str, Any]) -> dict[str, Any]:
    found = camel(told)
    for fields in found.get("fieldSelectors", []):
        for key in _PLURAL:
            if key in fields:
                fields[f"{key}s"] = fields.pop(key)
    return found


def _detector(scene: Scene, resource: Resource) -> Seen:
    found = _detected(scene, resource, scene.id(resource))
    return Seen(
        {
            "enable": found["Status"] == "ENABLED",
            "findingPublishingFrequency": found.get("FindingPublishingFrequency"),
        }
    )


def _detected(scene: Scene, resource: Resource, own: str) -> Mapping[str, Any]:
    """What GuardDuty says of a detector.

    It refuses one that is gone as it refuses a mistake, so those that are there are listed first.
    """
    region = scene.region(resource)

    def ids() -> list[str]:
        pages = scene.access.pages("guardduty", "list_detectors", region=region)
        return [it for page in pages for it in page["DetectorIds"]]

    if own not in scene.once(("detectors", region), ids):
        raise GoneError
    return scene.ask(resource, "guardduty", "get_detector", DetectorId=own) or {}


def _feature(scene: Scene, resource: Resource) -> Seen:
    detector = scene.name(resource, "detectorId")
    name = scene.name(resource, "name")
    features = _detected(scene, resource, detector)["Features"]
    found = next((it for it in features if it["Name"] == name), None)
    if found is None:
        raise LookupError(f"the detector {detector} tells of no feature {name}")
    values: dict[str, Any] = {"status": found["Status"]}
    mine = recorded_of(resource, "additionalConfigurations") or []
    names = [it.get("name") for it in mine]
    agents = [camel(it) for it in found.get("AdditionalConfiguration", [])]
    if names:
        kept = [{key: it[key] for key in ("name", "status")} for it in agents]
        values["additionalConfigurations"] = [it for it in kept if it["name"] in names]
    return Seen(values)


def _recorder(scene: Scene, resource: Resource) -> Seen:
    answer = scene.ask(
        resource,
        "config",
        "describe_configuration_recorders",
        gone=("NoSuchConfigurationRecorderException",),
        ConfigurationRecorderNames=[scene.name(resource, "name")],
    )
    found = (answer or {})["ConfigurationRecorders"][0]
    told = camel(found.get("recordingGroup", {}))
    told.pop("recordingStrategy", None)  # the others imply it
    excluded = told.pop("exclusionByResourceTypes", {})
    if excluded.get("resourceTypes"):
        told["exclusionByResourceTypes"] = [excluded]
    mine = recorded_of(resource, "recordingGroup")
    if isinstance(mine, Mapping) and "recordingStrategies" in mine:
        told["recordingStrategies"] = mine["recordingStrategies"]
    values = {
        "recordingGroup": as_recorded(resource, "recordingGroup", told),
        "roleArn": found.get("roleARN"),
    }
    return referring(scene, Seen(values), ("roleArn",))


def _recorder_status(scene: Scene, resource: Resource) -> Seen:
    answer = scene.ask(
        resource,
        "config",
        "describe_configuration_recorder_status",
        gone=("NoSuchConfigurationRecorderException",),
        ConfigurationRecorderNames=[scene.name(resource, "name")],
    )
    return Seen({"isEnabled": (answer or {})["ConfigurationRecordersStatus"][0]["recording"]})


def _channel(scene: Scene, resource: Resource) -> Seen:
    answer = scene.ask(
        resource,
        "config",
        "describe_delivery_channels",
        gone=("NoSuchDeliveryChannelException",),
        DeliveryChannelNames=[scene.name(resource, "name")],
    )
    found = (answer or {})["DeliveryChannels"][0]
    values = {key: found.get(key) for key in ("s3BucketName", "s3KmsKeyArn")}
    return referring(scene, Seen(values), values)


def _filter(scene: Scene, resource: Resource) -> Seen:
    group, name = scene.name(resource, "logGroupName"), scene.name(resource, "name")
    answer = scene.ask(
        resource,
        "logs",
        "describe_metric_filters",
        gone=("ResourceNotFoundException",),
        logGroupName=group,
        filterNamePrefix=name,
    )
    listed = [it for it in (answer or {})["metricFilters"] if it["filterName"] == name]
    if not listed:
        raise GoneError
    metric = listed[0]["metricTransformations"][0]
    told = {
        "name": metric["metricName"],
        "namespace": metric["metricNamespace"],
        "value": metric["metricValue"],
    }
    mine = recorded_of(resource, "metricTransformation")
    rest = {key: it for key, it in mine.items() if key not in told} if mine else {}
    return Seen({"pattern": listed[0]["filterPattern"], "metricTransformation": {**rest, **told}})


def _rule(scene: Scene, resource: Resource) -> Seen:
    parameters = {"Name": scene.name(resource, "name")}
    bus = recorded_of(resource, "eventBusName")
    if isinstance(bus, str) and bus:
        parameters["EventBusName"] = bus
    gone = ("ResourceNotFoundException",)
    found = scene.ask(resource, "events", "describe_rule", gone=gone, **parameters) or {}
    mine = resource.inputs
    if "isEnabled" in mine and "state" not in mine:
        return Seen({"isEnabled": found["State"] != "DISABLED"})
    return Seen({"state": found["State"]})


TRIPWIRES: Final = (
    Tripwire(
        "trail",
        {
            _TRAIL: {
                "isMultiRegionTrail": False,
                "includeGlobalServiceEvents": True,
                "enableLogFileValidation": False,
                "enableLogging": True,
                "eventSelectors": None,
                "advancedEventSelectors": None,
                **dict.fromkeys(_TRAIL_PLACES),
            }
        },
        _trail,
    ),
    Tripwire(
        "detector", {_DETECTOR: {"enable": True, "findingPublishingFrequency": None}}, _detector
    ),
    Tripwire(
        "protection of a detector",
        {_FEATURE: {"status": None, "additionalConfigurations": None}},
        _feature,
    ),
    Tripwire("recorder", {_RECORDER: {"recordingGroup": None, "roleArn": None}}, _recorder),
    Tripwire("recording", {_RECORDER_STATUS: {"isEnabled": False}}, _recorder_status),
    Tripwire(
        "delivery of records", {_CHANNEL: {"s3BucketName": None, "s3KmsKeyArn": None}}, _channel
    ),
    Tripwire(
        "metric of a log", {_FILTER: {"pattern": None, "metricTransformation": None}}, _filter
    ),
    Tripwire("rule on events", {_RULE: {"state": "ENABLED"}}, _rule),
    *alarms.TRIPWIRES,
)

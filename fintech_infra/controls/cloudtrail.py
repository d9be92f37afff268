"""Controls over CloudTrail: a complete record, encrypted, validated and looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control, expects
from fintech_infra.controls.remedies import differing
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import reading
from fintech_infra.environment.values import read_entries, read_list

TRAIL: Final = "aws:cloudtrail/trail:Trail"
EVENT_DATA_STORE: Final = "aws:cloudtrail/eventDataStore:EventDataStore"

_OBJECTS: Final = "AWS::S3::Object"


def _everywhere(trail: Resource) -> Mapping[str, Any]:
    wanted = {"isMultiRegionTrail": True}
    for path in ("includeGlobalServiceEvents", "enableLogging"):
        if trail.value(path) is False:
            wanted[path] = True
    return differing(trail, wanted)


@control(
    on=[TRAIL],
    severity=Severity.HIGH,
    fix="Set isMultiRegionTrail, leave enableLogging and includeGlobalServiceEvents on, and record "
    "read and write management events of every source; AuditTrail does.",
    source="CIS AWS Foundations 3.1; PCI DSS 4.0.1 10.2.1; FSBP CloudTrail.1",
    properties=[
        "isMultiRegionTrail",
        "includeGlobalServiceEvents",
        "enableLogging",
        "eventSelectors",
        "advancedEventSelectors",
    ],
    remedy=_everywhere,
)
def cloudtrail_complete(trail: Resource) -> Iterator[Fault]:
    """Trails run in every region and record all management events, global services included.

    An attacker works where nobody looks: in an unused region, with read calls, with a source that
    was left out to save money.
    """
    if trail.value("isMultiRegionTrail") is not True:
        yield Fault("isMultiRegionTrail", "the trail records one region only")
    if trail.value("includeGlobalServiceEvents") is False:
        yield Fault("includeGlobalServiceEvents", "IAM and other global services are not recorded")
    if trail.value("enableLogging") is False:
        yield Fault("enableLogging", "the trail is stopped")
    if trail.is_set("advancedEventSelectors"):
        if not any(_all_management(fields) for fields in _advanced(trail)):
            message = "no selector takes all management events, read and write, of every source"
            yield Fault("advancedEventSelectors", message)
    elif trail.is_set("eventSelectors") and not any(map(_basic_management, _basic(trail))):
        message = "no selector takes all management events, read and write, of every source"
        yield Fault("eventSelectors", message)


cloudtrail_log_validation = expects(
    "cloudtrail-log-validation",
    on=[TRAIL],
    path="enableLogFileValidation",
    equals=True,
    title="Trails sign digests of their log files.",
    why="Without them nobody can prove that a record was not changed or taken away.",
    fault="log files are not validated",
    severity=Severity.MEDIUM,
    fix="Set enableLogFileValidation; AuditTrail does.",
    source="CIS AWS Foundations 3.2; PCI DSS 4.0.1 10.3.4; FSBP CloudTrail.4",
    remediable=True,
)


@control(
    on=[TRAIL, EVENT_DATA_STORE],
    severity=Severity.MEDIUM,
    fix="Set kmsKeyId to a customer-managed key that CloudTrail may use; AuditTrail does.",
    source="CIS AWS Foundations 3.5; FSBP CloudTrail.2",
    properties=["kmsKeyId"],
)
def cloudtrail_cmk(trail: Resource) -> Iterator[Fault]:
    """Trails and event data stores are encrypted with a customer-managed key.

    Who reads the record then needs the key as well as the bucket, and leaves a trace at both.
    CloudTrail takes no other kind of key, so any key counts.
    """
    if not trail.is_set("kmsKeyId"):
        yield Fault("kmsKeyId", "no key is given: S3 manages it")


@control(
    on=[TRAIL],
    severity=Severity.LOW,
    fix="Set cloudWatchLogsGroupArn and cloudWatchLogsRoleArn; AuditTrail does.",
    source="PCI DSS 4.0.1 10.3.3; FSBP CloudTrail.5",
    properties=["cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn"],
)
def cloudtrail_cloudwatch_delivery(trail: Resource) -> Iterator[Fault]:
    """Trails deliver to a log group as well.

    There an event is seen within minutes, and can raise an alarm; in the bucket it waits to be
    looked for.
    """
    for path in ("cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn"):
        if not trail.is_set(path):
            yield Fault(path, "events reach no log group")


@control(
    on=[TRAIL],
    severity=Severity.MEDIUM,
    fix="Add a selector for the type AWS::S3::Object that leaves readOnly out; AuditTrail does.",
    source="CIS AWS Foundations 3.8, 3.9; PCI DSS 4.0.1 10.2.1.1",
    properties=["eventSelectors", "advancedEventSelectors"],
)
def cloudtrail_data_events(trail: Resource, environment: Environment) -> Iterator[Fault]:
    """A trail records who reads and writes objects.

    Management events tell who changed a bucket, not who took what is in it. One trail of the
    program is enough, and so is one that takes the buckets with classified data only.
    """
    trails = [item for item in environment.of_type(TRAIL) if not item.existing]
    others = [item for item in trails if item.urn != trail.urn]
    if not any(_records_objects(item) for item in [trail, *others]):
        used = "advancedEventSelectors" if trail.is_set("advancedEventSelectors") else ""
        yield Fault(used or "eventSelectors", "no selector takes reads and writes of objects")


def _records_objects(trail: Resource) -> bool:
    with reading(trail.name, "advancedEventSelectors"):
        kinds = {
            kind
            for fields in _advanced(trail)
            if "Data" in _equal(fields, "eventCategory")
            and _OBJECTS in _equal(fields, "resources.type")
            for kind in _kinds(fields)
        }
    with reading(trail.name, "eventSelectors"):
        basic = any(
            data.get("type") == _OBJECTS
            for selector in _basic(trail)
            if selector.get("readWriteType") in (None, "All")
            for _, data in read_entries(selector, "dataResources")
        )
    return basic or kinds == {"true", "false"}


def _kinds(fields: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Of reads (`true`) and writes (`false`), what a selector takes."""
    if "readOnly" not in fields:
        return frozenset({"true", "false"})
    return frozenset(_equal(fields, "readOnly"))


def _all_management(fields: Mapping[str, Mapping[str, Any]]) -> bool:
    return "Management" in _equal(fields, "eventCategory") and len(fields) == 1


def _basic_management(selector: Mapping[str, Any]) -> bool:
    return (
        selector.get("includeManagementEvents") is not False
        and selector.get("readWriteType") in (None, "All")
        and not selector.get("excludeManagementEventSources")
    )


def _basic(trail: Resource) -> Iterator[Mapping[str, Any]]:
    for _, selector in trail.entries("eventSelectors"):
        yield selector


def _advanced(trail: Resource) -> Iterator[dict[str, Mapping[str, Any]]]:
    """The selectors of a trail, each as its conditions by field."""
    for path, _ in trail.each("advancedEventSelectors"):
        yield {
            str(condition.get("field")): condition
            for _, condition in trail.entries(f"{path}.fieldSelectors")
        }


def _equal(fields: Mapping[str, Mapping[str, Any]], name: str) -> list[str]:
    """The values that a field may have, where it is held to some."""
    return [str(value) for value in read_list(fields.get(name), "equals")]


CONTROLS: Final = (
    cloudtrail_complete,
    cloudtrail_log_validation,
    cloudtrail_cmk,
    cloudtrail_cloudwatch_delivery,
    cloudtrail_data_events,
)

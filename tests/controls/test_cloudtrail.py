"""Controls over CloudTrail, case by case; that a trail delivers what it records is not tested."""

from __future__ import annotations

from typing import Any

import pytest

TRAIL = "aws:cloudtrail/trail:Trail"
STORE = "aws:cloudtrail/eventDataStore:EventDataStore"


def fields(*conditions: tuple[str, str]) -> dict[str, Any]:
    return {"fieldSelectors": [{"field": name, "equals": [value]} for name, value in conditions]}


MANAGEMENT = fields(("eventCategory", "Management"))
WRITES_ONLY = fields(("eventCategory", "Management"), ("readOnly", "false"))
OBJECTS = fields(("eventCategory", "Data"), ("resources.type", "AWS::S3::Object"))
READS = fields(
    ("eventCategory", "Data"), ("resources.type", "AWS::S3::Object"), ("readOnly", "true")
)
WRITES = fields(
    ("eventCategory", "Data"), ("resources.type", "AWS::S3::Object"), ("readOnly", "false")
)
COMPLETE = {"isMultiRegionTrail": True}


def basic(**more: Any) -> dict[str, Any]:
    return {"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]} | more


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("cloudtrail-complete", "all by default", [(TRAIL, "t", COMPLETE)], []),
    (
        "cloudtrail-complete",
        "one region",
        [(TRAIL, "t", {})],
        ["violated t isMultiRegionTrail"],
    ),
    (
        "cloudtrail-complete",
        "stopped, and without global services",
        [
            (
                TRAIL,
                "t",
                {**COMPLETE, "enableLogging": False, "includeGlobalServiceEvents": False},
            )
        ],
        ["violated t enableLogging", "violated t includeGlobalServiceEvents"],
    ),
    (
        "cloudtrail-complete",
        "a selector takes all management events",
        [(TRAIL, "t", {**COMPLETE, "advancedEventSelectors": [OBJECTS, MANAGEMENT]})],
        [],
    ),
    (
        "cloudtrail-complete",
        "writes only",
        [(TRAIL, "t", {**COMPLETE, "advancedEventSelectors": [WRITES_ONLY]})],
        ["violated t advancedEventSelectors"],
    ),
    (
        "cloudtrail-complete",
        "no management events",
        [(TRAIL, "t", {**COMPLETE, "advancedEventSelectors": [OBJECTS]})],
        ["violated t advancedEventSelectors"],
    ),
    (
        "cloudtrail-complete",
        "basic selectors take management events by default",
        [(TRAIL, "t", {**COMPLETE, "eventSelectors": [basic()]})],
        [],
    ),
    (
        "cloudtrail-complete",
        "a source is left out",
        [
            (
                TRAIL,
                "t",
                {
                    **COMPLETE,
                    "eventSelectors": [{"excludeManagementEventSources": ["kms.amazonaws.com"]}],
                },
            )
        ],
        ["violated t eventSelectors"],
    ),
    (
        "cloudtrail-complete",
        "not known",
        [(TRAIL, "t", {"isMultiRegionTrail": "?"})],
        ["undecided t isMultiRegionTrail"],
    ),
    (
        "cloudtrail-log-validation",
        "validated",
        [(TRAIL, "t", {"enableLogFileValidation": True})],
        [],
    ),
    (
        "cloudtrail-log-validation",
        "off by default",
        [(TRAIL, "t", {})],
        ["violated t enableLogFileValidation"],
    ),
    (
        "cloudtrail-log-validation",
        "not known",
        [(TRAIL, "t", {"enableLogFileValidation": "?"})],
        ["undecided t enableLogFileValidation"],
    ),
    ("cloudtrail-cmk", "a key", [(TRAIL, "t", {"kmsKeyId": "arn:aws:kms:::key/1"})], []),
    ("cloudtrail-cmk", "a key made in the same program", [(STORE, "s", {"kmsKeyId": "?"})], []),
    (
        "cloudtrail-cmk",
        "none",
        [(TRAIL, "t", {}), (STORE, "s", {})],
        ["violated s kmsKeyId", "violated t kmsKeyId"],
    ),
    (
        "cloudtrail-cloudwatch-delivery",
        "delivers",
        [(TRAIL, "t", {"cloudWatchLogsGroupArn": "?", "cloudWatchLogsRoleArn": "?"})],
        [],
    ),
    (
        "cloudtrail-cloudwatch-delivery",
        "no role",
        [(TRAIL, "t", {"cloudWatchLogsGroupArn": "arn:aws:logs:eu-west-1:1:log-group:a:*"})],
        ["violated t cloudWatchLogsRoleArn"],
    ),
    (
        "cloudtrail-data-events",
        "reads and writes together",
        [(TRAIL, "t", {"advancedEventSelectors": [MANAGEMENT, OBJECTS]})],
        [],
    ),
    (
        "cloudtrail-data-events",
        "reads and writes apart",
        [(TRAIL, "t", {"advancedEventSelectors": [READS, WRITES]})],
        [],
    ),
    (
        "cloudtrail-data-events",
        "reads only",
        [(TRAIL, "t", {"advancedEventSelectors": [READS]})],
        ["violated t advancedEventSelectors"],
    ),
    (
        "cloudtrail-data-events",
        "basic selector",
        [(TRAIL, "t", {"eventSelectors": [basic(readWriteType="All")]})],
        [],
    ),
    (
        "cloudtrail-data-events",
        "basic selector for writes only",
        [(TRAIL, "t", {"eventSelectors": [basic(readWriteType="WriteOnly")]})],
        ["violated t eventSelectors"],
    ),
    (
        "cloudtrail-data-events",
        "management events only",
        [(TRAIL, "t", {})],
        ["violated t eventSelectors"],
    ),
    (
        "cloudtrail-data-events",
        "another trail of the program takes them",
        [(TRAIL, "t", {}), (TRAIL, "data", {"advancedEventSelectors": [OBJECTS]})],
        [],
    ),
    (
        "cloudtrail-data-events",
        "not known",
        [(TRAIL, "t", {"advancedEventSelectors": "?"})],
        ["undecided t advancedEventSelectors"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_trail_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)

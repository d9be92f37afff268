"""Which resources a pattern is for, and which patterns are refused."""

from __future__ import annotations

import pytest

from fintech_infra.controls.waivers.patterns import matches, too_broad
from fintech_infra.environment import Resource

LOGS = "aws:s3/bucket:Bucket"
URN = f"urn:pulumi:prod::shop::shop:index:Box${LOGS}::pay-logs"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (URN, True),
        ("urn:pulumi:prod::shop::*::pay-logs", True),
        ("urn:pulumi:*::pay-*", True),
        ("urn:pulumi:dev::*::pay-logs", False),
        (f"{LOGS}::pay-logs", True),
        (f"{LOGS}::pay-????", True),
        (f"{LOGS}::pay-[a-l]ogs", True),
        (f"{LOGS}::PAY-logs", False),
        (f"{LOGS}::pay-log", False),
        ("aws:s3/*::pay-logs", True),
        ("aws:kms/*::pay-logs", False),
        ("pay-logs", False),
        ("shop:index:Box::pay-logs", False),
    ],
)
def test_a_pattern_is_for_the_urn_or_for_type_and_name(pattern: str, *, expected: bool) -> None:
    assert matches(pattern, Resource(URN, LOGS, "pay-logs")) is expected


def test_a_name_with_brackets_is_named_as_it_is() -> None:
    assert matches("x:y:Z::db[0]", Resource("urn:x", "x:y:Z", "db[0]"))


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "**",
        "urn:*",
        "pay-logs",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucket:Bucket::",
        "aws:s3/bucket:Bucket::*",
        "aws:s3/bucket:Bucket::??*",
        "aws:s3/bucket:Bucket::[a-z]*",
        "aws:s3/bucket:Bucket::[]abc]*",
        "aws:s3/bucket:Bucket::[!abc]*",
        "aws:s3/bucket:Bucket::*a-b*",
        "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::*",
        "::logs",
    ],
)
def test_a_pattern_that_leaves_the_name_open_is_refused(pattern: str) -> None:
    assert too_broad(pattern)


@pytest.mark.parametrize(
    "pattern", ["x:y:Z::a", "x:y:Z::log*", "*::logs", "urn:pulumi:prod::shop::x:y:Z::a"]
)
def test_a_pattern_that_names_something_is_accepted(pattern: str) -> None:
    assert too_broad(pattern) == ""

"""Controls over DNS records, case by case."""

from __future__ import annotations

from typing import Any

import pytest

RECORD = "aws:route53/record:Record"
BUCKET = "aws:s3/bucket:Bucket"
EIP = "aws:ec2/eip:Eip"
ID = "route53-no-dangling-record"
WEBSITE = "s3-website-eu-west-1.amazonaws.com"
NAMED = {"outputs": {"bucket": "www.example.com"}}


def record(type_: str, *records: str, **inputs: Any) -> tuple[str, str, dict[str, Any]]:
    given = {"name": "www.example.com", "type": type_}
    return RECORD, "r", given | ({"records": list(records)} if records else {}) | inputs


def alias(target: str) -> tuple[str, str, dict[str, Any]]:
    return record("A", aliases=[{"name": target}])


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (ID, "an address of the program", [record("A", "?e"), (EIP, "e", {})], []),
    (ID, "a private address", [record("A", "10.0.0.1"), record("AAAA", "fd00::1")], []),
    (ID, "text", [record("TXT", "34.1.2.3")], []),
    (ID, "a name that is not for the taking", [record("CNAME", "x.acm-validations.aws.")], []),
    (ID, "an address", [record("A", "10.0.0.1", "34.1.2.3")], ["violated r records[1]"]),
    (ID, "an address of IPv6", [record("AAAA", "2600::1")], ["violated r records[0]"]),
    (ID, "a claimable name", [record("CNAME", "a.GitHub.io.")], ["violated r records[0]"]),
    (ID, "a website", [alias(WEBSITE)], ["violated r aliases[0].name"]),
    (ID, "a website of the program", [alias(WEBSITE), (BUCKET, "b", {}, NAMED)], []),
    (
        ID,
        "a bucket of the program",
        [record("CNAME", "b-id.s3.eu-west-1.amazonaws.com"), (BUCKET, "b", {})],
        [],
    ),
    (
        ID,
        "a bucket of nobody's",
        [record("CNAME", "gone.s3.eu-west-1.amazonaws.com")],
        ["violated r records[0]"],
    ),
    (
        ID,
        "not known",
        [record("A", "?", "34.1.2.3")],
        ["undecided r records[0]", "violated r records[1]"],
    ),
]


def test_a_target_can_be_approved(judged: Any) -> None:
    table = [record("CNAME", "docs.github.io", "other.github.io")]

    assert judged(ID, table, approved=("docs.github.io",)) == ["violated r records[1]"]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

"""What rules allow, and how the file of them is read."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.controls.control import Severity
from fintech_infra.environment import UNKNOWN
from fintech_infra.operations.parity import compare, evaluation, judge, read_text, schema
from fintech_infra.operations.parity.rules_file import FIELDS
from tests.operations.parity.samples import Row, changed, lines, made, with_inputs

BUCKET, KEY = "aws:s3/bucket:Bucket", "aws:kms/key:Key"
REASON = "reason: Another environment has no need of it."
HEAD = f"version: 1\nrules:\n  - {REASON}\n    resource: {BUCKET}::b\n"


def left(reference: Any, other: Any, rule: str) -> list[str]:
    """What a rule leaves of a difference between two values of the input `x`."""
    rows: list[Row] = [("pay", BUCKET, "b", {"x": reference})]
    prod = made("prod", rows)
    dev = made("dev", [("pay", BUCKET, "b", {"x": other})])
    rules, mistakes = read_text(HEAD + rule, "parity.yaml")
    assert mistakes == ()
    return lines(judge([compare(prod, dev, ())], rules.rules, prod).found)


@pytest.mark.parametrize(
    ("reference", "other", "rule"),
    [
        (4, 64, "    kind: size\n    path: x\n"),
        ("25", 30, "    kind: size\n    path: x\n    max: 30\n"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "    kind: size\n    path: x.a\n"),
        ([{"b": 1}], [{"b": 2}], "    kind: size\n    path: x.b\n"),
        (2555, 365, "    kind: retention\n    path: x\n    at_least: 365\n"),
        ("a", "b", "    kind: value\n    path: x\n    values: [a, b]\n"),
        (True, None, "    kind: value\n    path: x\n    values: [true, null]\n"),
        ("pay.example.com", "dev.example.org", "    kind: name\n    path: x\n"),
        (
            "arn:aws:x::111122223333:y",
            "arn:aws:x::444455556666:y",
            "    kind: account\n    path: x\n",
        ),
        ("x.eu-west-2.y", "x.us-east-1.y", "    kind: region\n    path: x\n"),
        (["a"], ["a", "b"], "    kind: count\n    path: x\n    min: 1\n    max: 2\n"),
    ],
)
def test_a_rule_allows_what_it_is_for(reference: Any, other: Any, rule: str) -> None:
    assert left(reference, other, rule) == []


@pytest.mark.parametrize(
    ("reference", "other", "rule"),
    [
        (4, "many", "    kind: size\n    path: x\n"),
        (4, 64, "    kind: size\n    path: x\n    max: 63\n"),
        (4, 64, "    kind: size\n    path: y\n"),
        (4, 64, "    kind: size\n    path: x\n    stacks: [staging]\n"),
        (2555, 30, "    kind: retention\n    path: x\n    at_least: 365\n"),
        ("a", "c", "    kind: value\n    path: x\n    values: [a, b]\n"),
        ("pay.example.com", "*", "    kind: name\n    path: x\n"),
        ("10.0.0.0/8", "0.0.0.0/0", "    kind: name\n    path: x\n"),
        (
            "arn:aws:x::111122223333:y",
            "arn:aws:x::444455556666:z",
            "    kind: account\n    path: x\n",
        ),
        (["a"], ["a", "b", "c"], "    kind: count\n    path: x\n    min: 1\n    max: 2\n"),
    ],
)
def test_it_allows_nothing_else(reference: Any, other: Any, rule: str) -> None:
    assert len(left(reference, other, rule)) == 1


def test_a_missing_resource_counts_nought_and_so_do_its_controls() -> None:
    prod = made("prod", [("pay", BUCKET, "b", {}), ("", KEY, "k", {})])
    dev = made("dev", [("pay", KEY, "b", {}), ("", KEY, "k", {})])
    rules, _ = read_text(
        "version: 1\nrules:\n  - {kind: count, within: 'shop:index:Part::pay', min: 0, max: 1, "
        f"{REASON}}}",
        "parity.yaml",
    )
    pair = compare(prod, dev)
    (bucket, key) = sorted(pair.differences, key=lambda it: it.match.any.type, reverse=True)
    assert "; nothing in dev is judged by s3-" in bucket.message
    assert "judged by" not in key.message
    assert judge([pair], rules.rules, prod).found == ()


def test_what_is_not_known_is_allowed_by_no_rule() -> None:
    rows: list[Row] = [("", BUCKET, "b", {"x": 1})]
    prod = made("prod", rows)
    dev = changed(made("dev", rows), BUCKET, "b", with_inputs(x=UNKNOWN))
    rules, _ = read_text(HEAD + "    kind: size\n    path: x\n", "parity.yaml")
    assert len(judge([compare(prod, dev, ())], rules.rules, prod).found) == 1


def test_a_rule_that_allows_nothing_is_a_finding_that_does_not_block() -> None:
    rows: list[Row] = [("", BUCKET, "b", {})]
    prod = made("prod", rows)
    rules, _ = read_text(HEAD + "    kind: size\n    path: x\n", "parity.yaml")
    judged = judge([compare(prod, made("dev", rows), ())], rules.rules, prod)
    (finding,) = evaluation(judged, rules.rules).findings
    assert (finding.severity, str(finding.resource.source)) == (Severity.LOW, "parity.yaml:3")


def test_every_mistake_is_told_at_once_with_its_line() -> None:
    text = """\
version: 2
refrence: prod
rules:
  - kind: siz
    reason: short
  - kind: count
    resource: "*"
    min: 3
    max: 2
    reason: Enough letters to be a reason here.
  - kind: value
    resource: aws:s3/*
    path: "*"
    values: [1]
    at_least: -3
    reason: Enough letters to be a reason here.
  - none
"""
    _, mistakes = read_text(text, "parity.yaml")
    assert [f"{it.line}: {it.message}" for it in mistakes] == [
        "1: has version 2",
        "2: the file has 'refrence'",
        "4: has kind 'siz'",
        "4: says of no resource that it may differ",
        "5: has the reason 'short'",
        "6: lets any resource be missing",
        "6: min 3 is above max 2",
        "11: leaves the path open",
        "14: values must be a list of two or more plain values",
        "15: at_least is -3, but must be a number, 0 or more",
        "15: a rule of kind value has 'at_least'",
        "17: a rule must be a mapping",
    ]


def test_a_rule_that_is_there_twice_is_refused() -> None:
    rule = f"  - kind: size\n    resource: {BUCKET}::b\n    path: x\n    {REASON}\n"
    _, mistakes = read_text(f"version: 1\nrules:\n{rule}{rule}", "parity.yaml")
    assert [it.message for it in mistakes] == ["says what line 3 says"]


@pytest.mark.parametrize("text", ["", "- a", "version: 1", "rules: [", "version: 1\nrules: {}"])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    assert read_text(text, "parity.yaml")[1] != ()


def test_the_schema_has_every_field() -> None:
    fields = schema()["properties"]["rules"]["items"]["properties"]
    assert set(fields) == set(FIELDS)

"""Which values are the same in two environments, and which are not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fintech_infra.controls.control import Severity
from fintech_infra.environment import UNKNOWN, Options
from fintech_infra.operations.parity import compare, evaluation, judge
from tests.operations.parity.samples import Row, changed, lines, made, with_inputs

BUCKET, KEY, ROLE = "aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:iam/role:Role"
OTHER_ACCOUNT = "999999999999"


def pair(reference: Any, other: Any) -> list[str]:
    """What differs where one input has these two values."""

    def rows(value: Any) -> list[Row]:
        return [("", KEY, "k", {}), ("", KEY, "l", {}), ("", ROLE, "r", {"x": value})]

    return lines(compare(made("prod", rows(reference)), made("dev", rows(other)), ()).differences)


@pytest.mark.parametrize(
    ("reference", "other"),
    [
        ("same", "same"),
        ("@k", "@k"),
        ("pay-{stack}.example.com", "pay-{stack}.example.com"),
        ("arn:aws:s3:::b-{account}-{region}", "arn:aws:s3:::b-{account}-{region}"),
        (["@k", "@l"], ["@l", "@k"]),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}'),
        ({"a": None, "b": 1}, {"b": 1}),
    ],
)
def test_what_means_the_same_is_no_difference(reference: Any, other: Any) -> None:
    assert pair(reference, other) == []


@pytest.mark.parametrize(
    ("reference", "other", "path"),
    [
        ("one", "two", "x"),
        (1, True, "x"),
        ("@k", "@l", "x"),
        (["@k"], ["@l"], "x[0]"),
        (["a", "b"], ["b", "a"], "x"),
        (["a"], ["a", "b"], "x"),
        ({"a": 1}, {"a": 2}, "x.a"),
        ({"a": 1}, {}, "x.a"),
        ('{"a": 1}', '{"a": 2}', "x.a"),
        (f"arn:aws:iam::{OTHER_ACCOUNT}:root", "arn:aws:iam::888888888888:root", "x"),
        ("10.0.0.0/8", "0.0.0.0/0", "x"),
    ],
)
def test_what_does_not_is_found_at_its_path(reference: Any, other: Any, path: str) -> None:
    assert pair(reference, other) == [f"setting r {path}"]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


READ = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": "*"}  # fmt: skip
WRITE = {"Sid": "Write", "Effect": "Allow", "Action": "s3:PutObject", "Resource": ["*"]}


def test_a_policy_is_a_set_of_statements() -> None:
    turned = {**READ, "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": ["*"]}
    assert pair(policy(READ, WRITE), policy(WRITE, turned)) == []


def test_a_statement_that_differs_is_named() -> None:
    wider = {**WRITE, "Action": "s3:*"}
    assert pair(policy(READ, WRITE), policy(READ, wider)) == ["setting r x.Statement[1].Action[0]"]


def test_an_address_is_the_same_in_the_same_place_of_its_network() -> None:
    def net(second: int, offset: int) -> list[Row]:
        return [
            ("", "aws:ec2/vpc:Vpc", "net", {"cidrBlock": f"10.{second}.0.0/16"}),
            ("", ROLE, "r", {"x": f"10.{second}.{offset}.0/24"}),
        ]

    assert compare(made("prod", net(1, 8)), made("dev", net(2, 8)), ()).differences == ()
    moved = compare(made("prod", net(1, 8)), made("dev", net(2, 9)), ())
    assert lines(moved.differences) == ["setting r x"]


ROWS: list[Row] = [("", BUCKET, "b", {"forceDestroy": False}), ("", KEY, "k", {})]


def test_what_is_not_known_is_undecided_never_the_same() -> None:
    prod = made("prod", ROWS)
    other = changed(made("dev", ROWS), BUCKET, "b", with_inputs(forceDestroy=UNKNOWN))
    found = compare(prod, other, ()).differences
    assert [(it.path, it.undecided) for it in found] == [("forceDestroy", True)]
    judged = judge([compare(prod, other, ())], (), prod)
    assert [it.verdict for it in evaluation(judged, ()).findings] == ["undecided"]


def test_what_is_not_known_and_made_of_the_same_is_the_same() -> None:
    def hidden(stack: str, of: str = "k") -> Any:
        before = made(stack, [*ROWS, ("", KEY, "l", {})])
        (key,) = [it for it in before.resources if it.name == of]
        return changed(before, BUCKET, "b", lambda it: replace(
            it, inputs={"key": UNKNOWN}, property_dependencies={"key": (key.urn,)}))  # fmt: skip

    assert compare(hidden("prod"), hidden("dev"), ()).differences == ()
    (found,) = compare(hidden("prod"), hidden("dev", of="l"), ()).differences
    assert found.undecided


def secret(stack: str, value: Any, *, is_secret: bool = True) -> Any:
    before = made(stack, [("", ROLE, "r", {"token": value})])
    paths = ("inputs.token",) if is_secret else ()
    return changed(before, ROLE, "r", lambda it: replace(it, secrets=paths))


def test_of_secrets_only_their_presence_counts_and_nothing_is_printed() -> None:
    assert compare(secret("prod", "hunter22"), secret("dev", "letmein9"), ()).differences == ()
    prod = secret("prod", "hunter22")
    pair_ = compare(prod, secret("dev", "letmein9", is_secret=False), ())
    assert lines(pair_.differences) == ["setting r token"]
    (finding,) = evaluation(judge([pair_], (), prod), ()).findings
    assert "is secret in one of them only" in finding.message
    assert "hunter22" not in finding.message


def test_options_are_compared_and_those_that_guard_are_severe() -> None:
    prod = changed(made("prod", ROWS), BUCKET, "b", lambda it: replace(
        it, options=Options(protect=True, delete_before_replace=True)))  # fmt: skip
    found = compare(prod, made("dev", ROWS), ()).differences
    assert [(it.path, it.severity) for it in found] == [
        ("options.protect", Severity.HIGH),
        ("options.delete_before_replace", Severity.MEDIUM),
    ]


def test_what_a_control_reads_is_severe() -> None:
    dev = changed(made("dev", ROWS), BUCKET, "b", with_inputs(forceDestroy=True, bucketPrefix="x"))
    found = compare(made("prod", ROWS), dev, ()).differences
    assert [(it.path, it.severity) for it in found] == [
        ("forceDestroy", Severity.HIGH),
        ("bucketPrefix", Severity.MEDIUM),
    ]

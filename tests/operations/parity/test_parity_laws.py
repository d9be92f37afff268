"""What holds for every two environments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.environment import Environment
from fintech_infra.operations.parity import Difference, Pair, compare
from tests.operations.parity.samples import Row, made

TYPES = ("aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:iam/role:Role")
NAMES = ("logs", "{stack}-logs", "records", "record", "net-a", "net-b", "net-c", "x-{stack}")
POLICY = '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "@"}]}'
VALUES = st.recursive(
    st.sampled_from(
        ["a", "{stack}", "dev", "prod", "arn:aws:x:{region}:{account}:y", "@logs", "@net-a", POLICY]
    )
    | st.integers(0, 3)
    | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["p", "q", "{stack}"]), inner, max_size=2)
    ),
    max_leaves=5,
)
ROW = st.tuples(
    st.sampled_from(["", "pay", "{stack}-pay", "part-a", "part-b"]),
    st.sampled_from(TYPES),
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(["one", "two", "tags"]), VALUES, max_size=3),
)
ROWS = st.lists(ROW, max_size=7, unique_by=lambda row: (row[0], row[1], row[2]))


def said(it: Difference, mirrored: bool = False) -> tuple[Any, ...]:
    """A difference without the places of entries of lists, seen from either side."""
    ends = (repr(it.reference), repr(it.other))
    return (it.aspect, it.severity, it.undecided, ends[::-1] if mirrored else ends)


def told(pair: Pair) -> list[tuple[Any, ...]]:
    return [(it.match.role, it.path, it.message, *said(it)) for it in pair.differences]


@given(ROWS)
@settings(max_examples=30)
def test_an_environment_is_like_itself(rows: list[Row]) -> None:
    environment = made("prod", rows)
    assert compare(environment, environment, ()).differences == ()


@given(ROWS)
@settings(max_examples=30)
def test_renaming_the_stack_changes_nothing(rows: list[Row]) -> None:
    assert compare(made("prod", rows), made("dev", rows), ()).differences == ()


@given(ROWS, ROWS, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_resources_says_nothing(rows: list[Row], others: list[Row], any_: Any) -> None:
    def mixed(environment: Environment) -> Environment:
        shuffled = list(environment.resources)
        any_.shuffle(shuffled)
        return replace(environment, resources=tuple(shuffled))

    prod, dev = made("prod", rows), made("dev", others)
    assert told(compare(prod, dev, ())) == told(compare(mixed(prod), mixed(dev), ()))


@given(ROWS, ROWS)
@settings(max_examples=30)
def test_either_may_be_the_reference(rows: list[Row], others: list[Row]) -> None:
    prod, dev = made("prod", rows), made("dev", others)
    there = compare(prod, dev, ()).differences
    back = compare(dev, prod, ()).differences
    assert sorted(map(said, there)) == sorted(said(it, mirrored=True) for it in back)


@given(ROWS, ROWS)
@settings(max_examples=30)
def test_a_match_is_one_to_one_and_leaves_nobody_out(rows: list[Row], others: list[Row]) -> None:
    prod, dev = made("prod", rows), made("dev", others)
    matches = [it for it in compare(prod, dev, ()).matches if not it.extra]
    for environment, side in ((prod, "reference"), (dev, "other")):
        urns = [getattr(it, side).urn for it in matches if getattr(it, side)]
        extra = {it.any.urn for it in compare(prod, dev, ()).matches if it.extra}
        more = {it.other.urn for it in compare(prod, dev, ()).matches if it.extra and it.other}
        assert len(urns) == len(set(urns))
        assert {it.urn for it in environment.resources} <= {*urns, *extra, *more}

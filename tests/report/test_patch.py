"""The patch of a finding."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import UNKNOWN, Environment, Resource, UnknownValueError
from fintech_infra.environment.documents import DocumentError
from fintech_infra.report.patch import Change, change_line, changes, encoded
from fintech_infra.report.redact import Redaction

Remedy = Callable[[Resource], Mapping[str, Any]]

INPUTS = {"acl": "public-read", "nested": [{"open": True}], "later": UNKNOWN, "tags": {"a": "b"}}


@pytest.fixture
def patched(control: Callable[..., Control]) -> Callable[..., tuple[Change, ...]]:
    def make(
        remedy: Remedy | None, verdict: Verdict = Verdict.VIOLATED, path: str = "acl"
    ) -> tuple[Change, ...]:
        bucket = Resource("urn", "aws:s3/bucket:Bucket", "a", inputs=INPUTS)
        finding = Finding(control("c", remedy=remedy), bucket, verdict, path, "m")
        return changes(finding, Redaction(Environment("p", "s", resources=(bucket,))))

    return make


Patched = Callable[..., tuple[Change, ...]]


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ({"acl": "private"}, 'acl: "public-read" -> "private"'),
        ({"acl": None}, 'acl: "public-read" -> not set'),
        ({"new": 7}, "new: not set -> 7"),
        ({"nested[0].open": False}, "nested[0].open: true -> false"),
        ({"later": "x"}, 'later: {"$unknown": true} -> "x"'),
    ],
)
def test_a_change_says_what_is_and_what_should_be(
    patched: Patched, wanted: dict[str, Any], line: str
) -> None:
    [path] = wanted
    assert [change_line(change) for change in patched(lambda _: wanted, path=path)] == [line]


def test_a_patch_is_whole_and_stands_beside_the_faults_that_it_mends(patched: Patched) -> None:
    def remedy(_: Resource) -> Mapping[str, Any]:
        return {"acl": "private", "new": 7}

    assert [change.path for change in patched(remedy, path="new")] == ["acl", "new"]
    assert patched(remedy, path="tags.a") == ()


def test_what_is_so_already_is_no_change(patched: Patched) -> None:
    assert patched(lambda _: {"acl": "public-read", "tags": {"a": "b"}, "gone": None}) == ()


def test_a_control_without_a_remedy_has_no_patch(patched: Patched) -> None:
    assert patched(None) == ()


@pytest.mark.parametrize("verdict", [Verdict.UNDECIDED, Verdict.BROKEN])
def test_what_is_not_violated_is_not_patched(patched: Patched, verdict: Verdict) -> None:
    assert patched(lambda _: {"acl": "private"}, verdict) == ()


@pytest.mark.parametrize(
    "error", [UnknownValueError("later"), DocumentError("policy", "is no JSON"), KeyError("x")]
)
def test_a_remedy_that_cannot_tell_costs_the_patch_and_not_the_report(
    patched: Patched, error: Exception
) -> None:
    def remedy(_: Resource) -> Mapping[str, Any]:
        raise error

    assert patched(remedy) == ()


def test_a_change_is_written_as_json_with_null_for_absent() -> None:
    assert encoded(Change("a", UNKNOWN, None)) == {
        "path": "a",
        "old": {"$unknown": True},
        "new": None,
    }

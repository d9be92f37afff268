"""What an evaluation says about requirements; the mappings themselves are tested elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.controls.frameworks import Framework, Requirement
from fintech_infra.controls.frameworks.coverage import Coverage, Status, coverage

ROTATES, LASTS = "kms-rotation-enabled", "kms-deletion-window-long"
KEY = "aws:kms/key:Key"


def framework(*controls: str) -> Framework:
    return Framework("F", "A framework", "1", "somewhere", (Requirement("1.1", "Keys", controls),))


def found(environment: Any, resources: list[Any], *controls: str, stack: str = "prod") -> Coverage:
    built = environment(resources, stack)
    evaluation = evaluate(built, [item for item in CONTROLS if item.id in controls])
    (only,) = coverage(framework(*controls), evaluation, built)
    return only


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ({"enableKeyRotation": True}, Status.PASSED),
        ({"enableKeyRotation": False}, Status.FAILED),
        ({"enableKeyRotation": "?"}, Status.UNDECIDED),
    ],
)
def test_a_requirement_has_the_status_of_its_control(
    environment: Any, inputs: dict[str, Any], status: Status
) -> None:
    assert found(environment, [(KEY, "k", inputs)], ROTATES).status is status


def test_the_worst_control_decides_and_each_is_named(environment: Any) -> None:
    key = {"enableKeyRotation": "?", "deletionWindowInDays": 7}
    only = found(environment, [(KEY, "k", key)], ROTATES, LASTS, "s3-acl-not-public")
    assert only.status is Status.FAILED
    assert (only.failed, only.undecided) == ((LASTS,), (ROTATES,))
    assert (only.passed, only.not_judged) == ((), ("s3-acl-not-public",))


def test_nothing_to_judge_is_no_pass(environment: Any) -> None:
    assert found(environment, [], ROTATES).status is Status.NOT_JUDGED


def test_what_is_only_read_and_what_does_not_apply_is_not_judged(environment: Any) -> None:
    read = [(KEY, "k", {"enableKeyRotation": True}, {"existing": True})]
    assert found(environment, read, ROTATES).status is Status.NOT_JUDGED
    bucket = [("aws:s3/bucket:Bucket", "b", {"forceDestroy": True})]
    statuses = [
        found(environment, bucket, "s3-force-destroy-disabled", stack=stack).status
        for stack in ("dev", "prod")
    ]
    assert statuses == [Status.NOT_JUDGED, Status.FAILED]

"""What an evaluation says about requirements; the mappings themselves are tested elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.controls.evaluate import Waived
from fintech_infra.controls.frameworks import Beyond, Framework, Requirement
from fintech_infra.controls.frameworks.coverage import Coverage, Status, coverage
from fintech_infra.controls.waivers import Waiver

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


def waiver(control: str) -> Waiver:
    day = date(2026, 1, 1)
    return Waiver(control, "*", "reason", "owner", "approver", day, day)


def sections(environment: Any, section: str) -> Coverage:
    """The coverage where a violation stands in one section of an evaluation."""
    built = environment([(KEY, "k", {"enableKeyRotation": False})], "prod")
    evaluation = evaluate(built, [item for item in CONTROLS if item.id == ROTATES])
    (finding,) = evaluation.findings
    moved = replace(evaluation, findings=())
    if section == "waived":
        moved = replace(moved, waived=(Waived(finding, waiver(ROTATES)),))
    else:
        moved = replace(moved, known=(finding,))
    (only,) = coverage(framework(ROTATES), moved, built)
    return only


def test_what_only_waivers_let_stand_is_no_pass(environment: Any) -> None:
    only = sections(environment, "waived")
    assert (only.status, only.waived, only.passed) == (Status.WAIVED, (ROTATES,), ())


def test_what_the_baseline_has_too_fails_all_the_same(environment: Any) -> None:
    only = sections(environment, "known")
    assert (only.status, only.failed) == (Status.FAILED, (ROTATES,))


def test_what_no_preview_can_judge_is_out_of_reach(environment: Any) -> None:
    beyond = Requirement("1.2", "Training", (), Beyond.PEOPLE)
    built = environment([], "prod")
    (only,) = coverage(
        Framework("F", "A framework", "1", "somewhere", (beyond,)), evaluate(built, []), built
    )
    assert only.status is Status.OUT_OF_REACH


def test_what_nobody_could_look_into_is_no_pass(environment: Any) -> None:
    key = (KEY, "k", {"enableKeyRotation": True})
    remote = ("eks:index:Cluster", "c", {}, {"custom": False, "opaque": True})
    only = found(environment, [key, remote], ROTATES)
    assert (only.status, only.undecided) == (Status.UNDECIDED, (ROTATES,))

"""The `controls` verb. What its pages look like is tested with the reports."""

from __future__ import annotations

import json

from fintech_infra.controls import CONTROLS
from tests.cli.conftest import Command


def test_all_controls_are_listed(command: Command) -> None:
    run = command("controls")
    assert run.code == 0
    assert all(control.id in run.out for control in CONTROLS)


def test_one_control_is_explained_with_its_fix_and_requirements(command: Command) -> None:
    run = command("controls", "kms-rotation-enabled")
    assert run.code == 0
    assert "EncryptionKey" in run.out
    assert "3.7.4" in run.out


def test_the_catalogue_is_there_for_machines(command: Command) -> None:
    run = command("controls", "s3-*", "--format", "json")
    assert run.code == 0
    listed = {control["id"] for control in json.loads(run.out)["controls"]}
    assert listed == {control.id for control in CONTROLS if control.id.startswith("s3-")}


def test_an_unknown_control_is_answered_with_the_nearest(command: Command) -> None:
    run = command("controls", "kms-rotation-enable")
    assert run.code == 2
    assert "did you mean kms-rotation-enabled" in run.err

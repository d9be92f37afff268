"""The `frameworks` verb: all, one, and what was found in a stack."""

from __future__ import annotations

import json
import re

from fintech_infra.controls.frameworks import load
from tests.cli.conftest import Command, Write

PROGRAM = {
    "Pulumi.prod.yaml": "config:\n  aws:region: eu-west-1\n",
    "__main__.py": "import pulumi_aws as aws\naws.kms.Key('k')\n",
}


def test_all_frameworks_are_counted_and_nothing_is_claimed(command: Command) -> None:
    run = command("frameworks")
    assert run.code == 0
    assert all(str(framework) in run.out for framework in load())
    assert "Nothing here" in run.out


def test_a_framework_shows_its_requirements_with_their_controls(command: Command) -> None:
    run = command("frameworks", "cis aws")
    assert run.code == 0
    assert "Symmetric customer keys rotate" in run.out
    assert "kms-rotation-enabled" in run.out


def test_a_stack_shows_which_requirements_failed(command: Command, write: Write) -> None:
    run = command("frameworks", "CIS AWS", "prod", "--cwd", write(PROGRAM))
    assert run.code == 1
    (failed,) = re.findall(r"failed +3\.6  Symmetric customer keys rotate", run.out)
    assert run.out.index(failed) < run.out.index("  not judged  ")
    assert "kms-rotation-enabled" in run.out


def test_a_stack_is_there_for_machines(command: Command, write: Write) -> None:
    run = command("frameworks", "all", "prod", "--cwd", write(PROGRAM), "--format", "json")
    found = json.loads(run.out)
    assert found["version"] == 1
    assert found["stack"] == "prod"
    cis = next(item for item in found["frameworks"] if item["name"] == "CIS AWS")
    statuses = {item["id"]: item["status"] for item in cis["requirements"]}
    assert statuses["3.6"] == "failed"
    assert statuses["2.1.1"] == "not judged"
    assert len(found["frameworks"]) == len(load())


def test_without_a_stack_machines_get_the_mapping(command: Command) -> None:
    run = command("frameworks", "GDPR", "--format", "json")
    (gdpr,) = json.loads(run.out)["frameworks"]
    assert {"id", "title", "controls", "beyond"} == set(gdpr["requirements"][0])


def test_an_unknown_framework_is_answered_with_the_nearest(command: Command) -> None:
    run = command("frameworks", "pci")
    assert run.code == 2
    assert "did you mean 'PCI DSS'?" in run.err


def test_a_program_that_fails_is_told(command: Command, write: Write) -> None:
    broken = write({**PROGRAM, "__main__.py": "raise ValueError('no')\n"})
    run = command("frameworks", "GDPR", "prod", "--cwd", broken)
    assert run.code == 2
    assert "ValueError: no" in run.err

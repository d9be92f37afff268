"""The `check` verb as its users meet it: states, plans, saved environments, baselines, mistakes."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.environment import Environment, Resource
from tests.cli.conftest import Command
from tests.exports import plan_of, state_of

Write = Callable[[str, Any], Path]
SECRET = "hunter22-hunter22"


def group(name: str, *ports: int, stack: str = "prod") -> Resource:
    type_ = "aws:ec2/securityGroup:SecurityGroup"
    rules = [
        {"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": ["0.0.0.0/0"],
         "description": "for people"}
        for port in ports
    ]  # fmt: skip
    inputs = {"vpcId": "vpc-1", "description": "web", "ingress": rules, "tags": {"note": SECRET}}
    urn = f"urn:pulumi:{stack}::shop::{type_}::{name}"
    return Resource(urn, type_, name, inputs, id=f"sg-{name}", secrets=("inputs.tags.note",))


def shop(*resources: Resource, project: str = "shop", stack: str = "prod") -> Environment:
    return Environment(project, stack, resources=tuple(resources))


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


ONLY = ("--controls", "ec2-sg-no-world-admin-ports", "--no-waivers")


def test_a_state_and_a_plan_are_judged(command: Command, file: Write) -> None:
    for name, content in (
        ("state.json", state_of(shop(group("web", 22)))),
        ("plan.json", plan_of(shop(group("web", 22)))),
    ):
        run = command("check", file(name, content), *ONLY)
        assert run.code == 1
        assert run.out.startswith("shop / prod")
        assert "tcp port 22 is open to 0.0.0.0/0" in run.out
    clean = command("check", file("clean.json", state_of(shop(group("web", 443)))), *ONLY)
    assert clean.code == 0
    assert "clean · no findings · 1 resource" in clean.out


def test_standard_input_is_read(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.dumps(state_of(shop(group("web", 22)))).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert command("check", "-", *ONLY).code == 1
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    cut = command("check", "-", *ONLY)
    assert (cut.code, cut.out) == (2, "")
    assert "error: standard input: is cut off" in cut.err


def test_of_several_subjects_the_worst_decides(command: Command, file: Write) -> None:
    bad = file("bad.json", state_of(shop(group("web", 22))))
    good = file("good.json", state_of(shop(group("web", 443))))
    open_ = state_of(shop(group("web", 443)))
    open_["deployment"]["resources"][0]["inputs"]["ingress"] = (
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    )
    unknown = file("unknown.json", open_)
    run = command("check", good, bad, unknown, *ONLY)
    assert run.code == 1
    assert run.out.count("shop / prod") == 3
    assert command("check", good, unknown, *ONLY).code == 2
    assert command("check", good, unknown, *ONLY, "--allow-undecided").code == 0
    assert command("check", good, good, *ONLY).code == 0


def test_all_mistakes_are_told_together(command: Command, file: Write, tmp_path: Path) -> None:
    run = command(
        "check", tmp_path / "absent.json", file("list.json", "[]"), file("cut.json", "{"),
        "--controls", "nothing-like-it", "--policy-config", tmp_path / "no.json",
        "--baseline", file("foreign.json", "{}"), "--format", "json", "--save", tmp_path,
        "--output", tmp_path / "no" / "report.json", "--cwd", tmp_path / "nowhere",
    )  # fmt: skip
    assert (run.code, run.out) == (2, "")
    said = [line for line in run.err.splitlines() if line.startswith("error: ")]
    for part in (
        "absent.json: cannot be read: No such file or directory",
        "list.json: holds no object at the top",
        "cut.json: is cut off",
        "no control matches 'nothing-like-it'",
        "no.json: cannot be read",
        "foreign.json: is JSON of another kind, with nothing at the top",
        "--output takes one subject",
        "--save takes one subject",
        "--format json takes one subject",
        "report.json cannot be written: the folder",
        "is a folder",
        "nowhere is not a folder",
    ):
        assert any(part in line for line in said), part
    assert len(said) == 12


def test_a_saved_environment_tells_no_secret_and_is_a_subject(
    command: Command, file: Write, tmp_path: Path
) -> None:
    state = file("state.json", state_of(shop(group("web", 22)), show_secrets=True))
    saved = tmp_path / "saved.json"
    assert SECRET in state.read_text()
    assert command("check", state, *ONLY, "--save", saved).code == 1
    assert SECRET not in saved.read_text()
    assert json.loads(saved.read_text())["format"] == "fintech-infra environment"
    again = command("check", saved, *ONLY)
    assert (again.code, "tcp port 22" in again.out) == (1, True)


@pytest.mark.parametrize("kind", ["state", "plan", "saved", "report"])
def test_what_a_baseline_has_does_not_block(
    command: Command, file: Write, tmp_path: Path, kind: str
) -> None:
    before, now = shop(group("web", 22), group("old", 22)), shop(group("web", 80, 22))
    baseline = file("before.json", plan_of(before) if kind == "plan" else state_of(before))
    if kind in {"saved", "report"}:
        kept = tmp_path / "kept.json"
        ways = {"saved": ("--save", kept), "report": ("--format", "json", "--output", kept)}
        command("check", baseline, *ONLY, *ways[kind])
        baseline = kept
    run = command(
        "check", file("now.json", state_of(now)), *ONLY, "--baseline", baseline, "--format", "json"
    )
    assert run.code == 0
    report = json.loads(run.out)
    assert report["findings"] == []
    assert [item["name"] for item in report["known"]] == ["web"]


def test_what_is_new_blocks_though_its_like_is_known(command: Command, file: Write) -> None:
    before = file("before.json", state_of(shop(group("web", 22))))
    now = file("now.json", state_of(shop(group("web", 22, 3389))))
    run = command("check", now, *ONLY, "--baseline", before)
    assert run.code == 1
    assert "tcp port 3389 is open" in run.out
    assert "1 known" in run.out


def test_a_baseline_may_be_of_another_stack_but_not_of_another_project(
    command: Command, file: Write
) -> None:
    now = file("now.json", state_of(shop(group("web", 22))))
    dev = shop(group("web", 22, stack="dev"), stack="dev")
    assert command("check", now, *ONLY, "--baseline", file("dev.json", state_of(dev))).code == 0
    text = json.dumps(state_of(shop(group("web", 22)))).replace("::shop::", "::bank::")
    run = command("check", now, *ONLY, "--baseline", file("bank.json", text))
    assert run.code == 2
    assert "is a baseline of the project bank, and cannot be compared with shop" in run.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"version": 7}, "version: is 7; accepted are JSON reports of 1"),
        ({"environment": {}}, "environment.project: is missing"),
        ({"findings": [{"control": "x"}]}, "findings[0].urn: is missing"),
        (
            {"known": [{"control": "x", "urn": "urn:x", "verdict": "fine"}]},
            "known[0].verdict: 'fine' is none of violated, undecided, broken",
        ),
    ],
)
def test_a_report_that_is_none_is_no_baseline(
    command: Command, file: Write, content: dict[str, Any], message: str
) -> None:
    report = {"version": 1, "outcome": "clean", "findings": [], "environment": {"project": "shop"}}
    now = file("now.json", state_of(shop(group("web", 22))))
    run = command("check", now, *ONLY, "--baseline", file("report.json", report | content))
    assert run.code == 2
    assert message in run.err


def test_frameworks_take_a_state_as_their_stack(command: Command, file: Write) -> None:
    state = file("state.json", state_of(shop(group("web", 22))))
    run = command("frameworks", "CIS AWS", state, "--format", "json", "--no-waivers")
    assert run.code == 1
    found = json.loads(run.out)
    assert found["stack"] == "prod"
    broken = command("frameworks", "CIS AWS", file("cut.json", "{"), "--controls", "no-such")
    assert broken.code == 2
    assert "cut.json: is cut off" in broken.err
    assert "no control matches 'no-such'" in broken.err


def test_help_has_examples(command: Command) -> None:
    run = command("check", "--help")
    assert run.code == 0
    assert "pulumi preview --stack prod --json --show-sames > plan.json" in run.out

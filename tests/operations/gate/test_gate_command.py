"""`fintech-infra gate` as its users meet it: subjects, revisions, formats, exit codes, mistakes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fintech_infra.cli.main import main
from fintech_infra.controls import CONTROLS
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.codec import FORMAT, dumps
from fintech_infra.operations.gate.document import read_question
from tests.exports import plan_of, state_of
from tests.operations.gate.changes import BUCKET, QUIET, database, resource, shop, with_inputs
from tests.operations.gate.test_decide import SCHEMA

Gate = Callable[..., tuple[int, str, str]]
Write = Callable[[str, Any], str]


@pytest.fixture
def gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Gate:
    """Run the verb in a project without a program; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(["gate", *arguments])
        except SystemExit as ended:  # argparse ends so
            code = int(ended.code or 0)
        said = capfd.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(name: str, content: Any) -> str:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / name).write_text(text)
        return name

    return to


def saved(environment: Environment) -> str:
    return dumps(environment, format=FORMAT, findings=[])


LOGS = resource(BUCKET, "logs", {"bucket": "shop-logs"}, options=QUIET)


def deployed(*resources: Resource) -> Environment:
    """An environment as a state has it: custom resources with ids."""
    return shop(*resources)


def test_a_state_against_itself_goes_out_and_a_loss_does_not(gate: Gate, write: Write) -> None:
    before = write("state.json", state_of(deployed(LOGS, database())))
    code, out, _ = gate(before, before)
    assert (code, out.splitlines()[:2]) == (
        0,
        [
            "shop / prod: this change may go out by itself.",
            "Nothing changes. The environment counts as prod.",
        ],
    )
    code, out, _ = gate("decide", before, write("after.json", saved(shop(LOGS))))
    assert code == 1
    assert "[block] rds.Instance orders is deleted: what it holds is lost." in out


def test_the_steps_of_a_plan_are_certain(gate: Gate, write: Write) -> None:
    state = write("state.json", state_of(deployed(LOGS, database())))
    renamed = with_inputs(database(), identifier="other")
    plan = plan_of(shop(LOGS, renamed))
    for step, op in zip(plan["steps"], ("same", "update"), strict=True):
        step.update(op=op, oldState=step["newState"])
    plan["changeSummary"] = {"same": 1, "update": 1}
    code, out, _ = gate(state, write("plan.json", plan))
    assert (code, "as planned" in out) == (0, True)
    code, out, _ = gate(state, write("saved.json", saved(shop(LOGS, renamed))))
    assert code == 3
    assert "may be replaced, and what it holds lost" in out


def test_a_decision_is_written_whole_and_read_by_those_who_approve(
    gate: Gate, write: Write, tmp_path: Path
) -> None:
    before = write("state.json", state_of(deployed(LOGS, database())))
    after = write("after.json", saved(shop(LOGS)))
    code, out, err = gate(before, after, "--format", "json", "--output", "decision.json")
    assert (code, out, err) == (1, "", "block: wrote decision.json\n")
    text = (tmp_path / "decision.json").read_bytes()
    jsonschema.validate(json.loads(text), SCHEMA)
    assert read_question(text, "decision.json").outcome == "block"
    gate(before, after, "--format", "json", "--output", "again.json")
    assert (tmp_path / "again.json").read_bytes() == text
    assert gate(before, after, "--format", "markdown")[1].startswith("### shop / prod")


def test_a_first_deployment_has_no_before(gate: Gate, write: Write) -> None:
    after = write("after.json", saved(shop(LOGS)))
    code, out, _ = gate("--first", after, "--format", "json")
    assert code in {1, 3}
    assert json.loads(out)["before"] is None
    assert [item["op"] for item in json.loads(out)["changes"]] == ["created"]


def test_the_waivers_before_tell_which_are_new(gate: Gate, write: Write) -> None:
    state = write("state.json", state_of(deployed(LOGS)))
    known = next(item.id for item in CONTROLS if item.id.startswith("s3-"))
    write(
        "waivers.yaml",
        f"version: 1\nwaivers:\n  - control: {known}\n"
        "    resource: aws:s3/bucket:Bucket::logs\n    reason: the vendor reads it until then\n"
        "    owner: Ada\n    approver: Bob\n    created: 2026-11-01\n    expires: 2026-12-01\n",
    )
    write("none.yaml", "version: 1\nwaivers: []\n")
    code, out, _ = gate(state, state)
    assert (code, "Nobody knows which of 1 waiver were there before." in out) == (3, True)
    code, out, _ = gate(state, state, "--waivers-before", "none.yaml")
    assert (code, f"A waiver of {known} is added, to 2026-12-01." in out) == (3, True)
    assert gate(state, state, "--waivers-before", "waivers.yaml")[0] == 0


def test_rules_and_migrations_of_the_project_hold(gate: Gate, write: Write) -> None:
    state = write("state.json", state_of(deployed(LOGS, database())))
    after = write("after.json", saved(shop(LOGS)))
    write("gate.yaml", "version: 1\nrules:\n  stateful-deleted: {prod: auto}\n")
    code, out, _ = gate(state, after)
    assert code == 3
    assert "Looser than the defaults" in out
    write("gate.yaml", "version: 1\nrules: 1\n")
    write("migrations.yaml", "version: 1\n")
    code, _, err = gate(state, after)
    assert code == 2
    assert "gate.yaml:2: rules must be a mapping" in err
    assert "migrations.yaml:1: the file lacks 'migrations'" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["one.json"], "gate decide takes BEFORE and AFTER; 1 subjects were given"),
        (["--first", "a", "b"], "takes AFTER only"),
        (["state.json", "other.json"], "BEFORE is of shop/prod and AFTER of shop/dev"),
        (["nothere.json", "state.json"], "nothere.json: there is no such file"),
        (["nostack", "state.json"], "no stack 'nostack'"),
        (["broken.json", "state.json"], "broken.json: is cut off"),
        (["--since", "HEAD", "state.json"], "git rev-parse: "),
        (["state.json", "state.json", "--rules", "none.yaml"], "none.yaml: cannot be read"),
        (["state.json", "state.json", "--output", "no/where"], "--output no/where cannot"),
        (["state.json", "state.json", "--today", "soon"], "soon is no date"),
    ],
)
def test_what_is_wrong_is_told_and_the_gate_does_not_decide(
    gate: Gate, write: Write, arguments: list[str], said: str
) -> None:
    write("__main__.py", PROGRAM)
    write("state.json", state_of(deployed(LOGS)))
    write("other.json", saved(shop(resource(BUCKET, "logs", stack="dev"), stack="dev")))
    write("broken.json", '{"a": ')
    code, out, err = gate(*arguments)
    assert (code, out) == (2, "")
    assert said in err


PROGRAM = """\
import pulumi_aws as aws
aws.cloudwatch.LogGroup("app", retention_in_days=365)
"""


def git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_revision_is_previewed_apart_and_leaves_nothing_behind(
    gate: Gate, tmp_path: Path
) -> None:
    (tmp_path / "__main__.py").write_text(PROGRAM)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "__main__.py").write_text(PROGRAM.replace("365", "400"))
    code, out, err = gate("--since", "HEAD", "prod")
    assert (code, err) == (0, "")
    assert "retentionInDays: 365 -> 400" in out
    trees = subprocess.run(
        ["git", "worktree", "list"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert trees.stdout.count("\n") == 1
    git(tmp_path, "mv", "Pulumi.yaml", "Pulumi.yml")
    git(tmp_path, "commit", "-qm", "two")
    git(tmp_path, "mv", "Pulumi.yml", "Pulumi.yaml")
    code, _, err = gate("--since", "HEAD", "prod")
    assert (code, "has no Pulumi.yaml" in err) == (2, True)


def test_a_resource_that_a_state_names_otherwise_is_the_same(gate: Gate, write: Write) -> None:
    state = state_of(
        deployed(replace(LOGS, inputs={"bucket": "logs-1a2b3c", "forceDestroy": False}))
    )
    for item in state["deployment"]["resources"]:
        item["inputs"]["__defaults"] = ["bucket", "forceDestroy"]
    after = write("after.json", saved(shop(replace(LOGS, inputs={}))))
    code, out, _ = gate(write("state.json", state), after)
    assert (code, "Nothing changes." in out) == (0, True)

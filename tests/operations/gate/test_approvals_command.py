"""`gate approve` and `gate check` on files, as an approver and CI call them."""

from __future__ import annotations

import argparse
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from fintech_infra.cli import gate_approvals
from fintech_infra.cli.failure import Failure, print_failure
from fintech_infra.operations.gate.approvals.approvers_file import read_text
from fintech_infra.operations.gate.document import document
from fintech_infra.operations.gate.model import (
    BLOCK,
    Concern,
    Context,
    Decision,
    Fact,
    Level,
    Outcome,
    Reason,
    Weight,
)
from fintech_infra.operations.signing import generate_key

APPROVE = Level(Outcome.APPROVE, (("risk", 1), ("sre", 1)))
ROOT = Path(__file__).resolve().parents[3]
REASON = "The copy of the table was restored in staging."


@dataclass(frozen=True, slots=True)
class Run:
    code: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def gate(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a verb of the gate; gives exit code and what it printed."""

    def run(*arguments: object) -> Run:
        root = argparse.ArgumentParser(prog="gate")
        gate_approvals.add_to(root.add_subparsers(required=True))
        try:
            options = root.parse_args([str(argument) for argument in arguments])
            code = int(options.run(options))
        except Failure as failure:
            print_failure(failure, debug=False)
            code = 2
        except SystemExit as ended:  # argparse ends so
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Run(code, said.out, said.err)

    return run


def fact(says: str) -> Fact:
    return Fact(Concern.STATEFUL_MAYBE_REPLACED, "urn:x", says, ("engine: a -> b",))


def decision(
    level: Level = APPROVE, says: str = "The table may be replaced.", **changes: Any
) -> str:
    reason = Reason(fact(says), level)
    context = Context("shop", "prod", "sha256:" + "1" * 64, "sha256:" + "2" * 64)
    made = Decision(context, Weight.PROD, level, (reason,), "sha256:" + "3" * 64)
    return json.dumps(document(replace(made, **changes)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a decision, the keys of three people, and the approvers that they are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "decision.json").write_text(decision(), "utf-8")
    lines = ["version: 1", "approvers:"]
    for name, groups in (("ada", "risk, sre"), ("bob", "risk, sre"), ("carl", "risk, security")):
        _, _, public = generate_key(tmp_path / f"{name}.pem")
        lines += [
            f"- name: {name}",
            f"  groups: [{groups}]",
            f"  identities: [{name}@example.com]",
            "  keys:",
            "  - publicKey: |",
            indent(public.strip(), "      "),
            "    since: 2020-01-01",
            "    until: 2999-12-31",
        ]
    (tmp_path / "approvers.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    generate_key(tmp_path / "stranger.pem")
    return tmp_path


def approvals(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.approval.json"))


def signed(gate: Command, name: str, *more: str) -> Run:
    return gate(
        "approve", "decision.json", "--key", f"{name}.pem", "--reason", REASON, "--yes", *more
    )


def test_two_people_approve_and_ci_lets_it_out(gate: Command, folder: Path) -> None:
    assert signed(gate, "bob", "--group", "sre").code == 0
    missing = gate("check", "decision.json", "--approval", *approvals(folder), "--author", "ada")
    assert missing.code == 1
    assert missing.out.startswith(
        "shop/prod: not approved yet\n"
        "  needs 1 more of group risk, not ada, who wrote it, not bob, counted already: "
        "carl can approve\n"
    )
    assert signed(gate, "carl").code == 0
    ready = gate("check", "decision.json", "--approval", *approvals(folder), "--author", "ada")
    assert (ready.code, ready.out.splitlines()[0]) == (0, "shop/prod: may go out; it is approved")


def test_the_approver_reads_what_is_signed(gate: Command, folder: Path) -> None:
    (folder / "decision.json").write_text(decision(says="Gone\x1b[2J.\nshop/prod: auto"), "utf-8")
    shown = signed(gate, "carl")
    assert "shop/prod: approve; 1 of group risk and 1 of group sre have to approve" in shown.out
    assert "\\x1b[2J. shop/prod: auto" in shown.out
    assert "carl, for the group risk, approves this decision until " in shown.out
    assert f"\n  {REASON}\n" in shown.out
    (written,) = approvals(folder)
    assert shown.err == f"signed: wrote {written.name}\n"
    assert written.name.startswith("decision.carl.")


@pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("no\n", 1), ("\n", 1), ("y\n", 1)])
def test_it_asks_on_a_terminal(
    gate: Command,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
) -> None:
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    asked = gate("approve", "decision.json", "--key", "carl.pem", "--reason", REASON)
    assert (asked.code, len(approvals(folder))) == (code, 1 - code)
    assert "Sign this?" in asked.out


def test_without_a_terminal_nothing_is_signed_unasked(
    gate: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    asked = gate("approve", "decision.json", "--key", "carl.pem", "--reason", REASON)
    assert (asked.code, approvals(folder)) == (2, [])
    assert "--yes signs without asking" in asked.err


def test_all_mistakes_are_told_together(gate: Command, folder: Path) -> None:
    run = gate(
        *("approve", "none.json", "--key", "none.pem", "--reason", "ok"),
        *("--approvers", "none.yaml", "--output", "none/x.json"),
    )
    assert run.code == 2
    for said in ("none.json: cannot be read", "none.pem: cannot", "none.yaml: cannot", "--reason"):
        assert said in run.err
    assert "the folder none does not exist" in run.err


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("stranger", (), "approvers.yaml names nobody with the key "),
        ("bob", (), "--group is needed: it asks of bob\n  fix: name risk or sre"),
        ("carl", ("--group", "security"), "--group security is not what it asks of carl"),
        ("carl", ("--hours", "169"), "--hours 169 is more than the 168 allowed"),
        ("carl", ("--hours", "0"), "0 is no number of hours such as 24"),
        ("carl", ("--override",), "this decision is not blocked"),
    ],
)
def test_what_would_count_for_nothing_is_not_signed(
    gate: Command, folder: Path, name: str, more: tuple[str, ...], said: str
) -> None:
    run = signed(gate, name, *more)
    assert (run.code, approvals(folder)) == (2, [])
    assert said in run.err


def test_a_stranger_is_shown_the_key_to_be_added(gate: Command, folder: Path) -> None:
    assert "-----BEGIN PUBLIC KEY-----" in signed(gate, "stranger").err


def test_what_goes_out_by_itself_is_not_signed(gate: Command, folder: Path) -> None:
    (folder / "decision.json").write_text(decision(Level(Outcome.AUTO)), "utf-8")
    assert "needs no approval" in signed(gate, "carl").err
    assert gate("check", "decision.json").code == 0


def test_a_block_stays_unless_the_rules_name_who_overrides(gate: Command, folder: Path) -> None:
    (folder / "decision.json").write_text(decision(BLOCK), "utf-8")
    assert "the rules name nobody who may override" in signed(gate, "carl", "--override").err
    assert gate("check", "decision.json", "--author", "ada").code == 1

    named = decision(BLOCK, override=("risk", 2))
    (folder / "decision.json").write_text(named, "utf-8")
    assert "--override says that it is meant" in signed(gate, "carl").err
    for name in ("bob", "carl"):
        assert "overrides the block" in signed(gate, name, "--override").out
    one = gate("check", "decision.json", "--author", "ada", "--approval", approvals(folder)[0])
    assert (one.code, "blocked, and not overridden" in one.out) == (1, True)
    both = gate("check", "decision.json", "--author", "ada", "--approval", *approvals(folder))
    assert (both.code, "although it is blocked" in both.out) == (0, True)


def test_a_changed_change_needs_a_new_approval(gate: Command, folder: Path) -> None:
    signed(gate, "carl")
    signed(gate, "bob", "--group", "sre")
    (folder / "decision.json").write_text(decision(says="The table is replaced."), "utf-8")
    run = gate("check", "decision.json", "--author", "ada", "--approval", *approvals(folder))
    assert run.code == 1
    assert run.out.count("a changed change needs a new approval") == 2


def test_without_an_author_it_cannot_tell(gate: Command, folder: Path) -> None:
    run = gate("check", "decision.json")
    assert run.code == 2
    assert "nobody says who wrote the change" in run.out
    assert "fix: --commits origin/main..HEAD" in run.out


def test_it_replays_for_another_time(gate: Command, folder: Path) -> None:
    signed(gate, "carl")
    late = ("--now", "2998-01-01T00:00Z")
    run = gate("check", "decision.json", "--author", "x", *late, "--approval", *approvals(folder))
    assert (run.code, "does not count: it expired at" in run.out) == (1, True)
    assert "has no offset" in gate("check", "decision.json", "--now", "2998-01-01T00:00").err


def test_json_has_all_of_it(gate: Command, folder: Path) -> None:
    signed(gate, "carl")
    run = gate(
        *("check", "decision.json", "--author", "ada", "--format", "json"),
        *("--output", "ruling.json", "--approval", *approvals(folder)),
    )
    assert (run.code, run.out, run.err) == (1, "", "not approved: wrote ruling.json\n")
    ruling = json.loads((folder / "ruling.json").read_text("utf-8"))
    assert ruling["status"] == "not approved"
    assert ruling["missing"] == [{"group": "sre", "number": 1, "able": ["bob"]}]
    assert [item["approver"] for item in ruling["approvals"]] == ["carl"]
    assert ruling["approvals"][0]["reason"] == REASON


def test_a_file_that_is_no_approval_is_named_and_counts_for_nothing(
    gate: Command, folder: Path
) -> None:
    run = gate("check", "decision.json", "--author", "ada", "--approval", "decision.json")
    assert (run.code, "decision.json does not count: it is no DSSE envelope" in run.out) == (
        1,
        True,
    )
    assert gate("check", "decision.json", "--author", "a", "--approval", "none.json").code == 2


def test_the_page_shows_what_works(
    gate: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs" / "approvals.md").read_text("utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    ada, duty = read_text(shown, "approvers.yaml").every
    assert (ada.groups, duty.is_role, duty.keys[0].revoked) == (
        ("risk",),
        True,
        date(2026, 5, 1),
    )

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    identity = ("-c", "user.name=carl", "-c", "user.email=carl@example.com")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        (*identity, "commit", "--quiet", "--allow-empty", "-m", "before"),
        ("update-ref", "refs/remotes/origin/main", "HEAD"),
        (*identity, "commit", "--quiet", "--allow-empty", "-m", "change"),
    ):
        subprocess.run(["git", *words], cwd=folder, check=True)
    signed(gate, "bob", "--group", "sre", "--output", "bob.json")
    terminal = io.StringIO("yes\n")
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    lines = "".join(re.findall(r"```console\n(.*?)```", page, re.DOTALL)).splitlines()
    commands = [shlex.split(line) for line in lines]
    assert [command[:3] for command in commands] == [
        ["fintech-infra", "gate", "approve"],
        ["fintech-infra", "gate", "check"],
    ]
    runs = [gate(*command[2:]) for command in commands]
    assert [run.code for run in runs] == [0, 0]
    assert "may go out; it is approved" in runs[1].out


def test_authors_come_from_git_or_it_cannot_tell(gate: Command, folder: Path) -> None:
    run = gate("check", "decision.json", "--commits", "origin/main..HEAD")
    assert (run.code, "--commits: git says fatal" in run.err) == (2, True)


def test_a_decision_that_was_edited_is_refused(gate: Command, folder: Path) -> None:
    path = folder / "decision.json"
    path.write_text(decision().replace('"sre"', '"risk"'), "utf-8")
    assert gate("check", "decision.json", "--author", "ada").code == 2
    path.write_text("{}", "utf-8")
    assert gate("check", "decision.json", "--author", "ada").code == 2

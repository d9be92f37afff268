"""What docs/gate.md tells happens as it tells it, and its tables say what holds."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from fintech_infra.cli.main import main
from fintech_infra.operations.gate import Concern, Weight
from fintech_infra.operations.gate.decide import words
from fintech_infra.operations.gate.rules import DEFAULTS
from fintech_infra.operations.gate.rules_file import read_text

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "gate.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"fintech-infra (.*?)\s+# exit code (\d)\n(.*)", re.DOTALL)


def changed(program: str, diff: str) -> str:
    old, new = (
        "".join(f" {line[2:]}" if line[1:2] == " " else line[1:] for line in lines)
        for lines in (
            [line + "\n" for line in diff.splitlines() if line.startswith(sign)] for sign in "-+"
        )
    )
    assert old in program
    return program.replace(old, new)


def test_a_change_passes_the_gate_as_the_page_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told = PAGE.split("## A walk-through")[1].split("## What it looks at")[0]
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    monkeypatch.chdir(tmp_path)
    program, codes = "", list[str]()
    for language, name, block in BLOCK.findall(told):
        if language == "console":
            for step in block.split("$ ")[1:]:
                command, code, said = COMMAND.findall(step)[0]
                assert main(shlex.split(command)) == int(code), command
                out = capfd.readouterr().out
                assert [line for line in said.splitlines() if line not in out] == []
                codes.append(code)
            continue
        if language == "yaml":
            (tmp_path / name).write_text(block)
            continue
        program = program + block if language == "python" else changed(program, block)
        (tmp_path / "__main__.py").write_text(program)
    assert codes == ["0", "0", "3", "1", "3"]


def test_the_table_of_the_page_has_the_defaults() -> None:
    rows = {
        name: [cell.strip() for cell in rest.split("|")[1:4]]
        for name, rest in re.findall(r"^\| `([\w-]+)` \|(.*)\|$", PAGE, re.MULTILINE)
    }
    assert rows == {
        concern.value: [
            words(DEFAULTS[concern][weight]).removeprefix("approve by ") for weight in Weight
        ]
        for concern in Concern
    }


def test_the_rules_of_the_page_are_right() -> None:
    (text,) = [block for _, name, block in BLOCK.findall(PAGE) if name == "gate.yaml"]
    rules, wrong = read_text(text, "gate.yaml")
    assert wrong == ()
    assert rules.weight("live-eu") is Weight.PROD
    assert rules.override == ("risk", 2)

"""The command: its inputs, formats and exit codes, and the walk-through of docs/diagnosis.md."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from pathlib import Path

import pytest

from fintech_infra.cli import diagnose as verb
from fintech_infra.cli.failure import Failure, print_failure
from fintech_infra.operations.diagnosis import LogLine, Part, Sign, Unread
from fintech_infra.operations.diagnosis.case_document import case_document
from fintech_infra.operations.diagnosis.case_file import read_case
from fintech_infra.operations.diagnosis.weights import WEIGHTS
from tests.operations.diagnosis.cases import ONSET, at, case, change, series

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "diagnosis.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"fintech-infra diagnose (.*?)\s+# exit code (\d)\n(.*)", re.DOTALL)
LINE = LogLine(at(ONSET), "api", "ERROR Traceback <script>`x` password=hunter2")
INCIDENT = case(change(79), lines=(LINE,))


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.json").write_text(json.dumps(case_document(INCIDENT)))


def command(*words: str) -> int:
    root = argparse.ArgumentParser(prog="fintech-infra")
    verb.add_to(root.add_subparsers())
    try:
        return verb.run(root.parse_args(["diagnose", *words]))
    except Failure as failure:
        print_failure(failure, debug=False)
        return 2


def test_an_incident_is_judged_as_the_page_tells(capsys: pytest.CaptureFixture[str]) -> None:
    told = PAGE.split("## A walk-through")[1].split("## How it judges")[0]
    codes: list[str] = []
    for language, name, block in BLOCK.findall(told):
        if language != "console":
            Path(name).write_text(block)
            continue
        for step in block.split("$ ")[1:]:
            words, code, said = STEP.findall(step)[0]
            assert command(*shlex.split(words)) == int(code), capsys.readouterr()
            out = capsys.readouterr().out
            assert [line for line in said.splitlines() if line not in out] == [], out
            codes.append(code)
    assert codes == ["0", "2"]


def test_the_page_has_the_weights() -> None:
    table = PAGE.split("The score is the sum:")[1].split("Changes after the onset")[0]
    told = sorted(float(it) for it in re.findall(r"(-?[\d.]+) \|$", table, re.MULTILINE))
    conditions = {Sign.SHOWN, Sign.LOGGED, Sign.ELSEWHERE_TOO, Sign.NOTHING_EXPLAINS}
    assert told == sorted(it for sign, it in WEIGHTS.items() if sign not in conditions)


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
def test_every_format_tells_it_and_no_secret(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("case.json", "--format", form) == 0
    out = capsys.readouterr().out
    assert "one cause stands out" in out
    assert "undo api" in out
    assert "hunter2" not in out
    if form in {"markdown", "html"}:
        assert "<script>`x`" not in out
    if form == "json":
        content = json.loads(out)
        assert (content["exitCode"], content["causes"][0]["rank"]) == (0, 1)
        assert content["causes"][0]["change"]["rollback"] == "undo api"


def test_a_report_is_written_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("case.json", "--output", "out.txt") == 0
    assert "one cause stands out: wrote out.txt" in capsys.readouterr().err
    assert Path("out.txt").read_text().startswith("the api fails: one cause stands out\n")


def test_files_add_to_the_case(capsys: pytest.CaptureFixture[str]) -> None:
    bare = case_document(case(measured=()))
    Path("bare.json").write_text(json.dumps(bare))
    Path("changes.json").write_text(json.dumps({"changes": case_document(INCIDENT)["changes"]}))
    Path("lines.jsonl").write_text(
        json.dumps({"timestamp": at(ONSET).timestamp() * 1000, "message": "ERROR Traceback"})
    )
    assert command("bare.json") == 2
    assert "metrics: none are given" in capsys.readouterr().out
    words = ("--changes", "changes.json", "--logs", "lines.jsonl")
    assert command("bare.json", *words) in {0, 3}
    assert "1. deployment" in capsys.readouterr().out


def test_every_mistake_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.json").write_text("[")
    Path("lines.jsonl").write_text('{"time": "2026-11-16T01:00Z"}\nnothing\n')
    words = ("--logs", "lines.jsonl", "--changes", "broken.json", "--metrics", "none.csv")
    assert command("broken.json", *words, "--environment", "no.json", "--alarm", "x") == 2
    told = capsys.readouterr().err
    assert "broken.json: is not JSON" in told
    assert "lines.jsonl: line 1.text is ''" in told
    assert "lines.jsonl: line 2 is not a JSON object" in told
    assert "none.csv: cannot be read" in told
    assert "no.json: there is no such file" in told
    assert "--alarm without --live" in told
    assert command() == 2
    assert "no CASE is named" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("schema", 7, "schema is 7; accepted: 1"),
        ("bang", 7, "bang is not known; accepted: alarms"),
        ("tolerance", -1, "tolerance is -1, not seconds from 0 to 3600"),
        ("changes", {}, "changes is not a list"),
        ("changes", [{"time": "now"}], "changes[0].time is 'now', not a moment"),
        ("changes", [7], "changes[0] is not an object"),
        (
            "changes",
            [{"time": "2026-11-16T01:00Z", "kind": "magic", "says": "x"}],
            "changes[0].kind is 'magic'; accepted: deployment",
        ),
        ("metrics", [{"name": "x", "samples": [["2026-11-16T01:00Z", "1"]]}], "samples[0] is ["),
        ("incident", None, "incident is missing"),
        (
            "incident",
            {"what": "x", "start": "2026-11-16T01:00Z", "end": "2026-11-16T01:00Z"},
            "not after start",
        ),
        ("unread", [{"part": "moon", "what": "x", "why": "y"}], "unread[0].part is 'moon'"),
    ],
)
def test_mistakes_of_a_case_have_their_place(place: str, value: object, told: str) -> None:
    content = case_document(INCIDENT) | {place: value}
    found, problems = read_case(json.dumps(content), "case.json")
    assert found is None
    assert any(told in it.message for it in problems), problems


def test_a_case_is_read_as_it_is_written() -> None:
    whole = case(
        change(79),
        measured=(series(adds=30),),
        lines=(LINE,),
    )
    unread = (Unread(Part.LOGS, "group", "denied"),)
    given = type(whole)(
        whole.incident, whole.changes, whole.alarms, whole.measured, whole.lines, unread, 30.0
    )
    assert read_case(json.dumps(case_document(given)), "x") == (given, [])

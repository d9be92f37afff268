from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from fintech_infra.cli.main import main
from fintech_infra.operations.traffic.document import FORMAT

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "traffic.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_walk_through_of_the_page_happens_as_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for language, name, text in BLOCK.findall(PAGE):
        if language == "python":
            exec(compile(text, name, "exec"), {})
        for step in text.split("$ ")[1:] if language == "console" else ():
            first, _, said = step.partition("\n")
            command, _, code = first.partition("      # exit code ")
            assert main(shlex.split(command)[1:]) == int(code), command
            out = capsys.readouterr().out
            assert [line for line in said.splitlines() if line not in out] == [], out
            ran += 1
    assert ran == 4


@pytest.fixture
def metrics(tmp_path: Path) -> str:
    file = tmp_path / "rates.csv"
    file.write_text("time,metric,value\n2026-03-16T13:55Z,requests,3\n")
    return str(file)


def test_a_report_is_written_whole_as_json(metrics: str, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    options = ["--metrics", metrics, "--now", "2026-03-16T14:00Z"]
    assert main(["traffic", *options, "--format", "json", "--output", str(output)]) == 2
    found = json.loads(output.read_text())
    assert (found["format"], found["verdict"]) == (FORMAT, "undecided")
    assert found["until"] == "2026-03-16T15:00:00.000Z"
    assert {it["holds"] for it in found["marks"]} == {None}


def test_all_mistakes_are_told_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"SampledRequests": [{"Request": 1}]}')
    options = ["--metrics", "none.csv", "--sources", str(wrong), "--sources-before", str(wrong)]
    assert main(["traffic", *options, "--factor", "1", "--hold", "1", "--now", "soon"]) == 2
    said = capsys.readouterr().err
    for part in ("--factor is 1", "--hold is 1", "--now", "none.csv", "has no Request"):
        assert part in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "nothing to judge"),
        (["--load-balancer", "arn"], "--load-balancer alone"),
        (["--metrics", "a", "--web-acl", "b"], "of two kinds"),
        (["--metrics", "a", "--sources", "b"], "need each other"),
        (["--web-acl", "shop"], "not the ARN of a web ACL"),
    ],
    ids=["nothing", "balancer-alone", "both", "half", "no-arn"],
)
def test_what_cannot_be_judged_says_how(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["traffic", *options]) == 2
    assert said in capsys.readouterr().err


def test_metrics_that_are_not_judged_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("time,metric,value\n2026-03-16T13:55Z,visits,3\n")
    assert main(["traffic", "--metrics", str(file)]) == 2
    assert "known are requests, allowed" in capsys.readouterr().err

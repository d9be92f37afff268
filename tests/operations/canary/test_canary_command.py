"""The command, its files, and every mistake in them at once."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from fintech_infra.cli import canary
from fintech_infra.cli.failure import Failure
from fintech_infra.operations.canary import read_config
from fintech_infra.operations.metrics import read_series
from tests.operations.canary.samples import BAD, GOOD, csv, metric, written

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "canary.md").read_text("utf-8")
SHIFTED = [*GOOD[1:], GOOD[0] + 1]


def run(words: list[str]) -> int:
    root = argparse.ArgumentParser()
    canary.add_to(root.add_subparsers())
    options = root.parse_args(["canary", *words])
    return int(options.run(options))


def problems(words: list[str]) -> list[str]:
    with pytest.raises(Failure) as failure:
        run(words)
    return [f"{Path(it.place).name}: {it.message}" for it in failure.value.problems]


@pytest.mark.parametrize(
    ("experiment", "more", "said"),
    [
        (SHIFTED, [], (0, "PROMOTE")),
        (BAD, [], (1, "ROLL BACK")),
        (SHIFTED[:30], [], (2, "UNDECIDED")),
        (SHIFTED[:30], ["--looks", "3", "--look", "1"], (3, "CONTINUE")),
        (SHIFTED[:30], ["--enough", "30"], (0, "PROMOTE")),
        (SHIFTED, ["--baseline", "past"], (2, "UNDECIDED")),
    ],
)
def test_the_exit_code_is_that_of_the_verdict(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    experiment: list[float],
    more: list[str],
    said: tuple[int, str],
) -> None:
    old, new = csv(latency=GOOD), csv(latency=experiment)
    words = written(tmp_path, old, new, metric("latency", "speed", direction="increase"))
    assert (run([*words, *more]), capsys.readouterr().out.split(": ")[0]) == said


def test_the_report_says_metric_test_class_and_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = csv(latency=GOOD, odd=GOOD), csv(latency=BAD)
    words = written(tmp_path, old, new, metric("latency", "speed", critical=True))
    assert run(words) == 1
    said = capsys.readouterr().out
    for part in ("latency", "High critical", "40 (", "meanRatio 1.3", "60, 60", "speed: 0",
                 "score 0, Fail", "not in the config: odd", "█"):  # fmt: skip
        assert part in said


def test_the_report_is_json_in_a_file_as_well(tmp_path: Path) -> None:
    words = written(tmp_path, csv(m=GOOD), csv(m=BAD), metric("m", "all"))
    output = tmp_path / "report.json"
    assert run([*words, "--format", "json", "--output", str(output)]) == 1
    found = json.loads(output.read_text("utf-8"))
    assert (found["schema"], found["verdict"], found["score"]["value"]) == (1, "roll back", 0.0)
    assert found["metrics"][0]["test"]["shift"] == 40.0
    assert found["metrics"][0]["samples"] == {"control": 60, "experiment": 60}


def test_every_mistake_of_the_config_is_told() -> None:
    document: dict[str, Any] = {
        "metrics": [
            metric("a", "g", direction="up", criticality="critical", muted="yes"),
            metric("a", "g", nanStrategy="drop", outliers={"strategy": "cut", "outlierFactor": 0}),
            metric("", effectSize={"measure": "cles", "allowedIncrease": 1.5, "allowed": 2}),
        ],
        "classifier": {
            "groupWeights": {"g": 50, "h": 20},
            "scoreThresholds": {"pass": 50, "marginal": 75},
        },
    }
    config, found = read_config(json.dumps(document), "canary.json")
    assert config is None
    where = "analysisConfigurations.canary."
    starts = [
        f"metrics[0].{where}direction is 'up'",
        "metrics[0].analysisConfigurations.canary.criticality is not known",
        f"metrics[0].{where}muted is 'yes'",
        f"metrics[1].{where}nanStrategy is 'drop'",
        f"metrics[1].{where}outliers.strategy is 'cut'",
        f"metrics[1].{where}outliers.outlierFactor is 0",
        "metrics[2].name is ''",
        "metrics[2].groups is []",
        f"metrics[2].{where}effectSize.allowed is not known",
        f"metrics[2].{where}effectSize.allowedIncrease is 1.5",
        "metrics names a 2 times",
        "classifier.groupWeights.h is the group of no metric",
        "classifier.groupWeights add up to 70",
        "classifier.scoreThresholds.marginal is more than pass",
    ]
    said = [problem.message for problem in found]
    assert [start for start in starts if not any(it.startswith(start) for it in said)] == []
    assert len(said) == len(starts)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"metrics": [3]}', "7", '"x"', "null"])
def test_what_is_no_config_is_refused(text: str) -> None:
    config, found = read_config(text)
    assert config is None
    assert found


def test_samples_are_read_from_csv_and_json_alike() -> None:
    rows = [
        {"time": "2026-03-02T09:00:00Z", "metric": "m", "value": 1},
        {"time": "2026-03-02T09:01:00Z", "metric": "m", "value": None},
    ]
    lines = "\ufefftime,metric,value,host\n2026-03-02T10:00:00+01:00,m,1,a\n"
    from_csv = read_series(lines + "2026-03-02T09:01:00Z,m,,a\n", "x.csv")
    from_json = read_series(json.dumps(rows), "x.json")
    assert (from_csv[1], from_json[1]) == ([], [])
    assert repr(from_csv[0]) == repr(from_json[0])  # NaN is not equal to itself


def test_every_mistake_of_every_file_is_told_together(tmp_path: Path) -> None:
    words = written(tmp_path, "time,metric\n", csv(m=[1.0, "x"]), metric("m"))
    said = problems([*words, "--output", str(tmp_path / "no" / "report")])
    assert [it.split(" ")[0:4] for it in said] == [
        [":", "--output", str(tmp_path / "no" / "report"), "cannot"],
        ["config.json:", "metrics[0].groups", "is", "[],"],
        ["control.csv:", "has", "no", "column"],
        ["experiment.csv:3:", "value", "is", "'x',"],
    ]
    assert problems(["--config", "none", "--control", "none", "--experiment", "none"])[2:]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--looks", "0"], "--looks is 0"),
        (["--looks", "3"], "--looks without --look"),
        (["--looks", "3", "--look", "4"], "--look is 4"),
        (["--enough", "0"], "--enough is 0"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(tmp_path: Path, more: list[str], said: str) -> None:
    words = written(tmp_path, csv(m=GOOD), csv(m=GOOD), metric("m", "g"))
    assert [it for it in problems([*words, *more]) if said in it]


CLOUD = ["--experiment-scope", "new", "--start", "2026-03-02T09:00Z", "--now", "2026-03-02T10:00Z"]
BOTH = [*CLOUD, "--control-scope", "old"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], ["--control is missing", "--experiment is missing"]),
        (["--start", "2026-03-02T09:00Z"],
         ["--experiment-scope is missing", "--control-scope is missing"]),
        (["--control-scope", "old", "--experiment-scope", "new"], ["--start is missing"]),
        (CLOUD, ["--control-scope is missing"]),
        ([*BOTH, "--control", "old.csv"],
         ["--experiment is missing", "--experiment-scope is for samples of CloudWatch"]),
        ([*BOTH, "--days", "3"], ["--days without --baseline past"]),
        ([*BOTH, "--baseline", "past", "--days", "0"], ["--days is 0"]),
        ([*BOTH, "--step", "7"], ["step is 7; accepted: 1, 5, 10"]),
        ([*BOTH, "--end", "2026-03-02T10:01Z"], ["--end is 2026-03-02T10:01:00+00:00, and it is"]),
        ([*BOTH, "--end", "2026-03-02T09:00Z"], ["no whole step of 60 seconds"]),
        ([*BOTH, "--start", "nine", "--end", "ten"], ["--start is 'nine'", "--end is 'ten'"]),
        ([*BOTH, "--start", "2026-02-02T09:00Z"], ["--start 2026-02-02T09:00Z is too far back"]),
        ([*CLOUD, "--baseline", "past", "--days", "15"], ["--days 15 is too far back: CloudWatch"]),
        ([*CLOUD, "--control-scope", "new"], ["CloudWatch would be asked the same of both"]),
        ([*BOTH, "--config", "place.json"],
         ["--control-location is missing", "--experiment-location is missing"]),
        ([*BOTH, "--config", "files.json"], ["metrics[0].query is None, not an object"]),
        ([*BOTH, "--step", "90", "--config", "broken.json"],
         ["metrics[0].groups is []", "step is 90"]),
    ],
)  # fmt: skip
def test_options_of_cloudwatch_that_do_not_fit_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], said: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    query = {"type": "cloudwatch", "namespace": "N", "metricName": "M", "statistic": "Sum"}
    for name, given in {
        "scope": metric("m", "g") | {"query": query | {"dimensions": {"V": "${scope}"}}},
        "place": metric("m", "g") | {"query": query | {"dimensions": {"V": "${scope}${location}"}}},
        "files": metric("m", "g"),
        "broken": metric("m"),
    }.items():
        (tmp_path / f"{name}.json").write_text(json.dumps({"metrics": [given]}))
    found = problems(["--config", "scope.json", *more])
    assert [it for it in said if not any(it in one for one in found)] == []


def test_no_way_to_ask_aws_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    query = {"type": "cloudwatch", "namespace": "N", "metricName": "M", "statistic": "Sum",
             "dimensions": {"V": "${scope}"}}  # fmt: skip
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"metrics": [metric("m", "g") | {"query": query}]}))
    assert problems(["--config", str(config), *BOTH]) == [": no region is known"]


def test_the_html_report_without_its_library_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    words = written(tmp_path, csv(m=GOOD), csv(m=BAD), metric("m", "g"))
    assert "pip install 'fintech_infra[canary]'" in problems([*words, "--format", "html"])[0]


def test_wrong_samples_are_named_by_line_and_counted() -> None:
    _, few = read_series("time,metric,value\nnow,m,1\n2026-03-02T09:00,m,1\n", "x.csv")
    assert [it.line for it in few] == [2, 3]
    assert "write 2026-03-02T09:00Z" in few[1].message
    _, many = read_series("time,metric,value\n" + ",m,1\n" * 50, "x.csv")
    assert many[-1].message == "and 30 further mistakes like these"
    truth = '[{"time": "2026-03-02T09:00Z", "metric": "m", "value": true}]'
    for text in ('{"a": 1}', "[3]", "x", truth):
        assert read_series(text, "x.json")[1]


def test_the_walk_throughs_of_the_page_happen_as_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "documentation")
    steps: list[str] = []
    with mock_aws():
        for language, name, text in blocks:
            if name and language == "json":
                (tmp_path / name).write_text(text)
            elif language == "python":
                exec(compile(text, name or "page", "exec"), {})
            elif language == "console":
                steps += [_walked(step, capsys) for step in text.split("$ ")[1:]]
    assert [it.split()[0] for it in steps] == [
        "PROMOTE:", "ROLL", "CONTINUE:", "PROMOTE:", "roll", "PROMOTE:", "UNDECIDED:",
    ]  # fmt: skip
    assert "<svg" in (tmp_path / "canary.html").read_text("utf-8")
    assert capsys.readouterr().out.startswith("roll back 0.0 score 0")


def _walked(step: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a step of the page says, once it has said all that the page tells."""
    command, code, expected = re.findall(
        r"fintech-infra canary (.*?)\s+# exit code (\d)\n(.*)", step, re.DOTALL
    )[0]
    assert run(shlex.split(command)) == int(code), command
    said = capsys.readouterr()
    assert [it for it in expected.splitlines() if it not in said.out + said.err] == []
    return said.out + said.err

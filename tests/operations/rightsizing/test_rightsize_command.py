"""The command: the walk-through of docs/rightsizing.md, formats, exit codes, and mistakes."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.cli import rightsize, rightsize_patching, rightsize_usage
from fintech_infra.cli.failure import Failure
from fintech_infra.engine.project import load_project
from fintech_infra.environment.codec import FORMAT, dumps
from fintech_infra.operations import forecast as forecasting
from fintech_infra.operations.aws import Access
from fintech_infra.operations.rightsizing.price_list import read_prices
from tests.exports import state_of
from tests.operations.rightsizing.samples import foreseen, serverless

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "rightsizing.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"fintech-infra rightsize (.*?)\s+# exit code (\d)\n(.*)", re.DOTALL)
NOW = ("--now", "2026-11-22T00:10Z")


def run(*words: str) -> int:
    root = argparse.ArgumentParser()
    rightsize.add_to(root.add_subparsers())
    options = root.parse_args(["rightsize", *words])
    return int(options.run(options))


def mistakes(*words: str) -> list[str]:
    with pytest.raises(Failure) as failure:
        run(*words)
    return [it.message for it in failure.value.problems]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project of the page, and ten weeks of samples."""
    monkeypatch.chdir(tmp_path)
    for _, name, text in BLOCK.findall(PAGE):
        if name:
            Path(name).write_text(text)
    exec(compile(Path("usage.py").read_text(), "usage.py", "exec"), {})
    return tmp_path


@pytest.fixture
def stable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forecasts that need no statistics: a peak of 5 ACUs."""
    monkeypatch.setattr(forecasting, "forecast", lambda *_, **__: foreseen(5, 4))


def test_the_walk_through_of_the_page_happens_as_told(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shop.is_dir()
    ran: list[str] = []
    for language, _, block in BLOCK.findall(PAGE):
        for step in block.split("$ ")[1:] if language == "console" else ():
            command, code, expected = STEP.findall(step)[0]
            assert run(*shlex.split(command)) == int(code), command
            out = capsys.readouterr().out
            assert [line for line in expected.splitlines() if line not in out] == [], out
            ran.append(code)
    assert ran == ["0", "3", "2"]


def _state(project: str = "shop", least: float = 8, most: float = 64) -> None:
    """A state of one database, and samples for it in `usage.csv`."""
    text = json.dumps(state_of(serverless(least, most, members=1)))
    Path("state.json").write_text(text.replace("::shop::", f"::{project}::"))
    usage = Path("usage.csv")
    usage.write_text(usage.read_text().replace("orders-a/", "orders-0/"))


class Clouded:
    """CloudWatch with ten weeks of samples, of which free memory is denied or told."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **asked: Any) -> Any:
        times = [asked["EndTime"] - timedelta(hours=at) for at in range(1, 24)]
        code = "Complete" if self.whole else "Forbidden"
        for query in asked["MetricDataQueries"]:
            metric = query["MetricStat"]["Metric"]
            assert metric["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": "tf-0"}]
            free = metric["MetricName"] == "FreeableMemory"
            value = 124 * 2.0**30 if free else 3.0
            result = {"Id": query["Id"], "Timestamps": times, "Values": [value] * len(times)}
            yield {"MetricDataResults": [{**result, "StatusCode": code if free else "Complete"}]}


@pytest.mark.usefixtures("stable", "shop")
def test_a_state_is_sized_by_cloudwatch_and_patched_in_its_project(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _state()
    access = Access(lambda *_: Clouded(whole=True), "eu-west-1")
    monkeypatch.setattr("fintech_infra.operations.aws.connect", lambda *_: access)
    words = ("state.json", "--live", *NOW, "--format", "json")
    assert run(*words, "--output", "a.json", "--patch", "a.patch") == 3
    assert capsys.readouterr().err == "2 sizes to change: wrote a.json\n"
    found = json.loads(Path("a.json").read_text())
    (load,) = found["loads"]
    assert (found["exitCode"], load["verdict"], found["prices"]) == (3, "smaller", None)
    assert [(it["role"], it["now"], it["recommended"]) for it in load["sizes"]] == [
        ("least", 8, 3),
        ("most", 64, 6.5),
    ]
    assert [it["key"] for it in load["settings"]] == ["shop:capacity.least", "shop:capacity.most"]
    assert load["needs"][0]["needed"] == 6.5
    assert Path("a.patch").read_text() == found["patch"]["diff"]


@pytest.mark.usefixtures("stable", "shop")
def test_what_cloudwatch_does_not_tell_is_undecided(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _state()
    access = Access(lambda *_: Clouded(whole=False), "eu-west-1")
    monkeypatch.setattr("fintech_infra.operations.aws.connect", lambda *_: access)
    assert run("state.json", "--live", *NOW) == 2
    assert "missing     orders-0/FreeableMemory: Forbidden" in capsys.readouterr().out


@pytest.mark.usefixtures("stable", "shop")
def test_html_has_a_chart_of_every_need() -> None:
    _state()
    words = ("state.json", "--usage", "usage.csv", *NOW, "--format", "html", "--no-patch")
    assert run(*words, "--output", "a.html") == 3
    page = Path("a.html").read_text()
    assert page.count("<svg") >= 2
    assert "most 64 -&gt; 6.5 ACU" in page
    assert "no-patch" in page


@pytest.mark.usefixtures("stable", "shop")
def test_parity_rules_hold_back_what_they_do_not_allow(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack = Path("Pulumi.prod.yaml")
    stack.write_text(stack.read_text().replace("least: 8", "least: 4.5"))
    Path("Pulumi.dev.yaml").write_text(stack.read_text())
    Path("parity.yaml").write_text("version: 1\nrules: []\n")
    assert run("prod", "--usage", "usage.csv", *NOW) == 3
    said = capsys.readouterr().out
    assert "most ACU: shop:capacity.most would become 6.5, held back: parity: " in said
    assert "patch:" not in said


@pytest.mark.usefixtures("shop")
def test_controls_hold_back_what_they_did_not_mind_before() -> None:
    options = argparse.Namespace(controls=["rds-storage-encrypted"], policy_config="")
    work = rightsize_patching._Work(options, {}, load_project(Path()), "prod", None)
    good, bad = serverless(storageEncrypted=True), serverless(most=8, storageEncrypted=False)
    (said,) = work.minded(good, bad)
    assert said.startswith("rds-storage-encrypted violated for orders: ")
    assert work.minded(bad, bad) == work.minded(good, good) == []


@pytest.mark.usefixtures("stable", "shop")
def test_without_changes_the_code_is_zero_and_foreign_samples_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _state(least=0.5, most=6.5)
    with Path("usage.csv").open("a") as file:
        file.write("2026-11-21T00:00Z,orders/CPUUtilization,1\n")
    assert run("state.json", "--usage", "usage.csv", *NOW) == 0
    said = capsys.readouterr().out
    assert "KEEP  serverless database orders" in said
    assert "samples of nothing that is sized: orders/CPUUtilization" in said


@pytest.mark.usefixtures("stable", "shop")
def test_another_project_is_not_patched_and_a_saved_environment_is_not_live(
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _state("books")
    assert run("state.json", "--usage", "usage.csv", *NOW) == 3
    assert "parity rules: the project here is shop, not books" in capsys.readouterr().out
    empty = str(tmp_path_factory.mktemp("empty"))
    assert run("state.json", "--usage", "usage.csv", *NOW, "--cwd", empty) == 3
    assert "parity rules: there is no project to try it in" in capsys.readouterr().out
    saved = dumps(serverless(members=1), format=FORMAT)
    Path("saved.json").write_text(saved)
    assert mistakes("saved.json", "--live") == [
        "--live with saved.json: only a state has the names that CloudWatch knows"
    ]


@pytest.mark.usefixtures("shop")
def test_every_mistake_is_told_together() -> None:
    assert mistakes() == [
        "ENVIRONMENT is missing: what is to be sized",
        "give --usage FILE or --live, one of them; this is neither",
    ]
    assert mistakes("prod", "--live", "--usage", "usage.csv", "--cwd", "nowhere") == [
        "give --usage FILE or --live, one of them; this is both",
        "--live with prod: only a state has the names that CloudWatch knows",
        "--cwd nowhere is not a folder",
    ]
    words = (
        "--headroom",
        "-1",
        "--risk",
        "1",
        "--since",
        "x",
        "--now",
        "y",
        "--prices",
        "usage.py",
    )
    found = mistakes("prod", "--usage", "none.csv", *words, "--output", "no/where")
    assert [it.split(": ")[0].split(" is ")[0] for it in found] == [
        "--output no/where cannot be written",
        "--headroom",
        "--risk",
        "--now",
        "--since",
        "is not JSON",
        "--usage cannot be read",
    ]
    assert mistakes("gone.json", "--usage", "usage.csv") == ["there is no such file"]
    with pytest.raises(SystemExit):
        run("prod", "--horizon", "3w")


def test_prices_are_refreshed_into_a_file_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fintech_infra.operations.rightsizing import price_list
    from tests.operations.rightsizing.samples import prices

    access = Access(lambda *_: None, "eu-west-1")
    monkeypatch.setattr("fintech_infra.operations.aws.connect", lambda *_: access)
    asked: list[Any] = []

    def read(*given: Any) -> Any:
        asked.append(given)
        return prices(), ""

    monkeypatch.setattr(price_list, "read_prices", read)
    path = tmp_path / "prices.json"
    assert run("--refresh-prices", str(path), *NOW) == 0
    assert asked == [(access, "eu-west-1", "USD", datetime(2026, 11, 22, tzinfo=UTC).date())]
    assert "wrote 7 prices of eu-west-1 on 2026-11-20" in capsys.readouterr().err
    assert rightsize_usage.read_prices(str(path)) is not None
    assert read_prices is not price_list.read_prices
    assert mistakes("--refresh-prices", str(tmp_path / "no" / "x"))[0].startswith(
        "--refresh-prices"
    )

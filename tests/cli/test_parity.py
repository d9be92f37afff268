"""`fintech-infra parity`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fintech_infra.environment import Environment
from fintech_infra.environment.codec import FORMAT, dumps
from fintech_infra.operations.parity import read_text
from fintech_infra.report import FORMATS
from tests.cli.conftest import Command
from tests.operations.parity.samples import Row, made

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
BUCKET = "aws:s3/bucket:Bucket"
ROWS: list[Row] = [("pay", BUCKET, "logs", {"forceDestroy": False, "size": 4})]
LOOSE: list[Row] = [("pay", BUCKET, "logs", {"forceDestroy": True, "size": 2})]
RULES = """\
version: 1
rules:
  - kind: size
    resource: aws:s3/bucket:Bucket::logs
    path: size
    reason: Development keeps fewer of them than production.
"""
REASON = RULES.rpartition("reason: ")[2].strip()


def saved(folder: Path, environment: Environment, name: str = "") -> Path:
    path = folder / f"{name or environment.stack}.json"
    path.write_text(dumps(environment, format=FORMAT), "utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with environments that are alike (dev, prod), one that is not (staging), rules."""
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, made("prod", ROWS))
    saved(tmp_path, made("dev", [("pay", BUCKET, "logs", {"forceDestroy": False, "size": 2})]))
    saved(tmp_path, made("staging", LOOSE))
    (tmp_path / "parity.yaml").write_text(RULES, "utf-8")
    return tmp_path


@pytest.mark.usefixtures("files")
def test_environments_that_differ_as_declared_are_alike(command: Command) -> None:
    run = command("parity", "dev.json", "prod.json")
    assert run.code == 0
    assert "dev compared with prod" in run.out
    assert "clean  no differences · 1 allowed" in run.out


@pytest.mark.usefixtures("files")
def test_a_difference_blocks_and_stands_in_a_table(command: Command) -> None:
    run = command("parity", "dev.json", "staging.json", "prod.json")
    assert run.code == 1
    (line,) = [it for it in run.out.splitlines() if "forceDestroy" in it]
    assert line.split() == ["high", "setting", "forceDestroy", "false", "the", "same", "true"]
    assert "the same path and name" in run.out


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_it(command: Command, form: str) -> None:
    run = command("parity", "staging.json", "prod.json", "--format", form)
    assert run.code == 1
    assert "pulumi-environment-parity" in run.out
    assert "forceDestroy" in run.out


@pytest.mark.usefixtures("files")
def test_the_reference_may_be_another(command: Command) -> None:
    run = command(
        "parity", "dev.json", "prod.json", "--reference", "dev", "--format", "json", "--rules",
        "parity.yaml",
    )  # fmt: skip
    assert json.loads(run.out)["environment"]["stack"] == "dev"


@pytest.mark.usefixtures("files")
def test_a_match_is_explained_with_the_rule_that_allows_a_difference(command: Command) -> None:
    run = command("parity", "dev.json", "prod.json", "--explain", "log*")
    assert run.code == 0
    assert run.out.splitlines() == [
        "s3.Bucket: logs in prod and logs in dev",
        "  the same path and name",
        "  setting size: 4, 2; allowed by parity.yaml:3: " + REASON,
    ]


@pytest.mark.usefixtures("files")
def test_a_report_is_written_to_a_file(command: Command, files: Path) -> None:
    run = command("parity", "staging.json", "prod.json", "--output", "out.txt")
    assert (run.code, run.out) == (1, "")
    assert "forceDestroy" in (files / "out.txt").read_text("utf-8")


def test_what_nobody_knows_is_undecided(command: Command, files: Path) -> None:
    text = (files / "prod.json").read_text("utf-8")
    known = '"forceDestroy":false'
    unknown = '"forceDestroy":{"$fintech_infra":"unknown"}'
    (files / "prod.json").write_text(text.replace(known, unknown), "utf-8")
    assert command("parity", "dev.json", "prod.json").code == 2
    assert command("parity", "dev.json", "prod.json", "--allow-undecided").code == 0


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dev.json"], "parity compares two or more environments"),
        (["dev.json", "dev.json"], "dev.json is named 2 times"),
        (["dev.json", "prod.json", "--reference", "qa"], "accepted are dev, prod"),
        (["dev.json", "nowhere.json"], "nowhere.json: cannot be read"),
        (["dev.json", "prod.json", "--explain", "lgs"], "did you mean logs?"),
        (["dev.json", "prod.json", "--rules", "none.yaml"], "none.yaml: cannot be read"),
        (["dev.json", "prod.json", "--explain", "x", "--format", "json"], "leave --format out"),
    ],
)
def test_what_cannot_be_done_is_said(command: Command, arguments: list[str], said: str) -> None:
    run = command("parity", *arguments)
    assert run.code == 2
    assert said in run.err


def test_environments_of_two_projects_or_of_one_stack_are_refused(
    command: Command, files: Path
) -> None:
    other = Environment("other", "dev", resources=made("dev", ROWS).resources)
    saved(files, other, "other")
    run = command("parity", "dev.json", "other.json")
    assert run.code == 2
    assert "several projects cannot be compared: other, shop" in run.err
    assert "dev.json and other.json are both the stack dev" in run.err


def test_mistakes_in_the_rules_are_told_with_their_lines(command: Command, files: Path) -> None:
    (files / "parity.yaml").write_text("version: 1\nrules:\n  - kind: siz\n", "utf-8")
    run = command("parity", "dev.json", "prod.json")
    assert run.code == 2
    assert "error: parity.yaml:3: has kind 'siz'" in run.err
    assert "fix: accepted are size, count" in run.err


def test_the_example_of_the_page_works(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved(files, made("dev", LOOSE), "dev")
    exec(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0], {})
    assert capsys.readouterr().out == (
        "high logs forceDestroy setting: prod has false, dev has true "
        "(matched: the same path and name)\n"
    )


def test_the_rules_of_the_page_are_right() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    rules, mistakes = read_text(text, "parity.yaml")
    assert mistakes == ()
    assert [str(it.kind) for it in rules.rules] == ["size", "count"]

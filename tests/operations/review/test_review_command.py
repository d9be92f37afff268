"""`fintech-infra review`: files in, advice out, and an exit code that decides nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fintech_infra.cli import review
from fintech_infra.cli.failure import Failure
from fintech_infra.environment import Environment, codec
from tests.operations.review.usual_samples import KEY, edited, history, state, urn

Run = Callable[..., int]


@pytest.fixture
def run() -> Run:
    """Run the verb with these words."""

    def call(*words: str | Path) -> int:
        parser = argparse.ArgumentParser()
        review.add_to(parser.add_subparsers())
        return review.run(parser.parse_args(["review", *map(str, words)]))

    return call


def _save(path: Path, environment: Environment) -> Path:
    path.write_text(codec.dumps(environment, format=codec.FORMAT), "utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with seven states, what is, and a key that is no longer rotated."""
    (tmp_path / "states").mkdir()
    for number, environment in enumerate(history(7)):
        _save(tmp_path / "states" / f"{number}.json", environment)
    _save(tmp_path / "before.json", state(7))

    def off(inputs: dict[str, object]) -> None:
        inputs["enableKeyRotation"] = False

    _save(tmp_path / "after.json", edited(state(7), KEY, "c", off))
    return tmp_path


def test_text(files: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    sides = (files / "before.json", files / "after.json")
    assert run(*sides, "--history", files / "states") == 0
    said = capsys.readouterr().out
    assert "built-in layer: statistics over history" in said
    assert "enableKeyRotation is false, which it never was before" in said
    assert "in 8 earlier states, 8 kms.Key chose true (8)" in said
    assert "1 surprise in 1 changed resource" in said


def test_json(files: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    sides = (files / "before.json", files / "after.json")
    assert run(*sides, "--history", files / "states", "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["layer"], said["found"], said["states"]) == ("habits", 1, 8)
    assert said["surprises"][0]["urn"] == urn(KEY, "c")
    assert said["surprises"][0]["path"] == "enableKeyRotation"


def test_markdown_escapes_and_says_who_spoke(
    files: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = (files / "before.json", files / "after.json")
    target = files / "comment.md"
    given = ("--history", files / "states", "--format", "markdown", "--output", target)
    assert run(*sides, *given) == 0
    assert capsys.readouterr().out == ""
    said = target.read_text("utf-8")
    assert said.startswith("<!-- fintech-infra review organization/shop/prod -->\n")
    assert "### 1 surprise: shop / prod" in said
    assert "built-in layer" in said
    assert "<code>kms.Key c enableKeyRotation</code>" in said


def test_what_was_learnt_serves_again(
    files: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    sides = (files / "before.json", files / "after.json")
    habits = files / "habits.json"
    run(*sides, "--history", files / "states", "--learn", habits)
    first = capsys.readouterr().out
    run(*sides, "--history", habits)
    assert capsys.readouterr().out == first


def test_without_a_history_it_says_so(
    files: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(files / "before.json", files / "after.json") == 0
    said = capsys.readouterr().out
    assert "cannot say yet: 1 earlier state, needs 5" in said
    assert "this is no approval" in said


def test_all_mistakes_are_told_together_and_nothing_is_written(files: Path, run: Run) -> None:
    (files / "empty").mkdir()
    broken = files / "broken.json"
    broken.write_text('{"format": "fintech-infra habits", "version": 7}', "utf-8")
    learnt = files / "habits.json"
    with pytest.raises(Failure) as caught:
        run(
            files / "nowhere.json", files / "after.json", "--top", "0", "--learn", learnt,
            "--history", files / "empty", broken,
        )  # fmt: skip
    said = " | ".join(f"{item.file} {item.message}" for item in caught.value.problems)
    assert "--top 0" in said
    assert "nowhere.json cannot be read" in said
    assert "has no *.json files" in said
    assert "has version 7" in said
    assert not learnt.exists()


def test_what_a_model_would_be_sent_is_shown_and_not_sent(
    files: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = files / "review.yaml"
    settings.write_text(
        "model: {provider: bedrock, model: a-model, region: eu-central-1}\n", "utf-8"
    )
    sides = (files / "before.json", files / "after.json", "--history", files / "states")
    assert run(*sides, "--model", settings, "--show-model-input") == 0
    shown = capsys.readouterr().out
    assert "unlike-history" in shown
    assert "enableKeyRotation" in shown


def test_a_model_that_does_not_answer_leaves_the_review_as_it_is(
    files: Path,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = files / "review.yaml"
    settings.write_text("model: {provider: openai, model: a-model}\n", "utf-8")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    sides = (files / "before.json", files / "after.json", "--history", files / "states")
    run(*sides)
    alone = capsys.readouterr().out
    assert run(*sides, "--model", settings) == 0
    both = capsys.readouterr().out
    assert both.startswith(alone)
    assert "did not answer" in both

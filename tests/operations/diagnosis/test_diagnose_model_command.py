"""`diagnose --model`: a model's words in every format, and what docs/diagnosis-model.md shows."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fintech_infra.cli import diagnose as verb
from fintech_infra.cli.failure import Failure
from fintech_infra.operations import language_model
from fintech_infra.operations.diagnosis import LogLine
from fintech_infra.operations.diagnosis.case_document import case_document
from fintech_infra.operations.diagnosis.wording.picture import picture
from fintech_infra.operations.language_model import Settings, parse
from tests.operations.diagnosis.cases import ONSET, at, case, change
from tests.operations.diagnosis.wording_samples import answer, diagnosis, sentence
from tests.operations.language_model.samples import Says

DOCS = Path(__file__).resolve().parents[3] / "docs"
INCIDENT = case(change(79), lines=(LogLine(at(ONSET), "api", "ERROR Traceback"),))
SETTINGS = (
    "model: {provider: openai, model: some-model, endpoint: 'http://127.0.0.1:9', attempts: 1}"
)
SAID = answer(
    sentence("The deployment of r1 (c1) leads.", "c1"),
    sentence("An expired certificate is the cause.", "c1"),
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("case.json").write_text(json.dumps(case_document(INCIDENT)))
    Path("model.yaml").write_text(SETTINGS)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Says:
    """A model in place of the one that the settings mean."""
    client = Says(SAID)

    def instead(settings: Settings) -> Says:
        assert settings.model == "some-model"
        return client

    monkeypatch.setattr(language_model, "client_for", instead)
    return client


def command(*words: str) -> int:
    root = argparse.ArgumentParser(prog="fintech-infra")
    verb.add_to(root.add_subparsers())
    return verb.run(root.parse_args(["diagnose", *words]))


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
@pytest.mark.usefixtures("model")
def test_its_words_stand_beside_the_report(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("case.json", "--format", form, "--model", "model.yaml") == 0
    out = capsys.readouterr().out
    assert "The deployment of api (cause 1) leads." in re.sub("&#[0-9]+;", "", out).replace(
        "cause 1 leads", "(cause 1) leads"
    )
    assert "certificate" not in out
    assert "1 sentence dropped" in out
    assert "decided nothing" in out


@pytest.mark.usefixtures("model")
def test_its_words_are_data_and_the_rest_is_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("case.json", "--format", "json") == 0
    without: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert command("case.json", "--format", "json", "--model", "model.yaml") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [it["restsOn"] for it in told["wording"]["sentences"]] == [["cause 1"]]
    assert told | {"wording": None} == without


def test_a_model_that_cannot_be_reached_leaves_the_report(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command("case.json", "--model", "model.yaml") == 0
    out = capsys.readouterr().out
    assert "The language model some-model (openai) did not answer: the service cannot be" in out
    assert "DO NOW\n  1. " in out


def test_what_would_be_sent_is_shown_and_not_sent(
    model: Says, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("case.json", "--model", "model.yaml", "--show-model-input") == 0
    assert '"kind":"deployment"' in json.loads(capsys.readouterr().out)["user"]
    assert model.sent == []


def test_mistakes_are_told_together() -> None:
    Path("model.yaml").write_text("model: {provider: other}")
    with pytest.raises(Failure) as raised:
        command("missing.json", "--model", "model.yaml")
    assert len(raised.value.problems) == 3
    with pytest.raises(Failure, match="--show-model-input needs --model FILE"):
        command("case.json", "--show-model-input")


def test_the_page_shows_what_is_sent() -> None:
    page = (DOCS / "diagnosis-model.md").read_text("utf-8")
    (settings,) = re.findall(r"^```yaml model.yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert parse(yaml.safe_load(settings)["model"]).provider == "bedrock"
    (data,) = re.findall(r"^```json\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert json.loads(data) == picture(diagnosis()).data

"""What docs/review-model.md shows is so."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from fintech_infra.operations.language_model import Settings, parse

PAGE = Path(__file__).resolve().parents[4] / "docs" / "review-model.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_what_is_shown_is_what_would_be_sent(capsys: pytest.CaptureFixture[str]) -> None:
    (program,), (data,) = blocks("python"), blocks("json")
    exec(program, {})
    sent = json.loads(capsys.readouterr().out)
    said = sent["messages"][0]["content"][0]["text"]
    assert said == f"BEGIN DATA\n{data.strip()}\nEND DATA"


def test_the_settings_are_accepted_and_all_are_told_with_their_defaults() -> None:
    examples = [parse(yaml.safe_load(block)["model"]) for block in blocks("yaml")]
    assert [example.provider for example in examples] == ["bedrock", "openai"]
    rows = re.findall(r"^\| `(\w+)` \|.*\| ?(.*?) ?\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    told = dict(rows)
    assert list(told) == [field.name for field in fields(Settings)]
    for name in ("timeout", "attempts", "max_input_bytes", "max_output_tokens"):
        assert told[name] == str(getattr(examples[0], name))

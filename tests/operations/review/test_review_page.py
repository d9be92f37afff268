"""What docs/review.md shows is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fintech_infra.operations.review import judging

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "review.md").read_text("utf-8")


def test_the_library_says_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    told = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    exec(program, {})
    assert told is not None
    assert capsys.readouterr().out == told[1]


def test_the_limits_are_those_of_the_page() -> None:
    limits = f"may add up to {judging.ALARM}, and none may be above {judging.RAREST}"
    assert limits in " ".join(PAGE.split())

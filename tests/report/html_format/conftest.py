"""The HTML report, parsed, with so few requirements in it that parsers and browsers are quick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element

import html5lib
import pytest

from fintech_infra.controls.frameworks import load
from fintech_infra.report import Report
from fintech_infra.report.html_format import matrix, to_html


@pytest.fixture
def few_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reports show two frameworks, and of each four requirements and one out of reach."""

    def shortened() -> tuple[object, ...]:
        return tuple(
            replace(
                item,
                requirements=(
                    *[one for one in item.requirements if len(one.controls) > 1][:4],
                    *[one for one in item.requirements if one.beyond][:1],
                ),
            )
            for item in load()[:2]
        )

    monkeypatch.setattr(matrix, "load", shortened)


@pytest.fixture
def parse() -> Callable[[str], Element]:
    """Parse a document; what the HTML standard calls a parse error fails."""
    return lambda document: html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
        document
    )


@pytest.fixture
def page(few_requirements: None, parse: Callable[[str], Element]) -> Callable[[Report], Element]:
    """Render a report, of few requirements, and parse it."""
    return lambda report: parse(to_html(report))

"""The frame of operations' reports: what it refuses, escapes and promises, and in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import html5lib
import pytest

from fintech_infra.report.charts import Band, Line, Mark, chart
from fintech_infra.report.operations_page import (
    Code,
    Facts,
    Figure,
    Fold,
    Items,
    Outcome,
    Page,
    Section,
    Table,
    Tag,
    Text,
    to_html,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Opened

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
NASTY = "</title><script>x</script>\u202e"


def page(text: str = "payments") -> Page:
    """A page with one of everything, which says `text` wherever it says something."""
    times = [START + timedelta(minutes=at) for at in range(60)]
    svg = chart(
        [Line(text, times, [float(at % 7) for at in range(60)])],
        title=text,
        unit="ms",
        bands=[Band(text, times, [0.0] * 60, [7.0] * 60)],
        marks=[Mark(text, time=times[50]), Mark(text, value=3.0)],
    )
    tags = [Tag(text, tone) for tone in ("good", "bad", "medium", "low", "undecided", "plain")]
    blocks = (
        Text(text),
        Items([text, "a `code`"]),
        Items([text], [Tag(text, "good")], is_ordered=True),
        Code(text, f"- {text}\n+ {text}\n"),
        Facts([(text, text), ("tag", tags[0])]),
        Table(text, (text, "many", "figure"), [(text, tags, "1")], numbers=(2,), prose=(1,)),
        Table("nothing", ("a",), [], empty=text),
        Figure(svg),
        Fold(text, [Fold("inner", [Text(text)])], fact=text, tags=tags, anchor=text),
    )
    sections = (Section("Part", blocks, lead=text, count=3), Section("Part!", [Text("again")]))
    return Page(text, text, Outcome(text, "bad", [text]), sections, lead=text, about=[text])


def test_the_same_page_gives_the_same_bytes_and_is_sound_html() -> None:
    first = to_html(page())
    assert first == to_html(page())
    html5lib.HTMLParser(strict=True).parse(first)


def test_every_text_is_escaped_and_what_misleads_is_written_out() -> None:
    found = to_html(page(NASTY))
    html5lib.HTMLParser(strict=True).parse(found)
    assert "<script" not in found
    assert "\u202e" not in found
    assert found.count("\\u202e") > 20


def test_anchors_are_unique_and_every_link_leads_somewhere() -> None:
    found = to_html(page())
    ids = re.findall(r' id="([^"]+)"', found)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', found)) <= set(ids)
    assert {"summary", "part", "part-2", "payments"} <= set(ids)


def test_nothing_but_its_own_style_is_admitted() -> None:
    found = to_html(page())
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', found)
    assert len(policy) == 1
    assert re.sub("sha256-[^&]+", "x", policy[0]) == (
        "default-src &#39;none&#39;; style-src &#39;x&#39;; base-uri &#39;none&#39;; "
        "form-action &#39;none&#39;"
    )
    assert " style=" not in found


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="'Metrics' has 2 columns"):
        Table("Metrics", ("a", "b"), [("1",)])


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """The page in a browser; at the end it has complained of nothing and asked for nothing."""
    said: list[str] = []
    file = tmp_path / "page.html"
    file.write_text(to_html(page("payments that are long enough to need a second line")), "utf-8")
    context = browser.new_context(viewport={"width": 360, "height": 800})
    found = context.new_page()
    found.on("console", lambda message: said.append(message.text))
    found.on(
        "request", lambda sent: None if sent.url.startswith("file:") else said.append(sent.url)
    )
    found.goto(file.as_uri())
    yield found
    context.close()
    assert said == []


@pytest.mark.xdist_group("browser")
def test_a_browser_shows_it_in_both_themes_narrow_and_without_barriers(opened: Opened) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    assert opened.evaluate("document.documentElement.scrollWidth") == 360
    opened.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")
    every = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    themes: tuple[tuple[str, list[str]], ...] = (("light", every), ("dark", ["color-contrast"]))
    line = "getComputedStyle(document.querySelector('svg.plot path[stroke*=series]')).stroke"
    colours: set[str] = set()
    for scheme, rules in themes:
        opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = axe.Axe().run(opened, options={"runOnly": rules, "resultTypes": ["violations"]})
        barriers = {
            item["id"]: [node["html"] for node in item["nodes"]][:3]
            for item in found.response["violations"]
        }
        assert barriers == {}
        colours.add(opened.evaluate(line))
    assert len(colours) == 2

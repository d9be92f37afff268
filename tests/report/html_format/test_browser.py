"""The report in a real browser: it obeys its own policy, filters, prints and can be used by keys.

Skipped where playwright or a Chromium is not installed; nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fintech_infra.report import Report
from fintech_infra.report.html_format import to_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.xdist_group("browser")

Open = Callable[..., "Page"]


@pytest.fixture
def opened(
    browser: Browser, full: Report, tmp_path: Path, few_requirements: None
) -> Iterator[Open]:
    """Open the report of everything; at the end, the page has complained of nothing."""
    said: list[str] = []
    contexts: list[Any] = []

    def open_(fragment: str = "", report: Report = full, seed: str = "", **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(to_html(report), "utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        context.add_init_script(seed)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request", lambda sent: None if sent.url.startswith("file:") else said.append(sent.url)
        )
        page.goto(file.as_uri() + fragment)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == []


def visible(page: Page, selector: str) -> int:
    return page.locator(f"{selector}:visible").count()


def test_findings_are_filtered_by_text_severity_service_framework_and_section(
    opened: Open,
) -> None:
    page = opened()
    page.click("#ui-open")
    everything = visible(page, ".finding")
    assert everything == page.locator(".finding").count()

    page.fill("#ui-search", "EXPORTS public")
    assert visible(page, ".finding") == 1
    assert page.inner_text("#ui-shown") == f"1 of {everything} shown"
    page.fill("#ui-search", "")

    page.check("input[value=low]", force=True)
    assert page.locator(".group:visible").get_attribute("data-severity") == "low"
    page.uncheck("input[value=low]", force=True)

    page.check("input[value=waived]", force=True)
    assert visible(page, ".finding") == 1
    page.uncheck("input[value=waived]", force=True)

    page.select_option("#ui-framework", "SOC 2")
    assert page.locator(".group:visible").get_attribute("id") == "s3-bucket-is-private"
    page.select_option("#ui-framework", "")

    page.select_option("#ui-service", "kms")
    assert visible(page, ".group") == 1

    page.fill("#ui-search", "nothing is like this")
    assert page.is_visible("#ui-nothing")
    page.click("#ui-clear")
    assert visible(page, ".finding") == everything


def test_it_can_be_used_by_keys_alone(opened: Open) -> None:
    page = opened()
    focused = "document.activeElement.id || document.activeElement.closest('.group')?.id"

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate(focused) == "ui-search"
    page.keyboard.type("bucket/x")
    assert page.input_value("#ui-search") == "bucket/x"
    page.keyboard.press("Escape")
    assert page.input_value("#ui-search") == ""
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "s3-bucket-is-private"
    details = page.locator("#s3-bucket-is-private > details")
    before = details.get_attribute("open")
    page.keyboard.press("Enter")
    assert (details.get_attribute("open") is None) != (before is None)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "ui-search"

    page.uncheck("#ui-keys")
    page.keyboard.press("/")
    assert page.evaluate(focused) == "ui-keys"


def test_tab_goes_through_the_whole_page_and_out_of_it(
    opened: Open, report: Callable[..., Report]
) -> None:
    page = opened(report=report())
    seen: list[str] = []
    while "BODY" not in seen and len(seen) < 100:
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))

    assert "ui-keys" in seen
    assert seen[-1] == "BODY"


def test_the_theme_follows_the_system_until_it_is_chosen(opened: Open) -> None:
    page = opened(color_scheme="dark")
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)
    page.click("#ui-theme")
    light = page.evaluate(colour)

    assert page.inner_text("#ui-theme") == "Theme: light"
    assert light != dark
    assert page.evaluate("localStorage.getItem('fintech-infra.theme')") == "light"
    page.click("#ui-theme")
    assert page.evaluate(colour) == dark


def test_the_theme_that_was_chosen_is_worn_again(opened: Open) -> None:
    page = opened(seed="localStorage.setItem('fintech-infra.theme', 'light')", color_scheme="dark")

    assert page.inner_text("#ui-theme") == "Theme: light"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_a_link_to_a_control_opens_it_even_where_the_filter_hides_it(opened: Open) -> None:
    page = opened("#s3-owner-is-named")
    assert page.locator("#s3-owner-is-named > details").get_attribute("open") is not None

    page.fill("#ui-search", "nothing is like this")
    page.evaluate("location.hash = '#s3-bucket-is-private'")
    page.wait_for_selector("#s3-bucket-is-private .finding", state="visible")


def test_a_link_to_a_resource_opens_all_around_it(opened: Open) -> None:
    page = opened("#resource-rds.instance-ledger")

    assert page.is_visible("text=storageEncrypted: false")


@pytest.mark.parametrize("scripts", [True, False])
def test_on_paper_everything_is_open_and_nothing_is_to_be_clicked(
    opened: Open, scripts: bool
) -> None:
    page = opened(java_script_enabled=scripts)
    page.emulate_media(media="print")

    for text in ("Fix of s3-owner-is-named.", "storageEncrypted: false", "ec2-holds"):
        box = page.get_by_text(text).first.bounding_box()
        assert box is not None
        assert box["height"] > 0
    for selector in ("#ui-filter", ".contents", "#ui-theme", ".copy"):
        assert visible(page, selector) == 0
    assert page.pdf().startswith(b"%PDF")


def test_without_scripts_everything_can_be_read_and_nothing_dead_is_shown(opened: Open) -> None:
    page = opened(java_script_enabled=False)

    assert visible(page, ".group") == page.locator(".group").count()
    assert visible(page, ".scripted") == 0
    page.click("#s3-owner-is-named summary")
    assert page.is_visible("text=no owner is named")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_width_needs_scrolling_sideways(opened: Open, full: Report, width: int) -> None:
    named = replace(full.environment, project="a" * 200)
    page = opened(report=replace(full, environment=named), viewport={"width": width, "height": 800})
    page.click("#ui-open")

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_path_is_drawn_inside_of_its_picture(opened: Open) -> None:
    page = opened()
    page.click("#ui-open")

    outside = page.evaluate(
        """() => [...document.querySelectorAll('svg.path text, .picture svg text')].filter(text => {
            const whole = text.ownerSVGElement.getBoundingClientRect();
            const own = text.getBoundingClientRect();
            return own.right > whole.right || own.left < whole.left || own.bottom > whole.bottom;
        }).map(text => text.textContent)"""
    )
    assert outside == []


@pytest.mark.parametrize(
    ("scheme", "rules"),
    [
        ("light", ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]),
        ("dark", ["color-contrast"]),
    ],
)
def test_axe_finds_no_barrier(opened: Open, scheme: str, rules: list[str]) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    page = opened(color_scheme=scheme)
    page.evaluate("for (const item of document.querySelectorAll('details')) item.open = true")

    found = axe.Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})

    barriers = {
        item["id"]: [node["html"] for node in item["nodes"]][:3]
        for item in found.response["violations"]
    }
    assert barriers == {}

"""Lines and paragraphs: what is printed is exactly what was said, and steers nothing."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from fintech_infra.report.page import Page

Consoles = Callable[..., Console]


def _printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("[red]no[/red] [link=x]", "[red]no[/red] [link=x]"),
        (":smile: 10.0.0.0/8", ":smile: 10.0.0.0/8"),
        ("\x1b[31mred\x07\r\x9b", "\\x1b[31mred\\x07\\x0d\\x9b"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("one\r\ntwo\tthree", "one two  three"),
        ("lone \ud800", "lone \\ud800"),
        ("trailing  ", "trailing"),
    ],
)
def test_text_is_taken_literally(console: Consoles, text: str, printed: str) -> None:
    target = console()
    page = Page(target)
    page.line(text)
    page.finish()
    assert _printed(target) == printed + "\n"


def test_a_line_is_never_cut_or_folded(console: Consoles) -> None:
    target = console(width=40)
    page = Page(target)
    page.line("x" * 300)
    page.finish()
    assert _printed(target) == "x" * 300 + "\n"


def test_a_paragraph_hangs_from_its_lead_and_keeps_long_words_whole(console: Consoles) -> None:
    target = console(width=46)
    page = Page(target)
    urn = "urn:pulumi:prod::payments::aws:s3/bucket:Bucket::uploads"
    page.prose(f"the well-known bucket {urn} is open to the whole world", lead=("why  ",))
    page.finish()
    assert _printed(target).splitlines() == [
        "why  the well-known bucket",
        f"     {urn}",
        "     is open to the whole world",
    ]


def test_a_bar_goes_on_below_its_lead(console: Consoles) -> None:
    target = console(width=44)
    page = Page(target)
    page.prose("one two three four five six seven eight nine", lead=(("  │ ", "red"),))
    page.finish()
    assert _printed(target).splitlines() == [
        "  │ one two three four five six seven eight",
        "  │ nine",
    ]


def test_lines_of_a_paragraph_stay_lines(console: Consoles) -> None:
    target = console()
    page = Page(target)
    page.prose("one\n\ntwo", lead=("- ",))
    page.finish()
    assert _printed(target) == "- one\n\n  two\n"


def test_facts_are_one_line_where_nobody_reads_along(console: Consoles) -> None:
    target = console(width=40)
    page = Page(target)
    page.facts([["a" * 20], ["b" * 20], ["c" * 20]])
    page.finish()
    assert _printed(target) == f"{'a' * 20} · {'b' * 20} · {'c' * 20}\n"


def test_facts_fold_between_each_other_on_a_terminal(console: Consoles) -> None:
    target = console(width=44, force_terminal=True)
    page = Page(target)
    page.facts([["a" * 20], ["b" * 20], ["c" * 20]])
    page.finish()
    assert _printed(target) == f"{'a' * 20} · {'b' * 20}\n  {'c' * 20}\n"


def test_without_unicode_there_are_other_signs_and_no_crash() -> None:
    raw = io.BytesIO()
    target = Console(file=io.TextIOWrapper(raw, encoding="ascii"), width=60, color_system=None)
    page = Page(target)
    page.line(page.glyphs.branch, page.glyphs.bar, page.glyphs.dot, "Zürich")
    page.finish()
    target.file.flush()
    assert raw.getvalue() == b"|- |, Z\\xfcrich\n"


def test_colours_are_for_terminals_only() -> None:
    plain = Console(file=io.StringIO())
    coloured = Console(file=io.StringIO(), force_terminal=True, color_system="standard")
    for target in (plain, coloured):
        page = Page(target)
        page.line(("red", "bold red"))
        page.finish()
    assert (_printed(plain), _printed(coloured)) == ("red\n", "\x1b[1;31mred\x1b[0m\n")


def test_prose_stays_readable_on_a_very_wide_terminal(console: Consoles) -> None:
    target = console(width=300)
    page = Page(target)
    page.prose("word " * 60)
    page.finish()
    assert max(len(line) for line in _printed(target).splitlines()) == 109


def test_a_dot_between_items_ends_a_line_and_begins_none(console: Consoles) -> None:
    target = console(width=46)
    page = Page(target)
    page.prose("PCI DSS 1.2.5, 1.3.1, 1.4.2, 1.4.4 · SOC 2 CC6.6", lead=("for  ",))
    page.prose("PCI DSS 1.2.5, 1.3.1, 1.4.2, 1.4.4, 7.1 · SOC 2", lead=("for  ",))
    page.finish()
    assert _printed(target).splitlines() == [
        "for  PCI DSS 1.2.5, 1.3.1, 1.4.2, 1.4.4 · SOC",
        "     2 CC6.6",
        "for  PCI DSS 1.2.5, 1.3.1, 1.4.2, 1.4.4, 7.1 ·",
        "     SOC 2",
    ]

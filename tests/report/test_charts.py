"""Charts: what is in the SVG, that a strict page takes it in, and that it is always the same.

How it looks is not proven here; `test_operations_page.py` opens it in a browser.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import matplotlib as library
import pytest

from fintech_infra.report.charts import Band, Line, Mark, MissingChartsError, chart
from fintech_infra.report.charts.svg import INK, SERIES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def times(number: int, apart: timedelta = timedelta(minutes=1)) -> list[datetime]:
    return [START + apart * at for at in range(number)]


def line(values: Sequence[float], name: str = "old", **more: Any) -> Line:
    return Line(name, times(len(values)), values, **more)


def drawn(*lines: Line, **more: Any) -> Element:
    given: dict[str, Any] = {"title": "latency", "unit": "ms"} | more
    return fromstring(chart(lines, **given))


def strokes(svg: Element, colour: str) -> list[str]:
    """The paths drawn in a colour within the plot, those of the legend left out."""
    return [
        it.get("d", "")
        for it in svg.iter(f"{SVG}path")
        if colour in it.get("stroke", "") and it.get("clip-path")
    ]


def texts(svg: Element) -> list[str]:
    return [it.text or "" for it in svg.iter(f"{SVG}text")]


def test_the_same_arguments_give_the_same_text_whatever_the_machine_is_set_to() -> None:
    given = [line([1, 2, 3])]
    first = chart(given, title="latency", unit="ms")
    with library.rc_context(
        {"lines.linewidth": 9, "svg.fonttype": "path", "timezone": "Asia/Tokyo"}
    ):
        assert chart(given, title="latency", unit="ms") == first


def test_a_page_with_a_strict_policy_takes_it_in() -> None:
    svg = drawn(line([1, nan, 3, 4]), bands=[Band("b", times(3), [0, 0, 0], [1, 2, 1])])
    assert {it.tag for it in svg.iter()} <= {
        f"{SVG}{name}"
        for name in ("svg", "title", "desc", "g", "path", "text", "defs", "clipPath", "rect", "use")
    }
    for it in svg.iter():
        assert not {"style", "onload"} & set(it.attrib)
        assert it.get("href", "#").startswith("#")


def test_ids_are_of_one_chart_alone_and_all_are_referred_to() -> None:
    same: dict[str, Any] = {"title": "latency", "unit": "ms"}
    charts = [chart([line([1, 2])], **same), chart([line([1, 2])], key="again", **same),
              chart([line([1, 3])], **same)]  # fmt: skip
    found = [set(re.findall(r' id="([^"]+)"', it)) for it in charts]
    assert len(set.union(*found)) == sum(map(len, found))
    for ids, text in zip(found, charts, strict=True):
        named = re.findall(r"#([\w-]+)", re.sub(r"var\([^)]*\)", "", text))
        spoken = fromstring(text).get("aria-labelledby", "").split()
        assert {*named, *spoken} == ids


def test_names_are_escaped_and_taken_literally() -> None:
    svg = drawn(line([1, 2], "_a <b>$x$"), title="</svg><script>", marks=[Mark("<i>", value=1.5)])
    assert {"</svg><script>, ms", "_a <b>$x$", "<i>"} <= set(texts(svg))
    assert "x\\x07y" in texts(drawn(line([1], "x\x07y")))


def test_a_gap_stays_a_gap_and_a_value_alone_is_a_point() -> None:
    whole, broken = drawn(line([1, 2, 3, 4, 5])), drawn(line([1, 2, nan, 4, 5]))
    assert [path.count("M") for path in strokes(whole, SERIES[0])] == [1]
    assert [path.count("M") for path in strokes(broken, SERIES[0])] == [2]
    for value in (nan, inf, -1e308):
        alone = drawn(line([nan, 2, value, 4, 5]))
        points = [it for it in alone.iter(f"{SVG}use") if SERIES[0] in it.get("fill", "")]
        assert len(points) == 1


def test_gaps_at_the_ends_belong_to_the_time_that_is_shown() -> None:
    hour = [nan] * 30 + [1.0] * 30 + [nan] * 30
    assert {"09:00", "10:30"} <= set(texts(drawn(line(hour), line([2.0] * 91))))
    shown = set(texts(drawn(line([*hour, nan]))))
    assert {"09:00", "10:30"} <= shown


def test_samples_further_apart_than_the_gap_are_not_joined() -> None:
    moments = [*times(3), *(it + timedelta(hours=1) for it in times(3))]
    joined = Line("old", moments, [1, 2, 3] * 2)
    parted = Line("old", moments, [1, 2, 3] * 2, gap=timedelta(minutes=2))
    assert [path.count("M") for path in strokes(drawn(joined), SERIES[0])] == [1]
    assert [path.count("M") for path in strokes(drawn(parted), SERIES[0])] == [2]


def test_times_are_drawn_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    moved = Line("old", [it.astimezone(tokyo) for it in times(3)], [1, 2, 3])
    assert chart([moved], title="t", unit="") == chart([line([1, 2, 3])], title="t", unit="")
    assert "UTC, 2026-03-02" in texts(drawn(moved))
    long = Line("old", times(3, timedelta(days=2)), [1, 2, 3])
    assert "UTC, 2026-03-02 to 2026-03-06" in texts(drawn(long))


def test_a_screen_reader_is_told_the_figures() -> None:
    svg = drawn(
        line([1, nan, 3]),
        Line("empty", [], []),
        bands=[Band("expected", times(1), [0], [1])],
        marks=[Mark("deployment", time=START), Mark("objective", value=250)],
    )
    assert svg.get("role") == "img"
    assert svg[0].text == "latency"
    assert svg[1].text == (
        "old: 2 samples from 2026-03-02 09:00 UTC to 2026-03-02 09:02 UTC, lowest 1 ms, "
        "highest 3 ms, last 3 ms. empty: no samples. Band: expected. "
        "deployment: 2026-03-02 09:00 UTC. objective: 250 ms."
    )
    assert drawn(description="Said.")[1].text == "Said."
    assert "no samples" in texts(drawn())


def test_a_dashed_line_is_dashed_and_seven_lines_are_told_apart() -> None:
    names = [f"m{at}" for at in range(7)]
    svg = drawn(*(line([at, at + 1], name) for at, name in enumerate(names)))
    assert set(names) <= set(texts(svg))
    dashes = [
        it.get("stroke-dasharray", "none")
        for it in svg.iter(f"{SVG}path")
        if SERIES[0] in it.get("stroke", "") and it.get("clip-path")
    ]
    assert len(set(dashes)) == 2
    assert "stroke-dasharray" in chart([line([1, 2], dashed=True)], title="t", unit="")


def test_long_names_are_shortened_and_stay_within_the_chart() -> None:
    svg = drawn(*(line([1, 2], f"line number {at} " * 5) for at in range(9)), title="t" * 500)
    width, height = map(float, svg.get("viewBox", "").split()[2:])
    names = [it for it in svg.iter(f"{SVG}text") if "line number" in (it.text or "")]
    assert len(names) == 9
    places = {(float(it.get("x", "-1")), float(it.get("y", "-1"))) for it in names}
    assert len(places) == 9
    for it in names:
        assert 0 < float(it.get("x", "-1")) < width - 6 * len(it.text or "")
        assert 0 < float(it.get("y", "-1")) < height


def test_the_scale_begins_at_zero_where_asked() -> None:
    assert "0" not in texts(drawn(line([100, 101])))
    assert "0" in texts(drawn(line([100, 101]), from_zero=True))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Line("a", times(2), [1.0]), "'a' has 2 times and 1 values"),
        (lambda: Band("a", times(1), [1.0], []), "'a' has 1 times and 0 values"),
        (lambda: Line("a", [datetime(2026, 3, 2)], [1.0]), "'a' has a time without its offset"),  # noqa: DTZ001
        (lambda: Mark("a"), "'a' needs either a time or a value"),
        (lambda: Mark("a", START, 1.0), "'a' needs either a time or a value"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


def test_the_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingChartsError, match=r"pip install 'fintech_infra\[canary\]'"):
        chart([], title="t", unit="")


def test_every_line_stands_out_from_the_page_in_both_themes() -> None:
    """3:1, as WCAG 2.2 asks of graphics: https://www.w3.org/WAI/WCAG22/Understanding/."""
    from fintech_infra.report import operations_page
    from fintech_infra.report.html_format.rendering import own_file

    style = own_file(operations_page.__name__, "style.css")
    light, dark, paper = ([value for _, value in re.findall(r"(--series-\d): (#\w{6})", part)]
                          for part in re.findall(r":root \{([^}]*)\}", style))  # fmt: skip
    assert tuple(light) == tuple(paper) == SERIES
    assert all(_contrast(it, "#ffffff") >= 3 for it in (*light, INK["edge"]))
    assert all(_contrast(it, "#181d27") >= 3 for it in dark)


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

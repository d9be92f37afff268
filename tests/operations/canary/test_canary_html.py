"""The HTML report of a canary, and the courses that it draws. How it looks is not proven here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import inf, isnan, nan
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

from fintech_infra.operations.canary import NanStrategy, judge
from fintech_infra.operations.canary.courses import course, moved
from fintech_infra.operations.canary.html_report import html_report
from fintech_infra.operations.metrics import Sample
from tests.operations.canary.samples import BAD, GOOD, START, config, series

DAY = timedelta(days=1)
SVG = "{http://www.w3.org/2000/svg}"


def page(ours: Any, control: Any, experiment: Any, *, past: bool = False, **more: Any) -> Element:
    found = judge(ours, control, experiment, **more)
    text = html_report(found, ours, control, experiment, title="payments <b>", past=past)
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def said(element: Element | None) -> str:
    assert element is not None
    return " ".join(" ".join(element.itertext()).split())


def folds(found: Element) -> dict[str, Element]:
    return {said(it.find("./summary/h3")): it for it in found.iter("details")}


def test_verdict_score_and_every_figure_are_on_the_page() -> None:
    ours = config("latency", "quiet", critical=True)
    found = page(ours, series(latency=GOOD, quiet=GOOD, odd=GOOD), series(latency=BAD, quiet=GOOD))
    assert "Canary payments <b>" in said(found.find(".//h1"))
    assert "roll back score 0 (pass 95, marginal 75), critical: latency" in said(found)
    rows = [[said(it) for it in row] for row in found.findall(".//section[@id='metrics']//tr")]
    assert rows[1] == [
        "latency", "High critical", "higher than the baseline beyond chance", "either", "40",
        "36 to 44", rows[1][6], "1.348", "meanRatio 1.348", "60", "60", "all",
    ]  # fmt: skip
    assert rows[2][:3] == ["quiet", "Pass", "canary and baseline have the same values"]
    assert "not judged: odd" in said(found)
    assert len(found.findall(f".//{SVG}svg[@class='plot']")) == 2


def test_each_metric_has_a_chart_and_the_distribution_of_both_versions() -> None:
    found = folds(page(config("latency"), series(latency=GOOD), series(latency=BAD)))["latency"]
    assert {"old", "new", "latency"} <= {said(it) for it in found.iter(f"{SVG}text")}
    rows = [[said(it) for it in row] for row in found.findall(".//tr")]
    assert rows[0][:3] == ["Version", "Samples", "Lowest"]
    assert [row[:3] for row in rows[1:]] == [["old", "60", "100"], ["new", "60", "140"]]


def test_of_many_metrics_those_that_did_not_pass_come_first_and_are_open() -> None:
    names = [f"m{at}" for at in range(6)]
    ours = config(*names)
    ours = replace(ours, metrics=tuple(replace(it, muted=it.name == "m3") for it in ours.metrics))
    good = series(**dict.fromkeys(names, GOOD))
    found = page(ours, good, {**good, **series(m3=BAD, m4=BAD)}, unread={"m5": "denied <b>"})
    ordered = folds(found)
    assert list(ordered)[:2] == ["m4", "m5"]
    assert [name for name, it in ordered.items() if "open" in it.attrib] == ["m4", "m5"]
    assert "not read: denied <b>" in said(ordered["m5"].find("./summary"))
    assert "High muted" in said(ordered["m3"].find("./summary"))


def test_no_data_and_infinite_values_are_shown_as_what_they_are() -> None:
    ours = config("none", "odd", "one")
    odd = series(odd=[*GOOD, inf], one=[1.0])
    found = folds(page(ours, odd, series(odd=GOOD, one=[2.0])))
    assert "Nodata" in said(found["none"].find("./summary"))
    assert "There are no samples to draw." in said(found["none"])
    assert "Error" in said(found["odd"].find("./summary"))
    assert "1 1 1 1 1 1 1 1" in said(found["one"].find(".//tbody"))


def test_missing_samples_are_drawn_as_zero_where_they_are_judged_so() -> None:
    gaps = series(errors=[nan, *GOOD[1:]])
    for strategy, lowest in ((NanStrategy.REMOVE, min(GOOD[1:])), (NanStrategy.REPLACE, 0)):
        found = page(config("errors", nan=strategy), gaps, series(errors=GOOD))
        assert f"lowest {lowest:g}, " in said(found.find(f".//{SVG}desc"))


def test_the_past_is_drawn_as_a_band_at_the_times_of_the_new_version() -> None:
    past = {"m": [Sample(START - DAY * back + timedelta(minutes=at), value + back)
                  for back in (1, 2, 3) for at, value in enumerate(GOOD)]}  # fmt: skip
    found = folds(page(config("m"), past, series(m=GOOD), past=True))["m"]
    assert "old: median, lowest, highest: 60 samples" in said(found.find(f".//{SVG}desc"))
    assert "at the same times of earlier days" in said(found)


def test_samples_of_earlier_days_are_moved_to_all_days_of_the_new_version() -> None:
    new = [Sample(START + timedelta(hours=at), 1.0) for at in range(30)]
    old = [Sample(START - DAY * 2 + timedelta(hours=1), 5.0)]
    assert [it.time for it in moved(old, new)] == [
        START + timedelta(hours=1), START + timedelta(hours=25),
    ]  # fmt: skip
    assert moved(old, []) == old


def test_one_value_at_a_moment_is_a_line_and_several_are_a_band() -> None:
    alone = course(series(m=[1, nan, 3])["m"])
    assert (alone.lower, alone.gap) == ((), timedelta(minutes=2.5))
    assert isnan(alone.middle[1])
    several = course([Sample(START, value) for value in (9.0, 1.0, 2.0)])
    assert (several.lower, several.middle, several.upper) == ((1.0,), (2.0,), (9.0,))
    assert several.gap is None


def test_more_moments_than_a_chart_has_room_for_are_drawn_together() -> None:
    many = course(series(m=[float(at % 10) for at in range(1000)])["m"], most=100)
    assert len(many.times) == 100
    assert (min(many.lower), max(many.upper)) == (0.0, 9.0)

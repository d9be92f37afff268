"""What holds for every history."""

from __future__ import annotations

import math
from datetime import date, timedelta
from math import inf, nan

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.forecast import CannotSay, forecast
from fintech_infra.operations.forecast.occasions import MONTH_END, QUARTER_END, occasions
from fintech_infra.operations.metrics import Sample
from tests.operations.forecast.loads import NOW, samples

ODD = st.sampled_from([nan, inf, -inf, 0.0, 5e-324, 1e300, -1.0])
VALUES = st.lists(st.floats(0, 1e9) | st.floats(0, 1e-9) | st.just(0.0), min_size=1, max_size=20)


@given(VALUES, st.sampled_from([30, 36]), st.data())
@settings(max_examples=3, deadline=None)
def test_there_is_a_forecast_or_a_reason(row: list[float], days: int, data: st.DataObject) -> None:
    history = samples(lambda it: row[(it.day * 4 + it.hour // 6) % len(row)], days, 6 * _HOUR)
    place = data.draw(st.integers(0, len(history) - 1))
    history[place] = Sample(history[place].time, data.draw(ODD))
    found = forecast(history, horizon=timedelta(days=3), now=NOW)
    if isinstance(found, CannotSay):
        assert found.reasons
        assert all(found.reasons)
        return
    for low, middle, high in zip(found.lower, found.median, found.upper, strict=True):
        assert 0 <= low <= middle <= high < inf
    assert list(found.peaks) == sorted(found.peaks)
    assert max(found.median) <= found.peak(0.999)
    assert 0 <= found.backtest.coverage <= 1
    assert math.isfinite(found.growth)


_HOUR = timedelta(hours=1)


@given(st.lists(st.tuples(st.datetimes(), st.floats() | ODD), max_size=12))
@settings(max_examples=12, deadline=None)
def test_a_few_samples_are_too_few(rows: list[tuple[object, float]]) -> None:
    history = [Sample(NOW - timedelta(hours=it), value) for it, (_, value) in enumerate(rows)]
    assert isinstance(forecast(history, horizon=timedelta(days=3), now=NOW), CannotSay)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sets(st.integers(0, 99), max_size=9))
@settings(max_examples=12, deadline=None)
def test_a_month_has_one_end(first: date, closed: set[int]) -> None:
    days = tuple(first + timedelta(days=it) for it in range(100))
    marked = occasions(days, [days[it] for it in closed], {"sale": days[3:5]})
    assert all(len(it) == 100 for it in marked.values())
    ends = [day for day, is_end in zip(days, marked[MONTH_END], strict=True) if is_end]
    assert len({(it.year, it.month) for it in ends}) == len(ends)
    assert not (marked[QUARTER_END] & ~marked[MONTH_END]).any()
    assert np.flatnonzero(marked["sale"]).tolist() == [3, 4]

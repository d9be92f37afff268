"""Forecasts of load, and what is missing for one."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from math import nan
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from fintech_infra.operations.forecast import CannotSay, Forecast, MissingLibraryError, forecast
from fintech_infra.operations.forecast import futures as futures_of
from fintech_infra.operations.forecast.backtest import backtest
from fintech_infra.operations.forecast.futures import Calendar
from fintech_infra.operations.forecast.table import Table, Values
from fintech_infra.operations.metrics import Sample
from tests.operations.forecast.loads import NOW, STEP, payments, samples, without

WEEK = timedelta(days=7)
USUAL = samples(payments())


def forecast_of(history: list[Sample], horizon: timedelta = WEEK, now: datetime = NOW) -> Forecast:
    found = forecast(history, horizon=horizon, now=now)
    assert isinstance(found, Forecast), found
    return found


@pytest.fixture(scope="session")
def usual() -> Forecast:
    return forecast_of(USUAL, timedelta(days=14))


def test_every_step_of_the_horizon_is_forecast(usual: Forecast) -> None:
    assert usual.step == STEP
    assert usual.times[0] == datetime(2026, 10, 20, tzinfo=UTC)
    assert usual.times[-1] == datetime(2026, 11, 2, 21, tzinfo=UTC)
    assert len(usual.times) == len(usual.median) == len(usual.lower) == len(usual.upper) == 14 * 8
    assert all(0 <= low <= mid <= high for low, mid, high in zip(
        usual.lower, usual.median, usual.upper, strict=True
    ))  # fmt: skip


def test_the_seasons_are_found(usual: Forecast) -> None:
    strengths = {it.name: it.strength for it in usual.seasons}
    assert strengths["day"] > 0.8
    assert strengths["week"] > 0.8
    assert strengths["last business day of the month"] > 0.8
    assert "the 15th, or the business day before" not in strengths


def test_a_month_end_to_come_is_a_peak(usual: Forecast) -> None:
    by_day = {time.date(): value for time, value in zip(usual.times, usual.median, strict=True)
              if time.hour == 12}  # fmt: skip
    # Both ends in the history were the last day as well, and one of them closed a quarter: what
    # the load goes by cannot be told, so the median is between, and the peak is there in full.
    assert by_day[date(2026, 10, 30)] > 1.2 * by_day[date(2026, 10, 23)]
    assert usual.peak(0.99) > 2 * by_day[date(2026, 10, 23)]


def test_the_intervals_hold_what_comes() -> None:
    truth = samples(payments(seed=1), days=14, now=NOW + timedelta(days=14))
    found = forecast_of(samples(payments(seed=2)), timedelta(days=14))
    pairs = zip(truth, found.lower, found.upper, strict=True)
    inside = [low <= it.value <= high for it, low, high in pairs if it.time.month == 10]
    assert sum(inside) / len(inside) > 0.9
    assert found.backtest.coverage > 0.85
    assert all(found.backtest.error < error for _, error in found.backtest.naive)


def test_samples_after_now_change_nothing(usual: Forecast) -> None:
    later = [Sample(NOW + it * STEP, 1e6) for it in range(90)]
    assert forecast_of([*later, *USUAL], timedelta(days=14)) == usual


def test_the_order_of_samples_does_not_matter(usual: Forecast) -> None:
    mixed = USUAL.copy()
    random.Random(3).shuffle(mixed)
    assert forecast_of(mixed, timedelta(days=14)) == usual


def test_a_backtest_is_told_nothing_of_what_comes_after(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Table] = []
    real = futures_of.fit

    def recorded(table: Table, calendar: Calendar) -> futures_of.Fitted:
        given.append(table)
        return real(table, calendar)

    monkeypatch.setattr(futures_of, "fit", recorded)
    table = _table(np.exp(np.random.default_rng(0).normal(size=(42, 4))))
    tried, _ = backtest(table, Calendar(frozenset(), {}), WEEK, 0.95, 0)
    ends = [it.start(len(it.days)) for it in given]
    assert tuple(ends) == tried.origins
    assert [len(it.values) for it in given] == [21, 28, 35]


def test_a_forecast_at_an_origin_is_the_same_whatever_comes_after() -> None:
    values = np.exp(np.random.default_rng(0).normal(size=(35, 4)))
    changed = values.copy()
    changed[28:] *= 50
    first, second = (
        futures_of.fit(_table(it).until(28), Calendar(frozenset(), {})) for it in (values, changed)
    )
    days = _table(values).days[28:]
    drawn = [
        np.array(list(futures_of.simulate(it, days, np.random.default_rng(1), 20)))
        for it in (first, second)
    ]
    assert np.array_equal(drawn[0], drawn[1])


def _table(values: Values) -> Table:
    days = tuple(date(2026, 8, 3) + timedelta(days=it) for it in range(len(values)))
    return Table(values, days, 86_400 // values.shape[1], UTC)


def test_the_unit_does_not_matter(usual: Forecast) -> None:
    found = forecast_of([Sample(it.time, it.value * 1024) for it in USUAL], timedelta(days=14))
    assert found.median == pytest.approx([1024 * it for it in usual.median], rel=0.05)
    assert found.peak(0.9) == pytest.approx(1024 * usual.peak(0.9), rel=0.05)


def test_one_wild_sample_moves_the_median_little(usual: Forecast) -> None:
    wild = USUAL.copy()
    wild[200] = Sample(wild[200].time, 1e5)
    found = forecast_of(wild, timedelta(days=14))
    assert found.median == pytest.approx(usual.median, rel=0.05)
    assert found.peak(0.99) > usual.peak(0.99)


def test_a_small_gap_is_bridged() -> None:
    found = forecast_of(without(USUAL, NOW - timedelta(days=9), timedelta(hours=20)))
    assert found.notes == ("1.4% of the samples are missing",)


def test_days_and_weeks_are_those_of_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    local = samples(lambda it: 1.0 + it.astimezone(berlin).hour, step=timedelta(hours=1))
    found = forecast(local, horizon=WEEK, now=NOW, zone=berlin)
    assert isinstance(found, Forecast)
    # Clocks go back on 25 October: the same time of day comes an hour later in UTC.
    highest = {
        time.hour
        for time, value in zip(found.times, found.median, strict=True)
        if value > 23.5
    }  # fmt: skip
    assert highest == {21, 22}


def test_a_growing_load_is_told_to_grow() -> None:
    found = forecast_of(samples(lambda it: payments(0, 0.0)(it) * 1.003 ** (it - NOW).days))
    assert found.growth == pytest.approx(1.003**30, rel=0.03)


def test_days_of_your_own_are_occasions() -> None:
    sales = [date(2026, 9, 10), date(2026, 10, 8), date(2026, 10, 22)]
    history = samples(lambda it: (3 if it.date() in sales else 1) * payments(4)(it))
    found = forecast(history, horizon=WEEK, now=NOW, occasions={"sale": sales})
    assert isinstance(found, Forecast)
    assert ("sale", 2) in {(it.name, it.times) for it in found.seasons}
    noon = [value for time, value in zip(found.times, found.median, strict=True) if time.hour == 12]
    assert noon[2] > 2 * noon[1]


def test_daily_samples_do() -> None:
    found = forecast_of(samples(payments(), days=30, step=timedelta(days=1)))
    assert len(found.times) == 7


START = NOW - timedelta(days=12)
DOUBLED = [Sample(it.time, it.value * (2 if it.time >= START else 1)) for it in USUAL]
MISSING = {
    "no sample before 2026-10-20 00:00 UTC has a value": [],
    "one sample; 28 days of history are needed for a weekly season": USUAL[-9:-8],
    "18 whole days of history; 28 are needed for a weekly season": USUAL[-144:],
    "the last sample is of 2026-10-14 21:00 UTC, 5 days before now": USUAL[:-40],
    "a gap of 33 hours from 2026-10-08 00:00 UTC: only 10 whole days since; 28 are needed for a "
    "weekly season": without(USUAL, START, timedelta(hours=33)),
    "the level changed on 2026-10-08 by a factor of 2 (regime change): only 12 whole days since; "
    "28 are needed for a weekly season": DOUBLED,
    "a value of -50 at 2026-10-19 21:00 UTC; a load is 0 to 1e+100": [
        *USUAL[:-1],
        Sample(USUAL[-1].time, -50.0),
    ],
    "samples are 420 seconds apart; a minute or more that divides a day is needed, such as 300 or "
    "3600": samples(payments(), step=timedelta(minutes=7)),
    "12% of the samples are missing; up to 10% may be": [
        Sample(it.time, nan if it.time.hour == 9 else it.value) for it in USUAL
    ],
}


@pytest.mark.parametrize("reason", MISSING)
def test_what_is_missing_is_said(reason: str) -> None:
    found = forecast(MISSING[reason], horizon=WEEK, now=NOW)
    assert isinstance(found, CannotSay)
    assert found.reasons == (reason,)


def test_a_horizon_needs_a_history_as_long() -> None:
    found = forecast(USUAL, horizon=timedelta(days=90), now=NOW)
    assert found == CannotSay(("a horizon of 90 days needs a history as long; 61 days are of use",))


def test_an_occasion_that_was_never_seen_is_not_foreseen() -> None:
    now = datetime(2026, 9, 28, tzinfo=UTC)
    history = samples(payments(), days=27 + 28, now=now)
    found = forecast(history, horizon=WEEK, now=now)
    assert isinstance(found, CannotSay)
    (reason,) = found.reasons
    assert reason.startswith("no quarter end in the history, and one to come on 2026-09-30: ")


def test_what_comes_before_a_change_is_left_out_when_enough_comes_after() -> None:
    start = NOW - timedelta(days=40)
    changed = [Sample(it.time, it.value * (3 if it.time >= start else 1)) for it in USUAL]
    found = forecast_of(changed)
    assert found.since == datetime(2026, 9, 10, tzinfo=UTC)
    assert "regime change" in found.notes[0]


def test_arguments_out_of_range_are_refused(usual: Forecast) -> None:
    with pytest.raises(ValueError, match="no offset"):
        forecast(USUAL, horizon=WEEK, now=datetime(2026, 10, 20))  # noqa: DTZ001
    with pytest.raises(ValueError, match="horizon is 0:00:00"):
        forecast(USUAL, horizon=timedelta(0), now=NOW)
    with pytest.raises(ValueError, match="level is 95"):
        forecast(USUAL, horizon=WEEK, now=NOW, level=95)
    for probability in (0, 1, 0.99999):
        with pytest.raises(ValueError, match="2000 simulated futures"):
            usual.peak(probability)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [it for it in sys.modules if it.startswith("fintech_infra.operations.forecast.")]:
        if not name.endswith((".model", ".predict")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ruptures", None)
    with pytest.raises(MissingLibraryError, match=r"ruptures .* 'fintech_infra\[rightsize\]'"):
        forecast(USUAL, horizon=WEEK, now=NOW)


def test_the_interface_loads_no_heavy_library() -> None:
    told = "import sys, fintech_infra.operations.forecast; print('numpy' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", told], text=True) == "False\n"

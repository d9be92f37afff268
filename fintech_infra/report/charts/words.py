"""What a chart shows, in words, for those who do not see it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from fintech_infra.report.charts.model import Band, Line, Mark

_LARGE: Final = 1e7


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters; what is too much is left out of its middle.

    >>> shortened("AWS/ApplicationELB TargetResponseTime", 20)
    'AWS/Applic…ponseTime'
    """
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"


def tick(value: float) -> str:
    """A value beside the scale; large ones have no room for all their digits.

    >>> tick(1_500_000.0), tick(0.1 + 0.2), tick(12e9)
    ('1,500,000', '0.3', '1.2e+10')
    """
    return f"{value:,.10g}" if abs(value) < _LARGE else f"{value:.4g}"


def described(
    lines: Sequence[Line], bands: Sequence[Band], marks: Sequence[Mark], unit: str
) -> str:
    """Lines, bands and marks with their figures."""
    said = [*_lines(lines, unit), *(f"Band: {it.name}." for it in bands), *_marks(marks, unit)]
    return " ".join(said) or "Nothing is drawn."


def _lines(lines: Sequence[Line], unit: str) -> Iterator[str]:
    for line in lines:
        known = [(time, value) for time, value in zip(line.times, line.values, strict=True)
                 if math.isfinite(value)]  # fmt: skip
        if not known:
            yield f"{line.name}: no samples."
            continue
        values = [value for _, value in known]
        yield (
            f"{line.name}: {len(known)} samples from {_moment(known[0][0])} to "
            f"{_moment(known[-1][0])}, lowest {_value(min(values), unit)}, "
            f"highest {_value(max(values), unit)}, last {_value(values[-1], unit)}."
        )


def _marks(marks: Sequence[Mark], unit: str) -> Iterator[str]:
    for mark in marks:
        if mark.time is not None:
            yield f"{mark.label}: {_moment(mark.time)}."
        elif mark.value is not None:
            yield f"{mark.label}: {_value(mark.value, unit)}."


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _value(value: float, unit: str) -> str:
    return f"{value:,.6g} {unit}".rstrip()

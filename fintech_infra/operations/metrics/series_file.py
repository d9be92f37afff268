"""Reads samples of metrics from a file.

CSV has the columns `time`, `metric` and `value` and one sample a line; JSON, in a file whose name
ends in `.json`, is a list of objects with these keys. `time` is a moment in ISO 8601 with its
offset. An empty value, null or NaN is a sample that is missing. Other columns are let be.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from math import nan
from typing import Any, Final

from fintech_infra.engine.errors import Problem
from fintech_infra.operations.metrics.model import Sample
from fintech_infra.operations.moments import read_moment

COLUMNS: Final = ("time", "metric", "value")
_MISSING: Final = ("", "nan", "null")
_TOLD: Final = 20
"""Mistakes that are told of one file; the rest is counted."""


def read_series(text: str, file: str) -> tuple[dict[str, list[Sample]], list[Problem]]:
    """Read samples by metric, and every mistake with its line, or its entry in JSON."""
    try:
        rows = _json(text) if file.endswith(".json") else _csv(text)
    except ValueError as error:
        return {}, [Problem(str(error), file)]
    series: dict[str, list[Sample]] = {}
    problems: list[Problem] = []
    for place, row in rows:
        try:
            metric, sample = _sample(row)
            series.setdefault(metric, []).append(sample)
        except ValueError as error:
            line = 0 if file.endswith(".json") else place
            said = f"[{place}]: {error}" if file.endswith(".json") else str(error)
            problems.append(Problem(said, file, line))
    if len(problems) > _TOLD:
        rest = len(problems) - _TOLD
        problems = [*problems[:_TOLD], Problem(f"and {rest} further mistakes like these", file)]
    return series, problems


def _csv(text: str) -> list[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(
                f"has no column {', '.join(missing)}; the first line is {','.join(COLUMNS)}"
            )
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ValueError(f"is not CSV: {error}") from error


def _json(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from error
    if not isinstance(document, list):
        raise ValueError(  # noqa: TRY004 - a mistake in the file, told as the others are
            f"is not a list of objects with {', '.join(COLUMNS)}"
        )
    return [(place, it if isinstance(it, dict) else {}) for place, it in enumerate(document)]


def _sample(row: Mapping[str, Any]) -> tuple[str, Sample]:
    metric, time, value = row.get("metric"), row.get("time"), row.get("value")
    if not isinstance(metric, str) or not metric:
        raise ValueError(f"metric is {metric!r}, not a name")
    try:
        moment = read_moment(str(time))
    except ValueError as error:
        raise ValueError(f"time {error}") from error
    return metric, Sample(moment, _number(value))


def _number(value: Any) -> float:
    said = value.strip().lower() if isinstance(value, str) else value
    if said is None or said in _MISSING:
        return nan
    try:
        if isinstance(said, str | float | int) and not isinstance(said, bool):
            return float(said)
        raise ValueError(value)  # noqa: TRY301 - joins what float() refuses
    except (ValueError, OverflowError):
        raise ValueError(
            f"value is {value!r}, not a number; leave it empty where it is missing"
        ) from None

"""Reads from a canary config what to ask CloudWatch for each metric.

Kayenta has no metric source for CloudWatch (https://github.com/spinnaker/kayenta/issues/757 asks
for one), so `query.type` `cloudwatch` is this project's own, in the style of Kayenta's: beside it
stand `namespace`, `metricName`, `statistic` and `dimensions`, an object. Values of dimensions may
hold `${scope}` and `${location}`, as in Kayenta's templates; those of the old and of the new
version stand there when the config is used. `serviceType`, which Kayenta's own sources have, may
say `cloudwatch` too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.engine.errors import Problem

TYPE: Final = "cloudwatch"
_KEYS: Final = ("type", "serviceType", "namespace", "metricName", "statistic", "dimensions")
_STATISTIC: Final = re.compile(
    r"SampleCount|Sum|Average|Minimum|Maximum|IQM"
    r"|(p|tm|wm|tc|ts)(100|\d{1,2}(\.\d{1,10})?)"
    r"|(PR|TM|WM|TC|TS)\([\d.]*%?:[\d.]*%?\)"
)
"""CloudWatch refuses a whole call for one wrong statistic, and so every metric that is in it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"""
_STATISTICS: Final = "SampleCount, Sum, Average, Minimum, Maximum, a percentile such as p99"
_EXAMPLE: Final = (
    'write {"type": "cloudwatch", "namespace": "AWS/ApplicationELB", "metricName": '
    '"TargetResponseTime", "statistic": "p99", "dimensions": {"TargetGroup": "${scope}"}}'
)
_HOLE: Final = re.compile(r"\$\{([^}]*)\}")
_HOLES: Final = ("scope", "location")


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """A metric of CloudWatch; values of dimensions may hold `${scope}` and `${location}`."""

    namespace: str
    metric: str
    statistic: str
    dimensions: tuple[tuple[str, str], ...] = ()


def read_queries(text: str, file: str = "") -> tuple[dict[str, MetricQuery], list[Problem]]:
    """Read the query of every metric by its name, and every mistake; the config must be sound."""
    queries: dict[str, MetricQuery] = {}
    problems: list[Problem] = []
    for place, metric in enumerate(json.loads(text)["metrics"]):
        given: Any = metric.get("query")
        wrong = list(_mistakes(given, f"metrics[{place}].query"))
        problems += [Problem(message, file, hint=hint) for message, hint in wrong]
        if not wrong:
            queries[metric["name"]] = MetricQuery(
                given["namespace"],
                given["metricName"],
                given["statistic"],
                tuple(sorted(given.get("dimensions", {}).items())),
            )
    return queries, problems


def filled(query: MetricQuery, scope: str, location: str) -> tuple[tuple[str, str], ...]:
    """The dimensions of a query for one version."""
    values = {"scope": scope, "location": location}
    return tuple(
        (name, _HOLE.sub(lambda found: values[found[1]], value)) for name, value in query.dimensions
    )


def same_for_both(
    queries: Mapping[str, MetricQuery], control: tuple[str, str], experiment: tuple[str, str]
) -> list[str]:
    """Metrics that ask the same of both versions, each given by its scope and location."""
    return [name for name, it in queries.items() if filled(it, *control) == filled(it, *experiment)]


def uses_location(queries: Mapping[str, MetricQuery]) -> bool:
    """Whether a query holds `${location}`."""
    return any("${location}" in value for it in queries.values() for _, value in it.dimensions)


def _mistakes(given: Any, where: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a query, and how to mend it."""
    if not isinstance(given, dict):
        yield f"{where} is {given!r}, not an object", _EXAMPLE
        return
    kinds = (("type", given.get("type")), ("serviceType", given.get("serviceType", TYPE)))
    for name, kind in kinds:
        if kind != TYPE:
            yield f"{where}.{name} is {kind!r}", f"accepted: {TYPE}; or give samples in files"
    for name in sorted(set(given) - set(_KEYS)):
        yield f"{where}.{name} is not known", f"accepted: {', '.join(_KEYS)}"
    for name in ("namespace", "metricName"):
        if not _is_text(given.get(name)):
            yield f"{where}.{name} is {given.get(name)!r}, not a name", "name it as CloudWatch does"
    if not _STATISTIC.fullmatch(str(given.get("statistic"))):
        yield f"{where}.statistic is {given.get('statistic')!r}", f"accepted: {_STATISTICS}"
    yield from _wrong_dimensions(given.get("dimensions", {}), f"{where}.dimensions")


def _is_text(given: Any) -> bool:
    return isinstance(given, str) and bool(given)


def _wrong_dimensions(given: Any, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(given, dict):
        yield f"{where} is {given!r}, not an object", 'write {"TargetGroup": "${scope}"}'
        return
    for name, value in given.items():
        if not _is_text(value):
            yield f"{where}.{name} is {value!r}, not a text", "write the value of the dimension"
            continue
        for hole in _HOLE.findall(value):
            if hole not in _HOLES:
                accepted = ", ".join(f"${{{it}}}" for it in _HOLES)
                yield f"{where}.{name} holds ${{{hole}}}", f"accepted: {accepted}"

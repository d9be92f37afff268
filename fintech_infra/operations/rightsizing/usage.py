"""From metrics to the load in absolute units, by the shape that a load has now.

Names of metrics in files of samples are `MEMBER/METRIC`, such as `ledger-a/CPUUtilization`: the
name of the resource in the program, and that of the metric in CloudWatch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fintech_infra.operations.metrics import Query, Sample, Series
from fintech_infra.operations.rightsizing.model import Kind, Load, Member, Role, Usage
from fintech_infra.operations.rightsizing.prices import PriceTable

PERIOD: Final = 3600
"""Seconds of a sample: CloudWatch keeps those of an hour for 455 days.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""

_MIB: Final = 2.0**20
_UNIT_BYTES: Final = 2 * 2.0**30
"""Memory of an ACU, about.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.how-it-works.html"""

_CPU: Final = "CPUUtilization"
_FREE: Final = "FreeableMemory"
_MEMORY: Final = "MemoryUtilization"
_RUNNING: Final = "RunningTaskCount"
_TASKS: Final = "TaskCount"
_INSIGHTS: Final = "ECS/ContainerInsights"

_METRICS: Final[Mapping[Kind, tuple[tuple[str, str, str], ...]]] = {
    # The worst minute of an hour, not its average: a size has to hold that, too.
    Kind.INSTANCES: (("AWS/RDS", _CPU, "Maximum"), ("AWS/RDS", _FREE, "Minimum")),
    Kind.SERVERLESS: (("AWS/RDS", _CPU, "Maximum"), ("AWS/RDS", _FREE, "Minimum")),
    Kind.SERVICE: (
        ("AWS/ECS", _CPU, "Maximum"),
        ("AWS/ECS", _MEMORY, "Maximum"),
        (_INSIGHTS, _RUNNING, "Maximum"),
    ),
    # Batch has no metrics of its own. TaskCount is that of the ECS cluster under it, once for the
    # cluster, so that a maximum means something; CpuReserved comes once for each task.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
    Kind.BATCH: ((_INSIGHTS, _TASKS, "Maximum"),),
}

Convert = Callable[[Sequence[float]], float]
"""From the values of some metrics at one time to the load."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How one resource of a load is measured; `across` puts its members together."""

    what: str
    unit: str
    capacity: float
    metrics: tuple[str, ...]
    convert: Convert
    across: Callable[[Sequence[float]], float] = max


def queries(load: Load) -> tuple[Query, ...]:
    """What is asked of CloudWatch to size a load, named as in files of samples."""
    return tuple(
        Query(f"{it.name}/{metric}", namespace, metric, statistic, PERIOD, it.dimensions)
        for it in load.members
        for namespace, metric, statistic in _METRICS[load.kind]
    )


def metric_names(load: Load) -> tuple[str, ...]:
    """The names of a load's metrics in files of samples."""
    return tuple(it.name for it in queries(load))


def usage_of(
    load: Load, series: Series, unread: Mapping[str, str], table: PriceTable | None
) -> tuple[Usage, ...]:
    """What a load used of each resource, or why that is not known.

    A member without samples makes the whole undecided: the one that is not seen may be the one
    that works. `unread` says by the name of a metric why it could not be read.
    """
    found: list[Usage] = []
    for way in _ways(load, series, table):
        missing = tuple(_missing(load, way, series, unread))
        samples = () if missing else tuple(_samples(load, way, series))
        found.append(Usage(way.what, way.unit, way.capacity, samples, missing))
    return tuple(found)


def _ways(load: Load, series: Series, table: PriceTable | None) -> Iterator[_Way]:
    match load.kind:
        case Kind.INSTANCES:
            yield from _instance_ways(load, table)
        case Kind.SERVERLESS:
            yield from _serverless_ways(load.number(Role.MOST))
        case Kind.SERVICE:
            yield from _service_ways(load, series)
        case Kind.BATCH:
            most, each = load.number(Role.MOST), load.task_vcpus
            yield _Way("CPU", "vCPUs", most, (_TASKS,), lambda at: at[0] * each, sum)


def _instance_ways(load: Load, table: PriceTable | None) -> Iterator[_Way]:
    size = load.size(Role.CLASS)
    shape = table.shape(str(size.value)) if table and size else None
    vcpus, memory = (shape.vcpus, shape.memory) if shape else (math.nan, math.nan)
    yield _Way("CPU", "vCPUs", vcpus, (_CPU,), lambda at: at[0] / 100 * vcpus)
    yield _Way("memory", "MiB", memory, (_FREE,), lambda at: memory - at[0] / _MIB)


def _serverless_ways(most: float) -> Iterator[_Way]:
    """CPU and free memory are told as parts of the greatest capacity, whatever the current one.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
    """
    yield _Way("CPU", "ACU", most, (_CPU,), lambda at: at[0] / 100 * most)
    yield _Way("memory", "ACU", most, (_FREE,), lambda at: most - at[0] / _UNIT_BYTES)


def _service_ways(load: Load, series: Series) -> Iterator[_Way]:
    each, memory = load.task_vcpus, load.number(Role.TASK_MEMORY)
    most = load.number(Role.MOST) or load.number(Role.LEAST)
    counted = f"{load.members[0].name}/{_RUNNING}" in series
    if counted or load.size(Role.MOST):
        ways = (_CPU, _RUNNING), lambda at: at[0] / 100 * at[1] * each
    else:  # a service that does not scale runs as many tasks as it is told to
        ways = (_CPU,), lambda at: at[0] / 100 * most * each
    metrics, convert = ways
    yield _Way("CPU", "vCPUs", most * each, metrics, convert)
    yield _Way("memory of a task", "MiB", memory, (_MEMORY,), lambda at: at[0] / 100 * memory)


def _missing(load: Load, way: _Way, series: Series, unread: Mapping[str, str]) -> Iterator[str]:
    for member in load.members:
        for metric in way.metrics:
            name = f"{member.name}/{metric}"
            if name in unread:
                yield f"{name}: {unread[name]}"
            elif not any(math.isfinite(it.value) for it in series.get(name, ())):
                hint = f"; {_HINTS[metric]}" if metric in _HINTS else ""
                yield f"{name}: no samples{hint}"


_HINTS: Final = {
    _RUNNING: "Container Insights of the cluster measures it",
    _TASKS: "Container Insights of the compute environment's ECS cluster measures it",
}


def _samples(load: Load, way: _Way, series: Series) -> Iterator[Sample]:
    """The load at every time that any metric has; NaN where one of them is missing."""
    by_member = [_of_member(it, way, series) for it in load.members]
    for time in sorted({it for values in by_member for it in values}):
        values = [it.get(time, math.nan) for it in by_member]
        finite = all(map(math.isfinite, values))
        yield Sample(time, max(0.0, way.across(values)) if finite else math.nan)


def _of_member(member: Member, way: _Way, series: Series) -> dict[datetime, float]:
    columns = [
        {it.time: it.value for it in series[f"{member.name}/{metric}"]} for metric in way.metrics
    ]
    return {
        time: way.convert([it.get(time, math.nan) for it in columns])
        for time in {time for it in columns for time in it}
    }

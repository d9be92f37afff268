"""The gate of a deployment: alarms on what both versions of a service do to their callers.

Which of the two target groups is the new one changes with every deployment, so each alarm takes
the worse of both. An average would dilute a canary: with 5 percent of the traffic, a version that
fails every request adds 5 percent to the errors.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output
from pulumi_aws import cloudwatch, lb

from fintech_infra.components._service.canary import ServiceCanaryArgs
from fintech_infra.components._site import Site


class ServiceGateArgs(TypedDict):
    """When a deployment is rolled back."""

    error_percent: NotRequired[float]
    """Share of requests, in percent, that may fail (HTTP 5xx or no connection): 0.01 to 10.
    Default: 1."""
    p99_milliseconds: NotRequired[int]
    """Time in milliseconds within which 99 of 100 requests are answered: 10 to 60000. Default:
    1000."""
    deviations: NotRequired[float]
    """Width of the band of normal behaviour that CloudWatch learns from the service's past, in
    standard deviations: 2 to 6. Default: 3. Leaving the band upwards rolls back, too."""
    least_requests: NotRequired[int]
    """Requests per minute to a target group below which nothing is concluded from them: 1 to 1000.
    Default: 10. A `canary` gets only its percentage of the traffic."""
    alarm_names: NotRequired[list[Input[str]]]
    """Names of further alarms, on payments made for instance, that roll a deployment back. Default:
    none."""
    canary: NotRequired[ServiceCanaryArgs]
    """Statistical comparison of both versions while the strategy `canary` holds its share.
    Default: the alarms decide alone."""


PERIOD: Final = 60
EVALUATED: Final = 3
BREACHING: Final = 2
MOST_ALARMS: Final = 95
"""Further alarms: DescribeAlarms answers for 100 names at once.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""

_NAMESPACE: Final = "AWS/ApplicationELB"
_DEFAULTS: Final = {
    "error_percent": 1.0,
    "p99_milliseconds": 1000,
    "deviations": 3.0,
    "least_requests": 10,
}
_ACCEPTED: Final = {
    "error_percent": (0.01, 10),
    "p99_milliseconds": (10, 60_000),
    "deviations": (2, 6),
    "least_requests": (1, 1000),
}
_RESULT: Final = "worst"
_BAND: Final = "band"

Dimensions = Mapping[str, Input[str]]


@dataclass(frozen=True, slots=True)
class Gate:
    """The limits of a gate, decided."""

    error_percent: float
    p99_milliseconds: float
    deviations: float
    least_requests: int


@dataclass(frozen=True, slots=True)
class Query:
    """A metric of a load balancer, or an expression over those before it."""

    id: str
    metric: str = ""
    statistic: str = "Sum"
    dimensions: Dimensions | None = None
    expression: str = ""


@dataclass(frozen=True, slots=True)
class GateAlarm:
    """An alarm of the gate; one without a threshold compares with the band that it learns."""

    role: str
    description: str
    queries: tuple[Query, ...]
    threshold: float | None = None


def plan_gate(given: Mapping[str, Any]) -> Gate:
    """Return the limits that checked arguments amount to."""
    found = {key: given.get(key, default) for key, default in _DEFAULTS.items()}
    return Gate(
        error_percent=float(found["error_percent"]),
        p99_milliseconds=float(found["p99_milliseconds"]),
        deviations=float(found["deviations"]),
        least_requests=int(found["least_requests"]),
    )


def gate_problems(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(argument, reason)` for what is wrong with a gate."""
    for argument, (least, most) in _ACCEPTED.items():
        value = given.get(argument)
        if value is not None and not least <= value <= most:
            yield argument, f"is {value:g}; accepted are {least:g} to {most:g}"
    if len(given.get("alarm_names", [])) > MOST_ALARMS:
        yield "alarm_names", f"has {len(given['alarm_names'])}; accepted are {MOST_ALARMS}"


def gate_alarms(gate: Gate, balancer: Dimensions, groups: Sequence[Dimensions]) -> list[GateAlarm]:
    """Return the alarms over target groups with these dimensions, behind one load balancer."""
    errors, slowness = _errors(gate, groups), _slowness(gate, groups)
    band = Query(_BAND, expression=f"ANOMALY_DETECTION_BAND({_RESULT}, {gate.deviations:g})")
    limit, slow = gate.error_percent, gate.p99_milliseconds
    return [
        GateAlarm("errors", f"over {limit:g} % of requests fail", errors, limit),
        GateAlarm("latency", f"one in 100 requests takes over {slow:g} ms", slowness, slow),
        GateAlarm(
            "unavailable",
            f"over {limit:g} % of requests find no version that answers",
            _unanswered(gate, balancer),
            limit,
        ),
        GateAlarm("errors-band", "more requests fail than usual", (*errors, band)),
        GateAlarm("latency-band", "requests take longer than usual", (*slowness, band)),
    ]


def _errors(gate: Gate, groups: Sequence[Dimensions]) -> tuple[Query, ...]:
    found: list[Query] = []
    for number, group in enumerate(groups, start=1):
        found += [
            Query(f"requests{number}", "RequestCount", dimensions=group),
            Query(f"failures{number}", "HTTPCode_Target_5XX_Count", dimensions=group),
            Query(f"refusals{number}", "TargetConnectionErrorCount", dimensions=group),
        ]
        failed = f"(FILL(failures{number}, 0) + FILL(refusals{number}, 0))"
        found.append(_where_enough(gate, number, f"100 * {failed} / requests{number}"))
    return (*found, _worst(len(groups)))


def _slowness(gate: Gate, groups: Sequence[Dimensions]) -> tuple[Query, ...]:
    found: list[Query] = []
    for number, group in enumerate(groups, start=1):
        found += [
            Query(f"requests{number}", "RequestCount", dimensions=group),
            Query(f"seconds{number}", "TargetResponseTime", "p99", group),
            _where_enough(gate, number, f"1000 * seconds{number}"),
        ]
    return (*found, _worst(len(groups)))


def _unanswered(gate: Gate, balancer: Dimensions) -> tuple[Query, ...]:
    asked = "(FILL(answered, 0) + FILL(unanswered, 0))"
    rate = f"100 * FILL(unanswered, 0) / {asked}"
    return (
        Query("answered", "RequestCount", dimensions=balancer),
        Query("unanswered", "HTTPCode_ELB_5XX_Count", dimensions=balancer),
        Query(_RESULT, expression=f"IF({asked} >= {gate.least_requests}, {rate}, 0)"),
    )


def _where_enough(gate: Gate, number: int, value: str) -> Query:
    enough = f"FILL(requests{number}, 0) >= {gate.least_requests}"
    return Query(f"rate{number}", expression=f"IF({enough}, {value}, 0)")


def _worst(groups: int) -> Query:
    rates = ", ".join(f"rate{number}" for number in range(1, groups + 1))
    return Query(_RESULT, expression=f"MAX([{rates}])")


def make_gate(
    site: Site,
    gate: Gate,
    balancer: lb.LoadBalancer,
    groups: Sequence[lb.TargetGroup],
    topic: Input[str] | None,
) -> list[cloudwatch.MetricAlarm]:
    """Make the alarms, which tell `topic`, too."""
    whole: Dimensions = {"LoadBalancer": balancer.arn_suffix}
    parts = [{**whole, "TargetGroup": group.arn_suffix} for group in groups]
    return [_make_alarm(site, alarm, topic) for alarm in gate_alarms(gate, whole, parts)]


def alarm_names(
    alarms: Sequence[cloudwatch.MetricAlarm], further: Sequence[Input[str]]
) -> Output[list[str]]:
    """Return the names of the alarms made here and of those that are given."""
    return Output.all(*(alarm.name for alarm in alarms), *further)


def _make_alarm(site: Site, alarm: GateAlarm, topic: Input[str] | None) -> cloudwatch.MetricAlarm:
    name, topics = site.named(alarm.role), [] if topic is None else [topic]
    learns = alarm.threshold is None
    return cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: {alarm.description}; a deployment is rolled back",
        metric_queries=[_query(query) for query in alarm.queries],
        comparison_operator="GreaterThanUpperThreshold" if learns else "GreaterThanThreshold",
        threshold=alarm.threshold,
        threshold_metric_id=_BAND if learns else None,
        evaluation_periods=EVALUATED,
        datapoints_to_alarm=BREACHING,
        # No traffic is no failure: the service's own observability notices silence.
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=topics,
        ok_actions=topics,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def _query(query: Query) -> cloudwatch.MetricAlarmMetricQueryArgs:
    if query.expression:
        return cloudwatch.MetricAlarmMetricQueryArgs(
            id=query.id,
            expression=query.expression,
            # A band and what is compared with it are both returned.
            return_data=query.id in {_RESULT, _BAND},
        )
    return cloudwatch.MetricAlarmMetricQueryArgs(
        id=query.id,
        return_data=False,
        metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=_NAMESPACE,
            metric_name=query.metric,
            stat=query.statistic,
            period=PERIOD,
            dimensions=dict(query.dimensions or {}),
        ),
    )

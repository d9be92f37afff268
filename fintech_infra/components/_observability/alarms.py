"""Makes the alarms of a service: on its objective, on what is unusual, on what went silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch

from fintech_infra.components._observability.metrics import (
    FAILURES,
    LATENCY,
    REQUESTS,
    Query,
    banded,
)
from fintech_infra.components._observability.objectives import BURNS, Burn
from fintech_infra.components._site import Site

_PERIOD: Final = 300


class MissingData(StrEnum):
    """What silence of a metric means."""

    BREACHING = "breaching"
    """Something is wrong, as with a heartbeat."""
    NOT_BREACHING = "not-breaching"
    """All is well, as with a count of errors."""
    IGNORE = "ignore"
    """What was last known still holds."""


_TREATMENT: Final = {
    MissingData.BREACHING: "breaching",
    MissingData.NOT_BREACHING: "notBreaching",
    MissingData.IGNORE: "ignore",
}


@dataclass(frozen=True)
class Watch:
    """What all alarms of one component share: where they are, and whom they tell."""

    site: Site
    page: Input[str]
    ticket: Input[str]
    made: list[cloudwatch.MetricAlarm] = field(default_factory=list[cloudwatch.MetricAlarm])
    """Every alarm that was made so far."""

    def told(self, *, page: bool) -> Input[str]:
        """Return the topic for what cannot wait, or for what can."""
        return self.page if page else self.ticket

    def alarm(
        self, role: str, description: str, missing: MissingData, **arguments: Any
    ) -> cloudwatch.MetricAlarm:
        """Make one alarm; without `topic` it tells nobody, and a composite alarm speaks for it."""
        name = self.site.named(role)
        topic = arguments.pop("topic", None)
        actions = [] if topic is None else [topic]
        made = cloudwatch.MetricAlarm(
            name,
            alarm_description=f"{self.site.name}: {description}",
            treat_missing_data=_TREATMENT[missing],
            alarm_actions=actions,
            ok_actions=actions,
            region=self.site.region,
            tags=self.site.tagged(name),
            opts=self.site.child(),
            **arguments,
        )
        self.made.append(made)
        return made


def make_objective(
    watch: Watch, balancer: Input[str], *, target_percent: float, window_days: int
) -> list[cloudwatch.CompositeAlarm]:
    """Make the alarms on the speed at which the error budget is used up."""
    return [_burn(watch, balancer, item, target_percent, window_days) for item in BURNS]


def _burn(
    watch: Watch, balancer: Input[str], burn: Burn, target_percent: float, window_days: int
) -> cloudwatch.CompositeAlarm:
    threshold = burn.threshold(target_percent, window_days)
    windows = [
        watch.alarm(
            f"{burn.key}-{length}",
            f"{threshold:g} % of requests failed within {seconds // 60} minutes",
            MissingData.NOT_BREACHING,
            comparison_operator="GreaterThanThreshold",
            threshold=threshold,
            evaluation_periods=1,
            metric_queries=_queries(FAILURES, balancer, seconds),
        )
        for length, seconds in (("long", burn.long_window), ("short", burn.short_window))
    ]
    name = watch.site.named(burn.key)
    topic = watch.told(page=burn.page)
    return cloudwatch.CompositeAlarm(
        name,
        # An alarm is told apart by its name alone, which the provider does not make up here.
        alarm_name=name,
        alarm_description=f"{watch.site.name} fails {burn.rate(window_days):g} times faster than "
        f"its objective of {target_percent:g} % in {window_days} days allows",
        alarm_rule=Output.all(*(item.name for item in windows)).apply(_both),
        alarm_actions=[topic],
        ok_actions=[topic],
        region=watch.site.region,
        tags=watch.site.tagged(name),
        opts=watch.site.child(),
    )


def _both(names: Sequence[str]) -> str:
    return " AND ".join(f'ALARM("{name}")' for name in names)


def make_unusual(watch: Watch, balancer: Input[str], deviations: float) -> None:
    """Make the alarms on traffic and latency outside of what CloudWatch learned to expect."""
    for role, metric, statistic, operator, description in (
        (
            "latency-unusual",
            LATENCY,
            "p99",
            "GreaterThanUpperThreshold",
            "answers take longer than usual",
        ),
        (
            "traffic-unusual",
            REQUESTS,
            "Sum",
            "LessThanLowerOrGreaterThanUpperThreshold",
            "far more or far fewer requests than usual",
        ),
    ):
        watch.alarm(
            role,
            description,
            MissingData.NOT_BREACHING,
            topic=watch.told(page=False),
            comparison_operator=operator,
            evaluation_periods=3,
            datapoints_to_alarm=3,
            threshold_metric_id="usual",
            metric_queries=_queries(banded(metric, statistic, deviations), balancer, _PERIOD),
        )


def make_heartbeat(watch: Watch, key: str, beat: Mapping[str, Any]) -> cloudwatch.MetricAlarm:
    """Make the alarm on a metric that must not fall silent (PCI DSS 4.0.1 10.7.2)."""
    minutes = int(beat.get("within_minutes", 15))
    return watch.alarm(
        f"heartbeat-{key}",
        f"no sign of life of {key} for {minutes} minutes",
        MissingData.BREACHING,
        topic=watch.told(page=True),
        namespace=beat["namespace"],
        metric_name=beat["metric_name"],
        dimensions=dict(beat.get("dimensions", {})),
        statistic="SampleCount",
        period=minutes * 60,
        evaluation_periods=1,
        comparison_operator="LessThanThreshold",
        threshold=1,
    )


def make_own(watch: Watch, key: str, alarm: Mapping[str, Any]) -> cloudwatch.MetricAlarm:
    """Make an alarm that the caller describes."""
    return watch.alarm(
        key,
        alarm["description"],
        MissingData(alarm["missing_data"]),
        topic=watch.told(page=bool(alarm.get("page", False))),
        namespace=alarm["namespace"],
        metric_name=alarm["metric_name"],
        dimensions=dict(alarm.get("dimensions", {})),
        statistic=alarm.get("statistic", "Sum"),
        period=int(alarm.get("period_seconds", _PERIOD)),
        evaluation_periods=int(alarm.get("periods", 1)),
        comparison_operator="GreaterThanThreshold",
        threshold=alarm["above"],
    )


def _queries(
    queries: Sequence[Query], balancer: Input[str], period: int
) -> list[cloudwatch.MetricAlarmMetricQueryArgs]:
    return [item.argument(balancer, period) for item in queries]

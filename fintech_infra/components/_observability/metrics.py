"""The metrics of a service behind an application load balancer, as queries for alarms and graphs.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

from dataclasses import dataclass
from typing import Final

from pulumi import Input
from pulumi_aws import cloudwatch

NAMESPACE: Final = "AWS/ApplicationELB"
BALANCER: Final = "LoadBalancer"

ERRORS: Final = ("HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count")
"""Answers that the service owes to its callers: those it failed at, and those it never gave."""
REQUESTS: Final = "RequestCount"
LATENCY: Final = "TargetResponseTime"

FAILED_PERCENT: Final = "100 * (FILL(balancer, 0) + FILL(target, 0)) / requests"
"""Failed requests in percent of all; without requests there is no value."""


@dataclass(frozen=True)
class Query:
    """One query of an alarm: a metric of the load balancer, or an expression over the others."""

    id: str
    metric: str = ""
    statistic: str = "Sum"
    expression: str = ""
    label: str = ""
    shown: bool = False

    def argument(self, balancer: Input[str], period: int) -> cloudwatch.MetricAlarmMetricQueryArgs:
        """Return the query as an alarm takes it."""
        if self.expression:
            return cloudwatch.MetricAlarmMetricQueryArgs(
                id=self.id, expression=self.expression, label=self.label, return_data=self.shown
            )
        return cloudwatch.MetricAlarmMetricQueryArgs(
            id=self.id,
            return_data=self.shown,
            metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=NAMESPACE,
                metric_name=self.metric,
                dimensions={BALANCER: balancer},
                period=period,
                stat=self.statistic,
            ),
        )


FAILURES: Final = (
    Query("balancer", ERRORS[0]),
    Query("target", ERRORS[1]),
    Query("requests", REQUESTS),
    Query("failed", expression=FAILED_PERCENT, label="Failed requests in percent", shown=True),
)


def banded(metric: str, statistic: str, deviations: float) -> tuple[Query, Query]:
    """Return a metric and the band that CloudWatch learns for it."""
    band = f"ANOMALY_DETECTION_BAND(value, {deviations:g})"
    return (
        Query("value", metric, statistic, shown=True),
        Query("usual", expression=band, label="As usual", shown=True),
    )

"""Makes the filters and alarms over the log group of a trail."""

from typing import Final

from pulumi import Input, Resource
from pulumi_aws import cloudwatch

from fintech_infra.components._site import Site
from fintech_infra.components._trail.watched import WATCHED, Watched

_PERIOD_SECONDS: Final = 300
_HOUR_SECONDS: Final = 3600
_SILENT_HOURS: Final = 2
"""CloudTrail delivers within about 5 minutes, and no account in use makes no call for so long.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html"""


def watch(site: Site, log_group: Input[str], topic: Input[str]) -> tuple[Resource, str]:
    """Tell `topic` of every watched event in the log group of this name, and of its silence.

    Returns the first filter and the property that holds its pattern, as evidence.
    """
    filters = [_watch_one(site, log_group, topic, watched) for watched in WATCHED]
    _watch_silence(site, log_group, topic)
    return filters[0], "pattern"


def _watch_one(
    site: Site, log_group: Input[str], topic: Input[str], watched: Watched
) -> cloudwatch.LogMetricFilter:
    name, namespace = site.named(watched.key), f"AuditTrail/{site.name}"
    found = cloudwatch.LogMetricFilter(
        name,
        log_group_name=log_group,
        pattern=watched.pattern,
        metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
            name=watched.metric, namespace=namespace, value="1", default_value="0"
        ),
        region=site.region,
        opts=site.child(),
    )
    cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: {watched.description}",
        namespace=namespace,
        metric_name=found.metric_transformation.name,
        statistic="Sum",
        period=_PERIOD_SECONDS,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        # What was not recorded has not happened; that nothing is recorded has an alarm of its own.
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    return found


def _watch_silence(site: Site, log_group: Input[str], topic: Input[str]) -> None:
    """Tell `topic` when no event arrives any more (PCI DSS 4.0.1 10.7.2)."""
    name = site.named("silence")
    cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: the trail records nothing",
        namespace="AWS/Logs",
        metric_name="IncomingLogEvents",
        dimensions={"LogGroupName": log_group},
        statistic="Sum",
        period=_HOUR_SECONDS,
        comparison_operator="LessThanThreshold",
        threshold=1,
        evaluation_periods=_SILENT_HOURS,
        datapoints_to_alarm=_SILENT_HOURS,
        treat_missing_data="breaching",
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )

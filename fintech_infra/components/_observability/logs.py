"""Finds in logs what is not usual."""

from collections.abc import Mapping

from pulumi import Input, Output
from pulumi_aws import cloudwatch

from fintech_infra.components._observability.alarms import MissingData, Watch
from fintech_infra.components._policy import Account


def make_detectors(
    watch: Watch,
    groups: Mapping[str, Input[str]],
    account: Output[Account],
    key_arn: Input[str],
) -> None:
    """Make a detector of unusual patterns for every log group, and an alarm for what it finds."""
    for key, group in groups.items():
        site, name = watch.site, watch.site.named(f"patterns-{key}")
        detector = cloudwatch.LogAnomalyDetector(
            name,
            detector_name=name,
            log_group_arn_lists=[
                Output.all(account, group).apply(
                    lambda both: both[0].arn("logs", f"log-group:{both[1]}")
                )
            ],
            enabled=True,
            evaluation_frequency="FIFTEEN_MIN",
            kms_key_id=key_arn,
            region=site.region,
            tags=site.tagged(name),
            opts=site.child(),
        )
        watch.alarm(
            f"patterns-{key}",
            f"the log of {key} has patterns that it never had",
            MissingData.NOT_BREACHING,
            topic=watch.told(page=False),
            namespace="AWS/Logs",
            metric_name="AnomalyCount",
            dimensions={
                "LogAnomalyDetector": detector.detector_name,
                "LogAnomalyPriority": "HIGH",
            },
            statistic="Sum",
            period=900,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
        )

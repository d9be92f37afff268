"""Makes the monitor of unusual spending, unless there is one, and tells of what it finds."""

from collections.abc import Mapping
from typing import Any

from pulumi import Input, Output
from pulumi_aws import costexplorer

from fintech_infra.components._site import Site


def make_anomalies(site: Site, args: Mapping[str, Any]) -> Output[str]:
    """Make what watches every AWS service of the account; return the ARN of the monitor.

    An account can have one such monitor (aws-cloudformation/cloudformation-coverage-roadmap#2515),
    and most have one since Cost Explorer was first opened: that one is adopted by its ARN.
    """
    monitor = args.get("anomaly_monitor_arn")
    if monitor is None:
        name = site.named("anomalies")
        monitor = costexplorer.AnomalyMonitor(
            name,
            monitor_type="DIMENSIONAL",
            monitor_dimension="SERVICE",
            tags=site.tagged(name),
            opts=site.child(),
        ).arn
    # Only a topic is told at once, and only addresses once a day.
    if (topic := args.get("alarm_topic_arn")) is not None:
        _subscribe(site, args, monitor, key="topic", frequency="IMMEDIATE", told=[("SNS", topic)])
    if emails := args.get("emails"):
        told = [("EMAIL", email) for email in emails]
        _subscribe(site, args, monitor, key="email", frequency="DAILY", told=told)
    return Output.from_input(monitor)


def _subscribe(
    site: Site,
    args: Mapping[str, Any],
    monitor: Input[str],
    *,
    key: str,
    frequency: str,
    told: list[tuple[str, Input[str]]],
) -> None:
    name = site.named(f"anomalies-{key}")
    costexplorer.AnomalySubscription(
        name,
        frequency=frequency,
        monitor_arn_lists=[monitor],
        subscribers=[
            costexplorer.AnomalySubscriptionSubscriberArgs(type=kind, address=address)
            for kind, address in told
        ],
        threshold_expression=costexplorer.AnomalySubscriptionThresholdExpressionArgs(
            dimension=costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
                key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                match_options=["GREATER_THAN_OR_EQUAL"],
                values=[str(int(args.get("anomaly_min_usd", 100)))],
            )
        ),
        tags=site.tagged(name),
        opts=site.child(),
    )


def activate_tags(site: Site, keys: list[str]) -> None:
    """Let cost reports, budgets and monitors tell costs apart by these tags."""
    for key in sorted(set(keys)):
        costexplorer.CostAllocationTag(
            site.named(f"tag-{key}"),
            tag_key=key,
            status="Active",
            # Deactivated, a tag is missing in the reports of everybody else as well.
            opts=site.child(retain_on_delete=True),
        )

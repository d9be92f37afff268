"""Makes what tells the owners of a database: alarms, its events, and snapshots leaving."""

import json
from typing import Final

from pulumi import Input
from pulumi_aws import cloudwatch, rds

from fintech_infra.components._database.alarms import alarms
from fintech_infra.components._database.cluster import Database
from fintech_infra.components._site import Site

EVENT_CATEGORIES: Final = ("deletion", "failover", "failure", "maintenance", "notification")
"""Events of a cluster after which somebody should look (PCI DSS 4.0.1 10.7.2)."""

SNAPSHOT_CALLS: Final = (
    "CopyDBClusterSnapshot",
    "CopyDBSnapshot",
    "ModifyDBClusterSnapshotAttribute",
    "ModifyDBSnapshotAttribute",
    "StartExportTask",
)
"""Calls by which the data of a database leaves it as a whole (GDPR Art. 32, 33)."""

_PERIOD: Final = 300
_MINUTE: Final = 60


def make_watch(site: Site, database: Database, topic: Input[str], *, serverless: bool) -> None:
    """Make the alarms, the event subscription and the tripwire, all of which tell `topic`."""
    cluster = database.cluster
    _make_alarms(site, cluster, topic, serverless=serverless)
    name = site.named("events")
    rds.EventSubscription(
        name,
        sns_topic=topic,
        source_type="db-cluster",
        source_ids=[cluster.cluster_identifier],
        event_categories=list(EVENT_CATEGORIES),
        enabled=True,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(depends_on=database.instances),
    )
    _make_tripwire(site, topic)


def _make_alarms(site: Site, cluster: rds.Cluster, topic: Input[str], *, serverless: bool) -> None:
    for alarm in alarms(serverless=serverless):
        name = site.named(alarm.key)
        periods = alarm.minutes * _MINUTE // _PERIOD
        cloudwatch.MetricAlarm(
            name,
            alarm_description=f"{site.name}: {alarm.description}",
            namespace="AWS/RDS",
            metric_name=alarm.metric,
            dimensions={"DBClusterIdentifier": cluster.cluster_identifier},
            statistic=alarm.statistic,
            period=_PERIOD,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            evaluation_periods=periods,
            datapoints_to_alarm=periods,
            treat_missing_data="breaching" if alarm.heartbeat else "missing",
            actions_enabled=True,
            alarm_actions=[topic],
            ok_actions=[topic],
            region=site.region,
            tags=site.tagged(name),
            opts=site.child(),
        )


def _make_tripwire(site: Site, topic: Input[str]) -> None:
    """Report every snapshot that is shared, copied or exported in the account and region.

    Not only this cluster's: a copy of a snapshot has a name of its own, and can be shared in turn.
    """
    name = site.named("snapshots")
    rule = cloudwatch.EventRule(
        name,
        description=f"Snapshots shared, copied or exported in the account of {site.name}",
        event_pattern=json.dumps(
            {
                "source": ["aws.rds"],
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "eventSource": ["rds.amazonaws.com"],
                    "eventName": list(SNAPSHOT_CALLS),
                },
            }
        ),
        state="ENABLED",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    cloudwatch.EventTarget(name, rule=rule.name, arn=topic, region=site.region, opts=site.child())

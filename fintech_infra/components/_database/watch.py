"""Makes what tells the owners of a database: alarms, its events, and snapshots leaving."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pulumi import Input
from pulumi_aws import cloudwatch, rds

from fintech_infra.components._database.alarms import alarms
from fintech_infra.components._database.cluster import Database
from fintech_infra.components._events import calls, report_events
from fintech_infra.components._site import Site


@dataclass(frozen=True, slots=True)
class _Events:
    """Events after which somebody should look (PCI DSS 4.0.1 10.7.2), and what they befall."""

    role: str
    source_type: str
    categories: tuple[str, ...]


CLUSTER_EVENTS: Final = _Events(
    "events",
    "db-cluster",
    ("deletion", "failover", "failure", "maintenance", "notification"),
)
INSTANCE_EVENTS: Final = _Events(
    "instance-events",
    "db-instance",
    ("availability", "deletion", "failure", "maintenance", "notification", "recovery"),
)
"""An instance restarts or stops, or its certificate or its version runs out."""

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
    """Make the alarms, the event subscriptions and the tripwire, all of which tell `topic`."""
    cluster = database.cluster
    _make_alarms(site, cluster, topic, serverless=serverless)
    instances = database.instances
    _subscribe(site, CLUSTER_EVENTS, topic, [cluster.cluster_identifier], after=instances)
    _subscribe(site, INSTANCE_EVENTS, topic, [item.identifier for item in instances])
    _make_tripwire(site, topic)


def _subscribe(
    site: Site,
    events: _Events,
    topic: Input[str],
    sources: Sequence[Input[str]],
    *,
    after: Sequence[rds.ClusterInstance] = (),
) -> None:
    name = site.named(events.role)
    rds.EventSubscription(
        name,
        sns_topic=topic,
        source_type=events.source_type,
        source_ids=list(sources),
        event_categories=list(events.categories),
        enabled=True,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(depends_on=list(after)),
    )


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
            treat_missing_data="breaching" if alarm.heartbeat else "notBreaching",
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
    report_events(
        site,
        "snapshots",
        "Snapshots shared, copied or exported in the account",
        calls("rds", SNAPSHOT_CALLS, {}),
        topic,
    )

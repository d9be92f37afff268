"""Databases that can be sized: instances of RDS and Aurora, and serverless capacity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.rightsizing.model import Kind, Load, Member, Place, Role, Size
from fintech_infra.operations.rightsizing.reading import Found, UnfitError, needed, region_of
from fintech_infra.operations.rightsizing.sizes import STEP

INSTANCE: Final = "aws:rds/instance:Instance"
CLUSTER_INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"
CLUSTER: Final = "aws:rds/cluster:Cluster"

_SERVERLESS_CLASS: Final = "db.serverless"
_SCALING: Final = "serverlessv2ScalingConfiguration"
_OPTIMIZED: Final = "aurora-iopt1"
_INSIGHTS_UNITS: Final = 2.0
"""Least ACUs that AWS recommends where Performance Insights is on.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html"""


def instances(environment: Environment) -> Found:
    """Instances that stand by themselves."""
    for it in environment.of_type(INSTANCE):
        if not it.existing:
            yield it, lambda it=it: _database(it)


def _database(instance: Resource) -> Load:
    class_ = needed(instance.text("instanceClass"), "it has no instance class")
    return Load(
        Kind.INSTANCES,
        instance.name,
        instance.urn,
        (Size(Role.CLASS, "", class_, (Place(instance.urn, "instanceClass"),)),),
        (_instance_member(instance),),
        engine=instance.text("engine") or "",
        multi_az=instance.value("multiAz") is True,
        region=region_of(instance),
        source=instance.source,
        obstacles=_burstable(class_),
    )


def clusters(environment: Environment) -> Found:
    """Clusters: their serverless instances, and those of a class."""
    for it in environment.of_type(CLUSTER):
        if it.existing:
            continue
        members = environment.referrers(it, CLUSTER_INSTANCE, "clusterIdentifier")
        serverless = [one for one in members if _is_serverless(one)]
        if serverless:
            yield it, lambda it=it, found=serverless: _serverless(it, found)
        fixed = [one for one in members if one not in serverless]
        if fixed or it.is_set("dbClusterInstanceClass"):
            yield it, lambda it=it, found=fixed: _provisioned(it, found)


def _is_serverless(instance: Resource) -> bool:
    return instance.inputs.get("instanceClass") == _SERVERLESS_CLASS


def _serverless(cluster: Resource, members: Sequence[Resource]) -> Load:
    sizes = tuple(
        Size(role, "ACU", value, (Place(cluster.urn, path),))
        for role, path in (
            (Role.LEAST, f"{_SCALING}.minCapacity"),
            (Role.MOST, f"{_SCALING}.maxCapacity"),
        )
        for value in [needed(cluster.number(path), f"{path} is not given")]
    )
    least = float(sizes[0].value)
    insights = cluster.value("performanceInsightsEnabled") is True
    floor = min(least, _INSIGHTS_UNITS if insights else STEP)
    why = "2 ACUs, the least that AWS recommends with Performance Insights"
    return Load(
        Kind.SERVERLESS,
        cluster.name,
        cluster.urn,
        sizes,
        tuple(map(_instance_member, members)),
        floors={Role.LEAST: floor},
        floor_why=why if floor == _INSIGHTS_UNITS else "",
        engine=cluster.text("engine") or "",
        optimized=cluster.text("storageType") == _OPTIMIZED,
        region=region_of(cluster),
        source=cluster.source,
    )


def _provisioned(cluster: Resource, members: Sequence[Resource]) -> Load:
    """The instances of a cluster are of one class: each may have to take over the writer's load."""
    if not members:
        raise UnfitError("Multi-AZ clusters of RDS are not looked at")
    classes = {needed(it.text("instanceClass"), "it has no instance class") for it in members}
    if len(classes) > 1:
        raise UnfitError(f"its instances are of several classes: {', '.join(sorted(classes))}")
    class_ = classes.pop()
    places = tuple(Place(it.urn, "instanceClass") for it in members)
    return Load(
        Kind.INSTANCES,
        cluster.name,
        cluster.urn,
        (Size(Role.CLASS, "", class_, places),),
        tuple(map(_instance_member, members)),
        engine=cluster.text("engine") or "",
        optimized=cluster.text("storageType") == _OPTIMIZED,
        region=region_of(cluster),
        source=cluster.source,
        obstacles=_burstable(class_),
    )


def _instance_member(instance: Resource) -> Member:
    name = str(instance.outputs.get("identifier") or instance.text("identifier") or instance.id)
    return Member(instance.name, (("DBInstanceIdentifier", name),))


def _burstable(class_: str) -> tuple[str, ...]:
    if not class_.startswith("db.t"):
        return ()
    return (f"{class_} earns CPU credits, which CPUUtilization does not show",)

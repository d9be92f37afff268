"""Controls over what keeps a database running: zones, and engine versions that AWS supports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.rds import CLUSTER, CLUSTER_INSTANCE, INSTANCE, is_replica
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import reading

_FEWEST_ZONES: Final = 2
_DECLINED: Final = "open-source-rds-extended-support-disabled"


@control(
    on=[INSTANCE, CLUSTER],
    severity=Severity.HIGH,
    fix="Set multiAz on an instance, or give a cluster instances in two zones; EncryptedDatabase "
    "has one in each of its zones.",
    source="CIS AWS Foundations 5.0 2.2.4; FSBP RDS.5, RDS.15",
    scope=Scope.PROD,
    properties=["multiAz", "dbClusterInstanceClass"],
)
def rds_multi_az(database: Resource, environment: Environment) -> Iterator[Fault]:
    """Production databases run in two or more zones.

    When its only zone fails, a database is down until someone has made it again elsewhere. Read
    replicas are not judged: their source is. A Multi-AZ DB cluster is in three zones by itself.
    """
    if database.type == INSTANCE:
        if database.value("multiAz") is not True and not is_replica(database):
            yield Fault("multiAz", "the database runs in one zone")
        return
    if database.is_set("dbClusterInstanceClass"):
        return
    instances = companions(environment, database, "clusterIdentifier", CLUSTER_INSTANCE)
    if len(instances) < _FEWEST_ZONES:
        yield Fault("", f"the cluster has {len(instances)} instance, so it runs in one zone")
        return
    zones = {_zone(instance) for instance in instances}
    if len(zones) < _FEWEST_ZONES and None not in zones:
        yield Fault("", f"all instances of the cluster are in {', '.join(map(str, zones))}")


def _zone(instance: Resource) -> str | None:
    """The zone an instance is put in; None where AWS spreads them."""
    with reading(instance.name, ""):
        found = instance.value("availabilityZone")
    return None if found is None else str(found)


@control(
    on=[INSTANCE, CLUSTER],
    severity=Severity.MEDIUM,
    fix="Upgrade the engine, and set engineLifecycleSupport to "
    "open-source-rds-extended-support-disabled; EncryptedDatabase does, and refuses old versions.",
    source="AWS RDS user guide, Amazon RDS Extended Support; PCI DSS 4.0.1 6.3.3, 12.3.4",
    properties=["engine", "engineVersion", "engineLifecycleSupport"],
)
def rds_engine_supported(
    database: Resource,
    *,
    oldest: tuple[str, ...] = (
        "aurora-mysql 8.0",
        "aurora-postgresql 14",
        "mysql 8.4",
        "postgres 14",
    ),
) -> Iterator[Fault]:
    """Engine versions are in standard support, and extended support is declined.

    Past standard support, AWS charges for a version that the community no longer mends, and by
    default it does so without being asked. Judged are engines that `oldest` names; replicas follow
    their source.
    """
    if is_replica(database):
        return
    engine = database.value("engine")
    required = dict(item.rsplit(" ", 1) for item in oldest).get(str(engine))
    if engine is None or required is None:
        return
    if database.value("engineLifecycleSupport") != _DECLINED:
        yield Fault("engineLifecycleSupport", "extended support is not declined")
    version = database.value("engineVersion")
    if version is not None and _is_older(str(version), required):
        message = f"{engine} {version} is out of standard support, which begins with {required}"
        yield Fault("engineVersion", message)


def _is_older(version: str, required: str) -> bool:
    """Whether a version is older, as far as both are given: `8` is not older than `8.4`.

    >>> _is_older("8.0.mysql_aurora.3.05.2", "8.0")
    False
    >>> _is_older("5.7.44", "8.4")
    True
    """
    given, oldest = _numbers(version), _numbers(required)
    return given[: len(oldest)] < oldest[: len(given)]


def _numbers(version: str) -> list[int]:
    found = re.match(r"\d+(\.\d+)*", version)
    return [int(number) for number in found[0].split(".")] if found else []


CONTROLS: Final = (rds_multi_az, rds_engine_supported)

"""Controls over warehouses: Redshift and Redshift Serverless."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.evaluate import is_production
from fintech_infra.controls.rds import REDSHIFT_CLUSTER, REDSHIFT_NAMESPACE
from fintech_infra.controls.remedies import in_production
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import decided_first, reading

WORKGROUP: Final = "aws:redshiftserverless/workgroup:Workgroup"
PARAMETER_GROUP: Final = "aws:redshift/parameterGroup:ParameterGroup"
LOGGING: Final = "aws:redshift/logging:Logging"

_LONGEST_RETENTION: Final = 35
_NEW_FAMILY: Final = "redshift-2.0"
"""The family whose groups require TLS unless they say otherwise."""


def _private(warehouse: Resource) -> Mapping[str, Any]:
    # Enhanced routing is for the network to bear: loads fail where no endpoint leads to S3.
    public = warehouse.type != REDSHIFT_NAMESPACE and warehouse.value("publiclyAccessible") is True
    return {"publiclyAccessible": False} if public else {}


@control(
    on=[REDSHIFT_CLUSTER, WORKGROUP, REDSHIFT_NAMESPACE],
    severity=Severity.CRITICAL,
    fix="Leave encrypted on and publiclyAccessible off, set enhancedVpcRouting, and give a "
    "namespace a kmsKeyId.",
    source="FSBP Redshift.1, Redshift.7, Redshift.10, RedshiftServerless.1, .3, .4",
    properties=["encrypted", "kmsKeyId", "publiclyAccessible", "enhancedVpcRouting"],
    remedy=_private,
)
def redshift_private_encrypted(warehouse: Resource) -> Iterator[Fault]:
    """Warehouses are encrypted with KMS, have no public address and copy data through the VPC.

    A warehouse holds a copy of everything. Without enhanced routing, what it loads and unloads
    goes past the network's own rules and records. Namespaces use a key of AWS's unless they are
    given one.
    """
    if warehouse.type == REDSHIFT_NAMESPACE:
        if not warehouse.is_set("kmsKeyId"):
            yield Fault("kmsKeyId", "the namespace is encrypted with a key that AWS owns")
        return
    yield from decided_first(
        (_storage_faults(warehouse), _address_faults(warehouse), _routing_faults(warehouse))
    )


def _storage_faults(warehouse: Resource) -> Iterator[Fault]:
    if str(warehouse.value("encrypted")).lower() == "false":
        yield Fault("encrypted", "the warehouse is not encrypted")


def _address_faults(warehouse: Resource) -> Iterator[Fault]:
    if warehouse.value("publiclyAccessible") is True:
        yield Fault("publiclyAccessible", "the warehouse gets a public address")


def _routing_faults(warehouse: Resource) -> Iterator[Fault]:
    if warehouse.value("enhancedVpcRouting") is not True:
        yield Fault("enhancedVpcRouting", "loads and unloads go past the VPC")


@control(
    on=[REDSHIFT_CLUSTER],
    severity=Severity.MEDIUM,
    fix="Name a ParameterGroup with require_ssl true in clusterParameterGroupName, and add a "
    "redshift.Logging for the cluster.",
    source="Amazon Redshift management guide, Configuring security options for connections; "
    "FSBP Redshift.2, Redshift.4",
    properties=["clusterParameterGroupName", "clusterIdentifier"],
)
def redshift_tls_and_audit(cluster: Resource, environment: Environment) -> Iterator[Fault]:
    """Clusters refuse connections without TLS, and log connections and queries.

    Clients fall back to plain text without saying so. Which default group a cluster has that names
    none depends on when it was made, so that is not decided here.
    """
    yield from decided_first(
        (_tls_faults(cluster, environment), _audit_faults(cluster, environment))
    )


def _tls_faults(cluster: Resource, environment: Environment) -> Iterator[Fault]:
    path = "clusterParameterGroupName"
    groups = environment.references(cluster, path, PARAMETER_GROUP)
    managed = [group for group in groups if not group.existing]
    if managed:
        if not _requires_tls(managed[0], path):
            yield Fault(path, f"parameter group {managed[0].name} lets plain connections in")
        return
    name = cluster.value(path)
    if name is None:
        message = "no parameter group is named; the default one of old clusters lets plain text in"
        yield Fault(path, message, undecided=True)
    elif name == "default.redshift-1.0":
        yield Fault(path, f"parameter group {name} lets plain connections in")
    elif name != f"default.{_NEW_FAMILY}":
        yield Fault(path, f"parameter group {name} is not in this program", undecided=True)


def _requires_tls(group: Resource, path: str) -> bool:
    with reading(group.name, path):
        for at, _ in group.each("parameters"):
            if str(group.value(f"{at}.name")).lower() == "require_ssl":
                return str(group.value(f"{at}.value")).lower() == "true"
        return group.value("family") == _NEW_FAMILY


def _audit_faults(cluster: Resource, environment: Environment) -> Iterator[Fault]:
    if not companions(environment, cluster, "clusterIdentifier", LOGGING):
        yield Fault("", "no redshift.Logging in this program refers to the cluster")


def _kept(cluster: Resource, *, minimum_days: int) -> Mapping[str, Any]:
    wanted: dict[str, Any] = {}
    days = cluster.number("automatedSnapshotRetentionPeriod")
    if (1 if days is None else days) < minimum_days <= _LONGEST_RETENTION:
        wanted["automatedSnapshotRetentionPeriod"] = minimum_days
    if cluster.value("allowVersionUpgrade") is False:
        wanted["allowVersionUpgrade"] = True
    # A name for the snapshot is to be given, where there is none.
    named = in_production(cluster) and cluster.is_set("finalSnapshotIdentifier")
    if named and cluster.value("skipFinalSnapshot") is True:
        wanted["skipFinalSnapshot"] = False
    return wanted


@control(
    on=[REDSHIFT_CLUSTER],
    severity=Severity.MEDIUM,
    fix="Set automatedSnapshotRetentionPeriod, leave allowVersionUpgrade on and skipFinalSnapshot "
    "off.",
    source="FSBP Redshift.3, Redshift.6",
    properties=["automatedSnapshotRetentionPeriod", "allowVersionUpgrade", "skipFinalSnapshot"],
    remedy=_kept,
)
def redshift_recoverable(
    cluster: Resource, environment: Environment, *, minimum_days: int = 7
) -> Iterator[Fault]:
    """Clusters keep snapshots long enough, take upgrades, and in production leave a last snapshot.

    A load that went wrong is often noticed days later. Upgrades carry the security fixes.
    """
    production = is_production(environment.stack)
    yield from decided_first(
        (
            _snapshot_faults(cluster, minimum_days),
            _switch_faults(cluster, "allowVersionUpgrade", at_fault=False),
            _switch_faults(cluster, "skipFinalSnapshot", at_fault=True) if production else (),
        )
    )


def _snapshot_faults(cluster: Resource, minimum_days: int) -> Iterator[Fault]:
    days = cluster.number("automatedSnapshotRetentionPeriod")
    kept = 1 if days is None else days
    if kept < minimum_days:
        note = ", the default" if days is None else ""
        message = f"snapshots are kept for {kept} days{note}; at least {minimum_days} are needed"
        yield Fault("automatedSnapshotRetentionPeriod", message)


_SAYS: Final = {
    "allowVersionUpgrade": "the cluster declines upgrades",
    "skipFinalSnapshot": "the cluster is deleted without a final snapshot",
}


def _switch_faults(cluster: Resource, path: str, *, at_fault: bool) -> Iterator[Fault]:
    if cluster.value(path) is at_fault:
        yield Fault(path, _SAYS[path])


CONTROLS: Final = (redshift_private_encrypted, redshift_tls_and_audit, redshift_recoverable)

"""Tripwires on what holds data: databases here, and what `disks` has.

Only snapshots taken by hand can be shared, so no others are looked for:
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html

Reads `rds:DescribeDBInstances`, `rds:DescribeDBClusters`, `rds:DescribeDBSnapshots`,
`rds:DescribeDBSnapshotAttributes`, `rds:DescribeDBClusterSnapshots` and
`rds:DescribeDBClusterSnapshotAttributes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.tripwires import disks
from fintech_infra.operations.tripwires.copies import SHARED, undeclared, with_copies
from fintech_infra.operations.tripwires.model import GoneError, Scene, Seen, Tripwire
from fintech_infra.operations.tripwires.shapes import referring

_INSTANCE: Final = "aws:rds/instance:Instance"
_CLUSTER_INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"
_CLUSTERS: Final = (
    "aws:rds/cluster:Cluster",
    # RDS answers for these two as well.
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html
    "aws:docdb/cluster:Cluster",
    "aws:neptune/cluster:Cluster",
)
_SNAPSHOT: Final = "aws:rds/snapshot:Snapshot"
_CLUSTER_SNAPSHOT: Final = "aws:rds/clusterSnapshot:ClusterSnapshot"
_FLAGS: Final = {
    "publiclyAccessible": "PubliclyAccessible",
    "deletionProtection": "DeletionProtection",
    "backupRetentionPeriod": "BackupRetentionPeriod",
    "iamDatabaseAuthenticationEnabled": "IAMDatabaseAuthenticationEnabled",
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "multiAz": "MultiAZ",
}
"""By property: the name in the answers of RDS, which always have it."""
_EXPORTS: Final = ("enabledCloudwatchLogsExports", "EnabledCloudwatchLogsExports")


@dataclass(frozen=True, slots=True)
class _Kind:
    """How RDS names things for one of its two kinds of databases, and for their snapshots."""

    noun: str
    named_by: str
    type: str
    own: str

    @property
    def id(self) -> str:
        """The parameter that names a database."""
        return f"DB{self.noun}Identifier"

    @property
    def missing(self) -> tuple[str, ...]:
        """The codes for a database, or a snapshot, that is not there."""
        what = f"DB{self.noun}NotFound", f"DB{self.snapshot}NotFound"
        return (*what, *(f"{it}Fault" for it in what))

    @property
    def snapshot(self) -> str:
        """What RDS calls a snapshot."""
        return "ClusterSnapshot" if self.noun == "Cluster" else "Snapshot"


_OF_INSTANCE: Final = _Kind("Instance", "identifier", _SNAPSHOT, "dbSnapshotIdentifier")
_OF_CLUSTER: Final = _Kind(
    "Cluster", "clusterIdentifier", _CLUSTER_SNAPSHOT, "dbClusterSnapshotIdentifier"
)


def _read_instance(scene: Scene, resource: Resource) -> Seen:
    found = _database(scene, resource, _OF_INSTANCE)
    told = _settings(scene, found, _LOOKS[_INSTANCE])
    return with_copies(told, lambda: _copies(scene, resource, _OF_INSTANCE))


def _read_member(scene: Scene, resource: Resource) -> Seen:
    found = _database(scene, resource, _OF_INSTANCE)
    return _settings(scene, found, _LOOKS[_CLUSTER_INSTANCE])


def _read_cluster(scene: Scene, resource: Resource) -> Seen:
    found = _database(scene, resource, _OF_CLUSTER)
    told = _settings(scene, found, _LOOKS[resource.type])
    return with_copies(told, lambda: _copies(scene, resource, _OF_CLUSTER))


def _read_snapshot(scene: Scene, resource: Resource) -> Seen:
    kind = _OF_CLUSTER if resource.type == _CLUSTER_SNAPSHOT else _OF_INSTANCE
    shared = _shared_with(scene, resource, kind, scene.name(resource, kind.own))
    if shared is None:
        raise GoneError
    return Seen({"sharedAccounts": shared})


def _database(scene: Scene, resource: Resource, kind: _Kind) -> Mapping[str, Any]:
    name = scene.name(resource, kind.named_by)
    operation = f"describe_db_{kind.noun.lower()}s"
    told = scene.ask(resource, "rds", operation, gone=kind.missing, **{kind.id: name}) or {}
    return told[f"DB{kind.noun}s"][0]


def _settings(scene: Scene, found: Mapping[str, Any], looks: Mapping[str, Any]) -> Seen:
    values = {name: found[key] for name, key in _FLAGS.items() if name in looks}
    if _EXPORTS[0] in looks:
        values[_EXPORTS[0]] = found.get(_EXPORTS[1]) or None
    if "vpcSecurityGroupIds" in looks:
        groups = [it["VpcSecurityGroupId"] for it in found.get("VpcSecurityGroups", [])]
        values["vpcSecurityGroupIds"] = groups or None
    return referring(scene, Seen(values), ("vpcSecurityGroupIds",))


def _copies(scene: Scene, resource: Resource, kind: _Kind) -> Iterator[Resource]:
    """Yield the snapshots of a database that somebody else may restore, and nobody declares.

    Raises:
        UnreadError: AWS does not tell.
    """
    name = scene.name(resource, kind.named_by)
    declared = {it.inputs.get(kind.own) for it in scene.environment.of_type(kind.type)}
    operation = f"describe_db_{_snake(kind.snapshot)}s"
    pages = scene.access.pages(
        "rds",
        operation,
        region=scene.region(resource),
        missing=kind.missing,
        **{kind.id: name, "SnapshotType": "manual"},
    )
    for page in pages:
        for snapshot in page[f"DB{kind.snapshot}s"]:
            own = snapshot[f"DB{kind.snapshot}Identifier"]
            shared = _shared_with(scene, resource, kind, own) if own not in declared else None
            if shared:
                source = "dbInstanceIdentifier" if kind is _OF_INSTANCE else "dbClusterIdentifier"
                inputs = {
                    kind.own: own,
                    source: name,
                    "sharedAccounts": shared,
                    "tags": _tags(resource, snapshot),
                }
                yield undeclared(scene, resource, kind.type, str(own), inputs)


def _tags(database: Resource, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The tags of a snapshot over those of its database.

    What it is judged for is who may have it. Who owns it and how sensitive it is goes without
    saying: as its database.
    """
    own = {it["Key"]: it["Value"] for it in snapshot.get("TagList", [])}
    given = database.inputs.get("tags")
    return {**given, **own} if isinstance(given, Mapping) else own


def _shared_with(scene: Scene, resource: Resource, kind: _Kind, own: str) -> list[str] | None:
    """The accounts that may restore a snapshot, `all` among them; None where it is gone.

    Raises:
        UnreadError: AWS does not tell.
    """
    told = scene.ask(
        resource,
        "rds",
        f"describe_db_{_snake(kind.snapshot)}_attributes",
        missing=kind.missing,
        **{f"DB{kind.snapshot}Identifier": own},
    )
    if told is None:
        return None
    attributes = told[f"DB{kind.snapshot}AttributesResult"][f"DB{kind.snapshot}Attributes"]
    return sorted(
        account
        for it in attributes
        if it["AttributeName"] == "restore"
        for account in it.get("AttributeValues", [])
    )


def _snake(name: str) -> str:
    return "cluster_snapshot" if name == "ClusterSnapshot" else "snapshot"


_LOOKS: Final[Mapping[str, Mapping[str, Any]]] = {
    _INSTANCE: {
        "publiclyAccessible": False,
        "deletionProtection": False,
        "backupRetentionPeriod": 0,
        "iamDatabaseAuthenticationEnabled": False,
        "autoMinorVersionUpgrade": True,
        "multiAz": False,
        "enabledCloudwatchLogsExports": None,
        "vpcSecurityGroupIds": None,
        SHARED: None,
    },
    _CLUSTER_INSTANCE: {"publiclyAccessible": False, "autoMinorVersionUpgrade": True},
    _CLUSTERS[0]: {
        "deletionProtection": False,
        "backupRetentionPeriod": 1,
        "iamDatabaseAuthenticationEnabled": False,
        "enabledCloudwatchLogsExports": None,
        "vpcSecurityGroupIds": None,
        SHARED: None,
    },
    **{
        type_: {
            "deletionProtection": False,
            "backupRetentionPeriod": 1,
            "vpcSecurityGroupIds": None,
            SHARED: None,
        }
        for type_ in _CLUSTERS[1:]
    },
}

TRIPWIRES: Final = (
    Tripwire("database", {_INSTANCE: _LOOKS[_INSTANCE]}, _read_instance),
    Tripwire("database of a cluster", {_CLUSTER_INSTANCE: _LOOKS[_CLUSTER_INSTANCE]}, _read_member),
    Tripwire("database cluster", {it: _LOOKS[it] for it in _CLUSTERS}, _read_cluster),
    Tripwire(
        "snapshot of a database",
        {it: {"sharedAccounts": None} for it in (_SNAPSHOT, _CLUSTER_SNAPSHOT)},
        _read_snapshot,
    ),
    *disks.TRIPWIRES,
)

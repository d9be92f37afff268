"""Takes a snapshot of a volume or a database back from accounts that it is not declared for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from fintech_infra.functions.remediation.errors import code_of
from fintech_infra.functions.remediation.events import requested
from fintech_infra.functions.remediation.model import (
    Clients,
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    Step,
    UnknownEventError,
    conforms,
    report,
    restore,
)

EVERYONE: Final = "all"
"""What AWS calls the public, for snapshots of volumes and of databases alike."""


@dataclass(frozen=True, slots=True)
class _Database:
    """How RDS names things for one of its two kinds of snapshots."""

    parameter: str
    describe: str
    modify: str
    result: str
    attributes: str


_DATABASES: Final = {
    "ModifyDBSnapshotAttribute": _Database(
        "DBSnapshotIdentifier",
        "describe_db_snapshot_attributes",
        "modify_db_snapshot_attribute",
        "DBSnapshotAttributesResult",
        "DBSnapshotAttributes",
    ),
    "ModifyDBClusterSnapshotAttribute": _Database(
        "DBClusterSnapshotIdentifier",
        "describe_db_cluster_snapshot_attributes",
        "modify_db_cluster_snapshot_attribute",
        "DBClusterSnapshotAttributesResult",
        "DBClusterSnapshotAttributes",
    ),
}
_VOLUME: Final = "ModifySnapshotAttribute"


def _subject(happened: Occurrence) -> str:
    if happened.name == _VOLUME:
        return requested(happened, "snapshotId")
    if happened.name in _DATABASES:
        parameter = _DATABASES[happened.name].parameter
        return requested(happened, parameter[0].lower() + parameter[1:])
    raise UnknownEventError(f"{happened.name} shares no snapshot that is known here")


def _observe(clients: Clients, happened: Occurrence, snapshot: str) -> Facts:
    try:
        shared = (
            _volume(clients("ec2"), snapshot)
            if happened.name == _VOLUME
            else _database(clients("rds"), _DATABASES[happened.name], snapshot)
        )
    except ClientError as error:
        if "NotFound" not in code_of(error):
            raise
        return {"exists": False, "shared": []}
    return {"exists": True, "shared": sorted(shared)}


def _volume(client: Any, snapshot: str) -> list[str]:
    found = client.describe_snapshot_attribute(
        Attribute="createVolumePermission", SnapshotId=snapshot
    )
    return [item.get("UserId") or item["Group"] for item in found["CreateVolumePermissions"]]


def _database(client: Any, kind: _Database, snapshot: str) -> list[str]:
    found = getattr(client, kind.describe)(**{kind.parameter: snapshot})
    return [
        value
        for attribute in found[kind.result][kind.attributes]
        if attribute["AttributeName"] == "restore"
        for value in attribute["AttributeValues"]
    ]


def _plan(happened: Occurrence, snapshot: str, declared: Declared | None, facts: Facts) -> Plan:
    settings: Mapping[str, Any] = {} if declared is None else declared.settings
    excess = [who for who in facts["shared"] if who not in settings.get("shared_with", ())]
    if not excess:
        return conforms(f"snapshot {snapshot} is shared with nobody but as declared")
    what = f"snapshot {snapshot} is shared with {', '.join(excess)}"
    if declared is None:
        return report(f"{what}, and is not declared here")
    return restore(f"{what}, which is not declared", _unshare(happened, snapshot, excess))


def _unshare(happened: Occurrence, snapshot: str, excess: list[str]) -> Step:
    if happened.name != _VOLUME:
        kind = _DATABASES[happened.name]
        parameters = {
            kind.parameter: snapshot,
            "AttributeName": "restore",
            "ValuesToRemove": excess,
        }
        return Step("rds", kind.modify, parameters)
    parameters: dict[str, Any] = {
        "SnapshotId": snapshot,
        "Attribute": "createVolumePermission",
        "OperationType": "remove",
        "GroupNames": [who for who in excess if who == EVERYONE],
        "UserIds": [who for who in excess if who != EVERYONE],
    }
    return Step("ec2", "modify_snapshot_attribute", parameters)


REMEDIATION: Final = Remediation(
    name="unshare-snapshot",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(
        ("ec2", "modify_snapshot_attribute"),
        *(("rds", kind.modify) for kind in _DATABASES.values()),
    ),
)

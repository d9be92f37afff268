"""Tripwires on disks: their defaults in a region, and snapshots that everyone may have.

Snapshots that are shared with single accounts are not looked for: AWS lists them for those accounts
alone, and an account may have very many.

Reads `ec2:DescribeSnapshots`, `ec2:DescribeSnapshotAttribute`,
`ec2:GetSnapshotBlockPublicAccessState` and `ec2:GetEbsEncryptionByDefault`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.tripwires.copies import SHARED, undeclared, with_copies
from fintech_infra.operations.tripwires.model import Scene, Seen, Tripwire, seen

_PERMISSION: Final = "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission"
_BLOCK: Final = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"
_DEFAULT: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
_DISKS: Final = ("aws:ebs/volume:Volume", "aws:ec2/instance:Instance")

_EVERYONE: Final = "all"


def _read_block(scene: Scene, resource: Resource) -> Seen:
    def state() -> Any:
        told = scene.ask(resource, "ec2", "get_snapshot_block_public_access_state")
        return (told or {})["State"]

    return with_copies(seen({"state": state}), lambda: _public_disks(scene, resource))


def _read_default(scene: Scene, resource: Resource) -> Seen:
    def enabled() -> Any:
        told = scene.ask(resource, "ec2", "get_ebs_encryption_by_default")
        return (told or {})["EbsEncryptionByDefault"]

    return with_copies(seen({"enabled": enabled}), lambda: _public_disks(scene, resource))


def _read_disk(scene: Scene, resource: Resource) -> Seen:
    return with_copies(Seen(), lambda: _public_disks(scene, resource))


def _public_disks(scene: Scene, resource: Resource) -> Iterator[Resource]:
    """Yield every snapshot of the account in this region that everyone may make a volume of.

    Raises:
        UnreadError: AWS does not tell.
    """
    declared = {it.inputs.get("snapshotId") for it in scene.environment.of_type(_PERMISSION)}
    region = scene.region(resource)
    for own in scene.once(("public disks", region), lambda: _restorable(scene, resource, region)):
        if own not in declared:
            inputs = {"snapshotId": own, "accountId": _EVERYONE}
            yield undeclared(scene, resource, _PERMISSION, own, inputs)


def _restorable(scene: Scene, resource: Resource, region: str) -> list[str]:
    pages = scene.access.pages(
        "ec2",
        "describe_snapshots",
        region=region,
        OwnerIds=["self"],
        RestorableByUserIds=[_EVERYONE],
    )
    listed = [it["SnapshotId"] for page in pages for it in page["Snapshots"]]
    return [it for it in listed if _is_public(scene, resource, it)]


def _is_public(scene: Scene, resource: Resource, own: str) -> bool:
    """Whether a snapshot is still shared with everyone: the list may be older than its answer."""
    told = scene.ask(
        resource,
        "ec2",
        "describe_snapshot_attribute",
        missing=("InvalidSnapshot.NotFound",),
        SnapshotId=own,
        Attribute="createVolumePermission",
    )
    permissions = [] if told is None else told["CreateVolumePermissions"]
    return any(it.get("Group") == _EVERYONE for it in permissions)


TRIPWIRES: Final = (
    Tripwire("sharing of disks", {_BLOCK: {"state": "unblocked", SHARED: None}}, _read_block),
    Tripwire("encryption of disks", {_DEFAULT: {"enabled": False, SHARED: None}}, _read_default),
    Tripwire("snapshots of disks", {it: {SHARED: None} for it in _DISKS}, _read_disk),
)

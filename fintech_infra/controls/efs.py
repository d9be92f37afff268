"""Controls over file systems: EFS and FSx."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.classification import CLASSIFIED, tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import (
    StatementCheck,
    denies_plaintext,
    hold_statements,
    read_policy,
    strangers,
)
from fintech_infra.controls.remedies import denying_plaintext
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import Statement
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import decided_first, reading

FILE_SYSTEM: Final = "aws:efs/fileSystem:FileSystem"
FILE_SYSTEM_POLICY: Final = "aws:efs/fileSystemPolicy:FileSystemPolicy"
ACCESS_POINT: Final = "aws:efs/accessPoint:AccessPoint"
TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
FSX: Final = (
    "aws:fsx/windowsFileSystem:WindowsFileSystem",
    "aws:fsx/ontapFileSystem:OntapFileSystem",
    "aws:fsx/lustreFileSystem:LustreFileSystem",
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem",
)

_MOUNTING: Final = "elasticfilesystem:ClientMount"
_THROUGH_NETWORK: Final = "elasticfilesystem:accessedviamounttarget"


@control(
    on=[FILE_SYSTEM, *FSX],
    severity=Severity.HIGH,
    fix="Set encrypted, and kmsKeyId where the tag data-class is confidential, pii or cardholder; "
    "an unencrypted EFS file system is replaced by that, so move its data.",
    source="Amazon EFS user guide, Encrypting data at rest; FSBP EFS.1",
    properties=["encrypted", "kmsKeyId", "tags"],
)
def efs_encrypted(system: Resource) -> Iterator[Fault]:
    """File systems are encrypted, those of classified data with a customer-managed key.

    EFS encrypts only if it is told so when the file system is made; FSx always does, with a key
    that nobody can take away or see the use of.
    """
    if system.type == FILE_SYSTEM and system.value("encrypted") is not True:
        yield Fault("encrypted", "the file system is not encrypted")
    elif not system.is_set("kmsKeyId"):
        label = tag_of(system, "data-class")
        if label in CLASSIFIED:
            yield Fault("kmsKeyId", f"{label} data needs a customer-managed key")


def _encrypted_only(resource: Resource) -> Mapping[str, Any]:
    # User and directory of an access point, and all of a task definition, are replaced by a change.
    if resource.type != FILE_SYSTEM_POLICY or not any(True for _ in _transport_faults(resource)):
        return {}
    return denying_plaintext("*", room=20_000, implied=True)(resource)


@control(
    on=[FILE_SYSTEM, FILE_SYSTEM_POLICY, ACCESS_POINT, TASK_DEFINITION],
    severity=Severity.MEDIUM,
    fix="Add an efs.FileSystemPolicy that names principals and denies everything where "
    "aws:SecureTransport is false; set posixUser and rootDirectory of access points, and "
    "transitEncryption ENABLED in tasks.",
    source="Amazon EFS user guide, Using IAM to control file system data access; FSBP EFS.3, EFS.4",
    properties=["policy", "posixUser", "rootDirectory", "volumes"],
    remedy=_encrypted_only,
)
def efs_access_restricted(
    resource: Resource, environment: Environment, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """File systems admit named principals over TLS, access points pin user and directory.

    Without a policy, whatever reaches a mount target may read and write as root, in the clear. A
    policy for everyone is accepted where it is limited to clients of the mount targets.
    """
    if resource.type == FILE_SYSTEM:
        if not companions(environment, resource, "fileSystemId", FILE_SYSTEM_POLICY):
            yield Fault("", "there is no file system policy, so plain connections are accepted")
    elif resource.type == FILE_SYSTEM_POLICY:
        check = _within_network(strangers(trusted_accounts, "the file system"))
        yield from decided_first(
            (hold_statements(resource, ["policy"], check), _transport_faults(resource))
        )
    elif resource.type == ACCESS_POINT:
        yield from decided_first((_user_faults(resource), _root_faults(resource)))
    else:
        yield from _volume_faults(resource)


def _within_network(check: StatementCheck) -> StatementCheck:
    """Return `check`, which passes over statements for clients of the mount targets."""

    def narrowed(statement: Statement) -> Iterator[tuple[str, str]]:
        if not _is_through_network(statement):
            yield from check(statement)

    return narrowed


def _is_through_network(statement: Statement) -> bool:
    return any(
        condition.operator.lower() == "bool"
        and condition.key.lower() == _THROUGH_NETWORK
        and [value.lower() for value in condition.values] == ["true"]
        for condition in statement.conditions
    )


def _transport_faults(policy: Resource) -> Iterator[Fault]:
    with reading(policy.name, "policy"):
        denying = read_policy(policy, "policy").denying
        denied = any(
            denies_plaintext(statement) and statement.covers_action(_MOUNTING)
            for statement in denying
        )
    if not denied:
        yield Fault("policy", "no statement denies connections without TLS")


def _user_faults(point: Resource) -> Iterator[Fault]:
    if not point.is_set("posixUser"):
        yield Fault("posixUser", "clients choose the user they act as")
    elif not point.number("posixUser.uid"):
        yield Fault("posixUser.uid", "clients act as root")


def _root_faults(point: Resource) -> Iterator[Fault]:
    if point.value("rootDirectory.path") in (None, "", "/"):
        yield Fault("rootDirectory", "clients see the whole file system")


def _volume_faults(task: Resource) -> Iterator[Fault]:
    for path, _ in task.each("volumes"):
        mount = f"{path}.efsVolumeConfiguration"
        if task.value(mount) is None:
            continue
        if task.value(f"{mount}.transitEncryption") != "ENABLED":
            yield Fault(f"{mount}.transitEncryption", "the task mounts the volume in the clear")


CONTROLS: Final = (efs_encrypted, efs_access_restricted)

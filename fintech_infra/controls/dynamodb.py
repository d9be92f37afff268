"""Controls over DynamoDB tables and DAX clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.classification import CLASSIFIED, tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.evaluate import is_production
from fintech_infra.controls.policies import hold_statements, strangers
from fintech_infra.controls.remedies import differing, in_production
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import decided_first

TABLE: Final = "aws:dynamodb/table:Table"
TABLE_REPLICA: Final = "aws:dynamodb/tableReplica:TableReplica"
RESOURCE_POLICY: Final = "aws:dynamodb/resourcePolicy:ResourcePolicy"
DAX_CLUSTER: Final = "aws:dax/cluster:Cluster"


@control(
    on=[TABLE, TABLE_REPLICA, DAX_CLUSTER],
    severity=Severity.MEDIUM,
    fix="Set serverSideEncryption with enabled and kmsKeyArn (kmsKeyArn of a replica); set "
    "serverSideEncryption.enabled and clusterEndpointEncryptionType TLS on a DAX cluster.",
    source="Amazon DynamoDB developer guide, Encryption at rest; FSBP DynamoDB.3, DynamoDB.7",
    properties=["serverSideEncryption", "kmsKeyArn", "clusterEndpointEncryptionType", "tags"],
)
def dynamodb_encryption_cmk(resource: Resource) -> Iterator[Fault]:
    """Tables of classified data use a customer-managed key; DAX encrypts storage and endpoints.

    DynamoDB always encrypts, with a key that nobody can take away or see the use of. Classified is
    what the tag `data-class` calls confidential, pii or cardholder. DAX keeps the same data, and
    encrypts only if it is told so when it is made.
    """
    if resource.type == DAX_CLUSTER:
        yield from decided_first((_dax_storage(resource), _dax_endpoints(resource)))
        return
    label = tag_of(resource, "data-class")
    if label not in CLASSIFIED:
        return
    path = "kmsKeyArn" if resource.type == TABLE_REPLICA else "serverSideEncryption.kmsKeyArn"
    if not resource.is_set(path):
        yield Fault(path, f"{label} data needs a customer-managed key")
    elif resource.type == TABLE and resource.value("serverSideEncryption.enabled") is not True:
        yield Fault("serverSideEncryption.enabled", "the key is given and not used")
    yield from _replicas(resource, label)


def _replicas(table: Resource, label: str) -> Iterator[Fault]:
    for path, _ in table.each("replicas"):
        if not table.is_set(f"{path}.kmsKeyArn"):
            yield Fault(f"{path}.kmsKeyArn", f"{label} data needs a key of the replica's region")


def _dax_storage(cluster: Resource) -> Iterator[Fault]:
    if cluster.value("serverSideEncryption.enabled") is not True:
        yield Fault("serverSideEncryption.enabled", "what the cluster keeps is not encrypted")


def _dax_endpoints(cluster: Resource) -> Iterator[Fault]:
    if cluster.value("clusterEndpointEncryptionType") != "TLS":
        yield Fault("clusterEndpointEncryptionType", "clients talk to the cluster in the clear")


def _kept(table: Resource) -> Mapping[str, Any]:
    wanted = {"pointInTimeRecovery.enabled": True}
    if in_production(table):
        wanted["deletionProtectionEnabled"] = True
    return differing(table, wanted)


@control(
    on=[TABLE],
    severity=Severity.HIGH,
    fix="Set pointInTimeRecovery.enabled and deletionProtectionEnabled.",
    source="Amazon DynamoDB developer guide, Point-in-time recovery; FSBP DynamoDB.2, DynamoDB.6",
    properties=["pointInTimeRecovery", "deletionProtectionEnabled"],
    remedy=_kept,
)
def dynamodb_recoverable(table: Resource, environment: Environment) -> Iterator[Fault]:
    """Tables have point-in-time recovery, those of production deletion protection, too.

    A faulty release can overwrite every item in minutes; recovery to any second of the last 35 days
    undoes it. A deleted table takes this recovery along.
    """
    yield from decided_first(
        (_recovery(table), _protection(table) if is_production(environment.stack) else ())
    )


def _recovery(table: Resource) -> Iterator[Fault]:
    if table.value("pointInTimeRecovery.enabled") is not True:
        yield Fault("pointInTimeRecovery.enabled", "the table cannot be restored to a moment")


def _protection(table: Resource) -> Iterator[Fault]:
    if table.value("deletionProtectionEnabled") is not True:
        yield Fault("deletionProtectionEnabled", "anyone with the permission can delete the table")


@control(
    on=[RESOURCE_POLICY],
    severity=Severity.CRITICAL,
    fix="Name the principals, or confine them with aws:PrincipalOrgID or aws:SourceAccount.",
    source="Amazon DynamoDB developer guide, Resource-based policies",
    properties=["policy"],
)
def dynamodb_policy_not_public(
    policy: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Policies of tables and streams admit neither anyone nor an account that is not trusted.

    Such a policy needs no permission on the other side: whoever it names reads the table.
    """
    yield from hold_statements(policy, ["policy"], strangers(trusted_accounts, "the table"))


CONTROLS: Final = (dynamodb_encryption_cmk, dynamodb_recoverable, dynamodb_policy_not_public)

"""Controls over how much of a service, and of its resources, an identity policy reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.iam import (
    IDENTITY_POLICIES,
    POLICY_PROPERTIES,
    SELF_GRANTS,
    granting_paths,
    is_admin,
)
from fintech_infra.controls.policies import StatementCheck, enumerated, hold_statements
from fintech_infra.controls.service_actions import Level, covered, on_everything
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import ARN_PARTS, Condition, Statement

# What each needs: https://docs.aws.amazon.com/service-authorization/latest/reference/
_SENSITIVE: Final = {
    "codecommit:GitPull": ("codecommit:any",),
    "dynamodb:BatchGetItem": ("dynamodb:table/any",),
    "dynamodb:GetItem": ("dynamodb:table/any",),
    "dynamodb:PartiQLSelect": ("dynamodb:table/any",),
    "dynamodb:Query": ("dynamodb:table/any",),
    "dynamodb:Scan": ("dynamodb:table/any",),
    "ebs:GetSnapshotBlock": ("ec2:snapshot/any",),
    "ec2:GetPasswordData": ("ec2:instance/any",),
    "kinesis:GetRecords": ("kinesis:stream/any",),
    "lambda:GetFunction": ("lambda:function:any",),
    "rds-db:connect": ("rds-db:dbuser:any/any",),
    "rds:DownloadDBLogFilePortion": ("rds:db:any",),
    "redshift:GetClusterCredentials": ("redshift:dbuser:any/any",),
    "s3:GetObject": ("s3:any/any",),
    "s3:GetObjectVersion": ("s3:any/any",),
    "secretsmanager:GetSecretValue": ("secretsmanager:secret:any",),
    "sqs:ReceiveMessage": ("sqs:any",),
    "ssm:GetParameter": ("ssm:parameter/any",),
    "ssm:GetParameterHistory": ("ssm:parameter/any",),
    "ssm:GetParameters": ("ssm:parameter/any",),
    "ssm:GetParametersByPath": ("ssm:parameter/any",),
}
_ASSUMING: Final = {"sts:AssumeRole": ("iam:role/any",)}
_SELF: Final = frozenset(SELF_GRANTS)
# Judged by controls of their own.
_ELSEWHERE: Final = frozenset({
    *_ASSUMING, *_SENSITIVE, *_SELF, "iam:PassRole", "kms:Decrypt", "kms:ReEncryptFrom",
    "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
})  # fmt: skip
# Conditions that fix what is touched. Those on who asks, when and whence leave every resource.
_ON_THE_RESOURCE: Final = ("aws:calledvia", "aws:requesttag/", "aws:resourcetag/")
_HOLDING: Final = frozenset({
    "arnequals", "arnlike", "bool", "null", "stringequals", "stringequalsignorecase", "stringlike",
})  # fmt: skip


def _narrows(condition: Condition) -> bool:
    key = condition.key.lower()
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    own = not key.startswith("aws:")
    if operator not in _HOLDING or not (own or key.startswith(_ON_THE_RESOURCE)):
        return False
    return bool(condition.values) and not any(set(value) == {"*"} for value in condition.values)


def _whole_services(statement: Statement) -> list[str]:
    """The patterns of actions that stand for all of a service, or of several."""
    return [item for item in statement.actions if set(item.partition(":")[2] or item) == {"*"}]


def _is_of_one_place(pattern: str) -> bool:
    """Whether an ARN, a pattern perhaps, is of one kind in one account and region, all written."""
    parts = pattern.split(":", ARN_PARTS - 1)
    written = len(parts) == ARN_PARTS and all(parts[2:5]) and "*" not in "".join(parts[2:5])
    return written and set(parts[-1]) != {"*"}


def _unscoped(statement: Statement, grants: Iterable[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Which of the actions an Allow statement grants on every resource that they could name."""
    if not statement.allows or statement.not_actions or _whole_services(statement):
        return []
    found = [name for name, needed in grants if on_everything(statement, needed)]
    return [] if found and any(map(_narrows, statement.conditions)) else found


def _elsewhere(statement: Statement) -> Statement:
    """The statement without the kinds of resources that it names in one place."""
    left = tuple(item for item in statement.resources if not _is_of_one_place(item))
    return replace(statement, resources=left)


def _judged(statement: Statement, level: Level) -> Iterator[tuple[str, tuple[str, ...]]]:
    return (item for item in covered(statement, level) if item[0] not in _ELSEWHERE)


def _hold(resource: Resource, environment: Environment, check: StatementCheck) -> Iterator[Fault]:
    yield from hold_statements(resource, granting_paths(resource, environment), check)


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="List the actions that the identity needs.",
    source="FSBP IAM.21",
    properties=POLICY_PROPERTIES,
)
def iam_policy_no_service_wildcard(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """No Allow statement grants all actions of a service.

    Such a grant holds what nobody thought of, the rights to change the policy of a resource and to
    delete it among them, and whatever AWS adds. What is administration outright is left to
    iam-policy-no-admin-star.
    """
    yield from _hold(resource, environment, _grants_services)


def _grants_services(statement: Statement) -> Iterator[tuple[str, str]]:
    whole = _whole_services(statement) if statement.allows else []
    if whole and not is_admin(statement):
        yield "Action", f"{enumerated(whole)} allows all actions of a service"


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="Name the resources, or a condition such as aws:ResourceTag that tells them apart.",
    source="NIST SP 800-53 AC-6; AWS service authorization reference",
    properties=POLICY_PROPERTIES,
)
def iam_policy_write_resources_scoped(
    resource: Resource, environment: Environment
) -> Iterator[Fault]:
    """Writing actions that can be limited to resources are not allowed on every resource.

    Whoever takes over the identity can otherwise change or delete what belongs to others. Actions
    that know no resource are not judged, nor those that another control looks at. A condition on
    the service's own keys or on tags limits as well, and so does a kind of resource in one account
    and region, where both are written out: a workload may own all of that kind.
    """
    yield from _hold(resource, environment, _writes_everywhere)


def _writes_everywhere(statement: Statement) -> Iterator[tuple[str, str]]:
    if found := _unscoped(_elsewhere(statement), _judged(statement, Level.WRITE)):
        yield "Resource", f"{enumerated(found)} allowed on every resource"


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="Name the ARNs of the roles that may be assumed.",
    source="NIST SP 800-53 AC-6; AWS IAM user guide, Grant a user permissions to switch roles",
    properties=POLICY_PROPERTIES,
)
def iam_policy_assume_role_scoped(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Only named roles may be assumed.

    Any role whose trust policy names the whole account is open to whoever may assume every role,
    the most powerful one included. Conditions are not taken into account: the session's
    properties do not choose the role.
    """
    yield from _hold(resource, environment, _assumes_any)


def _assumes_any(statement: Statement) -> Iterator[tuple[str, str]]:
    for name, needed in _ASSUMING.items():
        covers = statement.allows and not is_admin(statement) and statement.covers_action(name)
        if covers and on_everything(statement, needed):
            yield "Resource", f"{name} allowed on every role"


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="Name the ARNs of what is read: ManagedSecret and LockedDownBucket expose theirs.",
    source="PCI DSS 4.0.1 7.2.6; NIST SP 800-53 AC-6",
    properties=POLICY_PROPERTIES,
)
def iam_policy_sensitive_reads_scoped(
    resource: Resource, environment: Environment
) -> Iterator[Fault]:
    """What returns secrets, credentials or stored data in bulk is allowed on named resources.

    One stolen session then reads what one workload works with, and not the whole account's data.
    """
    yield from _hold(resource, environment, _reads_everything)


def _reads_everything(statement: Statement) -> Iterator[tuple[str, str]]:
    grants = (item for item in _SENSITIVE.items() if statement.covers_action(item[0]))
    if found := _unscoped(statement, grants):
        yield "Resource", f"{enumerated(found)} allowed on every resource"


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="Name the resources whose policy or sharing the identity administers.",
    source="NIST SP 800-53 AC-6; AWS service authorization reference, permissions management",
    properties=POLICY_PROPERTIES,
)
def iam_policy_permissions_management_scoped(
    resource: Resource, environment: Environment
) -> Iterator[Fault]:
    """Policies and sharing may be changed on named resources only.

    Whoever can set any resource's policy can hand the data to a stranger without reading it. What
    raises the rights of an identity is left to iam-policy-no-privilege-escalation; a kind of
    resource in one account and region, both written out, counts as named.
    """
    yield from _hold(resource, environment, _manages_everything)


def _manages_everything(statement: Statement) -> Iterator[tuple[str, str]]:
    if found := _unscoped(_elsewhere(statement), _judged(statement, Level.PERMISSIONS)):
        yield "Resource", f"{enumerated(found)} allowed on every resource"


CONTROLS: Final = (
    iam_policy_no_service_wildcard,
    iam_policy_write_resources_scoped,
    iam_policy_assume_role_scoped,
    iam_policy_sensitive_reads_scoped,
    iam_policy_permissions_management_scoped,
)

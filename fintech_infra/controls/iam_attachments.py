"""Controls over the policies of AWS that identities are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from fintech_infra.controls.account_stacks import missing
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.iam import ROLE
from fintech_infra.controls.iam_users import (
    GROUP_ATTACHMENT,
    POLICY_ATTACHMENT,
    USER_ATTACHMENT,
    USER_ATTACHMENTS,
)
from fintech_infra.environment import STACK_TYPE, Environment, Resource, UnknownValueError
from fintech_infra.environment.relations import entry_paths
from fintech_infra.environment.undecided import UndecidedError, decided_first

ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
SSO_ATTACHMENT: Final = "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment"
_EXCLUSIVE: Final = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"

_LISTS: Final = ("managedPolicyArns", "policyArns")
_SINGLE: Final = ("policyArn", "managedPolicyArn")
# Where the attachment says who is given the policy.
_HOLDERS: Final = ("role", "roleName", "permissionSetArn", "user", "userName", "group", "groupName")
_BROAD: Final = (
    "AdministratorAccess*", "*Administrator", "*FullAccess*", "PowerUserAccess",
)  # fmt: skip
# Of no use within a boundary but to shed it, or to find what the boundary forgot.
_UNBOUNDED: Final = ("AdministratorAccess", "IAMFullAccess")
_SUPPORT: Final = "AWSSupportAccess"


def managed_policy(arn: str) -> str:
    """Return the name of a policy that AWS manages, nothing for other policies.

    >>> managed_policy("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
    'ViewOnlyAccess'
    """
    return arn.rpartition("/")[2] if ":iam::aws:policy/" in arn else ""


@control(
    on=[
        ROLE_ATTACHMENT,
        USER_ATTACHMENT,
        GROUP_ATTACHMENT,
        POLICY_ATTACHMENT,
        _EXCLUSIVE,
        USER_ATTACHMENTS,
        "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
        ROLE,
        SSO_ATTACHMENT,
    ],
    severity=Severity.HIGH,
    fix="Attach a policy that names what is needed; list break-glass roles in break_glass_roles.",
    source="CIS AWS Foundations 5.0 1.15, 1.21; FSBP IAM.1",
    properties=["policyArn", "policyArns", "managedPolicyArns", "managedPolicyArn"],
)
def iam_managed_admin_not_attached(
    resource: Resource,
    environment: Environment,
    *,
    break_glass_roles: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Policies of AWS that grant administration or a whole service are not attached.

    They grant what a service can do and, without asking, whatever AWS adds to it. The parameter
    takes patterns of the names of roles and permission sets that are for emergencies. A role in a
    permissions boundary may have what is neither all of administration nor of IAM: a pipeline makes
    whatever the program declares, and the boundary says what it may not.
    """
    yield from decided_first(
        _broad(resource, path, environment, break_glass_roles) for path in _arn_paths(resource)
    )


def _arn_paths(resource: Resource) -> list[str]:
    listed = [item for path in _LISTS for item in entry_paths(resource, path)]
    return [*listed, *(path for path in _SINGLE if resource.is_set(path))]


def _broad(
    resource: Resource, path: str, environment: Environment, excepted: Iterable[str]
) -> Iterator[Fault]:
    # A policy of the program is none of AWS's, whatever ARN it will have.
    if any(not item.existing for item in environment.references(resource, path)):
        return
    name = managed_policy(str(resource.value(path)))
    if not any(fnmatchcase(name, pattern) for pattern in _BROAD):
        return
    if name not in _UNBOUNDED and _is_bounded(resource, environment):
        return
    names = list(_holders(resource, environment)) if excepted else []
    if not names or not all(any(fnmatchcase(it, item) for item in excepted) for it in names):
        yield Fault(path, f"{name} is attached")


def _is_bounded(resource: Resource, environment: Environment) -> bool:
    """Whether the policy is given to a role of the program that a permissions boundary confines."""
    paths = () if resource.type == ROLE else ("role", "roleName")
    roles = [item for path in paths for item in environment.references(resource, path, ROLE)]
    given = [resource] if resource.type == ROLE else roles
    return bool(given) and all(item.is_set("permissionsBoundary") for item in given)


def _holders(resource: Resource, environment: Environment) -> Iterator[str]:
    """The names of those who are given the policy."""
    if resource.type == ROLE:
        yield _name(resource)
    elif resource.type == POLICY_ATTACHMENT:
        for kind in ("roles", "users", "groups"):
            yield from (str(item) for _, item in resource.each(kind))
    for path in _HOLDERS:
        found = environment.references(resource, path)
        if found:
            yield from map(_name, found)
        elif resource.is_set(path) and resource.type != ROLE:
            yield str(resource.value(path))


def _name(resource: Resource) -> str:
    given: Any = resource.inputs.get("name")
    return given if isinstance(given, str) else resource.name


@control(
    on=[STACK_TYPE],
    severity=Severity.LOW,
    fix="Attach AWSSupportAccess to a role that the people on call may assume.",
    source="CIS AWS Foundations 5.0 1.16; PCI DSS 4.0.1 12.10.1",
)
def iam_support_role_present(
    _: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """The baseline of an account has a role that may open and manage support cases.

    In an incident it is too late to find out that only the root user may call AWS. Looked for is
    the policy of AWS, in the stacks that account_stacks names as patterns of project/stack.
    """
    faults = list(missing(environment, account_stacks, [], f"role with {_SUPPORT}"))
    kinds = (ROLE_ATTACHMENT, _EXCLUSIVE, POLICY_ATTACHMENT, SSO_ATTACHMENT, ROLE)
    given = [item for item in environment.of_type(*kinds) if not item.existing]
    if faults and not _anywhere(given):
        yield from faults


def _anywhere(given: Iterable[Resource]) -> bool:
    """Whether one of the resources gives a role the policy.

    Raises:
        UndecidedError: none does, but one attaches a policy that is not known yet.
    """
    unknown = ""
    for item in given:
        try:
            if _supports(item):
                return True
        except UnknownValueError:
            unknown = item.name
    if unknown:
        raise UndecidedError("", f"what {unknown} attaches is not known before deployment")
    return False


def _supports(resource: Resource) -> bool:
    if resource.type == POLICY_ATTACHMENT and not resource.is_set("roles"):
        return False
    arns = (resource.value(path) for path in _arn_paths(resource))
    return any(managed_policy(str(arn)) == _SUPPORT for arn in arns)


CONTROLS: Final = (iam_managed_admin_not_attached, iam_support_role_present)

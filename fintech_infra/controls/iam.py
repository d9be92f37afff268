"""Controls over IAM policy documents: what identities may do, and who may become a role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.kms import KEY, KEY_POLICY
from fintech_infra.controls.policies import (
    StatementCheck,
    enumerated,
    hold_statements,
    read_policy,
)
from fintech_infra.controls.s3 import BUCKET_POLICY
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.access import is_anyone, opens_to_anyone
from fintech_infra.environment.documents import Document, Statement, matches, resource_part
from fintech_infra.environment.graph.abilities import RUNNING, SELF_GRANTS
from fintech_infra.environment.relations import entry_paths
from fintech_infra.environment.undecided import decided_first

ROLE: Final = "aws:iam/role:Role"
USER: Final = "aws:iam/user:User"
POLICY: Final = "aws:iam/policy:Policy"
PERMISSION_SET_POLICY: Final = "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"
IDENTITY_POLICIES: Final = (
    POLICY,
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
    ROLE,
    PERMISSION_SET_POLICY,
)
RESOURCE_POLICIES: Final = (BUCKET_POLICY, KEY, KEY_POLICY)
POLICY_PROPERTIES: Final = ("policy", "inlinePolicies", "inlinePolicy")

_ANY_KEY: Final = "key/any-key"
_ANY_ROLE: Final = "role/any/role"
_ANY_IDENTITY: Final = (_ANY_ROLE, "user/any", "group/any", "policy/any")
_DECRYPTION: Final = ("kms:Decrypt", "kms:ReEncryptFrom")

# With iam:PassRole on any role, each of these runs the holder's code as that role.
_RUNS_AS_ROLE: Final = sorted({way.calls[0][0] for way in RUNNING})
_PERMISSIONS_BOUNDARY: Final = "iam:permissionsboundary"


def granting_paths(resource: Resource, environment: Environment) -> list[str]:
    """Return the paths of the documents that grant an identity something.

    A managed policy that is only used as a permissions boundary grants nothing.
    """
    if resource.type == ROLE:
        return [f"{path}.policy" for path in entry_paths(resource, "inlinePolicies")]
    if resource.type == PERMISSION_SET_POLICY:
        return ["inlinePolicy"]
    if resource.type == POLICY and any(
        environment.referrers(resource, type_, "permissionsBoundary") for type_ in (ROLE, USER)
    ):
        return []
    return ["policy"]


def _hold(resource: Resource, environment: Environment, check: StatementCheck) -> Iterator[Fault]:
    yield from hold_statements(resource, granting_paths(resource, environment), check)


def _grants_on(statement: Statement, actions: Iterable[str], targets: Iterable[str]) -> list[str]:
    """Which of `actions` an Allow statement grants on one of `targets`, the ARN's last parts."""
    if not statement.allows or not _reaches(statement, targets):
        return []
    return [action for action in actions if statement.covers_action(action)]


def _reaches(statement: Statement, targets: Iterable[str]) -> bool:
    if statement.not_resources:
        return True
    parts = [resource_part(pattern) for pattern in statement.resources]
    return any(matches(part, target) for part in parts for target in targets)


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.CRITICAL,
    fix="Name the actions and resources that the identity needs.",
    source="CIS AWS Foundations 5.0 1.15; FSBP IAM.1",
    properties=POLICY_PROPERTIES,
)
def iam_policy_no_admin_star(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """No policy grants every action on every resource.

    Whoever takes over such an identity has taken over the account.
    """
    yield from _hold(resource, environment, _admin)


def _admin(statement: Statement) -> Iterator[tuple[str, str]]:
    if is_admin(statement):
        yield "Action", "every action on every resource is allowed"


def is_admin(statement: Statement) -> bool:
    """Whether the statement allows every action on every resource."""
    every = statement.covers_every_action() and statement.covers_every_resource()
    return statement.allows and every


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="Name the ARNs of the keys: EncryptionKey exposes its arn.",
    source="FSBP KMS.1, KMS.2",
    properties=POLICY_PROPERTIES,
)
def iam_policy_kms_decrypt_scoped(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Decryption is allowed with named keys only.

    Decrypt on every key undoes the separation that one key per kind of data is for. Conditions are
    not taken into account, as in FSBP KMS.1.
    """
    yield from _hold(resource, environment, _decrypts_all)


def _decrypts_all(statement: Statement) -> Iterator[tuple[str, str]]:
    granted = _grants_on(statement, _DECRYPTION, [_ANY_KEY])
    if granted:
        yield "Resource", f"{' and '.join(granted)} allowed with every key"


@control(
    on=[ROLE],
    severity=Severity.CRITICAL,
    fix="Name the account, the service or the identity provider that may assume the role.",
    source="AWS IAM user guide, Role trust policies",
    properties=["assumeRolePolicy"],
)
def iam_role_trust_not_public(role: Resource) -> Iterator[Fault]:
    """Roles trust named principals only.

    A role that trusts anyone is an entrance to the account for every AWS customer. An external id
    does not narrow it: AWS does not treat it as a secret.
    """
    yield from hold_statements(role, ["assumeRolePolicy"], _trusts_anyone)


def _trusts_anyone(statement: Statement) -> Iterator[tuple[str, str]]:
    opening = opens_to_anyone(statement)
    if opening and any(map(is_anyone, statement.principals)):
        yield opening, "anyone may assume the role"
    elif opening:
        yield opening, "everyone but the principals listed may assume the role"


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.CRITICAL,
    fix="Limit the actions to named identities, or require a permissions boundary with the "
    "iam:PermissionsBoundary condition.",
    source="NIST SP 800-53 AC-6(10)",
    properties=POLICY_PROPERTIES,
)
def iam_policy_no_privilege_escalation(
    resource: Resource, environment: Environment
) -> Iterator[Fault]:
    """No policy lets its holder give itself more permissions.

    A right to change any identity's permissions, or to run code as any role, is administration by
    a detour. Each document is judged by itself, as is each statement that a permissions boundary
    does not confine; what is administration outright is left to iam-policy-no-admin-star.
    """
    yield from _hold(resource, environment, _self_grants)
    paths = granting_paths(resource, environment)
    yield from decided_first(_passing(path, read_policy(resource, path)) for path in paths)


def _self_grants(statement: Statement) -> Iterator[tuple[str, str]]:
    if is_admin(statement) or _is_bounded(statement):
        return
    granted = _grants_on(statement, SELF_GRANTS, _ANY_IDENTITY)
    if granted:
        yield "Action", f"{enumerated(granted)} allowed on any identity"


def _is_bounded(statement: Statement) -> bool:
    return any(item.key.lower() == _PERMISSIONS_BOUNDARY for item in statement.conditions)


def _passing(path: str, document: Document) -> Iterator[Fault]:
    allowing = [item for item in document.allowing if not is_admin(item)]
    passing = [item for item in allowing if _passes_any(item) and not _names_service(item)]
    running = [
        action
        for action in _RUNS_AS_ROLE
        if any(statement.covers_action(action) for statement in allowing)
    ]
    for statement in passing if running else []:
        message = f"iam:PassRole on any role, with {running[0]}, runs code as any role"
        yield Fault(f"{path}.{statement.path}.Action", message)


def _passes_any(statement: Statement) -> bool:
    return bool(_grants_on(statement, ["iam:PassRole"], [_ANY_ROLE]))


def _names_service(statement: Statement) -> bool:
    return any(item.key.lower() == "iam:passedtoservice" for item in statement.conditions)


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="Name the roles in Resource, and the service in an iam:PassedToService condition.",
    source="AWS IAM user guide, Grant a user permissions to pass a role to an AWS service",
    properties=POLICY_PROPERTIES,
)
def iam_policy_passrole_scoped(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Roles are passed by name, or by a name pattern to a named service.

    Whoever may pass any role can hand the most powerful one to a machine of their own. A role that
    is named in full needs no condition: its trust policy says which service may take it.
    """
    yield from _hold(resource, environment, _passes_too_much)


def _passes_too_much(statement: Statement) -> Iterator[tuple[str, str]]:
    if is_admin(statement) or not statement.allows:
        return
    if not statement.covers_action("iam:PassRole"):
        return
    patterns = any(set(item) & {"*", "?"} for item in statement.resources)
    if _passes_any(statement):
        yield "Resource", "iam:PassRole is allowed on every role"
    elif patterns and not _names_service(statement):
        yield "Resource", "iam:PassRole on a pattern of roles, to any service"


@control(
    on=[*IDENTITY_POLICIES, *RESOURCE_POLICIES],
    severity=Severity.HIGH,
    fix="Turn the statement round: list what is allowed, or deny with the Not element.",
    source="AWS IAM user guide, IAM JSON policy elements: NotAction, NotResource, NotPrincipal",
    properties=POLICY_PROPERTIES,
)
def iam_policy_no_allow_not_element(
    resource: Resource, environment: Environment
) -> Iterator[Fault]:
    """No Allow statement is written with NotAction, NotResource or NotPrincipal.

    Such a statement also allows everything that AWS adds later.
    """
    yield from _hold(resource, environment, _inverted)


def _inverted(statement: Statement) -> Iterator[tuple[str, str]]:
    if statement.allows:
        for element, given in (
            ("NotAction", statement.not_actions),
            ("NotResource", statement.not_resources),
            ("NotPrincipal", statement.not_principals),
        ):
            if given:
                yield element, f"{element} allows everything but what it lists"


CONTROLS: Final = (
    iam_policy_no_admin_star,
    iam_policy_kms_decrypt_scoped,
    iam_role_trust_not_public,
    iam_policy_no_privilege_escalation,
    iam_policy_passrole_scoped,
    iam_policy_no_allow_not_element,
)

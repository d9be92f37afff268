"""Who can be given permissions in a program, and the documents that give them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.environment.documents import Document, DocumentError
from fintech_infra.environment.graph.managed_policies import managed_document
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.policies import read_policy
from fintech_infra.environment.relations import entry_paths, managed_companions, refuse_if_hidden
from fintech_infra.environment.values import UnknownValueError

ROLE: Final = "aws:iam/role:Role"
USER: Final = "aws:iam/user:User"
GROUP: Final = "aws:iam/group:Group"
POLICY: Final = "aws:iam/policy:Policy"
PRINCIPALS: Final = (ROLE, USER, GROUP)

_POLICY_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
_USER_GROUPS: Final = "aws:iam/userGroupMembership:UserGroupMembership"
_GROUP_USERS: Final = "aws:iam/groupMembership:GroupMembership"
# By kind of principal: the resources that hold a document of its own, and those that attach a
# policy, each with the input that names the principal.
_INLINE: Final = {
    ROLE: ("aws:iam/rolePolicy:RolePolicy", "role"),
    USER: ("aws:iam/userPolicy:UserPolicy", "user"),
    GROUP: ("aws:iam/groupPolicy:GroupPolicy", "group"),
}
_ATTACHING: Final = {
    ROLE: (
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", "policyArn"),
        (_POLICY_ATTACHMENT, "roles", "policyArn"),
        (
            "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
            "roleName",
            "policyArns",
        ),
    ),
    USER: (
        ("aws:iam/userPolicyAttachment:UserPolicyAttachment", "user", "policyArn"),
        (_POLICY_ATTACHMENT, "users", "policyArn"),
        (
            "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
            "userName",
            "policyArns",
        ),
    ),
    GROUP: (
        ("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "group", "policyArn"),
        (_POLICY_ATTACHMENT, "groups", "policyArn"),
        (
            "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
            "groupName",
            "policyArns",
        ),
    ),
}
_AWS_POLICY: Final = ":iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class Given:
    """A document that a principal is given, and what gives it: a resource and a property.

    `is_own` is whether the property holds the document, and does not name one of AWS's.
    """

    urn: str
    path: str
    document: Document
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class Gap:
    """A document that a preview cannot read: where the program says that there is one, and why.

    `is_elsewhere` is whether it is known which one it is, and that another program declares it.
    """

    urn: str
    path: str
    reason: str
    is_elsewhere: bool = False


def principals(environment: Environment) -> Iterator[Resource]:
    """Yield the roles, users and groups that the program manages."""
    return (item for item in environment.of_type(*PRINCIPALS) if not item.existing)


def given_to(environment: Environment, principal: Resource) -> Iterator[Given | Gap]:
    """Yield the documents that give a principal permissions, and those that nobody can read.

    The documents of its groups are a user's, too.
    """
    yield from _own(environment, principal)
    if principal.type == USER:
        for group in groups_of(environment, principal):
            yield from _own(environment, group)
        yield from _hidden(environment, principal, (_USER_GROUPS, "user"))


def boundary_of(environment: Environment, principal: Resource) -> Iterator[Given | Gap]:
    """Yield the permissions boundary of a principal; nothing where it has none."""
    if principal.is_set("permissionsBoundary"):
        yield from _policies_at(environment, principal, "permissionsBoundary")


def groups_of(environment: Environment, user: Resource) -> tuple[Resource, ...]:
    """The groups of the program that a user is a member of."""
    found: dict[str, Resource] = {}
    for item in managed_companions(environment, user, "user", _USER_GROUPS):
        found.update((it.urn, it) for it in environment.references(item, "groups", GROUP))
    for item in managed_companions(environment, user, "users", _GROUP_USERS):
        found.update((it.urn, it) for it in environment.references(item, "group", GROUP))
    return tuple(found.values())


def attached_policies(environment: Environment, principal: Resource) -> Iterator[Resource]:
    """Yield the managed policies of the program that are attached to a principal."""
    for holder, path in _attachments(environment, principal):
        for found in environment.references(holder, path, POLICY):
            if not found.existing:
                yield found


def _own(environment: Environment, principal: Resource) -> Iterator[Given | Gap]:
    if principal.existing:
        yield Gap(principal.urn, "", f"{principal.name} is read from the cloud")
        return
    for path in entry_paths(principal, "inlinePolicies"):
        yield from given(principal, f"{path}.policy")
    type_, named = _INLINE[principal.type]
    for item in managed_companions(environment, principal, named, type_):
        yield from given(item, "policy")
    for holder, path in _attachments(environment, principal):
        yield from _policies_at(environment, holder, path)
    others = ((kind, input_) for kind, input_, _ in _ATTACHING[principal.type])
    yield from _hidden(environment, principal, _INLINE[principal.type], *others)


def _attachments(environment: Environment, principal: Resource) -> Iterator[tuple[Resource, str]]:
    """What attaches policies to a principal, each with the path of one policy's ARN."""
    for path in entry_paths(principal, "managedPolicyArns"):
        yield principal, path
    for type_, named, listed in _ATTACHING[principal.type]:
        for item in managed_companions(environment, principal, named, type_):
            for path in entry_paths(item, listed):
                yield item, path


def _policies_at(environment: Environment, holder: Resource, path: str) -> Iterator[Given | Gap]:
    """The documents of the managed policies whose ARN is at a path."""
    found = environment.references(holder, path, POLICY)
    for policy in found:
        if policy.existing:
            yield Gap(holder.urn, path, f"{policy.name} is read from the cloud")
        else:
            yield from given(policy, "policy")
    if not found:
        yield _of_aws(holder, path)


def _of_aws(holder: Resource, path: str) -> Given | Gap:
    try:
        arn = str(holder.value(path))
    except UnknownValueError:
        return Gap(holder.urn, path, f"what {holder.name} attaches is not known")
    if _AWS_POLICY not in arn:
        return Gap(holder.urn, path, f"{arn} is not in this program", is_elsewhere=True)
    document = managed_document(arn)
    if document is None:
        return Gap(holder.urn, path, f"what {arn.rpartition('/')[2]} allows is not known here")
    return Given(holder.urn, path, document, is_own=False)


def given(holder: Resource, path: str) -> Iterator[Given | Gap]:
    """A document; one that AWS would refuse gives nobody anything."""
    try:
        document = read_policy(holder, path)
    except UnknownValueError:
        yield Gap(holder.urn, path, f"the policy of {holder.name} is not known")
    except DocumentError:
        return
    else:
        if document.statements:
            yield Given(holder.urn, path, document)


def _hidden(
    environment: Environment, principal: Resource, *places: tuple[str, str]
) -> Iterator[Gap]:
    """That more may be given to a principal, by what a preview does not see."""
    for type_, named in places:
        try:
            refuse_if_hidden(environment, principal, named, type_)
        except UnknownValueError as error:
            yield Gap(principal.urn, "", str(error))
            return


def value_of(resource: Resource, path: str) -> Any:
    """The input at a path, None where it is absent or not known before deployment."""
    try:
        return resource.value(path)
    except UnknownValueError:
        return None

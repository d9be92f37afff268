"""Controls over IAM users: that there are none, and what holds for those that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.iam import POLICY, USER
from fintech_infra.controls.policies import read_policy
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import Condition, Statement
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, reading

LOGIN_PROFILE: Final = "aws:iam/userLoginProfile:UserLoginProfile"
ACCESS_KEY: Final = "aws:iam/accessKey:AccessKey"
SERVER_CERTIFICATE: Final = "aws:iam/serverCertificate:ServerCertificate"
GROUP: Final = "aws:iam/group:Group"
GROUP_MEMBERSHIP: Final = "aws:iam/groupMembership:GroupMembership"
USER_GROUP_MEMBERSHIP: Final = "aws:iam/userGroupMembership:UserGroupMembership"
USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"
POLICY_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
USER_ATTACHMENT: Final = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
GROUP_ATTACHMENT: Final = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
USER_ATTACHMENTS: Final = "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive"

_ON_USERS: Final = ((USER_ATTACHMENT, "user"), (POLICY_ATTACHMENT, "users"))
_ON_GROUPS: Final = ((GROUP_ATTACHMENT, "group"), (POLICY_ATTACHMENT, "groups"))
# What a user without a device has to be able to do to get one.
_FOR_ENROLMENT: Final = ("iam:", "sts:")
_NO_MFA: Final = (
    ("bool", "aws:multifactorauthpresent", "false"),
    ("boolifexists", "aws:multifactorauthpresent", "false"),
    ("null", "aws:multifactorauthage", "true"),
)


@control(
    on=[USER, LOGIN_PROFILE],
    severity=Severity.MEDIUM,
    fix="Let people in through IAM Identity Center and workloads through roles; list users that "
    "have to be in approved_users. DeployIdentity gives pipelines roles.",
    source="CIS AWS Foundations 5.0 1.20; PCI DSS 4.0.1 8.2.1",
    properties=["name", "user"],
)
def iam_user_not_created(
    resource: Resource, *, approved_users: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """People and workloads use federation or roles: no IAM user or console password is made.

    A user of IAM is not gone when its owner leaves the company. The parameter takes patterns of
    the names of users that are approved; their passwords are approved, too.
    """
    path = "name" if resource.type == USER else "user"
    what = "a user" if resource.type == USER else "a console password"
    if not approved_users or not _is_approved(resource, path, approved_users):
        yield Fault(path, f"{what} is made where federation or a role would do")


def _is_approved(resource: Resource, path: str, patterns: Iterable[str]) -> bool:
    given = resource.value(path)
    name = resource.name if given is None else str(given)
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@control(
    on=[ACCESS_KEY],
    severity=Severity.HIGH,
    fix="Let the workload assume a role: DeployIdentity for pipelines, Roles Anywhere outside AWS.",
    source="CIS AWS Foundations 5.0 1.12; PCI DSS 4.0.1 8.6.3",
    properties=["user", "status"],
)
def iam_user_access_key_absent(
    key: Resource, environment: Environment, *, approved_users: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """No access key that lasts is made; an approved user has at most one that is active.

    A key works until somebody deletes it, from wherever it leaked to, and it is in the state in the
    clear unless encrypted. An inactive key does not work and is not judged.
    """
    if key.value("status") == "Inactive":
        return
    if not approved_users or not _is_approved(key, "user", approved_users):
        yield Fault("status", "an access key that does not expire is made")
        return
    keys = [item for item in environment.of_type(ACCESS_KEY) if not item.existing]
    same = [item for item in keys if item.value("user") == key.value("user")]
    active = [item for item in same if item.value("status") != "Inactive"]
    if len(active) > 1 and active[0] is not key:
        yield Fault("status", f"the user has another active key already: {active[0].name}")


@control(
    on=[LOGIN_PROFILE],
    severity=Severity.HIGH,
    fix="Add to a GroupPolicy of the user's group a Deny of all but enrolment where "
    "aws:MultiFactorAuthPresent is false (BoolIfExists).",
    source="PCI DSS 4.0.1 8.4.1, 8.4.2; AWS IAM user guide, Allow MFA-authenticated users to "
    "manage their own credentials",
    properties=["user"],
)
def iam_user_mfa_enforced(profile: Resource, environment: Environment) -> Iterator[Fault]:
    """Users with a console password can do nothing but enrol until they have shown a second factor.

    A password alone is guessed, reused and phished. The statement is looked for in the policies of
    the user and of its groups.
    """
    users = environment.references(profile, "user", USER)
    owner = next((item for item in users if not item.existing), None)
    if owner is None:
        raise UndecidedError("user", "the user is not in this program, nor what its policies deny")
    unseen = ""
    for holder, path in _documents(owner, environment):
        if holder.type == POLICY and holder.existing:
            unseen = holder.name
            continue
        with reading(holder.name, "user"):
            if any(map(_demands_mfa, read_policy(holder, path).denying)):
                return
    if unseen:
        raise UndecidedError("user", f"{unseen} is read from the cloud: what it denies is not seen")
    for type_ in (USER_POLICY, USER_ATTACHMENT, USER_GROUP_MEMBERSHIP):
        refuse_if_hidden(environment, owner, "user", type_)
    yield Fault("user", f"nothing that {owner.name} is given demands a second factor")


def _documents(user: Resource, environment: Environment) -> Iterator[tuple[Resource, str]]:
    """The policies of a user and of its groups, each with the path of the document."""
    groups = _groups(user, environment)
    inline = managed_companions(environment, user, "user", USER_POLICY)
    yield from ((item, "policy") for item in inline)
    for group in groups:
        of_group = managed_companions(environment, group, "group", GROUP_POLICY)
        yield from ((item, "policy") for item in of_group)
    for holder, kinds in [(user, _ON_USERS), *((group, _ON_GROUPS) for group in groups)]:
        for type_, path in kinds:
            yield from ((item, "policy") for item in _attached(holder, type_, path, environment))


def _attached(
    holder: Resource, type_: str, path: str, environment: Environment
) -> Iterator[Resource]:
    for attachment in managed_companions(environment, holder, path, type_):
        found = environment.references(attachment, "policyArn", POLICY)
        arn: Any = attachment.inputs.get("policyArn")
        if not found and not (isinstance(arn, str) and ":iam::aws:policy/" in arn):
            reason = f"the policy that {attachment.name} attaches is not in this program"
            raise UndecidedError("user", reason)
        yield from found


def _groups(user: Resource, environment: Environment) -> list[Resource]:
    found: list[Resource] = []
    for item in managed_companions(environment, user, "user", USER_GROUP_MEMBERSHIP):
        found += environment.references(item, "groups", GROUP)
    for item in managed_companions(environment, user, "users", GROUP_MEMBERSHIP):
        found += environment.references(item, "group", GROUP)
    return list(dict.fromkeys(found))


def _demands_mfa(statement: Statement) -> bool:
    """Whether all but enrolment is denied on everything, exactly without a second factor."""
    only = len(statement.conditions) == 1 and _is_absent(statement.conditions[0])
    most = bool(statement.not_actions) and all(map(_is_enrolment, statement.not_actions))
    return only and statement.covers_every_resource() and (most or statement.covers_every_action())


def _is_absent(condition: Condition) -> bool:
    values = [value.lower() for value in condition.values]
    given = (condition.operator.lower(), condition.key.lower())
    return any((*given, *values) == wanted for wanted in _NO_MFA)


def _is_enrolment(action: str) -> bool:
    return action.lower().startswith(_FOR_ENROLMENT) and not action.endswith(":*")


@control(
    on=[USER_POLICY, USER_ATTACHMENT, POLICY_ATTACHMENT, USER_ATTACHMENTS],
    severity=Severity.MEDIUM,
    fix="Attach the policy to a group and make the user a member.",
    source="CIS AWS Foundations 5.0 1.14; FSBP IAM.2",
    properties=["user", "users", "userName", "policyArns"],
)
def iam_user_policies_via_groups(resource: Resource) -> Iterator[Fault]:
    """Users get permissions through groups, not through policies of their own.

    What each person has been given by itself nobody can review, and nobody takes back.
    """
    if resource.type == POLICY_ATTACHMENT:
        if resource.value("users"):
            yield Fault("users", "the policy is attached to users")
    elif resource.type != USER_ATTACHMENTS:
        yield Fault("user", "the policy is the user's own")
    elif resource.value("policyArns"):
        yield Fault("policyArns", "the policies are attached to a user")


@control(
    on=[SERVER_CERTIFICATE],
    severity=Severity.MEDIUM,
    fix="Request or import the certificate in ACM (acm Certificate), and refer to its ARN.",
    source="CIS AWS Foundations 5.0 1.18; PCI DSS 4.0.1 4.2.1.1",
    properties=["certificateBody", "privateKey"],
)
def iam_server_certificate_not_used(certificate: Resource) -> Iterator[Fault]:
    """Server certificates live in ACM, and none is uploaded to IAM.

    IAM neither renews a certificate nor tells that it ends, and the program has to hold its key.
    """
    yield Fault("certificateBody", f"{certificate.name} is uploaded to IAM")


CONTROLS: Final = (
    iam_user_not_created,
    iam_user_access_key_absent,
    iam_user_mfa_enforced,
    iam_user_policies_via_groups,
    iam_server_certificate_not_used,
)

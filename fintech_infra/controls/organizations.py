"""Controls over what an organization forbids its accounts, and shares with others.

That a stack declares none of it is a fault only where `account_stacks` names it; see there. Here it
names the stacks of the management account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from fintech_infra.controls.account_stacks import missing
from fintech_infra.controls.control import Fault, Severity, control, expects
from fintech_infra.controls.policies import enumerated, read_policy
from fintech_infra.environment import STACK_TYPE, Environment, Resource
from fintech_infra.environment.documents import Condition, Document, Statement
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import UndecidedError, reading

ORGANIZATION: Final = "aws:organizations/organization:Organization"
POLICY: Final = "aws:organizations/policy:Policy"
ATTACHMENT: Final = "aws:organizations/policyAttachment:PolicyAttachment"
ROOT_FEATURES: Final = "aws:iam/organizationsFeatures:OrganizationsFeatures"
RESOURCE_SHARE: Final = "aws:ram/resourceShare:ResourceShare"

_CONTROL_POLICY: Final = "SERVICE_CONTROL_POLICY"
_ROOT: Final = ("RootCredentialsManagement", "RootSessions")
_REGION: Final = "aws:requestedregion"
_ELSEWHERE: Final = ("stringnotequals", "stringnotlike", "stringnotequalsignorecase")
# Global services answer from here, whatever the region of the work.
_HOME_OF_GLOBAL: Final = "us-east-1"
_GLOBAL: Final = ("iam:CreateRole", "organizations:DescribeOrganization", "support:CreateCase")
_GUARDING: Final = (
    "cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "config:DeleteConfigurationRecorder",
    "config:StopConfigurationRecorder", "guardduty:DeleteDetector",
    "organizations:LeaveOrganization", "securityhub:DisableSecurityHub",
)  # fmt: skip


@control(
    on=[POLICY, STACK_TYPE],
    severity=Severity.HIGH,
    fix="Deny with NotAction (the global services) where aws:RequestedRegion is StringNotEquals to "
    "the regions, and attach the policy with a PolicyAttachment.",
    source="AWS Organizations user guide, Deny access to AWS based on the requested Region; GDPR "
    "Art. 44",
    properties=["content", "type"],
)
def organizations_region_restriction(
    resource: Resource,
    environment: Environment,
    *,
    approved_regions: tuple[str, ...] = (),
    account_stacks: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """A service control policy denies work outside the approved regions, but for global services.

    Data in a region that nobody watches is under another law, and an intruder works there unseen.
    Judged is a policy that has such a statement, and that there is one in the stacks that
    account_stacks names.
    """
    if resource.type == STACK_TYPE:
        yield from _absent(environment, account_stacks, _restricts, "policy that restricts regions")
        return
    if not _is_control_policy(resource):
        return
    document = read_policy(resource, "content")
    for statement in document.denying:
        for condition in (item for item in statement.conditions if item.key.lower() == _REGION):
            at = f"content.{statement.path}"
            yield from _misrestricts(at, statement, condition, approved_regions)
    if _restricts(document):
        yield from _unattached(resource, environment)


def _restricts(document: Document) -> bool:
    keys = (item.key.lower() for it in document.denying for item in it.conditions)
    return any(key == _REGION for key in keys)


def _misrestricts(
    at: str, statement: Statement, condition: Condition, approved: tuple[str, ...]
) -> Iterator[Fault]:
    if condition.operator.lower().removesuffix("ifexists") not in _ELSEWHERE:
        yield Fault(f"{at}.Condition", f"{condition.operator} denies the regions that are listed")
        return
    if statement.actions and not statement.covers_every_action():
        yield Fault(f"{at}.Action", "only some actions are denied outside the regions")
    if not statement.covers_every_resource():
        yield Fault(f"{at}.Resource", "only some resources are covered")
    wild = [item for item in condition.values if "*" in item]
    strange = [item for item in condition.values if approved and item not in approved]
    if wild or strange:
        yield Fault(f"{at}.Condition", f"{enumerated(wild or strange)} is not an approved region")
    if _HOME_OF_GLOBAL not in condition.values:
        hit = [action for action in _GLOBAL if statement.covers_action(action)]
        if hit:
            yield Fault(at, f"global services are denied as well: {enumerated(hit)}")


@control(
    on=[POLICY, STACK_TYPE],
    severity=Severity.HIGH,
    fix="Deny the actions on every resource, at most excepting principals of break-glass roles, "
    "and attach the policy with a PolicyAttachment.",
    source="PCI DSS 4.0.1 10.3.2; NIST SP 800-53 AU-9",
    properties=["content", "type"],
)
def organizations_audit_services_protected(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Service control policies keep accounts from ending what audits them, and from leaving.

    The administrator of an account can otherwise switch its trail and detectors off, or take the
    account out of reach. Judged together are the policies of a program that deny something of the
    kind, and that there is one in the stacks that account_stacks names.
    """
    if resource.type == STACK_TYPE:
        yield from _absent(environment, account_stacks, _guards, "policy that protects auditing")
        return
    if not _is_control_policy(resource) or not _guards(read_policy(resource, "content")):
        return
    yield from _unattached(resource, environment)
    guarding: list[Resource] = []
    denied: set[str] = set()
    for policy in filter(_is_control_policy, _managed(environment)):
        with reading(policy.name, "content"):
            found = set(_denied(read_policy(policy, "content")))
        guarding += [policy] if found else []
        denied |= found
    left = [action for action in _GUARDING if action not in denied]
    if left and guarding[0] is resource:
        yield Fault("content", f"no service control policy denies {enumerated(left)}")


def _guards(document: Document) -> bool:
    return bool(_denied(document))


def _denied(document: Document) -> list[str]:
    statements = [
        item
        for item in document.denying
        if item.covers_every_resource() and all(map(_excepts_principals, item.conditions))
    ]
    return [action for action in _GUARDING if any(it.covers_action(action) for it in statements)]


def _excepts_principals(condition: Condition) -> bool:
    return "not" in condition.operator.lower() and condition.key.lower().startswith("aws:principal")


def _is_control_policy(policy: Resource) -> bool:
    return (policy.value("type") or _CONTROL_POLICY) == _CONTROL_POLICY


def _managed(environment: Environment) -> Iterator[Resource]:
    return (item for item in environment.of_type(POLICY) if not item.existing)


def _unattached(policy: Resource, environment: Environment) -> Iterator[Fault]:
    if not companions(environment, policy, "policyId", ATTACHMENT):
        yield Fault("", "the policy is attached to no root, unit or account")


def _absent(
    environment: Environment,
    account_stacks: Iterable[str],
    holds: Callable[[Document], bool],
    what: str,
) -> Iterator[Fault]:
    """Yield the fault of a management account that has no service control policy of a kind."""
    own = f"{environment.project}/{environment.stack}"
    if not any(fnmatchcase(own, pattern) for pattern in account_stacks):
        return
    policies = list(environment.of_type(POLICY))
    if not policies:
        yield from missing(environment, account_stacks, [POLICY], what)
        return
    for policy in policies:
        if policy.existing:
            raise UndecidedError(
                "", f"{policy.name} is read from the cloud: what it says is unseen"
            )
        with reading(policy.name, ""):
            if _is_control_policy(policy) and holds(read_policy(policy, "content")):
                return
    yield Fault("", f"{own} declares no {what}")


@control(
    on=[ORGANIZATION, ROOT_FEATURES, STACK_TYPE],
    severity=Severity.HIGH,
    fix="Add an OrganizationsFeatures with RootCredentialsManagement and RootSessions, and "
    "iam.amazonaws.com to awsServiceAccessPrincipals of the Organization.",
    source="AWS IAM user guide, Centrally manage root access for member accounts",
    properties=["enabledFeatures", "awsServiceAccessPrincipals"],
)
def iam_root_access_centralized(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """The organization manages root credentials and root sessions of its member accounts centrally.

    Each account otherwise has a root user with a password that can be reset by mail, and nothing
    in the account limits what it may do.
    """
    if resource.type == STACK_TYPE:
        yield from missing(
            environment, account_stacks, [ROOT_FEATURES], "central management of root access"
        )
    elif resource.type == ROOT_FEATURES:
        given = [item for _, item in resource.each("enabledFeatures")]
        left = [name for name in _ROOT if name not in given]
        if left:
            yield Fault("enabledFeatures", f"{enumerated(left)} is not enabled")
    elif any(True for _ in environment.of_type(ROOT_FEATURES)):
        trusted = [item for _, item in resource.each("awsServiceAccessPrincipals")]
        if "iam.amazonaws.com" not in trusted:
            yield Fault("awsServiceAccessPrincipals", "IAM has no access to the organization")
    else:
        yield from _without_features(environment)


def _without_features(environment: Environment) -> Iterator[Fault]:
    if hidden := next((item for item in environment.resources if item.opaque), None):
        reason = f"the features may be inside {hidden.name}, which no preview can see"
        raise UndecidedError("", reason)
    yield Fault("", "the organization does not manage root access of its accounts")


ram_no_external_principals = expects(
    "ram-no-external-principals",
    on=[RESOURCE_SHARE],
    path="allowExternalPrincipals",
    equals=False,
    absent_is=True,
    title="Resource shares stay inside the organization.",
    why="A share that takes principals from outside needs one invitation, accepted by a stranger, "
    "to leave the company, and no service control policy of ours reaches the other side.",
    fault="the share may be given to accounts outside the organization",
    severity=Severity.MEDIUM,
    fix="Remove allowExternalPrincipals or set it to false.",
    source="AWS RAM API reference, CreateResourceShare; NIST SP 800-53 AC-21",
    remediable=True,
)

CONTROLS: Final = (
    organizations_region_restriction,
    organizations_audit_services_protected,
    iam_root_access_centralized,
    ram_no_external_principals,
)

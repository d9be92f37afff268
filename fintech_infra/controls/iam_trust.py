"""Controls over who may become a role, for how long, and within which boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.iam import POLICY, ROLE
from fintech_infra.controls.policies import enumerated, hold_statements, read_policy
from fintech_infra.environment import Environment, Resource, read
from fintech_infra.environment.documents import Condition, Statement, matches, resource_part
from fintech_infra.environment.undecided import reading
from fintech_infra.environment.values import WrongKindError

PROVIDER: Final = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
PERMISSION_SET: Final = "aws:ssoadmin/permissionSet:PermissionSet"

_BY_TOKEN: Final = "sts:AssumeRoleWithWebIdentity"  # noqa: S105 - an action
_EXACT: Final = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
# Tokens of one application's end users: the application is the audience, each user a subject.
_OF_USERS: Final = (
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
)
_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SECONDS_PER: Final = (86400, 3600, 60, 1)
_MINUTE: Final = 60
_HOUR: Final = 60
"""In minutes."""

# With one of these a boundary is one only as long as its bearer pleases.
_REMOVAL: Final = "iam:DeleteRolePermissionsBoundary"
_CHANGE: Final = "iam:CreatePolicyVersion"
_PINS: Final = frozenset({
    "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "sts:externalid",
})  # fmt: skip
_PINNING: Final = frozenset({"arnequals", "arnlike", "stringequals", "stringlike"})


@control(
    on=[ROLE, PROVIDER],
    severity=Severity.CRITICAL,
    fix="Compare aud and sub with StringEquals, sub down to the environment or service account; "
    "DeployIdentity does.",
    source="AWS IAM user guide, Create a role for OIDC federation; PCI DSS 4.0.1 7.2.5",
    properties=["assumeRolePolicy", "clientIdLists"],
)
def iam_role_trust_oidc_scoped(resource: Resource) -> Iterator[Fault]:
    """Roles that are assumed with a token pin its audience and its subject, without wildcards.

    The provider of a CI service or a cluster signs tokens for all its customers or workloads. A
    subject with a wildcard admits the pull request of a stranger as well as the release.
    """
    if resource.type == PROVIDER:
        yield from _any_audience(resource)
    else:
        yield from hold_statements(resource, ["assumeRolePolicy"], _loosely_federated)


def _any_audience(provider: Resource) -> Iterator[Fault]:
    given = [(path, str(item)) for path, item in provider.each("clientIdLists")]
    if not given:
        yield Fault("clientIdLists", "the provider is not told which audience is meant")
    for path, audience in given:
        if "*" in audience:
            yield Fault(path, "the provider takes tokens for any audience")


def _loosely_federated(statement: Statement) -> Iterator[tuple[str, str]]:
    if not statement.allows or not statement.covers_action(_BY_TOKEN):
        return
    providers = [item.value for item in statement.principals if item.kind == "Federated"]
    tokens = [name for name in providers if ":saml-provider/" not in name]
    if not tokens:
        return
    needed = ("aud",) if all(name in _OF_USERS for name in tokens) else ("aud", "sub")
    for claim in needed:
        held = [item for item in statement.conditions if _compares(item, claim)]
        if not held:
            yield "Condition", f"the token's {claim} is not compared with anything"
        elif wild := [text for item in held for text in item.values if set(text) & {"*", "?"}]:
            yield "Condition", f"the token's {claim} may be anything like {enumerated(wild)}"


def _compares(condition: Condition, claim: str) -> bool:
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    return operator in _EXACT and condition.key.lower().endswith(f":{claim}")


@control(
    on=[ROLE],
    severity=Severity.MEDIUM,
    fix="Set permissionsBoundary to a policy that denies its own removal; DeployIdentity has one.",
    source="AWS IAM user guide, Permissions boundaries; NIST SP 800-53 AC-6",
    properties=["permissionsBoundary", "assumeRolePolicy"],
)
def iam_role_permissions_boundary(
    role: Resource,
    environment: Environment,
    *,
    pipelines: tuple[str, ...] = (
        "agent.buildkite.com",
        "api.bitbucket.org",
        "api.pulumi.com",
        "app.terraform.io",
        "gitlab.com",
        "oidc.circleci.com",
        "token.actions.githubusercontent.com",
        "vstoken.dev.azure.com",
    ),
) -> Iterator[Fault]:
    """Roles that pipelines assume carry a permissions boundary that they cannot shed.

    A pipeline makes roles, and without a boundary it can make one with more rights than it has.
    Judged are roles that trust the token of a pipeline service (the parameter lists their hosts);
    where the boundary is in the same program, it has to deny its own removal and change. Roles of
    workloads are bounded by whoever makes them, which no preview of one stack can tell.
    """
    if not _of_pipeline(role, pipelines):
        return
    if not role.is_set("permissionsBoundary"):
        yield Fault("permissionsBoundary", "a pipeline assumes the role, and nothing bounds it")
        return
    for boundary in environment.references(role, "permissionsBoundary", POLICY):
        if boundary.existing:
            continue
        with reading(boundary.name, "permissionsBoundary"):
            allowed = list(_ways_out(boundary))
        if allowed:
            message = f"{boundary.name} does not deny {' and '.join(allowed)}"
            yield Fault("permissionsBoundary", message)


def _of_pipeline(role: Resource, hosts: tuple[str, ...]) -> bool:
    for statement in read_policy(role, "assumeRolePolicy").allowing:
        for principal in statement.principals:
            host = principal.value.partition(":oidc-provider/")[2]
            if principal.kind == "Federated" and host.partition("/")[0] in hosts:
                return True
    return False


def _ways_out(boundary: Resource) -> Iterator[str]:
    """The calls by which its bearer gets rid of a boundary, and that it does not deny."""
    document = read_policy(boundary, "policy")
    if not any(_denies(item, _REMOVAL, "*") for item in document.denying):
        yield _REMOVAL
    if not any(_denies(item, _CHANGE, _own_part(boundary)) for item in document.denying):
        yield _CHANGE


def _own_part(boundary: Resource) -> str:
    """What the ARN of the boundary says after the account."""
    name = boundary.value("name")
    if name is not None:
        return f"policy{boundary.value('path') or '/'}{name}"
    return resource_part(str(read(boundary.outputs, "arn") or ""))


def _denies(statement: Statement, action: str, target: str) -> bool:
    reaches = any(matches(resource_part(item), target) for item in statement.resources)
    return statement.covers_action(action) and reaches and not statement.conditions


def _shorter_session(resource: Resource, *, maximum_minutes: int) -> Mapping[str, Any]:
    if resource.type == PERMISSION_SET:
        return {"sessionDuration": f"PT{maximum_minutes}M"}
    # IAM takes no role whose sessions end within the hour.
    return {"maxSessionDuration": maximum_minutes * _MINUTE} if maximum_minutes >= _HOUR else {}


@control(
    on=[ROLE, PERMISSION_SET],
    severity=Severity.LOW,
    fix="Leave maxSessionDuration at its default of an hour; DeployIdentity does.",
    source="PCI DSS 4.0.1 8.2.8; NIST SP 800-53 AC-12",
    properties=["maxSessionDuration", "sessionDuration"],
    remedy=_shorter_session,
)
def iam_role_session_bounded(resource: Resource, *, maximum_minutes: int = 60) -> Iterator[Fault]:
    """Sessions of roles and permission sets end after an hour.

    Stolen credentials of a session work for as long as the session may last.
    """
    path = "maxSessionDuration" if resource.type == ROLE else "sessionDuration"
    if not resource.is_set(path):
        return
    seconds = int(resource.number(path) or 0) if resource.type == ROLE else _seconds(resource)
    if seconds > maximum_minutes * _MINUTE:
        message = f"sessions last up to {seconds // _MINUTE} minutes; at most {maximum_minutes}"
        yield Fault(path, message)


def _seconds(permission_set: Resource) -> int:
    """Return the seconds of a session, which are an ISO 8601 duration without months and years.

    Raises:
        UnknownValueError: it is not known before deployment, or is no such duration.
    """
    duration = permission_set.text("sessionDuration") or ""
    found = _DURATION.fullmatch(duration)
    if found is None:
        raise WrongKindError("sessionDuration", duration, "an ISO 8601 duration such as PT1H")
    parts = found.groups(default="0")
    return sum(int(part) * unit for part, unit in zip(parts, _SECONDS_PER, strict=False))


@control(
    on=[ROLE],
    severity=Severity.MEDIUM,
    fix="Add conditions on aws:SourceAccount and aws:SourceArn to the trust policy.",
    source="AWS IAM user guide, The confused deputy problem",
    properties=["assumeRolePolicy"],
)
def iam_role_trust_confused_deputy(
    role: Resource,
    *,
    services: tuple[str, ...] = (
        "backup",
        "bedrock",
        "codebuild",
        "config",
        "datasync",
        "dlm",
        "ecs-tasks",
        "events",
        "firehose",
        "monitoring.rds",
        "pipes",
        "scheduler",
        "ssm",
        "states",
        "transfer",
        "vpc-flow-logs",
    ),
) -> Iterator[Fault]:
    """Roles for services that act across accounts say for whose resources they may be assumed.

    Otherwise a stranger who names the role in a request of their own has the service use it. Judged
    are the services that are documented to send the source (the parameter lists them).
    """
    yield from hold_statements(
        role, ["assumeRolePolicy"], lambda statement: _unpinned(statement, services)
    )


def _unpinned(statement: Statement, services: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if not statement.allows or any(map(_pins, statement.conditions)):
        return
    deputies = [
        item.value
        for item in statement.principals
        if item.kind == "Service" and item.value.partition(".amazonaws.com")[0] in services
    ]
    if deputies:
        yield "Condition", f"{enumerated(deputies)} may assume the role for any account"


def _pins(condition: Condition) -> bool:
    key, operator = condition.key.lower(), condition.operator.lower()
    return key in _PINS and operator in _PINNING and "*" not in condition.values


CONTROLS: Final = (
    iam_role_trust_oidc_scoped,
    iam_role_permissions_boundary,
    iam_role_session_bounded,
    iam_role_trust_confused_deputy,
)

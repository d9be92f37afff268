"""The control over who may blind an account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.iam import (
    IDENTITY_POLICIES,
    POLICY,
    POLICY_PROPERTIES,
    ROLE,
    granting_paths,
    is_admin,
)
from fintech_infra.controls.policies import enumerated, read_policy
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import Document, Statement
from fintech_infra.environment.undecided import decided_first, reading

_ENDING: Final = (
    "access-analyzer:DeleteAnalyzer", "backup:DeleteBackupVaultLockConfiguration",
    "cloudtrail:DeleteEventDataStore", "cloudtrail:DeleteTrail", "cloudtrail:StopLogging",
    "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder", "guardduty:DeleteDetector", "inspector2:Disable",
    "macie2:DisableMacie", "securityhub:DisableSecurityHub",
)  # fmt: skip
"""Calls after which something that watches or keeps evidence is gone, on whatever resource."""

_CHANGING: Final = (
    "cloudtrail:PutEventSelectors", "cloudtrail:UpdateTrail", "guardduty:UpdateDetector",
    "logs:DeleteLogGroup", "logs:DeleteLogStream",
)  # fmt: skip
"""Calls that a role may need for a resource of its own, and for no other."""


@control(
    on=IDENTITY_POLICIES,
    severity=Severity.HIGH,
    fix="Name the actions that are needed, deny these, or bound the role; the boundary of a "
    "DeployIdentity denies them.",
    source="PCI DSS 4.0.1 10.3.2; NIST SP 800-53 AU-9(4)",
    properties=POLICY_PROPERTIES,
)
def iam_policy_no_audit_tamper(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """No policy lets its holder stop, delete or blind what watches the account.

    Whoever means harm starts with the trail and the detector. Calls that change a trail, a detector
    or a log group are allowed on one that is named. What the same document denies outright, or the
    permissions boundary of the role where both are in the program, is not allowed; conditions are
    not taken into account, and administration outright is left to iam-policy-no-admin-star.
    """
    paths = granting_paths(resource, environment)
    yield from decided_first(_tampering(resource, path, environment) for path in paths)


def _limits(resource: Resource, environment: Environment) -> Iterator[Document]:
    """The documents of the boundaries that confine whoever holds the policy."""
    roles = (resource,) if resource.type == ROLE else environment.references(resource, "role", ROLE)
    for role in roles:
        for boundary in environment.references(role, "permissionsBoundary", POLICY):
            if not boundary.existing:
                with reading(boundary.name, ""):
                    yield read_policy(boundary, "policy")


def _tampering(resource: Resource, path: str, environment: Environment) -> Iterator[Fault]:
    document = read_policy(resource, path)
    granted = {
        statement.path: found
        for statement in document.allowing
        if not is_admin(statement) and (found := _granted(statement))
    }
    # What bounds a role that is granted nothing of the kind need not be known.
    limits = [document, *(_limits(resource, environment) if granted else ())]
    denied = [item for limit in limits for item in limit.denying if _outright(item)]
    for at, found in granted.items():
        left = [action for action in found if not any(it.covers_action(action) for it in denied)]
        if left:
            yield Fault(f"{path}.{at}.Action", f"{enumerated(left)} allowed")


def _outright(statement: Statement) -> bool:
    return statement.covers_every_resource() and not statement.conditions


def _granted(statement: Statement) -> list[str]:
    named = bool(statement.resources) and not any("*" in it for it in statement.resources)
    actions = _ENDING if named else (*_ENDING, *_CHANGING)
    return [action for action in actions if statement.covers_action(action)]


CONTROLS: Final = (iam_policy_no_audit_tamper,)

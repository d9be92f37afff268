"""Controls over Systems Manager: parameters and documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource, join
from fintech_infra.environment.values import WrongKindError

PARAMETER: Final = "aws:ssm/parameter:Parameter"
DOCUMENT: Final = "aws:ssm/document:Document"

_CREDENTIAL: Final = re.compile(
    r"(?:^|[^a-z])(?:password|passwd|pwd|passphrase|secret|token|credentials?|"
    r"(?:api|access|private|secret|signing|encryption)[-_]?key)(?:$|[^a-z])"
)
_ABOUT_ONE: Final = re.compile(r"(?:arn|id|name|path|version|days|ttl|url|length|rotation)$")
"""Ends of names that tell where a credential is, or of what kind, and not the credential."""


@control(
    on=[PARAMETER],
    severity=Severity.HIGH,
    fix="Set type SecureString and keyId; better, keep it in a ManagedSecret, which rotates.",
    source="AWS Systems Manager user guide, Parameter Store",
    properties=["name", "type", "keyId"],
)
def ssm_parameter_secure_string(parameter: Resource) -> Iterator[Fault]:
    """Parameters whose name denotes a credential are encrypted with a customer-managed key.

    Whoever may list parameters of other types reads them. The key that AWS manages is open to
    everyone in the account whom IAM lets read parameters.
    """
    name = str(parameter.value("name") or parameter.name).lower()
    if not _CREDENTIAL.search(name) or _ABOUT_ONE.search(name):
        return
    if parameter.value("type") != "SecureString":
        yield Fault("type", f"{name} sounds like a credential and is not encrypted")
    elif not parameter.is_set("keyId"):
        yield Fault("keyId", f"{name} is encrypted with a key of AWS's own")


@control(
    on=[DOCUMENT],
    severity=Severity.CRITICAL,
    fix="Share with the accounts that need it, by number.",
    source="AWS Systems Manager user guide, Sharing SSM documents; FSBP SSM.4",
    properties=["permissions"],
)
def ssm_document_not_public(document: Resource) -> Iterator[Fault]:
    """Documents are not shared with all accounts.

    A document tells how a system is administered, often with names, addresses and commands in it.
    """
    permissions = document.value("permissions") or {}
    if not isinstance(permissions, Mapping):
        raise WrongKindError("permissions", permissions, "a map")
    for key in map(str, cast("Mapping[str, Any]", permissions)):
        path = join("permissions", key)
        if key.lower().replace("_", "") == "accountids" and (
            str(document.value(path)).strip().lower() == "all"
        ):
            yield Fault(path, "everyone with an AWS account can read and run the document")


CONTROLS: Final = (ssm_parameter_secure_string, ssm_document_not_public)

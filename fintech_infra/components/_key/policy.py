"""Compiles the policy of a key from typed grants. Pure: every ARN is resolved when it runs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fintech_infra.components._key.services import SERVICE_PRINCIPALS, KeyService, of_service
from fintech_infra.components._policy import (
    Account,
    Condition,
    Statement,
    allow,
    aws,
    both,
    deny,
)

ROLE: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")
"""ARN of an IAM role."""

ADMINISTER: Final = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
"""What administration takes. `kms:CreateGrant` is absent: with it one could grant oneself use."""

_CHANGE: Final = tuple(
    action
    for action in ADMINISTER
    if not action.startswith(("kms:Describe", "kms:Get", "kms:List"))
)
_GRANT: Final = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")
_FOR_AWS: Final = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


class KeyOperation(StrEnum):
    """What a user may do with a key."""

    ENCRYPT = "encrypt"
    """Encrypt, and make data keys."""
    DECRYPT = "decrypt"
    """Decrypt, also data keys."""
    DELEGATE = "delegate"
    """Let an AWS service that it uses (a volume, a database) work with the key on its own."""


_USE: Final = {
    KeyOperation.ENCRYPT: ("kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncryptTo"),
    KeyOperation.DECRYPT: ("kms:Decrypt", "kms:ReEncryptFrom"),
}
USE: Final = (*_USE[KeyOperation.ENCRYPT], *_USE[KeyOperation.DECRYPT])
"""Every cryptographic operation that a user can be given."""


@dataclass(frozen=True)
class Grant:
    """Use of a key by one role, with everything about it resolved."""

    principal: str
    operations: frozenset[KeyOperation]
    via_service: str | None = None
    encryption_context: dict[str, str] = field(default_factory=dict[str, str])


def duties(administrators: Sequence[str], users: Sequence[str]) -> list[str]:
    """Return what is wrong with who administers a key and who uses it, one sentence each."""
    found = [
        f"{arn!r} is not the ARN of a role, such as 'arn:aws:iam::111122223333:role/keys'"
        for arn in [*administrators, *users]
        if not ROLE.fullmatch(arn)
    ]
    found += [
        f"{arn} both administers and uses the key; give one of the two to another role"
        for arn in sorted(set(administrators) & set(users))
    ]
    return found


def statements(
    account: Account,
    administrators: Sequence[str],
    grants: Sequence[Grant],
    services: Sequence[KeyService],
    org_id: str = "",
) -> list[Statement]:
    """Return the statements of a key's policy; those outside of organization `org_id` use nothing.

    The account always keeps administration, so that IAM can name an administrator and nobody is
    locked out. Without any grant or service, AWS services may use the key for those whom IAM lets.

    Raises:
        ValueError: a principal is not a role, or has both duties.
    """
    users = list(dict.fromkeys(grant.principal for grant in grants))
    if wrong := duties(administrators, users):
        raise ValueError("the key policy is refused: " + "; ".join(wrong))
    found = [allow("AdministrationByAccount", who=aws(account.root), actions=ADMINISTER, on="*")]
    if administrators:
        found += _administrators(administrators)
    if users:
        found += _users(account, users, grants)
    if org_id:
        found.append(_organization(org_id))
    if not grants and not services:
        return found + _through(account, "StringLike", f"*.{account.region}.{account.dns_suffix}")
    return found + _services(account, services)


def _administrators(administrators: Sequence[str]) -> list[Statement]:
    who = aws(*administrators)
    return [
        allow("Administration", who=who, actions=ADMINISTER, on="*"),
        deny("NoUseByAdministrators", who=who, actions=(*USE, "kms:CreateGrant"), on="*"),
    ]


def _organization(org_id: str) -> Statement:
    """Use stays inside; administration is left out, so that a mistaken id locks nobody out."""
    outsiders: Condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": org_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    actions = (*USE, "kms:CreateGrant")
    return deny("NoUseByOtherOrganizations", actions=actions, on="*", when=outsiders)


def _users(account: Account, users: Sequence[str], grants: Sequence[Grant]) -> list[Statement]:
    found = [
        allow("DescriptionForUsers", who=aws(*users), actions=["kms:DescribeKey"], on="*"),
        deny("NoAdministrationByUsers", who=aws(*users), actions=_CHANGE, on="*"),
    ]
    for number, grant in enumerate(grants, start=1):
        found += _user(account, number, grant)
    return found


def _user(account: Account, number: int, grant: Grant) -> list[Statement]:
    who, when = aws(grant.principal), _narrowing(account, grant)
    actions = [item for key, items in _USE.items() if key in grant.operations for item in items]
    found: list[Statement] = []
    if actions:
        found.append(allow(f"Use{number}", who=who, actions=actions, on="*", when=when))
    if KeyOperation.DELEGATE in grant.operations:
        found.append(
            allow(f"Delegation{number}", who=who, actions=_GRANT, on="*", when=both(when, _FOR_AWS))
        )
    return found


def _narrowing(account: Account, grant: Grant) -> Condition:
    exact = {f"kms:EncryptionContext:{key}": item for key, item in grant.encryption_context.items()}
    if grant.via_service:
        exact["kms:ViaService"] = f"{grant.via_service}.{account.region}.{account.dns_suffix}"
    return {"StringEquals": exact} if exact else {}


def _services(account: Account, services: Sequence[KeyService]) -> list[Statement]:
    through = sorted(set(services) - SERVICE_PRINCIPALS.keys())
    by_themselves = sorted(set(services) - set(through))
    found = [item for name in by_themselves for item in of_service(account, name)]
    if not through:
        return found
    names = [f"{name}.{account.region}.{account.dns_suffix}" for name in through]
    return _through(account, "StringEquals", names[0] if len(names) == 1 else names) + found


def _through(account: Account, operator: str, names: str | list[str]) -> list[Statement]:
    """Use through services, by those in the account whom IAM lets."""
    who = aws(account.root)
    caller = {"StringEquals": {"kms:CallerAccount": account.id}}
    when = both(caller, {operator: {"kms:ViaService": names}})
    return [
        allow("UseThroughServices", who=who, actions=(*USE, "kms:DescribeKey"), on="*", when=when),
        allow("DelegationToServices", who=who, actions=_GRANT, on="*", when=both(when, _FOR_AWS)),
    ]

"""Compiles the policies around a secret. Pure: every ARN is resolved when it runs.

A secret's own policy is replicated with it, so its statements name the secret as `*`, which is
what the policy is attached to, wherever that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fintech_infra.components._key.policy import ROLE
from fintech_infra.components._policy import (
    Account,
    Condition,
    Statement,
    allow,
    aws,
    deny,
    permit,
)

SECRET_POLICY_LIMIT: Final = 20_480
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html"""

RECOVERY_DAYS: Final = 30
"""The longest that a deleted secret can be recovered."""

READ: Final = ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")
ROTATE: Final = (
    *READ,
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html"""

_VALUES: Final = (
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
)


@dataclass(frozen=True)
class SecretFacts:
    """What the policy of a secret depends on, everything resolved; empty where it is not given."""

    account: Account
    consumers: Sequence[str] = ()
    rotator: str = ""
    org_id: str = ""


def statements(facts: SecretFacts) -> list[Statement]:
    """Return the statements of a secret's policy.

    Raises:
        ValueError: a principal is not a role, or a consumer belongs to another account while no
            organization is named.
    """
    if wrong := _strangers(facts):
        raise ValueError("the policy of the secret is refused: " + "; ".join(wrong))
    found: list[Statement] = []
    if facts.consumers:
        who = aws(*facts.consumers)
        found.append(allow("ReadByConsumers", who=who, actions=READ, on="*"))
        found.append(_only(facts))
    if facts.rotator:
        found.append(allow("Rotation", who=aws(facts.rotator), actions=ROTATE, on="*"))
    if facts.org_id:
        found.append(_organization(facts.org_id))
    return found + _lasting()


def _strangers(facts: SecretFacts) -> list[str]:
    principals = [*facts.consumers, *([facts.rotator] if facts.rotator else [])]
    found = [f"{arn!r} is not the ARN of a role" for arn in principals if not ROLE.fullmatch(arn)]
    if not found and not facts.org_id:
        own = f":{facts.account.id}:"
        found += [
            f"{arn} belongs to another account; name the organization of both in org_id"
            for arn in principals
            if own not in arn
        ]
    return found


def _only(facts: SecretFacts) -> Statement:
    """Nobody else reads, whatever IAM says. A negated operator also matches where there is none."""
    readers = [*facts.consumers, *([facts.rotator] if facts.rotator else [])]
    others: Condition = {"StringNotEquals": {"aws:PrincipalArn": readers}}
    return deny("OnlyConsumersRead", actions=["secretsmanager:GetSecretValue"], on="*", when=others)


def _organization(org_id: str) -> Statement:
    """Values stay inside; configuration is left out, so that a mistaken id locks nobody out."""
    outsiders: Condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": org_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return deny("DenyOtherOrganizations", actions=_VALUES, on="*", when=outsiders)


def _lasting() -> list[Statement]:
    """What no caller of the API can take away from the secret.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
    """
    at_once: Condition = {"Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "true"}}
    soon: Condition = {
        "NumericLessThan": {"secretsmanager:RecoveryWindowInDays": str(RECOVERY_DAYS)}
    }
    public: Condition = {"BoolIfExists": {"secretsmanager:BlockPublicPolicy": "false"}}
    delete, attach = ["secretsmanager:DeleteSecret"], ["secretsmanager:PutResourcePolicy"]
    return [
        deny("DenyDeletionAtOnce", actions=delete, on="*", when=at_once),
        deny("DenyShortRecovery", actions=delete, on="*", when=soon),
        deny("DenyPublicPolicies", actions=attach, on="*", when=public),
    ]


def reading(account: Account, secret: str, key: str) -> list[Statement]:
    """Return what a role needs to read the secret with ARN `secret`, use of the key included."""
    return [
        permit("Read", actions=READ, on=secret),
        _use_key(account, secret, key, ["kms:Decrypt"]),
    ]


def rotating(account: Account, secret: str, key: str) -> list[Statement]:
    """Return what the role of a rotation function needs, except to reach what the secret opens."""
    # There is no resource that a random password belongs to.
    return [
        permit("Rotate", actions=ROTATE, on=secret),
        permit("RandomPassword", actions=["secretsmanager:GetRandomPassword"], on="*"),
        _use_key(account, secret, key, ["kms:Decrypt", "kms:GenerateDataKey"]),
    ]


def _use_key(account: Account, secret: str, key: str, actions: list[str]) -> Statement:
    through: Condition = {
        "StringEquals": {
            "kms:ViaService": f"secretsmanager.{account.region}.{account.dns_suffix}",
            "kms:EncryptionContext:SecretARN": secret,
        }
    }
    return permit("UseKey", actions=actions, on=key, when=through)

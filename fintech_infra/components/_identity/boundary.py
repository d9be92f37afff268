"""The permissions boundary of a pipeline, and of every role that it makes. Pure.

A boundary grants nothing. It is what the bearer cannot do, whatever its policies say: above all,
get rid of the boundary, or make an identity without it.
"""

from collections.abc import Sequence
from typing import Final

from fintech_infra.components._policy import Account, Statement, forbid, permit

PATH: Final = "/delivery/"
"""Where the roles and the boundary live. Nobody within a boundary changes anything there."""

_WRITES: Final = (
    "iam:Add*", "iam:Attach*", "iam:Create*", "iam:Delete*", "iam:Detach*", "iam:PassRole",
    "iam:Put*", "iam:Remove*", "iam:Set*", "iam:Tag*", "iam:Untag*", "iam:Update*",
)  # fmt: skip

# What changes the permissions of a role, and can tell which boundary that role has.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_identityandaccessmanagement.html
_OF_BOUNDED_ROLES: Final = (
    "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
)  # fmt: skip

# Credentials that do not expire, and further ways into the account.
_LASTING: Final = (
    "iam:*AccessKey", "iam:*GroupPolicy", "iam:*LoginProfile", "iam:*ServiceSpecificCredential",
    "iam:*UserPolicy", "iam:AddUserToGroup", "iam:CreateOpenIDConnectProvider",
    "iam:CreateSAMLProvider", "iam:CreateUser", "iam:DeleteUserPermissionsBoundary",
    "iam:PutUserPermissionsBoundary", "iam:UpdateSAMLProvider",
)  # fmt: skip

# What blinds the account, destroys its evidence or makes its data unreadable.
_TAMPERING: Final = (
    "access-analyzer:DeleteAnalyzer", "account:CloseAccount",
    "backup:DeleteBackupVault*", "backup:DeleteRecoveryPoint",
    "cloudtrail:DeleteEventDataStore", "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging", "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs", "ec2:DisableEbsEncryptionByDefault",
    "guardduty:DeleteDetector", "guardduty:Disassociate*", "guardduty:StopMonitoringMembers",
    "guardduty:UpdateDetector",
    "inspector2:Disable", "kms:DeleteImportedKeyMaterial", "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteRetentionPolicy",
    "macie2:DisableMacie", "organizations:LeaveOrganization", "s3:BypassGovernanceRetention",
    "securityhub:BatchDisableStandards", "securityhub:DisableSecurityHub",
)  # fmt: skip

# Services whose calls go to one region, wherever the work is.
# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
_GLOBAL: Final = (
    "account:*", "budgets:*", "ce:*", "cloudfront:*", "globalaccelerator:*", "health:*", "iam:*",
    "networkmanager:*", "organizations:*", "route53:*", "route53domains:*",
    "s3:*AccountPublicAccessBlock", "s3:ListAllMyBuckets", "shield:*", "sts:*", "support:*",
    "trustedadvisor:*",
)  # fmt: skip


def boundary_arn(account: Account, name: str) -> str:
    """ARN of the boundary called `name`. It stands in its own document, so it cannot be random."""
    return f"arn:{account.partition}:iam::{account.id}:policy{PATH}{name}"


def statements(
    account: Account, boundary: str, regions: Sequence[str], protected: Sequence[str]
) -> list[Statement]:
    """Return the statements of the boundary with ARN `boundary`.

    `protected` are ARNs, or patterns of ARNs, of further roles that its bearers must neither
    change nor become.
    """
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    return [
        permit("Everything", actions=["*"], on="*"),
        *propagation(account, boundary, protected),
        forbid("NoLastingCredentials", actions=_LASTING, on="*"),
        forbid("NoTampering", actions=_TAMPERING, on="*"),
        {
            "Sid": "NoOtherRegions",
            "Effect": "Deny",
            "NotAction": list(_GLOBAL),
            "Resource": "*",
            "Condition": elsewhere,
        },
    ]


def propagation(account: Account, boundary: str, protected: Sequence[str]) -> list[Statement]:
    """Return the statements by which a boundary keeps itself, and is passed on to new roles."""
    without = {"StringNotEquals": {"iam:PermissionsBoundary": boundary}}
    return [
        forbid("OnlyWithThisBoundary", actions=_OF_BOUNDED_ROLES, on="*", when=without),
        forbid("NoBoundaryRemoval", actions=["iam:DeleteRolePermissionsBoundary"], on="*"),
        forbid(
            "NoChangeOfDelivery",
            actions=(*_WRITES, "sts:AssumeRole"),
            on=[boundary, *_delivery(account), *protected],
        ),
    ]


def _delivery(account: Account) -> list[str]:
    """What a pipeline stands on, and the ways in that AWS keeps for an account's owners."""
    prefix = f"arn:{account.partition}:iam::{account.id}"
    return [
        f"{prefix}:oidc-provider/*",
        f"{prefix}:policy{PATH}*",
        f"{prefix}:role{PATH}*",
        f"{prefix}:role/AWSControlTowerExecution",
        f"{prefix}:role/OrganizationAccountAccessRole",
        f"{prefix}:role/aws-reserved/*",
        f"{prefix}:role/stacksets-exec-*",
    ]

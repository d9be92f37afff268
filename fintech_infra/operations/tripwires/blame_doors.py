"""Which calls open and close what lets in: groups, buckets, keys and roles.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html names what
CloudTrail calls otherwise than S3 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fintech_infra.operations.tripwires.blame_setters import Names, Setters

_INGRESS: Final = (
    "AuthorizeSecurityGroupIngress",
    "ModifySecurityGroupRules",
    "RevokeSecurityGroupIngress",
    "UpdateSecurityGroupRuleDescriptionsIngress",
)
_EGRESS: Final = (
    "AuthorizeSecurityGroupEgress",
    "ModifySecurityGroupRules",
    "RevokeSecurityGroupEgress",
    "UpdateSecurityGroupRuleDescriptionsEgress",
)
_TAGS: Final = ("CreateTags", "DeleteTags")
_BLOCK: Final = ("DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock")
_POLICY: Final = ("DeleteBucketPolicy", "PutBucketPolicy")
_CRYPT: Final = ("DeleteBucketEncryption", "PutBucketEncryption")
_LIFE: Final = ("DeleteBucketLifecycle", "PutBucketLifecycle")
_OWNERS: Final = ("DeleteBucketOwnershipControls", "PutBucketOwnershipControls")
# CloudTrail is documented with the first name, the operation has the second.
_LOCK: Final = ("PutBucketObjectLockConfiguration", "PutObjectLockConfiguration")
_ATTACHED: Final = ("AttachRolePolicy", "DetachRolePolicy")
_INLINE: Final = ("DeleteRolePolicy", "PutRolePolicy")


def _rule(made: Names, removed: str) -> Setters:
    return Setters("ec2", (made[0],), (removed,), others=made, by=("securityGroupId", "id"))


def _setting(*names: str) -> Setters:
    return Setters("s3", names, names, others=names, by=("bucket", "id"))


_INGRESS_RULE: Final = _rule(_INGRESS[:2], "RevokeSecurityGroupIngress")
_EGRESS_RULE: Final = _rule(_EGRESS[:2], "RevokeSecurityGroupEgress")
_GROUP: Final = Setters(
    "ec2",
    ("CreateSecurityGroup",),
    ("DeleteSecurityGroup",),
    {"ingress": _INGRESS, "egress": _EGRESS, "tags": _TAGS},
    by=("id",),
)
_STATE: Final = ("CancelKeyDeletion", "DisableKey", "EnableKey", "ScheduleKeyDeletion")
_BUCKET: Final = Setters(
    "s3",
    ("CreateBucket",),
    ("DeleteBucket",),
    {
        "acl": ("PutBucketAcl",),
        "grants": ("PutBucketAcl",),
        "policy": _POLICY,
        "versioning": ("PutBucketVersioning",),
        "loggings": ("PutBucketLogging",),
        "logging": ("PutBucketLogging",),
        "lifecycleRules": _LIFE,
        "objectLockConfiguration": _LOCK,
        "replicationConfiguration": ("DeleteBucketReplication", "PutBucketReplication"),
        "serverSideEncryptionConfiguration": _CRYPT,
        "tags": ("DeleteBucketTagging", "PutBucketTagging"),
    },
    by=("bucket", "id"),
)
_KEY: Final = Setters(
    "kms",
    ("CreateKey",),
    ("ScheduleKeyDeletion",),
    {
        "isEnabled": _STATE,
        "enabled": _STATE,
        "enableKeyRotation": ("DisableKeyRotation", "EnableKeyRotation"),
        "rotationPeriodInDays": ("EnableKeyRotation",),
        "policy": ("PutKeyPolicy",),
        "description": ("UpdateKeyDescription",),
        "tags": ("TagResource", "UntagResource"),
    },
    by=("arn", "keyId", "id"),
)

DOORS: Final[Mapping[str, Setters]] = {
    "aws:ec2/securityGroup:SecurityGroup": _GROUP,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _GROUP,
    "aws:ec2/securityGroupRule:SecurityGroupRule": Setters(
        "ec2",
        (_INGRESS[0], _EGRESS[0]),
        (_INGRESS[2], _EGRESS[2]),
        others=(*_INGRESS, *_EGRESS),
        by=("securityGroupId",),
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _INGRESS_RULE,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _EGRESS_RULE,
    **dict.fromkeys(("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"), _BUCKET),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting(*_BLOCK),
    "aws:s3/bucketPolicy:BucketPolicy": _setting(*_POLICY),
    **{
        f"aws:s3/{module}{end}:{module[0].upper()}{module[1:]}{end}": setting
        for module, setting in {
            "bucketAcl": _setting("PutBucketAcl"),
            "bucketLifecycleConfiguration": _setting(*_LIFE),
            "bucketLogging": _setting("PutBucketLogging"),
            "bucketObjectLockConfiguration": _setting(*_LOCK),
            "bucketServerSideEncryptionConfiguration": _setting(*_CRYPT),
            "bucketVersioning": _setting("PutBucketVersioning"),
        }.items()
        for end in ("", "V2")
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting(*_OWNERS),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Setters(
        "s3",
        ("PutAccountPublicAccessBlock",),
        ("DeleteAccountPublicAccessBlock",),
        others=("DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock"),
        by=(),
    ),
    **dict.fromkeys(("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"), _KEY),
    "aws:kms/keyPolicy:KeyPolicy": Setters(
        "kms", ("PutKeyPolicy",), ("PutKeyPolicy",), by=("keyId", "id")
    ),
    "aws:kms/alias:Alias": Setters(
        "kms",
        ("CreateAlias",),
        ("DeleteAlias",),
        others=("CreateAlias", "DeleteAlias", "UpdateAlias"),
        by=("arn", "name", "targetKeyArn"),
    ),
    "aws:iam/role:Role": Setters(
        "iam",
        ("CreateRole",),
        ("DeleteRole",),
        {
            "assumeRolePolicy": ("UpdateAssumeRolePolicy",),
            "inlinePolicies": _INLINE,
            "managedPolicyArns": _ATTACHED,
            "permissionsBoundary": (
                "DeleteRolePermissionsBoundary",
                "PutRolePermissionsBoundary",
            ),
            "maxSessionDuration": ("UpdateRole",),
            "description": ("UpdateRole", "UpdateRoleDescription"),
            "tags": ("TagRole", "UntagRole"),
        },
        by=("name", "id", "arn"),
    ),
    "aws:iam/rolePolicy:RolePolicy": Setters(
        "iam", _INLINE[1:], _INLINE[:1], others=_INLINE, by=("role",)
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Setters(
        "iam", _ATTACHED[:1], _ATTACHED[1:], by=("role",)
    ),
    "aws:iam/policy:Policy": Setters(
        "iam",
        ("CreatePolicy",),
        ("DeletePolicy",),
        {"policy": ("CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion")},
        by=("arn", "id"),
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Setters(
        "iam",
        ("UpdateAccountPasswordPolicy",),
        ("DeleteAccountPasswordPolicy",),
        others=("DeleteAccountPasswordPolicy", "UpdateAccountPasswordPolicy"),
        by=(),
    ),
}
"""By type."""

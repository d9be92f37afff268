"""Policies for the roles that read and write a bucket. Pure; attach them, nothing here does."""

from typing import Final

from fintech_infra.components._policy import (
    MANAGED_POLICY_LIMIT,
    Account,
    Statement,
    document,
    permit,
)

_READ: Final = ("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion")
_LOOK: Final = ("s3:GetBucketLocation", "s3:ListBucket")
_WRITE: Final = (
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
)


def reading(account: Account, bucket: str, key: str) -> str:
    """Return the policy of a role that lists and reads the bucket with ARN `bucket`.

    `key` is the ARN of the key that encrypts it, empty where S3 manages the keys.
    """
    found = [
        permit("Look", actions=_LOOK, on=bucket),
        permit("Read", actions=_READ, on=f"{bucket}/*"),
    ]
    return document(found + _key(account, ("kms:Decrypt",), key), MANAGED_POLICY_LIMIT)


def writing(account: Account, bucket: str, key: str) -> str:
    """Return the policy of a role that writes to the bucket with ARN `bucket`, without reading.

    It may decrypt with the key: S3 does so on its behalf to join the parts of an upload.
    """
    found = [permit("Write", actions=_WRITE, on=f"{bucket}/*")]
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    return document(found + _key(account, actions, key), MANAGED_POLICY_LIMIT)


def _key(account: Account, actions: tuple[str, ...], key: str) -> list[Statement]:
    if not key:
        return []
    through = {"StringEquals": {"kms:ViaService": f"s3.{account.region}.{account.dns_suffix}"}}
    return [permit("UseKey", actions=actions, on=key, when=through)]

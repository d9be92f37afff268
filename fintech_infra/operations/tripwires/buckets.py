"""Buckets: who may reach them, by the blocks of public access and by their policies.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.tripwires.model import GoneError, Scene, Seen, Tripwire, seen

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACCOUNT_BLOCK: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"

_NO_BLOCK: Final = "NoSuchPublicAccessBlockConfiguration"
_NO_POLICY: Final = "NoSuchBucketPolicy"
_FLAGS: Final[Mapping[str, str]] = {
    "blockPublicAcls": "BlockPublicAcls",
    "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls",
    "restrictPublicBuckets": "RestrictPublicBuckets",
}
_OFF: Final = dict.fromkeys(_FLAGS, False)


def _bucket(scene: Scene, bucket: Resource) -> Seen:
    """A bucket's policy, unless it is declared by itself: then it is looked at there."""
    name = scene.name(bucket, "bucket")
    policy = partial(_policy_of, scene, bucket, name)
    if scene.environment.referrers(bucket, POLICY, "bucket") and "policy" not in bucket.inputs:
        policy()
        return Seen()
    return seen({"policy": policy})


def _bucket_policy(scene: Scene, policy: Resource) -> Seen:
    found = _policy_of(scene, policy, scene.name(policy, "bucket"))
    if not found:
        raise GoneError
    return Seen({"policy": found})


def _policy_of(scene: Scene, resource: Resource, bucket: str) -> str:
    """The policy of a bucket, empty where it has none.

    Raises:
        GoneError: there is no such bucket.
    """
    answer = _of_bucket(scene, resource, "get_bucket_policy", bucket, _NO_POLICY)
    return "" if answer is None else answer["Policy"]


def _block(scene: Scene, block: Resource) -> Seen:
    name = scene.name(block, "bucket")
    return _flags(_of_bucket(scene, block, "get_public_access_block", name, _NO_BLOCK))


def _of_bucket(
    scene: Scene, resource: Resource, operation: str, bucket: str, none: str
) -> Mapping[str, Any] | None:
    """What S3 says of a bucket; None where it answers with the code `none`.

    The owner is named, so that a bucket of this name that is somebody else's is refused.

    Raises:
        GoneError: there is no such bucket.
    """
    return scene.ask(
        resource,
        "s3",
        operation,
        missing=(none,),
        gone=("NoSuchBucket",),
        Bucket=bucket,
        ExpectedBucketOwner=scene.account,
    )


def _account_block(scene: Scene, block: Resource) -> Seen:
    answer = scene.ask(
        block,
        "s3control",
        "get_public_access_block",
        missing=(_NO_BLOCK,),
        AccountId=scene.account,
    )
    return _flags(answer)


def _flags(answer: Mapping[str, Any] | None) -> Seen:
    """The four flags of a block.

    Raises:
        GoneError: there is no block.
    """
    if answer is None:
        raise GoneError
    found = answer["PublicAccessBlockConfiguration"]
    return Seen({name: bool(found.get(flag, False)) for name, flag in _FLAGS.items()})


TRIPWIRES: Final = (
    Tripwire("policies of buckets", {it: {"policy": ""} for it in BUCKETS}, _bucket),
    Tripwire("policies of buckets", {POLICY: {"policy": None}}, _bucket_policy),
    Tripwire("public access to buckets", {BLOCK: _OFF}, _block),
    Tripwire("public access to an account's buckets", {ACCOUNT_BLOCK: _OFF}, _account_block),
)
"""What tripwires of buckets look at."""

"""What a store asks of the bucket as a whole: whether it is fit, and what is hidden in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fintech_infra.operations.ledger.s3_calls import Calls
from fintech_infra.operations.ledger.s3_terms import Retention, bucket_problems
from fintech_infra.operations.ledger.store import StoreError

_NO_LOCK: Final = frozenset({"ObjectLockConfigurationNotFoundError"})
_NO_ENCRYPTION: Final = frozenset({"ServerSideEncryptionConfigurationNotFoundError"})
_MANAGED: Final = "AES256"
"""What S3 encrypts with where nothing is configured."""


def require_fit(
    client: Any, bucket: str, calls: Calls, *, retention: Retention | None, kms_key: str
) -> None:
    """Make sure that a bucket locks and encrypts what is written with these.

    Raises:
        StoreError: it does not, and all that is wrong is said at once; or it cannot be asked.
    """
    lock = _ask(
        calls,
        "s3:GetBucketObjectLockConfiguration",
        lambda: client.get_object_lock_configuration(Bucket=bucket),
        _NO_LOCK,
    ).get("ObjectLockConfiguration", {})
    encryption = "" if kms_key else _default_encryption(client, bucket, calls)
    found = [*bucket_problems(lock, encryption, retention=retention, kms_key=kms_key)]
    if found:
        wrong, mended = zip(*found, strict=True)
        message = f"the bucket cannot keep a ledger: {'; '.join(wrong)}"
        raise StoreError(calls.place, message, "; ".join(mended))


def hidden(client: Any, bucket: str, base: str, calls: Calls) -> Iterator[str]:
    """Yield, in a sentence each, the keys below `base` that were deleted or written over."""
    seen: dict[str, int] = {}
    for item, is_marker in _versions(client, bucket, base, calls):
        key = str(item["Key"]).removeprefix(base)
        if is_marker:
            yield f"{key} was deleted (delete marker {item['VersionId']})"
        else:
            seen[key] = seen.get(key, 0) + 1
    for key, count in seen.items():
        if count > 1:
            yield f"{key} was written over: it has {count} versions"


def _versions(
    client: Any, bucket: str, base: str, calls: Calls
) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Yield every version and delete marker below `base`, and whether it is a marker."""
    position: dict[str, str] = {}
    while True:
        request = {"Bucket": bucket, "Prefix": base, **position}
        found = calls.make(
            "s3:ListBucketVersions", "", lambda given=request: client.list_object_versions(**given)
        )
        yield from ((item, False) for item in found.get("Versions", []))
        yield from ((item, True) for item in found.get("DeleteMarkers", []))
        if not found.get("IsTruncated"):
            return
        position = {
            "KeyMarker": found["NextKeyMarker"],
            "VersionIdMarker": found["NextVersionIdMarker"],
        }


def _default_encryption(client: Any, bucket: str, calls: Calls) -> str:
    found = _ask(
        calls,
        "s3:GetEncryptionConfiguration",
        lambda: client.get_bucket_encryption(Bucket=bucket),
        _NO_ENCRYPTION,
    )
    rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    defaults = [rule.get("ApplyServerSideEncryptionByDefault", {}) for rule in rules]
    return next((str(item.get("SSEAlgorithm", "")) for item in defaults), _MANAGED)


def _ask(
    calls: Calls, action: str, call: Callable[[], Mapping[str, Any]], none: frozenset[str]
) -> Mapping[str, Any]:
    """What a bucket is configured with, empty where it answers that it has no such thing."""
    from botocore.exceptions import ClientError

    try:
        return calls.make(action, "", call, expected=none)
    except ClientError:
        return {}

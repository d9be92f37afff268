"""`S3Store`: a ledger in an S3 bucket under Object Lock, one object per key.

Reserving a number and writing its entry are one request, a conditional one, so a pipeline that
dies leaves a whole object or none. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fintech_infra.operations.ledger.s3_bucket import hidden, require_fit
from fintech_infra.operations.ledger.s3_calls import (
    MISSING,
    TAKEN,
    Backoff,
    Calls,
    header_of,
)
from fintech_infra.operations.ledger.s3_search import PAGE, greatest
from fintech_infra.operations.ledger.s3_terms import Retention
from fintech_infra.operations.ledger.store import StoreError

_ADDRESS: Final = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?"
)
_PREFIX: Final = re.compile(r"[A-Za-z0-9.-]+(?:/[A-Za-z0-9.-]+)*")
_WRITER: Final = "writer"
"""Name of the metadata that tells whose write an object is."""


def _now() -> datetime:
    return datetime.now(UTC)


class S3Store:
    """A ledger below a prefix of a bucket.

    The bucket must have Object Lock and a default retention, or `retention` must say one; it must
    encrypt with KMS by default, or `kms_key` must name the key. That is checked before the first
    write, and nothing is written where it does not hold. Reading asks for neither.
    """

    def __init__(
        self,
        address: str,
        *,
        client: Any = None,
        retention: Retention | None = None,
        kms_key: str = "",
        backoff: Backoff | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """Use the bucket and prefix of an `s3://bucket/prefix` address; nothing is asked yet.

        `client` is a boto3 client of S3 that tries nothing again itself. Default: one from the
        ambient profile or role. `retention` is for every object; default: the bucket's own.
        `kms_key` is the ARN of the key that encrypts; default: the bucket's own.

        Raises:
            StoreError: the address is not of that form, or boto3 is not installed.
        """
        self._bucket, self._prefix = _parts(address)
        self._client = _client() if client is None else client
        self._retention = retention
        self._kms_key = kms_key
        self._now = now
        self._calls = Calls(self.place, backoff or Backoff())
        self._fit = False

    @property
    def place(self) -> str:
        """The address, without a slash at its end."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def create(self, key: str, content: bytes) -> bool:
        """Write a new object, locked and encrypted, whole or not at all; False where it exists.

        Raises:
            StoreError: S3 refused or cannot be reached, the bucket does not lock what is written,
                or the key was deleted: what it held is still there, below a delete marker.
        """
        self.check()
        if self._exists(key):
            return False
        return self._put(key, content)

    def read(self, key: str) -> bytes | None:
        """The content of an object, None where there never was one.

        Raises:
            StoreError: S3 refused or cannot be reached, the content is not what its checksum says,
                or it was deleted.
        """
        found = self._get(key)
        return None if found is None else found[0]

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with a prefix, ascending, a page of them at a time."""
        return self._after(prefix, "")

    def last(self, prefix: str) -> str | None:
        """The greatest key that begins with a prefix.

        The requests that this takes grow with the logarithm of how many keys there are.
        """
        return greatest(prefix, lambda after, most: self._page(prefix, after, most))

    def remains(self) -> Iterator[str]:
        """Yield nothing: an object is there whole, or it is not there."""
        return iter(())

    def hidden(self) -> Iterator[str]:
        """Yield, in a sentence each, the keys that somebody deleted or wrote over.

        No writer of a ledger does either. What was first written is still there, under its lock:
        it is the oldest version of the key.
        """
        return hidden(self._client, self._bucket, self._base, self._calls)

    def check(self) -> None:
        """Make sure, once, that the bucket locks and encrypts what is written.

        Raises:
            StoreError: it does not; all that is wrong is said at once.
        """
        if not self._fit:
            require_fit(
                self._client,
                self._bucket,
                self._calls,
                retention=self._retention,
                kms_key=self._kms_key,
            )
            self._fit = True

    @property
    def _base(self) -> str:
        return f"{self._prefix}/" if self._prefix else ""

    def _exists(self, key: str) -> bool:
        from botocore.exceptions import ClientError

        name = self._base + key
        try:
            self._calls.make(
                "s3:GetObject",
                key,
                lambda: self._client.head_object(Bucket=self._bucket, Key=name),
                expected=MISSING,
            )
        except ClientError as error:
            self._refuse_deleted(key, error)
            return False
        return True

    def _put(self, key: str, content: bytes) -> bool:
        from botocore.exceptions import ClientError

        writer = secrets.token_hex(16)
        request = self._request(key, content, writer)
        tries: list[int] = []

        def put() -> None:
            tries.append(1)
            self._client.put_object(**request)

        try:
            self._calls.make("s3:PutObject", key, put, expected=TAKEN)
        except ClientError:
            # The answer to an earlier try may have been lost, though the object was written.
            found = self._get(key) if len(tries) > 1 else None
            return found is not None and found[1] == writer
        return True

    def _request(self, key: str, content: bytes, writer: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "Bucket": self._bucket,
            "Key": self._base + key,
            "Body": content,
            "ContentType": "application/json",
            "IfNoneMatch": "*",
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": base64.b64encode(hashlib.sha256(content).digest()).decode(),
            "Metadata": {_WRITER: writer},
        }
        if self._kms_key:
            request |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._kms_key}
        if self._retention:
            until = self._now() + timedelta(days=self._retention.days)
            request |= {
                "ObjectLockMode": self._retention.mode,
                "ObjectLockRetainUntilDate": until,
            }
        return request

    def _get(self, key: str) -> tuple[bytes, str] | None:
        """The content of an object, and who wrote it."""
        from botocore.exceptions import ClientError

        name = self._base + key

        def get() -> tuple[bytes, str]:
            found = self._client.get_object(Bucket=self._bucket, Key=name, ChecksumMode="ENABLED")
            return found["Body"].read(), str(found.get("Metadata", {}).get(_WRITER, ""))

        try:
            return self._calls.make("s3:GetObject", key, get, expected=MISSING)
        except ClientError as error:
            self._refuse_deleted(key, error)
            return None

    def _refuse_deleted(self, key: str, error: Exception) -> None:
        if header_of(error, "x-amz-delete-marker") == "true":
            raise StoreError(
                f"{self.place}/{key}",
                "was deleted; Object Lock keeps what it held below a delete marker",
                "find out who deleted it, then delete the marker: that brings the object back",
            ) from error

    def _page(self, prefix: str, after: str, most: int) -> list[str]:
        """Up to `most` keys that begin with a prefix and come after a key."""
        base = self._base
        request: dict[str, Any] = {
            "Bucket": self._bucket,
            "Prefix": base + prefix,
            "MaxKeys": min(most, PAGE),
        }
        if after:
            request["StartAfter"] = base + after
        found = self._calls.make(
            "s3:ListBucket", prefix, lambda: self._client.list_objects_v2(**request)
        )
        return [str(item["Key"])[len(base) :] for item in found.get("Contents", [])]

    def _after(self, prefix: str, after: str) -> Iterator[str]:
        while page := self._page(prefix, after, PAGE):
            yield from page
            after = page[-1]
            if len(page) < PAGE:
                return


def _parts(address: str) -> tuple[str, str]:
    """Bucket and prefix of an address."""
    found = _ADDRESS.fullmatch(address)
    prefix = (found["prefix"] or "").rstrip("/") if found else ""
    if found is None or (prefix and not _PREFIX.fullmatch(prefix)):
        raise StoreError(
            address,
            "is not the address of a ledger in S3",
            "write it as s3://bucket or s3://bucket/prefix, of letters, digits, '.' and '-'",
        )
    return found["bucket"], prefix


def _client() -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        raise StoreError(
            "s3", "boto3 is not installed", "pip install 'fintech_infra[operations]'"
        ) from error
    # Tries are counted here: a try that botocore makes by itself could meet its own object.
    return boto3.client("s3", config=Config(retries={"total_max_attempts": 1}))

"""Calls to S3 on behalf of a store: which are made again, and what their errors say."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from fintech_infra.operations.ledger.store import StoreError

T = TypeVar("T")

MISSING: Final = frozenset({"404", "NoSuchKey"})
TAKEN: Final = frozenset({"412", "PreconditionFailed"})

_PASSING: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "ConditionalRequestConflict",
        "InternalError",
        "OperationAborted",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Answers that pass. A conflict of two conditional writes is one: the second try is told who won.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"""
_BROKEN: Final = 500
"""Status from which on an answer is the service's own fault."""

_HINTS: Final = {
    "AccessDenied": (
        "the role needs {action}, and the use of the bucket's key; without s3:ListBucket on the "
        "bucket S3 answers so for a missing key, too"
    ),
    "ExpiredToken": "log in again: the credentials have expired",
    "InvalidAccessKeyId": "set the credentials of a role that exists",
    "NoSuchBucket": "make a LockedDownBucket with purpose 'archive', or correct the name",
    "PermanentRedirect": "set AWS_DEFAULT_REGION to the region of the bucket",
    "RequestTimeTooSkewed": "set the clock of this machine",
    "SignatureDoesNotMatch": "set the secret that belongs to the access key",
}
_AS_DENIED: Final = frozenset({"403", "AllAccessDisabled", "Forbidden", "KMS.DisabledException"})
_PASSED: Final = "it passes: try again later; doing it twice writes nothing twice"


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often a call is made, and how long is waited in between, in seconds.

    The pauses double and are cut by chance, so that two pipelines that collide do not do so again.
    """

    attempts: int = 7
    first: float = 0.2
    most: float = 10.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.SystemRandom().random
    """From 0 to 1, by which a pause is multiplied."""

    def pauses(self) -> Iterator[float]:
        """Yield the pauses between the attempts."""
        for number in range(self.attempts - 1):
            yield min(self.most, self.first * 2**number) * self.chance()


@dataclass(frozen=True, slots=True)
class Calls:
    """Makes calls for the store at `place`."""

    place: str
    backoff: Backoff

    def make(
        self,
        action: str,
        key: str,
        call: Callable[[], T],
        *,
        expected: Collection[str] = (),
    ) -> T:
        """Return what a call returns, made again while its errors are of those that pass.

        Raises:
            ClientError: S3 answered with one of the `expected` codes.
            StoreError: any other error; `action` is the permission that its hint names.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        pauses = self.backoff.pauses()
        while True:
            try:
                return call()
            except ClientError as error:
                if code_of(error) in expected:
                    raise
                if not _passes(error) or (pause := next(pauses, None)) is None:
                    raise self._refused(action, key, error) from error
            except BotoCoreError as error:
                if not _is_transport(error) or (pause := next(pauses, None)) is None:
                    raise self._unreachable(key, error) from error
            self.backoff.sleep(pause)

    def _refused(self, action: str, key: str, error: Any) -> StoreError:
        code, said = code_of(error), str(error.response.get("Error", {}).get("Message", ""))
        known = "AccessDenied" if code in _AS_DENIED or ".KMS" in code else code
        hint = _HINTS.get(known, "").format(action=action)
        if not hint and _passes(error):
            hint = _PASSED
        return StoreError(self._at(key), f"{error.operation_name}: {code}: {said}", hint)

    def _unreachable(self, key: str, error: Exception) -> StoreError:
        name = type(error).__name__
        if _is_transport(error):
            hint = _PASSED
        elif "Credential" in name or "Token" in name or "SSO" in name:
            hint = "log in, or set a profile or a role"
        elif "Checksum" in name:
            hint = "what is stored is not what was written: see the other versions of the key"
        else:
            hint = ""
        return StoreError(self._at(key), str(error), hint)

    def _at(self, key: str) -> str:
        return f"{self.place}/{key}" if key else self.place


def code_of(error: Any) -> str:
    """The code of an answer that is an error, such as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def header_of(error: Any, name: str) -> str:
    """A header of an answer that is an error, empty where it has none of that name."""
    return str(error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(name, ""))


def _passes(error: Any) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code_of(error) in _PASSING or status >= _BROKEN


def _is_transport(error: Exception) -> bool:
    from botocore import exceptions

    kinds = (
        exceptions.ConnectionError,
        exceptions.HTTPClientError,
        exceptions.IncompleteReadError,
    )
    return isinstance(error, kinds)

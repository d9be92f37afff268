"""How long a bucket keeps what: decided from its purpose and the class of its data. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NotRequired, TypedDict

from fintech_infra.components._classification import PERSONAL, DataClass
from fintech_infra.components._identifiers import TAG_VALUE


class BucketPurpose(StrEnum):
    """What a bucket is for. It is chosen once: Object Lock can be turned on later, but not off."""

    DATA = "data"
    """Objects that a workload reads and writes."""
    LANDING = "landing"
    """Logs that AWS services deliver. Nobody can delete them before they expire."""
    ARCHIVE = "archive"
    """Records that nobody can change or delete before their retention ends (Object Lock)."""


class LockMode(StrEnum):
    """How Object Lock keeps records."""

    GOVERNANCE = "GOVERNANCE"
    """The bucket's policy denies everyone to bypass it; whoever may change that policy could."""
    COMPLIANCE = "COMPLIANCE"
    """Nobody can shorten it, not the account's root, not AWS. A mistake stays until it expires."""


class BucketRetentionArgs(TypedDict):
    """How long a bucket keeps what. Every period is in days."""

    expire_after_days: NotRequired[int]
    """Age at which objects expire. Required for personal data (`pii`, `cardholder`) in a `data`
    bucket, because how long it is kept must be decided (GDPR Art. 5(1)(e), PCI DSS 4.0.1 3.2.1).
    At least 365 in a `landing` bucket (PCI DSS 4.0.1 10.5.1), where the default is 400. Elsewhere
    the default is never. Shortening it deletes what is older on the next day."""
    noncurrent_days: NotRequired[int]
    """How long a version stays that was overwritten or deleted. `public`: 7 to 3650, default 30.
    `internal` and `confidential`: 30 to 3650, default 90 and 365. `pii` and `cardholder`: 7 to 365,
    default 30, because erasure is complete only then (GDPR Art. 17)."""
    cold_after_days: NotRequired[int]
    """Age at which objects move to Glacier Instant Retrieval, 30 or more. Default: never."""
    lock_mode: NotRequired[LockMode]
    """`GOVERNANCE` or `COMPLIANCE`, for an `archive`. Default: `GOVERNANCE`. Applies to what is
    written from then on."""
    lock_days: NotRequired[int]
    """How long records are locked in an `archive`, 1 to 36500. Default: 365. Applies to what is
    written from then on."""
    legal_basis: NotRequired[str]
    """Why personal data may be kept against a request to erase it, such as `MiFID II Art. 16(6)`;
    becomes the tag `legal-basis`. Required for personal data under a `COMPLIANCE` lock."""


@dataclass(frozen=True)
class NoncurrentRange:
    """Days for which superseded versions of a class of data are kept."""

    least: int
    default: int
    most: int


NONCURRENT: Final = {
    DataClass.PUBLIC: NoncurrentRange(7, 30, 3650),
    DataClass.INTERNAL: NoncurrentRange(30, 90, 3650),
    DataClass.CONFIDENTIAL: NoncurrentRange(30, 365, 3650),
    DataClass.PII: NoncurrentRange(7, 30, 365),
    DataClass.CARDHOLDER: NoncurrentRange(7, 30, 365),
}
LEAST_LOG_DAYS: Final = 365
DEFAULT_LOG_DAYS: Final = 400
DEFAULT_LOCK_DAYS: Final = 365
RECORD_DAYS: Final = 365
"""What books and records are locked at least."""
MOST_LOCK_DAYS: Final = 36_500
LEAST_COLD_DAYS: Final = 30
ABORT_UPLOAD_DAYS: Final = 7
"""An upload that was not finished in a week will not be."""

_LOCK: Final = ("lock_mode", "lock_days")


def retention_problems(
    purpose: BucketPurpose, data_class: DataClass, given: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for what is wrong with the retention of a bucket."""
    yield from _expiry_problems(purpose, data_class, given)
    yield from _age_problems(data_class, given)
    yield from _lock_problems(purpose, given)
    yield from _erasure_problems(data_class, given)


def _expiry_problems(
    purpose: BucketPurpose, data_class: DataClass, given: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    days = given.get("expire_after_days")
    if days is None:
        if purpose is BucketPurpose.DATA and data_class in PERSONAL:
            yield (
                "retention.expire_after_days",
                (
                    f"is required for {data_class} data: decide how long it is kept "
                    "(GDPR Art. 5(1)(e), PCI DSS 4.0.1 3.2.1)"
                ),
            )
        return
    least, why = 1, "a day is the shortest"
    if purpose is BucketPurpose.LANDING:
        least, why = LEAST_LOG_DAYS, "logs stay for 12 months (PCI DSS 4.0.1 10.5.1)"
    if purpose is BucketPurpose.ARCHIVE:
        least, why = int(given.get("lock_days", DEFAULT_LOCK_DAYS)), "records are locked as long"
    if days < least:
        yield "retention.expire_after_days", f"is {days}; accepted are {least} and more: {why}"


def _age_problems(data_class: DataClass, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    accepted = NONCURRENT[data_class]
    days = given.get("noncurrent_days", accepted.default)
    if not accepted.least <= days <= accepted.most:
        yield (
            "retention.noncurrent_days",
            f"is {days}; accepted are {accepted.least} to {accepted.most} for {data_class} data",
        )
    cold = given.get("cold_after_days")
    if cold is None:
        return
    if cold < LEAST_COLD_DAYS:
        yield "retention.cold_after_days", f"is {cold}; accepted are {LEAST_COLD_DAYS} and more"
    if cold >= given.get("expire_after_days", cold + 1):
        yield "retention.cold_after_days", f"is {cold}, when objects have expired already"


def _lock_problems(purpose: BucketPurpose, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if purpose is not BucketPurpose.ARCHIVE:
        for key in _LOCK:
            if key in given:
                yield (
                    f"retention.{key}",
                    "needs purpose 'archive': a bucket is made with Object Lock, or without it",
                )
    days = given.get("lock_days", DEFAULT_LOCK_DAYS)
    if not 1 <= days <= MOST_LOCK_DAYS:
        yield "retention.lock_days", f"is {days}; accepted are 1 to {MOST_LOCK_DAYS}"


def _erasure_problems(data_class: DataClass, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    basis = given.get("legal_basis")
    if basis is None:
        if data_class in PERSONAL and given.get("lock_mode") == LockMode.COMPLIANCE:
            yield (
                "retention.legal_basis",
                (
                    f"is required: a COMPLIANCE lock keeps {data_class} data against a request to "
                    "erase it (GDPR Art. 17); name the law that demands it, or use GOVERNANCE"
                ),
            )
    elif not TAG_VALUE.fullmatch(basis):
        yield (
            "retention.legal_basis",
            f"is {basis!r}; accepted are 3 to 256 letters, digits, spaces and + - = . _ : / @",
        )


@dataclass(frozen=True)
class Retention:
    """How long a bucket keeps what, in days; zero is for ever."""

    expire: int
    noncurrent: int
    cold: int
    lock_mode: LockMode
    lock_days: int

    @property
    def keeps_records(self) -> bool:
        """Whether an archive with this retention can hold books and records (SEC 17a-4(f))."""
        return self.lock_mode is LockMode.COMPLIANCE and self.lock_days >= RECORD_DAYS


def plan_retention(
    purpose: BucketPurpose, data_class: DataClass, given: Mapping[str, Any]
) -> Retention:
    """Return the retention of a bucket whose arguments were found to be right."""
    forever = DEFAULT_LOG_DAYS if purpose is BucketPurpose.LANDING else 0
    return Retention(
        expire=int(given.get("expire_after_days", forever)),
        noncurrent=int(given.get("noncurrent_days", NONCURRENT[data_class].default)),
        cold=int(given.get("cold_after_days", 0)),
        lock_mode=LockMode(given.get("lock_mode", LockMode.GOVERNANCE)),
        lock_days=int(given.get("lock_days", DEFAULT_LOCK_DAYS)),
    )

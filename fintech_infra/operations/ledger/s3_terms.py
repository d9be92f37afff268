"""What a bucket has to be to keep a ledger: locked and encrypted. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Mode = Literal["GOVERNANCE", "COMPLIANCE"]

_MODES: Final = ("GOVERNANCE", "COMPLIANCE")
"""Ascending by how hard a lock is to open."""
_KMS: Final = frozenset({"aws:kms", "aws:kms:dsse"})
_DAYS_A_YEAR: Final = 365
_MOST_DAYS: Final = 36_500


@dataclass(frozen=True, slots=True)
class Retention:
    """How long Object Lock keeps an object.

    In `COMPLIANCE` mode it keeps it from everybody, in `GOVERNANCE` mode from all but those who
    may bypass it.
    """

    mode: Mode
    days: int

    def __post_init__(self) -> None:
        """Refuse what S3 would refuse.

        Raises:
            ValueError: the mode is none, or the days are not 1 to 36500.
        """
        if self.mode not in _MODES:
            raise ValueError(f"mode is {self.mode!r}; accepted are {' and '.join(_MODES)}")
        if not 1 <= self.days <= _MOST_DAYS:
            raise ValueError(f"days is {self.days}; accepted are 1 to {_MOST_DAYS}")

    def covers(self, other: Retention) -> bool:
        """Whether this keeps at least as long and as hard as the other."""
        harder = _MODES.index(self.mode) >= _MODES.index(other.mode)
        return harder and self.days >= other.days

    def __str__(self) -> str:
        """As messages say it."""
        return f"{self.mode} for {self.days} days"


def default_retention(lock: Mapping[str, Any]) -> Retention | None:
    """The retention that a bucket gives what names none, from its Object Lock configuration."""
    rule = lock.get("Rule", {}).get("DefaultRetention", {})
    days = int(rule.get("Days") or 0) + _DAYS_A_YEAR * int(rule.get("Years") or 0)
    return Retention(rule["Mode"], days) if days else None


def bucket_problems(
    lock: Mapping[str, Any],
    encryption: str,
    *,
    retention: Retention | None,
    kms_key: str,
) -> Iterator[tuple[str, str]]:
    """Yield `(what is wrong, how to mend it)` for a bucket that is to keep a ledger.

    `lock` is its Object Lock configuration, empty where it has none, `encryption` the algorithm
    that objects get which name none; `retention` and `kms_key` are what objects will name.
    """
    if lock.get("ObjectLockEnabled") != "Enabled":
        yield (
            "it has no Object Lock, so entries could be deleted",
            (
                "turn Object Lock on (s3api put-object-lock-configuration), or use a "
                "LockedDownBucket with purpose 'archive'"
            ),
        )
    else:
        yield from _retention_problems(default_retention(lock), retention)
    if not kms_key and encryption not in _KMS:
        yield (
            f"its default encryption is {encryption or 'unknown'}, not a KMS key",
            "set SSE-KMS as its default encryption, or name a key of KMS for the ledger",
        )


def _retention_problems(
    default: Retention | None, given: Retention | None
) -> Iterator[tuple[str, str]]:
    if default is None and given is None:
        yield (
            "it has Object Lock without a default retention, so entries would not be locked",
            "set a default retention on the bucket, or a retention for the ledger",
        )
    elif default is not None and given is not None and not given.covers(default):
        yield (
            f"the ledger's retention, {given}, is weaker than the bucket's own, {default}",
            "leave the ledger's retention out, or give one that is not weaker",
        )

"""How a vault is locked: decided from what is asked for, and only on purpose for ever. Pure.

https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NotRequired, TypedDict

LEAST_RETENTION_DAYS: Final = 35
"""What AWS Backup Audit Manager asks of every recovery point."""

MOST_RETENTION_DAYS: Final = 36_500
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html"""

DEFAULT_MOST_DAYS: Final = 3653
"""Ten years: longer than the law asks for books and payments, shorter than by mistake for ever."""

COOLING_DAYS: Final = range(3, 366)
"""AWS waits three days at least. Whoever waits for more than a year did not mean it."""

DEFAULT_COOLING_DAYS: Final = 14


class BackupLockMode(StrEnum):
    """Who can take a lock off a vault."""

    GOVERNANCE = "governance"
    """Whoever IAM lets. The vault's policy denies it to everyone until it is changed."""
    COMPLIANCE = "compliance"
    """Nobody once the cooling period is over: not the account's root, not AWS."""


class BackupLockArgs(TypedDict):
    """How a vault is locked. In either mode recovery points stay until they expire."""

    mode: NotRequired[BackupLockMode]
    """`governance` or `compliance`. Default: `governance`. `compliance` is for ever: start with the
    other one, and change this when retention has proved right."""
    token: NotRequired[str]
    """The name of the vault, which says that `compliance` is meant. Required with it only."""
    cooling_days: NotRequired[int]
    """Days after which `compliance` can no longer be undone, 3 to 365. Default: 14. Until then,
    going back to `governance` takes it off."""
    least_days: NotRequired[int]
    """What a recovery point must be kept for at least to be accepted, 35 or more and no more than
    the plan's retention. Default: 35. Under `compliance` it cannot be changed."""
    most_days: NotRequired[int]
    """What a recovery point may be kept for at most to be accepted, no less than the plan's
    retention. Default: 3653, ten years. Under `compliance` it cannot be changed."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as AWS takes it; without `cooling_days` it is in governance mode."""

    least_days: int
    most_days: int
    cooling_days: int | None


def plan_lock(given: Mapping[str, Any]) -> Lock:
    """Return the lock of a vault whose arguments were found to be right."""
    compliance = given.get("mode") == BackupLockMode.COMPLIANCE
    return Lock(
        least_days=int(given.get("least_days", LEAST_RETENTION_DAYS)),
        most_days=int(given.get("most_days", DEFAULT_MOST_DAYS)),
        cooling_days=int(given.get("cooling_days", DEFAULT_COOLING_DAYS)) if compliance else None,
    )


def lock_problems(
    given: Mapping[str, Any], vault: str, shortest: int, longest: int
) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for a lock of the vault, whose recovery points are kept so long."""
    if given.get("mode") == BackupLockMode.COMPLIANCE:
        yield from _token_problems(given, vault)
    else:
        for key in ("token", "cooling_days"):
            if key in given:
                yield f"lock.{key}", "is for mode 'compliance'; leave it out, or set that mode"
    least = int(given.get("least_days", LEAST_RETENTION_DAYS))
    if not LEAST_RETENTION_DAYS <= least <= shortest:
        yield (
            "lock.least_days",
            (
                f"is {least}; accepted are {LEAST_RETENTION_DAYS} to {shortest}, the shortest "
                "retention of the plan, which else could store nothing"
            ),
        )
    most = int(given.get("most_days", DEFAULT_MOST_DAYS))
    if not longest <= most <= MOST_RETENTION_DAYS:
        yield (
            "lock.most_days",
            (
                f"is {most}; accepted are {longest}, the longest retention of the plan, to "
                f"{MOST_RETENTION_DAYS}"
            ),
        )


def _token_problems(given: Mapping[str, Any], vault: str) -> Iterator[tuple[str, str]]:
    if given.get("token") != vault:
        yield (
            "lock.token",
            (
                f"is {given.get('token')!r}; a compliance lock cannot be taken off again by "
                f"anybody, so it needs the name of the vault, {vault!r}, here"
            ),
        )
    days = int(given.get("cooling_days", DEFAULT_COOLING_DAYS))
    if days not in COOLING_DAYS:
        accepted = f"{COOLING_DAYS[0]} to {COOLING_DAYS[-1]}"
        yield "lock.cooling_days", f"is {days}; accepted are {accepted} days"

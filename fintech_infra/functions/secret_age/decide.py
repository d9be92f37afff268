"""How old the value of a secret is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CURRENT: Final = "AWSCURRENT"
"""The stage of the version that readers get."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a secret: when it was made, and the stages that it is in."""

    created: datetime
    stages: frozenset[str]


def age_days(created: datetime, versions: Sequence[Version], now: datetime) -> float:
    """Return the age in days of what readers get, at `now`.

    A secret that nobody has given a value yet is as old as itself, `created`, so that one which is
    never filled is noticed, too.
    """
    current = [version.created for version in versions if CURRENT in version.stages]
    since = max(current, default=created)
    return max(now - since, timedelta()) / timedelta(days=1)

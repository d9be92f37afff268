"""Alarms of an Aurora PostgreSQL cluster: what is watched, and from where on it is too much."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Alarm:
    """A metric of the cluster and the threshold whose crossing, for so many minutes, pages."""

    key: str
    metric: str
    description: str
    comparison: str
    threshold: float
    statistic: str = "Average"
    minutes: int = 15
    heartbeat: bool = False
    """Whether a cluster that reports nothing at all pages, too (PCI DSS 4.0.1 10.7.2). One alarm
    does, so that silence does not page five times."""


_ABOVE: Final = "GreaterThanThreshold"
_BELOW: Final = "LessThanThreshold"
_GIB: Final = 1024**3
_TIB: Final = 1024**4

ALWAYS: Final = (
    Alarm(
        "cpu",
        "CPUUtilization",
        "CPU above 80 % or unknown for 15 minutes",
        _ABOVE,
        80,
        heartbeat=True,
    ),
    Alarm(
        "commit-latency", "CommitLatency", "Commits take over 100 ms for 15 minutes", _ABOVE, 100
    ),
    # A cluster volume ends at 128 TiB.
    Alarm("storage", "VolumeBytesUsed", "Volume above 115 TiB of 128", _ABOVE, 115 * _TIB),
    # At two billion PostgreSQL stops accepting writes.
    Alarm(
        "transaction-ids",
        "MaximumUsedTransactionIDs",
        "Half of the transaction ids are used up; vacuum is not keeping up",
        _ABOVE,
        1_000_000_000,
        "Maximum",
    ),
)
SERVERLESS: Final = (
    Alarm("capacity", "ACUUtilization", "Near the greatest capacity for 15 minutes", _ABOVE, 90),
)
PROVISIONED: Final = (
    Alarm(
        "local-storage",
        "FreeLocalStorage",
        "Less than 5 GiB for temporary files and logs",
        _BELOW,
        5 * _GIB,
        "Minimum",
    ),
)
"""Serverless instances have no such limit of their own."""


def alarms(*, serverless: bool) -> tuple[Alarm, ...]:
    """Return the alarms of a cluster whose instances are of that kind."""
    return ALWAYS + (SERVERLESS if serverless else PROVISIONED)

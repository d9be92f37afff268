"""What the arguments of a backup vault amount to: how often, how long, and where to. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fintech_infra.components._backup.kinds import BackupKind
from fintech_infra.components._backup.lock import LEAST_RETENTION_DAYS

START_MINUTES: Final = 60
"""Within which a scheduled job starts, at the earliest that AWS Backup can be told.
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html"""

COMPLETION_MINUTES: Final = 480
"""After which a job that has not finished is given up, and reported."""

INTERVALS: Final = (24, 12, 8, 6, 4, 3, 2, 1)
"""Hours between backups: those that divide a day, so that the last gap is not another one."""

DEFAULT_RPO_MINUTES: Final = 24 * 60 + START_MINUTES
"""A backup a day, which may start up to an hour late."""

RPO_MINUTES: Final = range(60 + START_MINUTES, DEFAULT_RPO_MINUTES + 1)
DEFAULT_RTO_MINUTES: Final = 240
DEFAULT_VALIDATION_HOURS: Final = 4

_FIRST_HOUR: Final = 5
"""Outside the backup and the maintenance window of an EncryptedDatabase, in UTC."""


def interval_of(rpo_minutes: int) -> int:
    """Return the hours between backups with which no more than that is lost.

    >>> [interval_of(minutes) for minutes in (1500, 1499, 780, 120)]
    [24, 12, 12, 1]
    """
    return next(hours for hours in INTERVALS if hours * 60 + START_MINUTES <= rpo_minutes)


def schedule_of(hours: int) -> str:
    """Return the schedule of a backup every so many hours, in UTC.

    >>> schedule_of(24), schedule_of(6)
    ('cron(0 5 * * ? *)', 'cron(0 5/6 * * ? *)')
    """
    if hours == INTERVALS[0]:
        return f"cron(0 {_FIRST_HOUR} * * ? *)"
    return f"cron(0 {_FIRST_HOUR % hours}/{hours} * * ? *)"


MONTHLY: Final = f"cron(0 {_FIRST_HOUR} 1 * ? *)"


def kinds_of(args: Mapping[str, Any]) -> list[BackupKind]:
    """Return the kinds of data stores that are protected, each once."""
    return sorted({BackupKind(item) for item in args["protects"]})


def vault_name_of(name: str, args: Mapping[str, Any]) -> str:
    """Return the name of the vault of a component of this name."""
    return args.get("vault_name", name)


def air_gapped_name_of(name: str, args: Mapping[str, Any]) -> str:
    """Return the name of its logically air-gapped vault."""
    return f"{vault_name_of(name, args)}-air-gapped"


def underscored(vault: str) -> str:
    """Return the name of what AWS lets have no hyphens and belongs to the vault."""
    return vault.replace("-", "_")


def retentions_of(args: Mapping[str, Any]) -> dict[str, int]:
    """Return the days that recovery points are kept, by the name of the rule that makes them."""
    found = {"rpo": int(args.get("retention_days", LEAST_RETENTION_DAYS))}
    if "monthly_retention_days" in args:
        found["monthly"] = int(args["monthly_retention_days"])
    return found


def copy_regions(args: Mapping[str, Any]) -> Sequence[str]:
    """Return the regions that recovery points are copied to."""
    return sorted(copy["region"] for copy in args["copy_to"])


def recovery_of(args: Mapping[str, Any]) -> dict[str, Any]:
    """Return what recovery from a vault with these checked arguments is planned for."""
    rpo = int(args.get("rpo_minutes", DEFAULT_RPO_MINUTES))
    return {
        "rpo_minutes": rpo,
        "rto_minutes": int(args.get("rto_minutes", DEFAULT_RTO_MINUTES)),
        "interval_hours": interval_of(rpo),
        "retention_days": retentions_of(args),
        "copy_regions": copy_regions(args),
    }

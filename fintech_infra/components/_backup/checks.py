"""What makes the arguments of a backup vault wrong. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._backup.copies import LEAST_AIR_GAPPED_DAYS
from fintech_infra.components._backup.design import (
    DEFAULT_RPO_MINUTES,
    DEFAULT_RTO_MINUTES,
    RPO_MINUTES,
    air_gapped_name_of,
    retentions_of,
    vault_name_of,
)
from fintech_infra.components._backup.kinds import KINDS, BackupKind
from fintech_infra.components._backup.lock import (
    LEAST_RETENTION_DAYS,
    MOST_RETENTION_DAYS,
    lock_problems,
)
from fintech_infra.components._backup.restore_tests import restore_test_problems
from fintech_infra.components._identifiers import REGION
from fintech_infra.components._shape import nearest

LONGEST_RULE_NAME: Final = 64
"""Characters of an EventBridge rule's name, and of a role's.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""

_RANDOM_END: Final = len("-1a2b3c4")
_VAULT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,49}")
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html, and a letter
in front, which the name of a framework must begin with."""
_LONGEST_VAULT: Final = 50
_VAULT_ARN: Final = re.compile(
    r"arn:[a-z-]+:backup:(?P<region>[a-z0-9-]+):\d{12}:backup-vault:[A-Za-z0-9_-]{2,50}"
)
_ARN: Final = re.compile(r"arn:[a-z-]+:(?P<service>[a-z0-9-]+):[a-z0-9-]*:\d*:[^*?]+")
_YEAR_MINUTES: Final = 365 * 24 * 60

Problem = tuple[str, str]


def backup_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the vault called `name`."""
    kinds = [BackupKind(item) for item in args.get("protects", []) if item in list(BackupKind)]
    days = retentions_of(args)
    yield from _name_problems(name, args)
    yield from _kind_problems(args)
    yield from _copy_problems(args)
    yield from _selection_problems(args, kinds)
    yield from _objective_problems(args)
    yield from _retention_problems(days)
    vault = vault_name_of(name, args)
    yield from lock_problems(args.get("lock", {}), vault, min(days.values()), max(days.values()))
    yield from restore_test_problems(args.get("restore_test", {}), kinds)
    yield from _air_gap_problems(name, args, list(days.values()))


def _name_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    vault = vault_name_of(name, args)
    if not _VAULT.fullmatch(vault):
        yield (
            "vault_name",
            f"is {vault!r}; accepted are 2 to 50 letters, digits, '-' and '_', a letter first",
        )
    longest = max(_roles(args), key=len)
    room = LONGEST_RULE_NAME - _RANDOM_END - len(longest) - 1
    if len(name) > room:
        yield (
            "name",
            (
                f"is {name!r}, of {len(name)} characters; accepted are {room}, because a role or "
                f"rule is named after it and {longest!r}"
            ),
        )


def _roles(args: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is behind the component's name in the names of roles and rules."""
    yield "restore"
    if "alarm_topic_arn" in args:
        yield "air-gapped-key-tampering" if "air_gap" in args else "key-tampering"
    for copy in args.get("copy_to", []):
        if "alarm_topic_arn" in copy:
            yield f"{copy['region']}-key-tampering"


def _kind_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    given = args.get("protects")
    if given is not None and not given:
        yield "protects", f"is empty; accepted are {', '.join(BackupKind)}"
    for index, kind in enumerate(given or []):
        if kind not in list(BackupKind):
            yield f"protects[{index}]", f"is {kind!r}; {nearest(kind, BackupKind)}"


def _copy_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    copies = args.get("copy_to")
    if copies is not None and not copies:
        yield (
            "copy_to",
            "is empty; name at least one other region, such as [{'region': 'eu-central-1'}]",
        )
    seen: set[str] = set()
    for index, copy in enumerate(copies or []):
        path, region = f"copy_to[{index}]", copy["region"]
        if not REGION.fullmatch(region):
            yield f"{path}.region", f"is {region!r}; accepted are regions such as 'eu-central-1'"
        elif region in seen:
            yield f"{path}.region", f"is {region!r}, which is repeated; name each region once"
        elif region == args.get("region"):
            yield f"{path}.region", f"is {region!r}, the vault's own; name another one"
        seen.add(region)
        yield from _existing_problems(path, copy)


def _existing_problems(path: str, copy: Mapping[str, Any]) -> Iterator[Problem]:
    if "vault_arn" not in copy:
        return
    for key in ("kms_key_arn", "alarm_topic_arn"):
        if key in copy:
            yield f"{path}.{key}", "is for a vault made here, but vault_arn is given; leave one out"
    arn = copy["vault_arn"]
    if not isinstance(arn, str):
        return
    match = _VAULT_ARN.fullmatch(arn)
    if match is None or match["region"] != copy["region"]:
        yield f"{path}.vault_arn", f"is {arn!r}; accepted is a vault in {copy['region']}"


def _selection_problems(args: Mapping[str, Any], kinds: list[BackupKind]) -> Iterator[Problem]:
    arns, tags = args.get("resource_arns"), args.get("select_by_tags")
    if not arns and not tags:
        yield (
            "resource_arns, select_by_tags",
            "neither given, so nothing would be backed up; give at least one of the two",
        )
    services = {KINDS[kind].arn_service for kind in kinds}
    for index, arn in enumerate(arns or []):
        if isinstance(arn, str):
            yield from _arn_problems(f"resource_arns[{index}]", arn, services)


def _arn_problems(path: str, arn: str, services: set[str]) -> Iterator[Problem]:
    match = _ARN.fullmatch(arn)
    if match is None:
        yield path, f"is {arn!r}; accepted are ARNs of single resources, without wildcards"
    elif services and match["service"] not in services:
        yield path, f"is {arn!r}, of a kind that protects does not name; add the kind to it"


def _objective_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    rpo = int(args.get("rpo_minutes", DEFAULT_RPO_MINUTES))
    if rpo not in RPO_MINUTES:
        accepted = f"{RPO_MINUTES[0]} (hourly backups) to {RPO_MINUTES[-1]} (daily ones)"
        yield "rpo_minutes", f"is {rpo}; accepted are {accepted}"
    rto = int(args.get("rto_minutes", DEFAULT_RTO_MINUTES))
    if not 1 <= rto < _YEAR_MINUTES:
        yield "rto_minutes", f"is {rto}; accepted are 1 to {_YEAR_MINUTES - 1}"


def _retention_problems(days: Mapping[str, int]) -> Iterator[Problem]:
    accepted = f"accepted are {LEAST_RETENTION_DAYS} to {MOST_RETENTION_DAYS} days"
    if not LEAST_RETENTION_DAYS <= days["rpo"] <= MOST_RETENTION_DAYS:
        yield "retention_days", f"is {days['rpo']}; {accepted}"
    monthly = days.get("monthly")
    if monthly is not None and not days["rpo"] < monthly <= MOST_RETENTION_DAYS:
        yield (
            "monthly_retention_days",
            (
                f"is {monthly}; accepted are {days['rpo'] + 1}, more than retention_days, to "
                f"{MOST_RETENTION_DAYS}"
            ),
        )


def _air_gap_problems(name: str, args: Mapping[str, Any], days: list[int]) -> Iterator[Problem]:
    if (given := args.get("air_gap")) is None:
        return
    vault = air_gapped_name_of(name, args)
    if len(vault) > _LONGEST_VAULT:
        yield "vault_name", f"makes {vault!r}, of more than {_LONGEST_VAULT} characters; shorten it"
    if given["token"] != vault:
        yield (
            "air_gap.token",
            (
                f"is {given['token']!r}; what an air-gapped vault holds cannot be deleted by "
                f"anybody, so it needs the name of that vault, {vault!r}, here"
            ),
        )
    least = int(given.get("least_days", LEAST_AIR_GAPPED_DAYS))
    if not LEAST_AIR_GAPPED_DAYS <= least <= min(days):
        accepted = f"{LEAST_AIR_GAPPED_DAYS} to {min(days)}, the plan's shortest retention"
        yield "air_gap.least_days", f"is {least}; accepted are {accepted}"
    most = int(given.get("most_days", max(days)))
    if not max(days) <= most <= MOST_RETENTION_DAYS:
        accepted = f"{max(days)}, the plan's longest retention, to {MOST_RETENTION_DAYS}"
        yield "air_gap.most_days", f"is {most}; accepted are {accepted}"

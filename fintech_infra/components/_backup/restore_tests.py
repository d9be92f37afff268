"""Makes what proves that recovery points can be restored: a plan and a selection per kind.

AWS Backup restores on schedule, times it, and deletes what it restored after the validation.
https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input
from pulumi_aws import backup

from fintech_infra.components._backup.design import (
    DEFAULT_VALIDATION_HOURS,
    kinds_of,
    underscored,
    vault_name_of,
)
from fintech_infra.components._backup.kinds import KINDS, BackupKind
from fintech_infra.components._backup.roles import BackupRole
from fintech_infra.components._site import Site

DEFAULT_SCHEDULE: Final = "cron(0 9 1 * ? *)"
VALIDATION_HOURS: Final = range(1, 169)
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html"""

_START_HOURS: Final = 8
_WINDOW_DAYS: Final = 7
"""How old the newest recovery point may be to be tested at all."""

_SCHEDULE: Final = re.compile(r"cron\(\S+ \S+ \S+ \S+ \S+ \S+\)")


class BackupRestoreTestArgs(TypedDict):
    """How it is proved that what was backed up can be restored."""

    db_subnet_group_name: NotRequired[Input[str]]
    """Name of the subnet group that databases are restored into, such as a HardenedVpc's
    `db_subnet_group_name`. Required for `aurora`, `documentdb`, `neptune` and `rds`, which would
    else land in the region's default VPC, or fail where there is none."""
    schedule: NotRequired[str]
    """When, as a cron expression in UTC. Default: `cron(0 9 1 * ? *)`, on the first of each month
    (DORA Art. 24, SOC 2 A1.3)."""
    validation_hours: NotRequired[int]
    """Hours that what was restored stays, for a check of the data, 1 to 168. Default: 4."""


def make_restore_tests(
    site: Site, args: Mapping[str, Any], vault: backup.Vault, role: BackupRole
) -> backup.RestoreTestingPlan:
    """Make the plan that restores the newest recovery point of every kind, and what it tests."""
    given = args.get("restore_test", {})
    plan = backup.RestoreTestingPlan(
        site.name,
        # It lets no hyphens be in its name.
        name=underscored(vault_name_of(site.name, args)),
        schedule_expression=given.get("schedule", DEFAULT_SCHEDULE),
        schedule_expression_timezone="Etc/UTC",
        start_window_hours=_START_HOURS,
        recovery_point_selection=backup.RestoreTestingPlanRecoveryPointSelectionArgs(
            algorithm="LATEST_WITHIN_WINDOW",
            include_vaults=[vault.arn],
            recovery_point_types=["SNAPSHOT"],
            selection_window_days=_WINDOW_DAYS,
        ),
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )
    for kind in kinds_of(args):
        _test(site, given, plan, kind, role)
    return plan


def _test(
    site: Site,
    given: Mapping[str, Any],
    plan: backup.RestoreTestingPlan,
    kind: BackupKind,
    role: BackupRole,
) -> None:
    subnets = given.get("db_subnet_group_name")
    overrides = {"dbSubnetGroupName": subnets} if KINDS[kind].in_subnets and subnets else None
    backup.RestoreTestingSelection(
        site.named(kind.value),
        name=kind.value,
        restore_testing_plan_name=plan.name,
        protected_resource_type=KINDS[kind].resource_type,
        protected_resource_arns=["*"],
        restore_metadata_overrides=overrides,
        validation_window_hours=int(given.get("validation_hours", DEFAULT_VALIDATION_HOURS)),
        iam_role_arn=role.role.arn,
        region=site.region,
        opts=site.child(depends_on=role.permissions),
    )


def restore_test_problems(
    given: Mapping[str, Any], kinds: Sequence[BackupKind]
) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for what is wrong with the restore tests of these kinds."""
    databases = [kind.value for kind in kinds if KINDS[kind].in_subnets]
    if databases and "db_subnet_group_name" not in given:
        yield (
            "restore_test.db_subnet_group_name",
            (
                f"is required to restore {', '.join(databases)} for a test; give the name of a "
                "subnet group of isolated subnets"
            ),
        )
    schedule = given.get("schedule", DEFAULT_SCHEDULE)
    if not _SCHEDULE.fullmatch(schedule):
        accepted = f"accepted is a cron expression such as {DEFAULT_SCHEDULE!r}"
        yield "restore_test.schedule", f"is {schedule!r}; {accepted}"
    hours = int(given.get("validation_hours", DEFAULT_VALIDATION_HOURS))
    if hours not in VALIDATION_HOURS:
        accepted = f"{VALIDATION_HOURS[0]} to {VALIDATION_HOURS[-1]}"
        yield "restore_test.validation_hours", f"is {hours}; accepted are {accepted}"

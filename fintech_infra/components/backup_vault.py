"""BackupVault: backups that are locked, copied to another region, and proved by restoring them."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import backup

from fintech_infra.components._backup.checks import backup_problems
from fintech_infra.components._backup.copies import (
    BackupAirGapArgs,
    BackupCopyArgs,
    elsewhere,
    guards,
    make_air_gapped,
    make_copies,
)
from fintech_infra.components._backup.design import (
    kinds_of,
    recovery_of,
    retentions_of,
    vault_name_of,
)
from fintech_infra.components._backup.lock import BackupLockArgs, plan_lock
from fintech_infra.components._backup.plan import make_plan, opt_in, select
from fintech_infra.components._backup.reports import make_reports
from fintech_infra.components._backup.restore_tests import (
    BackupRestoreTestArgs,
    make_restore_tests,
)
from fintech_infra.components._backup.roles import make_backup_role, make_restore_role
from fintech_infra.components._backup.vault import Vault, make_vault
from fintech_infra.components._backup.watch import make_watch
from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._site import Site


class BackupVaultArgs(TypedDict):
    """What a BackupVault needs to know: what it protects, and where the copies go."""

    protects: list[str]
    """Kinds of data stores it protects: any of `aurora`, `documentdb`, `dynamodb`, `ebs`, `efs`,
    `neptune`, `rds` and `s3`. Each is restored in tests. Removing one ends its tests only."""
    copy_to: list[BackupCopyArgs]
    """The regions that every recovery point is copied to, at least one (DORA Art. 12(3)). Removing
    one needs `pulumi state unprotect` of the vault made there."""
    resource_arns: NotRequired[list[Input[str]]]
    """ARNs of the resources that are backed up. Default: those that `select_by_tags` finds; one of
    the two is required."""
    select_by_tags: NotRequired[dict[str, str]]
    """Tags, of which a resource in the account and region carries one to be backed up, whichever
    program made it. Default: only `resource_arns`."""
    rpo_minutes: NotRequired[int]
    """Recovery point objective: minutes of data that may be lost with the data store and its own
    backups, 120 to 1500. A backup is taken as often as that asks for and starts within an hour: at
    1500 daily, at 780 every 12 hours, at 120 hourly. A copy is there once it is complete, later.
    For losses within the region, data stores offer minutes themselves. Default: 1500."""
    rto_minutes: NotRequired[int]
    """Recovery time objective: minutes until what was lost is restored. With `report_bucket`,
    restore tests are held to it. Default: 240."""
    retention_days: NotRequired[int]
    """Days that recovery points and their copies are kept, 35 to 36500. Default: 35. Applies to
    what is backed up from then on."""
    monthly_retention_days: NotRequired[int]
    """Days that an additional recovery point, of the first of each month, is kept. More than
    `retention_days`. Default: there is none."""
    vault_name: NotRequired[str]
    """Name of the vault and its copies, 2 to 50 letters, digits, `-` and `_`. Fixed, because a
    compliance lock must name it. Default: the component's name. Changing it replaces the vault,
    which `protect` refuses."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts recovery points, never that of the data itself.
    It must let `backup` and the services of what it protects use it. Default: a key of its own.
    Changing it replaces the vault, which `protect` refuses."""
    lock: NotRequired[BackupLockArgs]
    """How the vault and those made for copies are locked. Default: in governance mode."""
    restore_test: NotRequired[BackupRestoreTestArgs]
    """When and into which subnets recovery points are restored in tests. Default: monthly; required
    for databases, which need a subnet group."""
    air_gap: NotRequired[BackupAirGapArgs]
    """A logically air-gapped vault in this region, which receives copies, too (DORA Art. 12(3)).
    Default: none, because nothing can be deleted from it by anybody."""
    data_class: NotRequired[DataClass]
    """How sensitive what is backed up is; becomes the tag `data-class`. Default: confidential."""
    report_bucket: NotRequired[Input[str]]
    """Name of a bucket that receives a framework's daily reports on compliance, copies and restores
    (AWS Backup Audit Manager). AWS Config must record the account and region; the bucket's policy
    must let the service-linked role `AWSServiceRoleForBackupReports` put objects, and its key let
    that role use it. Default: no framework, no reports."""
    opts_in_region: NotRequired[bool]
    """Whether this component opts account and region in to backups of what it protects, which AWS
    Backup else passes over without a word. Default: true. It takes over what is set there already;
    several vaults of a region agree with each other. With false somebody else has to do it."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears when a job fails, when a recovery point is modified, and of
    tampering with vault or key. Its policy must let `backup` and `events` (`.amazonaws.com`)
    publish. Default: nobody is told."""
    region: NotRequired[Input[str]]
    """Region of the vault and everything with it but the copies. Default: the provider's. Changing
    it replaces the vault, which `protect` refuses."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class BackupVault(Component):
    """Backups of data stores, as often and for as long as declared, that outlive what they protect.

    It makes a locked and encrypted vault from which nobody deletes, one like it in every region of
    `copy_to`, a plan, what the plan selects, restore tests, the two roles that AWS Backup assumes,
    and the region's opt-in; with more arguments an air-gapped vault, reports, and notifications.

    Vaults and keys are protected: Pulumi refuses to delete or replace them until `pulumi state
    unprotect`, and AWS while they hold recovery points. A lock is never taken off, also not when
    this component is removed: in governance mode whoever IAM lets can do so by hand, in compliance
    mode nobody.

    Deliberately absent: continuous backups, which take the retention of RDS and Aurora out of the
    hands of who declared them; cold storage, which databases do not support; malware scans, which
    they do not either; cross-account settings of the organization; EC2 instances, which are
    replaced instead of restored; a role that may delete.
    """

    vault_name: Output[str]
    """Name of the vault, known once it is locked."""
    vault_arn: Output[str]
    """ARN of the vault."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts it."""
    plan_id: Output[str]
    """Id of the plan, for further selections."""
    backup_role_arn: Output[str]
    """ARN of the role that backs up, for further selections."""
    copy_vault_arns: Output[dict[str, str]]
    """ARNs of the vaults that recovery points are copied to, by region."""
    air_gapped_vault_arn: Output[str]
    """ARN of the logically air-gapped vault; empty without one."""
    restore_testing_plan_arn: Output[str]
    """ARN of the restore testing plan."""
    recovery: Output[str]
    """JSON of what recovery is planned for: `rpo_minutes`, `rto_minutes`, `interval_hours`,
    `retention_days` by rule, and `copy_regions`."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: BackupVaultArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the vault.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed. That a copy stays in its own region and account is noticed when both are
                known, and then raises ValueError.
        """
        super().__init__(name, args, opts)
        data_class = DataClass(args.get("data_class", DataClass.CONFIDENTIAL))
        tags = {**args.get("tags", {}), "data-class": data_class.value}
        site = Site(self, name, args.get("region"), tags)
        kinds, topic = kinds_of(args), args.get("alarm_topic_arn")

        main = make_vault(
            site,
            vault_name_of(name, args),
            plan_lock(args.get("lock", {})),
            kinds,
            key_arn=args.get("kms_key_arn"),
            topic=topic,
        )
        arns, made = make_copies(site, args)
        copies = elsewhere(main.vault.arn, arns)
        isolated = None
        if "air_gap" in args:
            isolated = make_air_gapped(site, args, list(retentions_of(args).values()))
        targets = [*copies.values(), *([isolated.arn] if isolated else [])]
        settings = [opt_in(site, args)] if args.get("opts_in_region", True) else []
        plan = make_plan(site, args, main.vault, targets, [*guards([main, *made]), *settings])
        role = make_backup_role(site, kinds)
        selections = select(site, args, plan, role)
        tests = make_restore_tests(site, args, main.vault, make_restore_role(site, kinds))
        if "report_bucket" in args:
            make_reports(site, args, args["report_bucket"])
        if topic is not None:
            make_watch(site, main.vault, topic)

        self.publish(
            vault_name=main.lock.backup_vault_name,
            vault_arn=main.vault.arn,
            kms_key_arn=main.key_arn,
            plan_id=plan.id,
            backup_role_arn=role.role.arn,
            copy_vault_arns=Output.all(**copies),
            air_gapped_vault_arn=isolated.arn if isolated else Output.from_input(""),
            restore_testing_plan_arn=tests.arn,
            recovery=Output.json_dumps(recovery_of(args)),
            evidence=evidence(_satisfied(main, plan, selections, tests)),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note names, copies, selections, objectives, retention, locks and tests that cannot be."""
        for path, reason in backup_problems(problems.name, args):
            problems.add(path, reason)


def _satisfied(
    main: Vault,
    plan: backup.Plan,
    selections: Mapping[str, backup.Selection],
    tests: backup.RestoreTestingPlan,
) -> dict[str, tuple[pulumi.Resource, str]]:
    """Return which property of which resource satisfies which control."""
    path, selection = next(iter(selections.items()))
    return {
        "backup-plan-covers-data-stores": (selection, path),
        "backup-plan-minimums": (plan, "rules"),
        "backup-plan-offsite-copy": (plan, "rules"),
        "backup-restore-testing-scheduled": (tests, "scheduleExpression"),
        "backup-vault-cmk": (main.vault, "kmsKeyArn"),
        "backup-vault-locked": (main.lock, "minRetentionDays"),
        "backup-vault-policy-denies-delete": (main.policy, "policy"),
    }

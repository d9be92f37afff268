"""Makes what shows auditors that backups are as planned: a framework and its daily reports.

It is AWS Backup Audit Manager, which needs AWS Config to record the account and region.
https://docs.aws.amazon.com/aws-backup/latest/devguide/controls-and-remediation.html
"""

from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input
from pulumi_aws import backup

from fintech_infra.components._backup.design import (
    COMPLETION_MINUTES,
    START_MINUTES,
    kinds_of,
    recovery_of,
    retentions_of,
    underscored,
    vault_name_of,
)
from fintech_infra.components._backup.kinds import KINDS
from fintech_infra.components._backup.lock import plan_lock
from fintech_infra.components._site import Site

REPORTS: Final = {
    "compliance": "CONTROL_COMPLIANCE_REPORT",
    "copies": "COPY_JOB_REPORT",
    "restores": "RESTORE_JOB_REPORT",
}
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/create-report-plan-api.html"""


def make_reports(site: Site, args: Mapping[str, Any], bucket: Input[str]) -> None:
    """Make the framework, which compares what is with what is planned, and its reports."""
    name = underscored(vault_name_of(site.name, args))
    framework = backup.Framework(
        site.name,
        name=name,
        description=f"Recovery as planned for {site.name}",
        controls=_controls(args),
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )
    for report, template in REPORTS.items():
        logical = site.named(report)
        compliance = template == REPORTS["compliance"]
        backup.ReportPlan(
            logical,
            name=f"{name}_{report}",
            description=f"{report.capitalize()} of {site.name}",
            report_delivery_channel=backup.ReportPlanReportDeliveryChannelArgs(
                s3_bucket_name=bucket, s3_key_prefix=name, formats=["CSV", "JSON"]
            ),
            report_setting=backup.ReportPlanReportSettingArgs(
                report_template=template,
                framework_arns=[framework.arn] if compliance else None,
                number_of_frameworks=1 if compliance else None,
            ),
            region=site.region,
            tags=site.tagged(logical),
            opts=site.child(),
        )


def _controls(args: Mapping[str, Any]) -> list[backup.FrameworkControlArgs]:
    recovery, days = recovery_of(args), min(retentions_of(args).values())
    lock = plan_lock(args.get("lock", {}))
    types = [KINDS[kind].resource_type for kind in kinds_of(args)]
    hours = recovery["interval_hours"]
    # A recovery point exists once its job is done, which may begin late and takes its time.
    oldest = hours + (START_MINUTES + COMPLETION_MINUTES) // 60
    return [
        _control("BACKUP_RECOVERY_POINT_ENCRYPTED"),
        _control("BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"),
        _control("BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK", requiredRetentionDays=days),
        _control(
            "BACKUP_PLAN_MIN_FREQUENCY_AND_MIN_RETENTION_CHECK",
            requiredFrequencyUnit="hours",
            requiredFrequencyValue=hours,
            requiredRetentionDays=days,
        ),
        _control("BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN", types),
        _control("BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION", types),
        _control(
            "BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
            types,
            minRetentionDays=lock.least_days,
            maxRetentionDays=lock.most_days,
        ),
        _control(
            "BACKUP_LAST_RECOVERY_POINT_CREATED",
            types,
            recoveryPointAgeUnit="hours",
            recoveryPointAgeValue=oldest,
        ),
        _control(
            "RESTORE_TIME_FOR_RESOURCES_MEET_TARGET", types, maxRestoreTime=recovery["rto_minutes"]
        ),
    ]


def _control(
    name: str, types: list[str] | None = None, **parameters: str | int
) -> backup.FrameworkControlArgs:
    return backup.FrameworkControlArgs(
        name=name,
        input_parameters=[
            backup.FrameworkControlInputParameterArgs(name=key, value=str(value))
            for key, value in parameters.items()
        ]
        or None,
        scope=backup.FrameworkControlScopeArgs(compliance_resource_types=types) if types else None,
    )

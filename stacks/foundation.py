"""What everything else stands on: who is told, where logs land, who may deploy, what is recorded.

The order is that of need: a topic to be told on, a bucket to log to, and only then what alarms and
logs. The boundary of the pipeline is made here, because every role of a workload wears it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import ResourceOptions

from fintech_infra import (
    AlarmTopic,
    AuditTrail,
    BucketPurpose,
    DeployIdentity,
    EncryptionKey,
    LockedDownBucket,
    SecurityBaseline,
)
from settings import Settings

_ROLE = "aws:iam/role:Role"


@dataclass(frozen=True, slots=True)
class Foundation:
    """What an account needs before the first workload."""

    alarms: AlarmTopic
    logs: LockedDownBucket
    pipeline: DeployIdentity
    trail: AuditTrail
    baseline: SecurityBaseline
    ledger_key: EncryptionKey
    records_key: EncryptionKey

    def bounded(self) -> ResourceOptions:
        """Return options under which every role wears the pipeline's permissions boundary.

        The pipeline can make and change such roles only.
        """
        boundary = self.pipeline.boundary_arn

        def wear(
            args: pulumi.ResourceTransformArgs,
        ) -> pulumi.ResourceTransformResult | None:
            if args.type_ != _ROLE or "permissionsBoundary" in args.props:
                return None
            props = {**args.props, "permissionsBoundary": boundary}
            return pulumi.ResourceTransformResult(props, args.opts)

        return ResourceOptions(transforms=[wear])


def make_foundation(settings: Settings) -> Foundation:
    """Make topic, logs, pipeline, trail, baseline and the keys of the data."""
    alarms = AlarmTopic("alarms", {"emails": settings.alarm_emails})
    logs = LockedDownBucket(
        "logs",
        {
            "purpose": BucketPurpose.LANDING,
            "receives": ["s3-access-logs", "vended-logs", "load-balancer-logs"],
        },
    )
    pipeline = DeployIdentity(
        "pipeline",
        {
            "owner": settings.repository.owner,
            "owner_id": settings.repository.owner_id,
            "repository": settings.repository.name,
            "repository_id": settings.repository.id,
            "environment": settings.environment,
            "deploy_policy_arns": {"everything-else": settings.deploy_policy_arn},
            "allowed_regions": [settings.region, settings.copy_region],
            "alarm_topic_arn": alarms.arn,
        },
    )
    trail = AuditTrail("audit", {"alarm_topic_arn": alarms.arn, "access_log_bucket": logs.name})
    baseline = SecurityBaseline(
        "baseline",
        {
            "alarm_topic_arn": alarms.arn,
            "security_contact": {
                "name": settings.contact.name,
                "title": settings.contact.title,
                "email": settings.contact.email,
                "phone": settings.contact.phone,
            },
        },
    )
    return Foundation(
        alarms,
        logs,
        pipeline,
        trail,
        baseline,
        ledger_key=_key("ledger", settings, alarms, ["rds", "secretsmanager", "logs"]),
        records_key=_key("records", settings, alarms, ["s3"]),
    )


def _key(name: str, settings: Settings, alarms: AlarmTopic, services: list[str]) -> EncryptionKey:
    """One key per kind of data, so that each can be withdrawn, and erased with, by itself."""
    return EncryptionKey(
        name,
        {
            "data_class": settings.data_class,
            "services": services,
            "alarm_topic_arn": alarms.arn,
        },
    )

"""What keeps the platform safe while it runs: it is watched, healed, backed up and paid for."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import Output, Resource

from data import Data
from fintech_infra import (
    BackupVault,
    CostGuard,
    DeclaredResourceArgs,
    Remediation,
    SelfHealing,
    ServiceObservability,
)
from foundation import Foundation
from network import Network
from settings import Settings
from workloads import Workloads


@dataclass(frozen=True, slots=True)
class Safety:
    """What watches, heals, backs up and bounds the price."""

    observability: ServiceObservability
    healing: SelfHealing
    backups: BackupVault
    costs: CostGuard


def make_safety(
    settings: Settings,
    foundation: Foundation,
    network: Network,
    data: Data,
    workloads: Workloads,
) -> Safety:
    """Make the alarms of the API, the remediations, the backups of the ledger and the budget."""
    observability = ServiceObservability(
        "payments-api",
        {
            "page_topic_arn": foundation.alarms.arn,
            "load_balancer_arn_suffix": workloads.api.load_balancer_arn_suffix,
            "log_group_names": {"api": workloads.api.log_group_name},
        },
    )
    healing = SelfHealing(
        "healing",
        {
            "alarm_topic_arn": foundation.alarms.arn,
            "alarm_topic_key_arn": foundation.alarms.kms_key_arn,
            "dry_run": settings.healing_dry_run,
            "quarantine_vpc_id": network.vpc.vpc_id,
            "deployer_role_arns": [foundation.pipeline.deploy_role_arn],
            "declared": _declared(foundation, data, workloads),
        },
    )
    backups = BackupVault(
        "payments",
        {
            "protects": ["aurora", "dynamodb"],
            "resource_arns": [data.ledger.cluster_arn, healing.budget_table_arn],
            "copy_to": [{"region": settings.copy_region}],
            "retention_days": settings.backup_days,
            "restore_test": {"db_subnet_group_name": network.vpc.db_subnet_group_name},
            "data_class": settings.data_class,
            "alarm_topic_arn": foundation.alarms.arn,
        },
    )
    costs = CostGuard(
        "payments",
        {
            "environment": settings.environment,
            "monthly_limit_usd": settings.monthly_limit_usd,
            "alarm_topic_arn": foundation.alarms.arn,
        },
    )
    return Safety(observability, healing, backups, costs)


def _declared(
    foundation: Foundation, data: Data, workloads: Workloads
) -> list[DeclaredResourceArgs]:
    """Everything that is put right when it is no longer as this program declares it."""
    found: list[DeclaredResourceArgs] = [
        {
            "remediation": Remediation.RESTART_TRAIL,
            "id": foundation.trail.trail_arn,
            "urn": foundation.trail.urn,
        },
        {
            "remediation": Remediation.ENABLE_DETECTOR,
            "id": foundation.baseline.detector_id,
            "urn": foundation.baseline.urn,
        },
        {
            "remediation": Remediation.CLOSE_SECURITY_GROUP,
            "id": workloads.api.security_group_id,
            "urn": workloads.api.urn,
        },
        {
            "remediation": Remediation.ASK_FOR_REAPPLY,
            "id": data.ledger.cluster_arn,
            "urn": data.ledger.urn,
        },
        {"remediation": Remediation.UNSHARE_SNAPSHOT, "id": "*"},
    ]
    for bucket in (foundation.logs, data.statements, data.payments):
        found += _restored(bucket, bucket.name, Remediation.BLOCK_BUCKET)
        found += _restored(bucket, bucket.name, Remediation.ASK_FOR_REAPPLY)
    for key in (foundation.ledger_key, foundation.records_key):
        found += _restored(key, key.arn, Remediation.KEEP_KEY)
    return found


def _restored(
    component: Resource, id_: Output[str], remediation: Remediation
) -> list[DeclaredResourceArgs]:
    return [{"remediation": remediation, "id": id_, "urn": component.urn}]

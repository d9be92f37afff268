"""The catalogue: every public component and the arguments it takes.

Names are imported on first use, because importing the provider's classes takes longer than most
commands of this package. Pulumi's component host reads the module's dictionary instead of asking
for names, so under that host everything is imported at once.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fintech_infra.components._backup.lock import BackupLockMode
    from fintech_infra.components._baseline.design import BaselineScope, InternetBlock
    from fintech_infra.components._bucket.retention import BucketPurpose, LockMode
    from fintech_infra.components._classification import DataClass
    from fintech_infra.components._healing.declared import DeclaredResourceArgs
    from fintech_infra.components._healing.remediations import HealingRisk, Remediation
    from fintech_infra.components._network.design import Egress, EncryptionControl, PublicAccess
    from fintech_infra.components._observability.alarms import MissingData
    from fintech_infra.components._service.canary import CanaryDoubt
    from fintech_infra.components._service.exposure import Architecture, ServiceExposure
    from fintech_infra.components._service.rollout import RolloutStrategy
    from fintech_infra.components.alarm_topic import AlarmTopic, AlarmTopicArgs
    from fintech_infra.components.audit_trail import AuditTrail, AuditTrailArgs
    from fintech_infra.components.backup_vault import BackupVault, BackupVaultArgs
    from fintech_infra.components.cost_guard import CostGuard, CostGuardArgs
    from fintech_infra.components.deploy_identity import DeployIdentity, DeployIdentityArgs
    from fintech_infra.components.edge_shield import (
        DdosSensitivity,
        EdgeScope,
        EdgeShield,
        EdgeShieldArgs,
    )
    from fintech_infra.components.egress_firewall import EgressFirewall, EgressFirewallArgs
    from fintech_infra.components.encrypted_database import (
        EncryptedDatabase,
        EncryptedDatabaseArgs,
    )
    from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs
    from fintech_infra.components.ephemeral_compute import (
        EphemeralCompute,
        EphemeralComputeArgs,
    )
    from fintech_infra.components.hardened_vpc import HardenedVpc, HardenedVpcArgs
    from fintech_infra.components.image_repository import ImageRepository, ImageRepositoryArgs
    from fintech_infra.components.immutable_service import (
        ImmutableService,
        ImmutableServiceArgs,
    )
    from fintech_infra.components.locked_down_bucket import LockedDownBucket, LockedDownBucketArgs
    from fintech_infra.components.managed_secret import ManagedSecret, ManagedSecretArgs
    from fintech_infra.components.security_baseline import SecurityBaseline, SecurityBaselineArgs
    from fintech_infra.components.self_healing import SelfHealing, SelfHealingArgs
    from fintech_infra.components.service_observability import (
        ServiceObservability,
        ServiceObservabilityArgs,
    )
    from fintech_infra.components.waiver import waived

__all__ = [
    "AlarmTopic",
    "AlarmTopicArgs",
    "Architecture",
    "AuditTrail",
    "AuditTrailArgs",
    "BackupLockMode",
    "BackupVault",
    "BackupVaultArgs",
    "BaselineScope",
    "BucketPurpose",
    "CanaryDoubt",
    "CostGuard",
    "CostGuardArgs",
    "DataClass",
    "DdosSensitivity",
    "DeclaredResourceArgs",
    "DeployIdentity",
    "DeployIdentityArgs",
    "EdgeScope",
    "EdgeShield",
    "EdgeShieldArgs",
    "Egress",
    "EgressFirewall",
    "EgressFirewallArgs",
    "EncryptedDatabase",
    "EncryptedDatabaseArgs",
    "EncryptionControl",
    "EncryptionKey",
    "EncryptionKeyArgs",
    "EphemeralCompute",
    "EphemeralComputeArgs",
    "HardenedVpc",
    "HardenedVpcArgs",
    "HealingRisk",
    "ImageRepository",
    "ImageRepositoryArgs",
    "ImmutableService",
    "ImmutableServiceArgs",
    "InternetBlock",
    "LockMode",
    "LockedDownBucket",
    "LockedDownBucketArgs",
    "ManagedSecret",
    "ManagedSecretArgs",
    "MissingData",
    "PublicAccess",
    "Remediation",
    "RolloutStrategy",
    "SecurityBaseline",
    "SecurityBaselineArgs",
    "SelfHealing",
    "SelfHealingArgs",
    "ServiceExposure",
    "ServiceObservability",
    "ServiceObservabilityArgs",
    "waived",
]

_MODULES = {
    "AlarmTopic": "alarm_topic",
    "Architecture": "_service.exposure",
    "CanaryDoubt": "_service.canary",
    "AuditTrail": "audit_trail",
    "BackupLockMode": "_backup.lock",
    "BackupVault": "backup_vault",
    "BaselineScope": "_baseline.design",
    "BucketPurpose": "_bucket.retention",
    "CostGuard": "cost_guard",
    "DataClass": "_classification",
    "DdosSensitivity": "edge_shield",
    "DeclaredResource": "_healing.declared",
    "DeployIdentity": "deploy_identity",
    "EdgeScope": "edge_shield",
    "EdgeShield": "edge_shield",
    "Egress": "_network.design",
    "EgressFirewall": "egress_firewall",
    "EncryptedDatabase": "encrypted_database",
    "EncryptionControl": "_network.design",
    "EncryptionKey": "encryption_key",
    "EphemeralCompute": "ephemeral_compute",
    "HardenedVpc": "hardened_vpc",
    "HealingRisk": "_healing.remediations",
    "ImageRepository": "image_repository",
    "ImmutableService": "immutable_service",
    "InternetBlock": "_baseline.design",
    "LockMode": "_bucket.retention",
    "LockedDownBucket": "locked_down_bucket",
    "ManagedSecret": "managed_secret",
    "MissingData": "_observability.alarms",
    "PublicAccess": "_network.design",
    "Remediation": "_healing.remediations",
    "RolloutStrategy": "_service.rollout",
    "SecurityBaseline": "security_baseline",
    "SelfHealing": "self_healing",
    "ServiceExposure": "_service.exposure",
    "ServiceObservability": "service_observability",
    "waived": "waiver",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name.removesuffix("Args"))
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.components.{module}"), name)
    globals()[name] = value
    return value


if "pulumi.provider.experimental.host" in sys.modules:
    for _name in __all__:
        __getattr__(_name)

"""AWS's models and moto accept what every component declares, and what they cover is known."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

from tests.outside.cloud import LACKING, Call, Cloud
from tests.outside.constraints import UNREADABLE
from tests.outside.programs import of
from tests.outside.rows import ROWS, UNCOVERED


def test_aws_models_and_moto_accept_everything_that_a_program_declares(cloud: Cloud) -> None:
    assert cloud.refused == []
    assert cloud.created


_NOT_READ = {r"^(?![^:\\]*/action/|(?i).*<script>.*</script>.*)[^:\\]+$"}


def test_the_patterns_of_aws_models_that_are_not_read_are_known(cloud: Cloud) -> None:
    assert cloud.created
    assert UNREADABLE <= _NOT_READ


def test_every_type_that_a_program_declares_has_a_row_or_a_reason_for_having_none(
    cloud: Cloud,
) -> None:
    assert {resource.type for resource in cloud.uncovered} <= set(UNCOVERED)


def test_a_type_with_a_row_needs_no_reason_for_having_none() -> None:
    assert set(ROWS) & set(UNCOVERED) == set()


_ONLY_CHECKED = {
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:backup/regionSettings:RegionSettings",
    "aws:backup/restoreTestingPlan:RestoreTestingPlan",
    "aws:backup/restoreTestingSelection:RestoreTestingSelection",
    "aws:backup/selection:Selection",
    "aws:backup/vaultNotifications:VaultNotifications",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    "aws:cloudwatch/logAnomalyDetector:LogAnomalyDetector",
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy",
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor",
    "aws:costexplorer/anomalySubscription:AnomalySubscription",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "aws:ec2/serialConsoleAccess:SerialConsoleAccess",
    "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion",
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    "aws:macie/customDataIdentifier:CustomDataIdentifier",
    "aws:macie2/classificationJob:ClassificationJob",
    "aws:networkfirewall/firewallPolicy:FirewallPolicy",
    "aws:networkfirewall/ruleGroup:RuleGroup",
    "aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList",
    "aws:route53/resolverFirewallRule:ResolverFirewallRule",
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
    "aws:s3/bucketLogging:BucketLogging",
    "aws:securityhub/standardsSubscription:StandardsSubscription",
}


def test_types_that_are_only_checked_and_not_created_are_known() -> None:
    only_checked = {type_ for type_, row in ROWS.items() if all(call.unmade for call in row)}
    assert only_checked == _ONLY_CHECKED


@of("platform")
def test_most_of_the_platform_is_created_and_nearly_all_of_it_is_judged(cloud: Cloud) -> None:
    total = len(cloud.created) + len(cloud.checked) + len(cloud.uncovered)
    assert total >= 600
    assert len(cloud.created) >= 0.85 * total
    assert len(cloud.uncovered) <= 0.03 * total


def _implemented(call: Call) -> bool:
    """Whether moto has something for the operation."""
    package = {"lambda": "awslambda"}.get(call.service, call.service.replace("-", ""))
    try:
        module: ModuleType = importlib.import_module(f"moto.{package}.responses")
    except ModuleNotFoundError:
        return False
    return any(hasattr(item, call.operation) for item in vars(module).values())


@pytest.mark.parametrize(
    "call",
    [call for row in ROWS.values() for call in row if call.unmade],
    ids=lambda call: call.operation,
)
def test_a_call_that_is_not_sent_to_moto_is_one_that_moto_lacks_or_has_its_reason(
    call: Call,
) -> None:
    assert (call.unmade == LACKING) is not _implemented(call)

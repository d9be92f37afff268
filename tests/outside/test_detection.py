"""What CloudTrail, Config, GuardDuty, the firewalls and Budgets would tell."""

from __future__ import annotations

import pytest

from tests.outside.cloud import ACCOUNT, REGION, Cloud, client
from tests.outside.programs import of

_REGIONS = pytest.mark.parametrize("region", ["eu-west-1", "eu-central-1"])


@of("audit-trail", "self-healing")
def test_a_trail_covers_all_regions_can_be_validated_and_is_on(cloud: Cloud) -> None:
    cloudtrail = client("cloudtrail", REGION)
    (known,) = cloudtrail.describe_trails()["trailList"]
    (archive,) = [
        item for item in cloud.of("aws:s3/bucket:Bucket") if item.resource.name == "audit-archive"
    ]
    assert known["IsMultiRegionTrail"]
    assert known["IncludeGlobalServiceEvents"]
    assert known["LogFileValidationEnabled"]
    assert known["S3BucketName"] == archive.resource.id
    assert known["KmsKeyId"] in {key.output("arn") for key in cloud.of("aws:kms/key:Key")}
    assert cloudtrail.get_trail_status(Name=known["Name"])["IsLogging"]


@of("audit-trail", "self-healing")
def test_a_trail_records_management_events_objects_and_unusual_activity(cloud: Cloud) -> None:
    (trail,) = cloud.of("aws:cloudtrail/trail:Trail")
    cloudtrail, name = client("cloudtrail", REGION), trail.output("name")
    selected = cloudtrail.get_event_selectors(TrailName=name)["AdvancedEventSelectors"]
    insights = cloudtrail.get_insight_selectors(TrailName=name)["InsightSelectors"]
    categories = {
        value
        for selector in selected
        for field in selector["FieldSelectors"]
        if field["Field"] == "eventCategory"
        for value in field["Equals"]
    }
    assert {"Management", "Data"} <= categories
    assert {item["InsightType"] for item in insights} == {
        "ApiCallRateInsight",
        "ApiErrorRateInsight",
    }


@of("security-baseline")
@_REGIONS
def test_config_records_everything_and_delivers_it_encrypted(cloud: Cloud, region: str) -> None:
    config = client("config", region)
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    keys = {key.output("arn") for key in cloud.of("aws:kms/key:Key") if key.region == region}
    assert recorder["recordingGroup"]["allSupported"]
    assert status["recording"]
    assert channel["s3KmsKeyArn"] in keys


@of("security-baseline")
@_REGIONS
def test_detectors_are_on(cloud: Cloud, region: str) -> None:
    guardduty = client("guardduty", region)
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    scanned = client("inspector2", region).batch_get_account_status(accountIds=[ACCOUNT])
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"
    assert client("macie2", region).get_macie_session()["status"] == "ENABLED"
    assert {
        kind: state["status"] for kind, state in scanned["accounts"][0]["resourceState"].items()
    } == {"ec2": "ENABLED", "ecr": "ENABLED", "lambda": "ENABLED", "lambdaCode": "ENABLED"}
    assert (
        client("securityhub", region)
        .describe_hub()["HubArn"]
        .startswith(f"arn:aws:securityhub:{region}:")
    )


@of("security-baseline")
@_REGIONS
def test_disks_are_encrypted_and_images_scanned_whoever_makes_them(
    cloud: Cloud, region: str
) -> None:
    scanning = client("ecr", region).get_registry_scanning_configuration()
    assert client("ec2", region).get_ebs_encryption_by_default()["EbsEncryptionByDefault"]
    assert scanning["scanningConfiguration"]["scanType"] == "ENHANCED"
    assert scanning["scanningConfiguration"]["rules"] == [
        {
            "scanFrequency": "CONTINUOUS_SCAN",
            "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
        }
    ]


@of("security-baseline")
def test_aws_knows_whom_to_call(cloud: Cloud) -> None:
    answer = client("account", REGION).get_alternate_contact(AlternateContactType="SECURITY")
    assert answer["AlternateContact"]["EmailAddress"] == "security@example.com"


@of("edge-shield", "immutable-service")
def test_a_web_acl_blocks_and_counts_nothing(cloud: Cloud) -> None:
    (acl,) = cloud.of("aws:wafv2/webAcl:WebAcl")
    answer = client("wafv2", REGION).get_web_acl(
        Name=acl.output("name"), Scope="REGIONAL", Id=acl.resource.id
    )
    rules = answer["WebACL"]["Rules"]
    actions = [rule.get("Action") or rule["OverrideAction"] for rule in rules]
    assert {"rate", "common", "known-bad-inputs", "ip-reputation"} <= {
        item["Name"] for item in rules
    }
    assert all(action in ({"Block": {}}, {"None": {}}) for action in actions)


@of("edge-shield", "immutable-service")
def test_logs_of_a_web_acl_show_no_credentials(cloud: Cloud) -> None:
    (acl,) = cloud.of("aws:wafv2/webAcl:WebAcl")
    answer = client("wafv2", REGION).get_logging_configuration(ResourceArn=acl.output("arn"))
    redacted = answer["LoggingConfiguration"]["RedactedFields"]
    headers = {item["SingleHeader"]["Name"] for item in redacted if "SingleHeader" in item}
    assert headers == {"authorization", "cookie", "set-cookie", "x-api-key"}
    assert {"QueryString": {}} in redacted


@of("immutable-service")
def test_the_web_acl_guards_the_load_balancer(cloud: Cloud) -> None:
    (acl,) = cloud.of("aws:wafv2/webAcl:WebAcl")
    (balancer,) = cloud.of("aws:lb/loadBalancer:LoadBalancer")
    answer = client("wafv2", REGION).get_web_acl_for_resource(ResourceArn=balancer.output("arn"))
    assert answer["WebACL"]["ARN"] == acl.output("arn")


@of("egress-firewall", "hardened-vpc")
def test_a_firewall_is_protected_encrypted_and_logs_alerts_and_flows(cloud: Cloud) -> None:
    (firewall,) = cloud.of("aws:networkfirewall/firewall:Firewall")
    network_firewall, arn = client("network-firewall", REGION), firewall.output("arn")
    known = network_firewall.describe_firewall(FirewallArn=arn)["Firewall"]
    answer = network_firewall.describe_logging_configuration(FirewallArn=arn)
    logs = answer["LoggingConfiguration"]["LogDestinationConfigs"]
    groups = {item.output("name") for item in cloud.of("aws:cloudwatch/logGroup:LogGroup")}
    assert known["DeleteProtection"]
    assert known["SubnetChangeProtection"]
    assert known["FirewallPolicyChangeProtection"]
    assert known["EncryptionConfiguration"]["Type"] == "CUSTOMER_KMS"
    assert {item["LogType"] for item in logs} == {"ALERT", "FLOW"}
    assert {item["LogDestination"]["logGroup"] for item in logs} <= groups


@of("egress-firewall", "hardened-vpc")
def test_dns_queries_of_the_network_are_logged(cloud: Cloud) -> None:
    resolver = client("route53resolver", REGION)
    (found,) = resolver.list_resolver_query_log_config_associations()[
        "ResolverQueryLogConfigAssociations"
    ]
    (firewall,) = cloud.of("aws:networkfirewall/firewall:Firewall")
    assert found["ResourceId"] == firewall.value("vpcId")


@of("cost-guard")
def test_a_budget_warns_before_it_is_spent_and_stops_nothing(cloud: Cloud) -> None:
    budgets = client("budgets", REGION)
    for budget in cloud.of("aws:budgets/budget:Budget"):
        answer = budgets.describe_notifications_for_budget(
            AccountId=ACCOUNT, BudgetName=budget.output("name")
        )
        told = {(item["NotificationType"], item["Threshold"]) for item in answer["Notifications"]}
        assert told == {
            ("ACTUAL", 50.0),
            ("ACTUAL", 80.0),
            ("ACTUAL", 100.0),
            ("FORECASTED", 100.0),
        }
    assert not [
        item for item in cloud.created if item.type == "aws:budgets/budgetAction:BudgetAction"
    ]

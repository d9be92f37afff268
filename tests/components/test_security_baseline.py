"""SecurityBaseline: what it switches on, what it keeps, whom it tells, and what it refuses.

What these tests do not prove: that a service is available in a region, or that an event of AWS has
the shape that its pattern asks for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._baseline.design import FEATURES
from fintech_infra.components._baseline.patterns import patterns
from fintech_infra.components.security_baseline import SecurityBaseline

Deploy = Callable[..., Any]
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
CONTACT = {
    "name": "Security operations",
    "title": "Team on call",
    "email": "soc@example.com",
    "phone": "+44 20 7946 0000",
}
MINIMAL: dict[str, Any] = {"alarm_topic_arn": TOPIC, "security_contact": CONTACT}
REGIONAL: dict[str, Any] = {"alarm_topic_arn": TOPIC, "scope": "region"}
ADOPTED: dict[str, Any] = {
    "detector_id": "0" * 32,
    "security_hub": True,
    "macie": True,
    "recorder_name": "controltower",
    "config_role": True,
    "external_access_analyzer": "outside",
    "unused_access_analyzer": "idle",
    "internal_access_analyzer": "inside",
    "rds_os_metrics": True,
}
OFTEN = "FIFTEEN_MINUTES"
STANDARD = "securityhub/standardsSubscription:StandardsSubscription"
# What an account has once; its deletion would blind or open more than the stack.
KEPT = (
    "accessanalyzer/analyzer:Analyzer", "account/alternativeContact:AlternativeContact",
    "cfg/deliveryChannel:DeliveryChannel", "cfg/recorder:Recorder",
    "cfg/recorderStatus:RecorderStatus", "ebs/defaultKmsKey:DefaultKmsKey",
    "ebs/encryptionByDefault:EncryptionByDefault",
    "ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    "ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "ec2/serialConsoleAccess:SerialConsoleAccess",
    "ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    "ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    "guardduty/detector:Detector", "guardduty/detectorFeature:DetectorFeature",
    "iam/accountPasswordPolicy:AccountPasswordPolicy", "iam/serviceLinkedRole:ServiceLinkedRole",
    "inspector2/enabler:Enabler", "macie2/account:Account",
    "s3/accountPublicAccessBlock:AccountPublicAccessBlock", "securityhub/account:Account",
    "securityhub/standardsSubscription:StandardsSubscription",
)  # fmt: skip
GLOBAL = (
    "account/alternativeContact:AlternativeContact base-security",
    "iam/accountPasswordPolicy:AccountPasswordPolicy base-passwords",
    "iam/serviceLinkedRole:ServiceLinkedRole base-config",
    "s3/accountPublicAccessBlock:AccountPublicAccessBlock base-buckets",
)


@pytest.fixture
def baseline(deploy: Deploy) -> Callable[..., Any]:
    """Return `baseline(**args)`, which deploys a baseline named base; None removes a key."""

    def run(**args: Any) -> Any:
        given: Any = {key: value for key, value in {**MINIMAL, **args}.items() if value is not None}
        return deploy(lambda: SecurityBaseline("base", given))

    return run


def reasons(name: str = "base", **args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path; None removes a key."""
    given: Any = {key: value for key, value in {**MINIMAL, **args}.items() if value is not None}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        SecurityBaseline(name, given)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def names(found: Any, *, own: bool = True) -> list[str]:
    """Types and names of the children; without those of other components, if `own`."""
    (urn,) = [item.urn for item in found if item.name == "base" and not item.custom]
    return sorted(
        f"{item.type.removeprefix('aws:')} {item.name}"
        for item in found
        if item.urn != urn and (not own or item.parent == urn)
    )


def inputs(found: Any) -> dict[str, dict[str, Any]]:
    """Inputs by URN, without code, whose archives are never equal."""
    return {
        item.urn: {key: value for key, value in item.inputs.items() if key != "code"}
        for item in found
    }


MADE = [
    "accessanalyzer/analyzer:Analyzer base-external-access",
    "accessanalyzer/analyzer:Analyzer base-internal-access",
    "accessanalyzer/analyzer:Analyzer base-unused-access",
    "account/alternativeContact:AlternativeContact base-security",
    "cfg/deliveryChannel:DeliveryChannel base-recorder",
    "cfg/recorder:Recorder base-recorder",
    "cfg/recorderStatus:RecorderStatus base-recorder",
    "cloudwatch/eventRule:EventRule base-access-findings",
    "cloudwatch/eventRule:EventRule base-guardduty-findings",
    "cloudwatch/eventRule:EventRule base-heartbeat",
    "cloudwatch/eventRule:EventRule base-hub-findings",
    "cloudwatch/eventRule:EventRule base-inspector-findings",
    "cloudwatch/eventRule:EventRule base-macie-findings",
    "cloudwatch/eventRule:EventRule base-tampering",
    "cloudwatch/eventTarget:EventTarget base-access-findings",
    "cloudwatch/eventTarget:EventTarget base-guardduty-findings",
    "cloudwatch/eventTarget:EventTarget base-heartbeat",
    "cloudwatch/eventTarget:EventTarget base-hub-findings",
    "cloudwatch/eventTarget:EventTarget base-inspector-findings",
    "cloudwatch/eventTarget:EventTarget base-macie-findings",
    "cloudwatch/eventTarget:EventTarget base-tampering",
    "cloudwatch/logGroup:LogGroup base-heartbeat-logs",
    "cloudwatch/logGroup:LogGroup base-rds-os-metrics",
    "cloudwatch/metricAlarm:MetricAlarm base-config-awake",
    "cloudwatch/metricAlarm:MetricAlarm base-guardduty-awake",
    "cloudwatch/metricAlarm:MetricAlarm base-inspector-awake",
    "cloudwatch/metricAlarm:MetricAlarm base-macie-awake",
    "cloudwatch/metricAlarm:MetricAlarm base-security-hub-awake",
    "ebs/defaultKmsKey:DefaultKmsKey base-volumes",
    "ebs/encryptionByDefault:EncryptionByDefault base-volumes",
    "ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess base-snapshots",
    "ec2/imageBlockPublicAccess:ImageBlockPublicAccess base-images",
    "ec2/instanceMetadataDefaults:InstanceMetadataDefaults base-metadata",
    "ec2/serialConsoleAccess:SerialConsoleAccess base-serial-console",
    "ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions base-networks",
    "ecr/registryScanningConfiguration:RegistryScanningConfiguration base-images",
    "fintech_infra:index:EncryptionKey base-key",
    "fintech_infra:index:LockedDownBucket base-config",
    "guardduty/detector:Detector base-detector",
    "guardduty/detectorFeature:DetectorFeature base-ebs-malware-protection",
    "guardduty/detectorFeature:DetectorFeature base-eks-audit-logs",
    "guardduty/detectorFeature:DetectorFeature base-lambda-network-logs",
    "guardduty/detectorFeature:DetectorFeature base-rds-login-events",
    "guardduty/detectorFeature:DetectorFeature base-runtime-monitoring",
    "guardduty/detectorFeature:DetectorFeature base-s3-data-events",
    "iam/accountPasswordPolicy:AccountPasswordPolicy base-passwords",
    "iam/role:Role base-heartbeat",
    "iam/rolePolicy:RolePolicy base-heartbeat",
    "iam/serviceLinkedRole:ServiceLinkedRole base-config",
    "inspector2/enabler:Enabler base-inspector",
    "lambda/function:Function base-heartbeat",
    "lambda/permission:Permission base-heartbeat",
    "macie2/account:Account base-macie",
    "s3/accountPublicAccessBlock:AccountPublicAccessBlock base-buckets",
    "securityhub/account:Account base-hub",
    f"{STANDARD} base-aws-foundational-security-best-practices",
    f"{STANDARD} base-cis-aws-foundations-benchmark",
    f"{STANDARD} base-pci-dss",
    "sqs/queue:Queue base-heartbeat-dead-letters",
    "sqs/queue:Queue base-undelivered",
    "sqs/queuePolicy:QueuePolicy base-heartbeat-dead-letters",
    "sqs/queuePolicy:QueuePolicy base-undelivered",
]  # fmt: skip


def test_it_is_everything_that_watches_and_every_default(baseline: Any) -> None:
    found = baseline()

    assert names(found) == MADE
    assert found.snake_case_keys() == []


def test_a_further_region_leaves_out_what_an_account_has_once(baseline: Any) -> None:
    found = baseline(security_contact=None, scope="region")

    assert sorted(set(MADE) - set(names(found))) == list(GLOBAL)


def test_what_exists_already_is_read_and_not_made(baseline: Any) -> None:
    found = baseline(adopt=ADOPTED)

    made = [item for item in names(found) if not item.startswith("fintech_infra")]
    assert sorted(set(MADE) - set(made) - {"fintech_infra:index:EncryptionKey base-key"}) == [
        "accessanalyzer/analyzer:Analyzer base-external-access",
        "accessanalyzer/analyzer:Analyzer base-internal-access",
        "accessanalyzer/analyzer:Analyzer base-unused-access",
        "cfg/deliveryChannel:DeliveryChannel base-recorder",
        "cfg/recorder:Recorder base-recorder",
        "cfg/recorderStatus:RecorderStatus base-recorder",
        "cloudwatch/logGroup:LogGroup base-rds-os-metrics",
        "fintech_infra:index:LockedDownBucket base-config",
        "guardduty/detector:Detector base-detector",
        "iam/serviceLinkedRole:ServiceLinkedRole base-config",
        "macie2/account:Account base-macie",
        "securityhub/account:Account base-hub",
    ]


def test_an_adopted_detector_gets_every_feature(baseline: Any) -> None:
    found = baseline(adopt=ADOPTED)

    features = found.of_type("aws:guardduty/detectorFeature:DetectorFeature")
    assert {item.inputs["detectorId"] for item in features} == {"0" * 32}
    assert [item.inputs["name"] for item in features] == list(FEATURES)


def test_another_standard_leaves_the_rest_untouched(baseline: Any) -> None:
    before = inputs(baseline())
    after = inputs(baseline(further_standards=["nist-800-53/v/5.0.0"]))

    assert [urn for urn in before if before[urn] != after[urn]] == []
    assert [urn.rpartition("::")[2] for urn in after.keys() - before.keys()] == ["base-nist-800-53"]


def test_guards_of_the_account_outlive_the_stack(baseline: Any) -> None:
    kept = {f"aws:{type_}" for type_ in KEPT}
    found = [item for item in baseline() if item.custom]

    assert {item.type for item in found if item.retain_on_delete} == kept
    assert [item.name for item in found if item.type in kept and not item.retain_on_delete] == []


def test_the_region_reaches_every_child_that_takes_one(baseline: Any) -> None:
    found = baseline(region="eu-central-1")

    without = {item.type for item in found if item.custom and "region" not in item.inputs}
    assert without == {
        "aws:account/alternativeContact:AlternativeContact",
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/serviceLinkedRole:ServiceLinkedRole",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    }
    regions = {item.inputs["region"] for item in found if "region" in item.inputs}
    assert regions == {"eu-central-1"}
    standards = found.of_type(f"aws:{STANDARD}")
    assert {item.inputs["standardsArn"].split(":")[3] for item in standards} == {"eu-central-1"}


def test_guardduty_sees_everything_often(baseline: Any) -> None:
    found = baseline()

    detector = found.one("aws:guardduty/detector:Detector").inputs
    assert (detector["enable"], detector["findingPublishingFrequency"]) == (True, OFTEN)
    features = found.of_type("aws:guardduty/detectorFeature:DetectorFeature")
    assert {item.inputs["status"] for item in features} == {"ENABLED"}
    (runtime,) = [item.inputs for item in features if "additionalConfigurations" in item.inputs]
    assert runtime["name"] == "RUNTIME_MONITORING"
    assert runtime["additionalConfigurations"] == [
        {"name": "EKS_ADDON_MANAGEMENT", "status": "ENABLED"},
        {"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": "ENABLED"},
        {"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"},
    ]


def test_security_hub_is_held_to_three_standards(baseline: Any) -> None:
    found = baseline()

    assert found.one("aws:securityhub/account:Account").inputs == {
        "autoEnableControls": True,
        "controlFindingGenerator": "SECURITY_CONTROL",
        "enableDefaultStandards": False,
    }
    standards = found.of_type(f"aws:{STANDARD}")
    hub = found.one("aws:securityhub/account:Account").urn
    assert [item.inputs["standardsArn"] for item in standards] == [
        f"arn:aws:securityhub:eu-west-1::standards/{name}"
        for name in (
            "aws-foundational-security-best-practices/v/1.0.0",
            "cis-aws-foundations-benchmark/v/5.0.0",
            "pci-dss/v/4.0.1",
        )
    ]
    assert [hub in item.depends_on for item in standards] == [True] * 3


def test_config_records_everything_into_a_bucket_that_keeps_it(baseline: Any) -> None:
    found = baseline()

    recorder = found.one("aws:cfg/recorder:Recorder")
    assert recorder.inputs["recordingGroup"] == {
        "allSupported": True,
        "includeGlobalResourceTypes": True,
    }
    assert recorder.inputs["recordingMode"] == {"recordingFrequency": "CONTINUOUS"}
    assert recorder.inputs["roleArn"] == (
        "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/"
        "AWSServiceRoleForConfig"
    )
    channel = found.one("aws:cfg/deliveryChannel:DeliveryChannel")
    bucket = found.one("aws:s3/bucket:Bucket", "base-config")
    key = found.one("aws:kms/key:Key", "base-key")
    assert channel.inputs["s3BucketName"] == bucket.state["bucket"]
    assert channel.inputs["s3KmsKeyArn"] == key.state["arn"]
    status = found.one("aws:cfg/recorderStatus:RecorderStatus")
    assert status.inputs == {"isEnabled": True, "name": recorder.state["name"]}
    assert recorder.urn in channel.depends_on
    assert channel.urn in status.depends_on
    policy = json.loads(
        found.one("aws:s3/bucketPolicy:BucketPolicy", "base-config-policy").inputs["policy"]
    )
    assert {"ConfigLooks", "ConfigWrites"} <= {item["Sid"] for item in policy["Statement"]}


def test_config_can_deliver_into_a_bucket_that_there_is(baseline: Any) -> None:
    found = baseline(config_bucket="archive", config_bucket_key_arn="arn:aws:kms:key")

    assert found.of_type("aws:s3/bucket:Bucket") == []
    assert found.one("aws:cfg/deliveryChannel:DeliveryChannel").inputs == {
        "s3BucketName": "archive",
        "s3KmsKeyArn": "arn:aws:kms:key",
        "snapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
    }
    assert found.outputs("base")["config_bucket_name"] == "archive"


def test_images_and_functions_are_scanned_for_as_long_as_they_live(baseline: Any) -> None:
    found = baseline()

    assert found.one("aws:inspector2/enabler:Enabler").inputs == {
        "accountIds": ["111122223333"],
        "resourceTypes": ["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"],
    }
    assert found.one(
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
    ).inputs == {
        "rules": [
            {
                "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
                "scanFrequency": "CONTINUOUS_SCAN",
            }
        ],
        "scanType": "ENHANCED",
    }


def test_three_analyzers_look_outside_inside_and_for_the_unused(baseline: Any) -> None:
    found = baseline(unused_access_days=30, critical_resource_arns=["arn:aws:s3:::ledger"])

    analyzers = found.of_type("aws:accessanalyzer/analyzer:Analyzer")
    assert [(item.inputs["type"], item.inputs.get("configuration")) for item in analyzers] == [
        ("ACCOUNT", None),
        (
            "ACCOUNT_INTERNAL_ACCESS",
            {
                "internalAccess": {
                    "analysisRule": {"inclusions": [{"resourceArns": ["arn:aws:s3:::ledger"]}]}
                }
            },
        ),
        ("ACCOUNT_UNUSED_ACCESS", {"unusedAccess": {"unusedAccessAge": 30}}),
    ]


def test_by_default_every_resource_that_can_be_analyzed_is(baseline: Any) -> None:
    analyzer = baseline().one("aws:accessanalyzer/analyzer:Analyzer", "base-internal-access")

    (inclusion,) = analyzer.inputs["configuration"]["internalAccess"]["analysisRule"]["inclusions"]
    assert {"AWS::S3::Bucket", "AWS::DynamoDB::Table"} < set(inclusion["resourceTypes"])


def test_defaults_of_the_region_are_closed(baseline: Any) -> None:
    found = baseline()
    key = found.one("aws:kms/key:Key", "base-key").state["arn"]

    assert {
        type_: found.one(f"aws:{type_}").inputs
        for type_ in (
            "ebs/defaultKmsKey:DefaultKmsKey",
            "ebs/encryptionByDefault:EncryptionByDefault",
            "ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
            "ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
            "ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
            "ec2/serialConsoleAccess:SerialConsoleAccess",
            "ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        )
    } == {
        "ebs/defaultKmsKey:DefaultKmsKey": {"keyArn": key},
        "ebs/encryptionByDefault:EncryptionByDefault": {"enabled": True},
        "ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": {"state": "block-all-sharing"},
        "ec2/imageBlockPublicAccess:ImageBlockPublicAccess": {"state": "block-new-sharing"},
        "ec2/instanceMetadataDefaults:InstanceMetadataDefaults": {
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
            "instanceMetadataTags": "disabled",
        },
        "ec2/serialConsoleAccess:SerialConsoleAccess": {"enabled": False},
        "ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions": {
            "internetGatewayBlockMode": "block-bidirectional"
        },
    }


def test_networks_can_be_left_a_way_out(baseline: Any) -> None:
    found = baseline(internet_block="block-ingress")

    options = found.one("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions")
    assert options.inputs == {"internetGatewayBlockMode": "block-ingress"}


def test_settings_of_the_account_are_strict(baseline: Any) -> None:
    found = baseline()

    assert found.one("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock").inputs == {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert found.one("aws:iam/accountPasswordPolicy:AccountPasswordPolicy").inputs == {
        "allowUsersToChangePassword": True,
        "maxPasswordAge": 90,
        "minimumPasswordLength": 14,
        "passwordReusePrevention": 24,
        "requireLowercaseCharacters": True,
        "requireNumbers": True,
        "requireSymbols": True,
        "requireUppercaseCharacters": True,
    }
    assert found.one("aws:account/alternativeContact:AlternativeContact").inputs == {
        "alternateContactType": "SECURITY",
        "emailAddress": "soc@example.com",
        "name": "Security operations",
        "phoneNumber": "+44 20 7946 0000",
        "title": "Team on call",
    }


def test_the_log_group_of_rds_is_made_before_rds_makes_it(baseline: Any) -> None:
    group = baseline().one("aws:cloudwatch/logGroup:LogGroup", "base-rds-os-metrics")

    assert group.inputs["name"] == "RDSOSMetrics"
    assert group.inputs["retentionInDays"] == 400
    assert group.protect


def test_every_rule_reaches_the_topic_or_waits_in_a_queue(baseline: Any) -> None:
    found = baseline()
    queue = found.one("aws:sqs/queue:Queue", "base-undelivered").state["arn"]

    targets = [
        item.inputs
        for item in found.of_type("aws:cloudwatch/eventTarget:EventTarget")
        if item.name.startswith("base-")
        and item.name not in {"base-heartbeat", "base-key-tampering"}
    ]
    assert len(targets) == len(patterns())
    assert {item["arn"] for item in targets} == {TOPIC}
    assert {item["deadLetterConfig"]["arn"] for item in targets} == {queue}
    policy = json.loads(
        found.one("aws:sqs/queuePolicy:QueuePolicy", "base-undelivered").inputs["policy"]
    )
    (sender,) = [item for item in policy["Statement"] if item["Effect"] == "Allow"]
    assert sender["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/base-*"},
    }


def test_patterns_fit_and_take_what_is_serious() -> None:
    found = {role: json.loads(pattern) for role, (_, pattern) in patterns().items()}

    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    assert max(len(pattern) for _, pattern in patterns().values()) <= 2048
    assert found["guardduty-findings"] == {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": [">=", 7]}]},
    }
    calls = found["tampering"]["detail"]["eventName"]
    assert {"DeleteDetector", "StopConfigurationRecorder", "DisableSecurityHub"} < set(calls)
    assert [name for name in calls if name.startswith(("Get", "List", "Describe"))] == []


def test_every_service_has_a_heartbeat_that_pages_when_it_stops(baseline: Any) -> None:
    found = baseline()

    alarms = found.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {item.inputs["dimensions"]["Service"] for item in alarms} == {
        "config",
        "guardduty",
        "inspector",
        "macie",
        "security-hub",
    }
    for alarm in alarms:
        assert alarm.inputs["treatMissingData"] == "breaching"
        assert (alarm.inputs["comparisonOperator"], alarm.inputs["threshold"]) == (
            "LessThanThreshold",
            1,
        )
        assert alarm.inputs["alarmActions"] == [TOPIC]
    assert found.outputs("base")["heartbeat_alarm_names"] == [item.state["name"] for item in alarms]


def test_the_heartbeat_may_ask_and_report_and_nothing_else(baseline: Any) -> None:
    policy = json.loads(baseline().one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])

    allowed = {item["Sid"]: item for item in policy["Statement"]}
    assert set(allowed) == {"Ask", "OwnDeadLetters", "OwnKey", "OwnLog", "Report"}
    assert all(
        action.partition(":")[2].startswith(("BatchGet", "Describe", "Get", "List"))
        for action in allowed["Ask"]["Action"]
    )
    assert allowed["Report"]["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": "FintechInfra/SecurityBaseline"}
    }


def test_one_key_can_be_given_for_everything(baseline: Any) -> None:
    found = baseline(kms_key_arn="arn:aws:kms:eu-west-1:111122223333:key/own")

    assert found.of_type("aws:kms/key:Key") == []
    groups = found.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert {item.inputs["kmsKeyId"] for item in groups} == {
        "arn:aws:kms:eu-west-1:111122223333:key/own"
    }


def test_it_tells_what_satisfies_which_control(baseline: Any) -> None:
    regional = {
        "accessanalyzer-enabled",
        "config-recorder-complete",
        "ebs-encryption-by-default",
        "ec2-imdsv2-required",
        "guardduty-enabled",
        "guardduty-findings-routed",
        "inspector-enabled",
        "macie-enabled",
        "securityhub-enabled",
    }
    whole = {
        "account-security-contact-set",
        "iam-password-policy-reuse-and-age",
        "iam-password-policy-strength",
        "s3-account-public-access-blocked",
    }
    assert set(json.loads(baseline().outputs("base")["evidence"])) == regional | whole
    further = baseline(security_contact=None, scope="region").outputs("base")
    assert set(json.loads(further["evidence"])) == regional


@pytest.mark.parametrize(
    ("args", "path"),
    [
        ({"alarm_topic_arn": None}, "alarm_topic_arn"),
        ({"security_contact": None}, "security_contact"),
        ({"scope": "region"}, "security_contact"),
        ({"scope": "organization"}, "scope"),
        ({"security_contact": {**CONTACT, "email": "soc"}}, "security_contact.email"),
        ({"security_contact": {**CONTACT, "phone": "call us"}}, "security_contact.phone"),
        ({"security_contact": {**CONTACT, "name": ""}}, "security_contact.name"),
        ({"security_contact": {**CONTACT, "title": "t" * 51}}, "security_contact.title"),
        ({"unused_access_days": 91}, "unused_access_days"),
        ({"unused_access_days": 0}, "unused_access_days"),
        ({"further_standards": ["pci-dss/v/3.2.1"]}, "further_standards[0]"),
        ({"internet_block": "off"}, "internet_block"),
        ({"critical_resource_arns": []}, "critical_resource_arns"),
        ({"config_bucket": "archive"}, "config_bucket_key_arn"),
        ({"config_bucket_key_arn": "arn:a"}, "config_bucket"),
        ({"adopt": {"detector_id": "mine"}}, "adopt.detector_id"),
        ({"adopt": {"external_access_analyzer": "arn:aws:x"}}, "adopt.external_access_analyzer"),
        ({"adopt": {"recorder_name": ""}}, "adopt.recorder_name"),
        ({"guardduty": False}, "guardduty"),
        ({"adopt": {"guardduty": False}}, "adopt.guardduty"),
    ],
)
def test_what_cannot_be_is_refused(args: dict[str, Any], path: str) -> None:
    assert list(reasons(**args)) == [path]


def test_a_bucket_is_not_for_the_recorder_of_somebody_else() -> None:
    found = reasons(
        config_bucket="archive",
        config_bucket_key_arn="arn:a",
        adopt={"recorder_name": "controltower"},
    )
    assert list(found) == ["config_bucket"]


def test_a_name_that_no_bucket_can_have_is_refused() -> None:
    assert "accepted are up to 36" in reasons(name="n" * 37)["name"]
    assert "accepted are up to 36" in reasons(name="my base")["name"]


def test_the_longest_name_is_accepted_by_the_bucket_too(deploy: Deploy) -> None:
    name = "n" * 36
    given: Any = MINIMAL
    assert deploy(lambda: SecurityBaseline(name, given)).outputs(name)["recorder_name"]


def test_every_argument_reaches_the_plugin_with_a_description() -> None:
    component = Analyzer("fintech_infra").analyze_component(SecurityBaseline)

    assert [name for name, item in component.inputs.items() if not item.description] == []
    assert [name for name, item in component.inputs.items() if not item.optional] == [
        "alarmTopicArn"
    ]


def test_it_is_clean_under_every_control(judged: Any) -> None:
    program = f"""
SecurityBaseline("base", {MINIMAL!r})
SecurityBaseline("further", {{**{REGIONAL!r}, "region": "eu-central-1",
    "internet_block": "block-ingress", "unused_access_days": 30,
    "further_standards": ["nist-800-53/v/5.0.0"],
    "config_bucket": "archive", "config_bucket_key_arn": "arn:aws:kms:eu-central-1:1:key/a",
    "critical_resource_arns": ["arn:aws:s3:::ledger"],
    "kms_key_arn": "arn:aws:kms:eu-central-1:111122223333:key/own"}})
SecurityBaseline("adopted", {{**{REGIONAL!r}, "region": "us-east-1", "adopt": {ADOPTED!r}}})
"""
    assert judged(program) == []


BROKEN = """
CHANGES = {
    "accessanalyzer/analyzer:Analyzer": {"type": "ACCOUNT_INTERNAL_ACCESS"},
    "account/alternativeContact:AlternativeContact": {"alternateContactType": "BILLING"},
    "cfg/recorder:Recorder": {"recordingGroup": {"allSupported": False}},
    "cfg/recorderStatus:RecorderStatus": {"isEnabled": False},
    "cloudwatch/eventRule:EventRule": {"state": "DISABLED"},
    "ebs/encryptionByDefault:EncryptionByDefault": {"enabled": False},
    "ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": {"state": "unblocked"},
    "ec2/imageBlockPublicAccess:ImageBlockPublicAccess": {"state": "unblocked"},
    "ec2/instanceMetadataDefaults:InstanceMetadataDefaults": {"httpTokens": "optional"},
    "ec2/serialConsoleAccess:SerialConsoleAccess": {"enabled": True},
    "ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions": {
        "internetGatewayBlockMode": "off"},
    "guardduty/detector:Detector": {"enable": False},
    "guardduty/detectorFeature:DetectorFeature": {"status": "DISABLED"},
    "iam/accountPasswordPolicy:AccountPasswordPolicy": {
        "minimumPasswordLength": 8, "maxPasswordAge": 365},
    "inspector2/enabler:Enabler": {"resourceTypes": ["ECR"]},
    "macie2/account:Account": {"status": "PAUSED"},
    "s3/accountPublicAccessBlock:AccountPublicAccessBlock": {"blockPublicPolicy": False},
    "securityhub/standardsSubscription:StandardsSubscription": {
        "standardsArn": "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"},
}

def weaken(given):
    changed = CHANGES.get(given.type_.removeprefix("aws:"))
    if changed is None or "-key" in given.name:
        return None
    return pulumi.ResourceTransformResult({**given.props, **changed}, given.opts)

def forget(given):
    if not given.opts.retain_on_delete:
        return None
    opts = pulumi.ResourceOptions.merge(
        given.opts, pulumi.ResourceOptions(retain_on_delete=False))
    return pulumi.ResourceTransformResult(given.props, opts)
"""


def test_what_a_transform_weakens_is_caught(judged: Any) -> None:
    opts = "pulumi.ResourceOptions(transforms=[weaken])"
    found = judged(f"{BROKEN}\nSecurityBaseline('base', {MINIMAL!r}, {opts})")

    caught = {(control, resource.removeprefix("base-")) for control, _, resource, _ in found}
    features = {name.lower().replace("_", "-") for name in FEATURES}
    assert caught == {
        ("accessanalyzer-enabled", "external-access"),
        ("accessanalyzer-enabled", "internal-access"),
        ("accessanalyzer-enabled", "unused-access"),
        ("account-security-contact-set", "security"),
        ("config-recorder-complete", "recorder"),
        ("ebs-encryption-by-default", "volumes"),
        ("ebs-snapshot-not-shared", "snapshots"),
        ("ec2-ami-not-public", "images"),
        ("ec2-imdsv2-required", "metadata"),
        ("ec2-serial-console-disabled", "serial-console"),
        ("guardduty-enabled", "detector"),
        ("guardduty-findings-routed", "detector"),
        ("iam-password-policy-reuse-and-age", "passwords"),
        ("iam-password-policy-strength", "passwords"),
        ("inspector-enabled", "inspector"),
        ("macie-enabled", "macie"),
        ("s3-account-public-access-blocked", "buckets"),
        ("securityhub-enabled", "hub"),
        ("vpc-account-public-access-blocked", "networks"),
        *(("guardduty-protections-on", name) for name in features),
    }
    assert {verdict for _, verdict, _, _ in found} == {"violated"}


def test_a_guard_that_a_transform_lets_go_is_caught(judged: Any) -> None:
    opts = "pulumi.ResourceOptions(transforms=[forget])"
    found = judged(f"{BROKEN}\nSecurityBaseline('base', {MINIMAL!r}, {opts})")

    assert {(control, verdict) for control, verdict, _, _ in found} == {
        ("pulumi-account-guards-retained", "violated")
    }
    assert {"base-detector", "base-hub", "base-recorder", "base-buckets"} < {
        resource for _, _, resource, _ in found
    }

"""Trails, detectors, and what an account has once."""

from __future__ import annotations

from tests.outside.calls import DROPPED
from tests.outside.cloud import LACKING, Call, Rows
from tests.outside.rows.parts import only_unless, only_when, with_tags

_RECORDER = "ConfigurationRecorder"
_CHANNEL = "DeliveryChannel"

_ACCOUNT: Rows = {
    "aws:account/alternativeContact:AlternativeContact": (
        Call("account", "put_alternate_contact"),
    ),
    "aws:ebs/defaultKmsKey:DefaultKmsKey": (
        Call("ec2", "modify_ebs_default_kms_key_id", names={"keyArn": "KmsKeyId"}),
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": (
        Call(
            "ec2",
            "enable_ebs_encryption_by_default",
            by_hand=("enabled",),
            each=only_when("enabled"),
        ),
    ),
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": (
        Call("ec2", "enable_snapshot_block_public_access", unmade=LACKING),
    ),
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": (
        Call(
            "ec2",
            "enable_image_block_public_access",
            names={"state": "ImageBlockPublicAccessState"},
            unmade=LACKING,
        ),
    ),
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults": (
        Call("ec2", "modify_instance_metadata_defaults", unmade=LACKING),
    ),
    "aws:ec2/serialConsoleAccess:SerialConsoleAccess": (
        Call(
            "ec2",
            "disable_serial_console_access",
            by_hand=("enabled",),
            each=only_unless("enabled"),
            unmade=LACKING,
        ),
        Call(
            "ec2",
            "enable_serial_console_access",
            takes=(),
            each=only_when("enabled"),
            unmade=LACKING,
        ),
    ),
    "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion": (
        Call(
            "ec2",
            "create_vpc_block_public_access_exclusion",
            by_hand=("tags",),
            adds=with_tags("vpc-block-public-access-exclusion"),
            unmade=LACKING,
        ),
    ),
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions": (
        Call("ec2", "modify_vpc_block_public_access_options", unmade=LACKING),
    ),
}

_RECORDS: Rows = {
    "aws:cfg/deliveryChannel:DeliveryChannel": (
        Call(
            "config",
            "put_delivery_channel",
            names={
                "name": f"{_CHANNEL}.name",
                "s3BucketName": f"{_CHANNEL}.s3BucketName",
                "s3KmsKeyArn": f"{_CHANNEL}.s3KmsKeyArn",
                "snapshotDeliveryProperties": f"{_CHANNEL}.configSnapshotDeliveryProperties",
            },
            also=("name",),
        ),
    ),
    "aws:cfg/recorder:Recorder": (
        Call(
            "config",
            "put_configuration_recorder",
            names={
                name: f"{_RECORDER}.{name}"
                for name in ("name", "recordingGroup", "recordingMode", "roleArn")
            },
            also=("name",),
        ),
    ),
    "aws:cfg/recorderStatus:RecorderStatus": (
        Call(
            "config",
            "start_configuration_recorder",
            names={"isEnabled": DROPPED, "name": "ConfigurationRecorderName"},
            each=only_when("isEnabled"),
        ),
    ),
    "aws:cloudtrail/trail:Trail": (
        Call(
            "cloudtrail",
            "create_trail",
            names={"cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn", "tags": "TagsList"},
            also=("name",),
            gives={"arn": "TrailARN"},
        ),
        Call(
            "cloudtrail",
            "put_event_selectors",
            names={"name": "TrailName"},
            takes=("advancedEventSelectors",),
            also=("name",),
        ),
        Call(
            "cloudtrail",
            "put_insight_selectors",
            names={"name": "TrailName"},
            takes=("insightSelectors",),
            also=("name",),
        ),
        Call(
            "cloudtrail",
            "start_logging",
            names={"enableLogging": DROPPED},
            takes=("enableLogging",),
            also=("name",),
            each=only_when("enableLogging"),
        ),
    ),
}

DETECTION: Rows = {
    "aws:accessanalyzer/analyzer:Analyzer": (
        Call("accessanalyzer", "create_analyzer", unmade=LACKING),
    ),
    "aws:guardduty/detector:Detector": (
        Call("guardduty", "create_detector", gives={"id": "DetectorId"}),
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": (
        Call(
            "guardduty",
            "update_detector",
            names={
                "additionalConfigurations": "Features.AdditionalConfiguration",
                "name": "Features.Name",
                "status": "Features.Status",
            },
        ),
    ),
    "aws:inspector2/enabler:Enabler": (Call("inspector2", "enable"),),
    "aws:macie/customDataIdentifier:CustomDataIdentifier": (
        Call("macie2", "create_custom_data_identifier", also=("name",), unmade=LACKING),
    ),
    "aws:macie2/account:Account": (Call("macie2", "enable_macie"),),
    "aws:macie2/classificationJob:ClassificationJob": (
        Call(
            "macie2",
            "create_classification_job",
            names={
                "jobStatus": DROPPED,
                "scheduleFrequency.monthlySchedule": "monthlySchedule.dayOfMonth",
            },
            also=("name",),
            unmade=LACKING,
        ),
    ),
    "aws:securityhub/account:Account": (
        Call("securityhub", "enable_security_hub"),
        Call(
            "securityhub",
            "update_security_hub_configuration",
            takes=("autoEnableControls", "controlFindingGenerator"),
            unmade=LACKING,
        ),
    ),
    "aws:securityhub/standardsSubscription:StandardsSubscription": (
        Call(
            "securityhub",
            "batch_enable_standards",
            names={"standardsArn": "StandardsSubscriptionRequests.StandardsArn"},
            unmade=LACKING,
        ),
    ),
    **_ACCOUNT,
    **_RECORDS,
}

"""Makes what records: AWS Config, with the bucket that it delivers to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cfg, iam

from fintech_infra.components._baseline.design import BaselineScope
from fintech_infra.components._bucket.deliveries import LogSource
from fintech_infra.components._bucket.retention import BucketPurpose
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site
from fintech_infra.components.locked_down_bucket import LockedDownBucket, LockedDownBucketArgs

_SERVICE: Final = "config.amazonaws.com"
_ROLE: Final = f"role/aws-service-role/{_SERVICE}/AWSServiceRoleForConfig"
_SNAPSHOTS: Final = "TwentyFour_Hours"


@dataclass(frozen=True)
class Recording:
    """The recorder and where it delivers; no bucket for a recorder of somebody else."""

    recorder: cfg.Recorder
    bucket: Output[str]


def make_recording(
    site: Site,
    args: Mapping[str, Any],
    account: Output[Account],
    key_arn: Input[str],
    scope: BaselineScope,
) -> Recording:
    """Make the recorder of everything, its channel and its bucket, and start it.

    What belongs to no region is recorded, too, in every region: a change is then seen even where
    only one of them still records.
    """
    adopt = args.get("adopt", {})
    name = site.named("recorder")
    if "recorder_name" in adopt:
        adopted = adopt["recorder_name"]
        recorder = cfg.Recorder.get(name, adopted, site.child(), region=site.region)
        return Recording(recorder, Output.from_input(""))
    bucket, bucket_key = _bucket(site, args, key_arn)
    recorder = _make_recorder(site, account, _role(site, adopt, scope))
    channel = cfg.DeliveryChannel(
        name,
        s3_bucket_name=bucket,
        s3_kms_key_arn=bucket_key,
        snapshot_delivery_properties=cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
            delivery_frequency=_SNAPSHOTS
        ),
        region=site.region,
        opts=site.child(retain_on_delete=True, depends_on=[recorder]),
    )
    cfg.RecorderStatus(
        name,
        name=recorder.name,
        is_enabled=True,
        region=site.region,
        opts=site.child(retain_on_delete=True, depends_on=[channel]),
    )
    return Recording(recorder, Output.from_input(bucket))


def _make_recorder(
    site: Site, account: Output[Account], roles: list[iam.ServiceLinkedRole]
) -> cfg.Recorder:
    return cfg.Recorder(
        site.named("recorder"),
        role_arn=account.apply(lambda it: f"arn:{it.partition}:iam::{it.id}:{_ROLE}"),
        recording_group=cfg.RecorderRecordingGroupArgs(
            all_supported=True,
            include_global_resource_types=True,
        ),
        recording_mode=cfg.RecorderRecordingModeArgs(recording_frequency="CONTINUOUS"),
        region=site.region,
        opts=site.child(retain_on_delete=True, depends_on=roles),
    )


def _bucket(
    site: Site, args: Mapping[str, Any], key_arn: Input[str]
) -> tuple[Input[str], Input[str]]:
    """The bucket that the recorder delivers to and its key, made here unless one is given."""
    if "config_bucket" in args:
        return args["config_bucket"], args["config_bucket_key_arn"]
    own: LockedDownBucketArgs = {
        "purpose": BucketPurpose.LANDING,
        "receives": [LogSource.CONFIG.value],
        "kms_key_arn": key_arn,
        "tags": dict(site.tags),
    }
    if site.region is not None:
        own["region"] = site.region
    return LockedDownBucket(site.named("config"), own, site.child()).name, key_arn


def _role(
    site: Site, adopt: Mapping[str, Any], scope: BaselineScope
) -> list[iam.ServiceLinkedRole]:
    """The role of AWS Config, which an account has once; FSBP Config.1 asks for this one."""
    if adopt.get("config_role") or scope is BaselineScope.REGION:
        return []
    role = iam.ServiceLinkedRole(
        site.named("config"),
        aws_service_name=_SERVICE,
        opts=site.child(retain_on_delete=True),
    )
    return [role]

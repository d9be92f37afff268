"""Which calls change what holds data, and what watches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fintech_infra.operations.tripwires.blame_setters import Setters

_SHARED: Final = ("ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute")
_INSTANCE: Final = ("ModifyDBInstance",)
_CLUSTER: Final = ("ModifyDBCluster",)
_ALARM: Final = ("PutMetricAlarm", "PutCompositeAlarm")
_SWITCHED: Final = ("DisableAlarmActions", "EnableAlarmActions")
_DATABASE_NAMES: Final = ("identifier", "clusterIdentifier", "id", "arn")
_SNAPSHOT: Final = Setters(
    "rds",
    (
        "CopyDBClusterSnapshot",
        "CopyDBSnapshot",
        "CreateDBClusterSnapshot",
        "CreateDBSnapshot",
        *_SHARED,
    ),
    ("DeleteDBSnapshot", "DeleteDBClusterSnapshot"),
    {"sharedAccounts": _SHARED},
    by=("dbSnapshotIdentifier", "dbClusterSnapshotIdentifier", "id"),
)

GUARDS: Final[Mapping[str, Setters]] = {
    "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": Setters(
        "ec2",
        ("ModifySnapshotAttribute",),
        ("ModifySnapshotAttribute", "ResetSnapshotAttribute"),
        by=("snapshotId",),
    ),
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": Setters(
        "ec2",
        ("EnableSnapshotBlockPublicAccess",),
        ("DisableSnapshotBlockPublicAccess",),
        by=(),
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Setters(
        "ec2", ("EnableEbsEncryptionByDefault",), ("DisableEbsEncryptionByDefault",), by=()
    ),
    "aws:rds/instance:Instance": Setters(
        "rds", ("CreateDBInstance",), ("DeleteDBInstance",), others=_INSTANCE, by=_DATABASE_NAMES
    ),
    "aws:rds/clusterInstance:ClusterInstance": Setters(
        "rds",
        ("CreateDBInstance",),
        ("DeleteDBInstance",),
        others=_INSTANCE,
        by=("identifier", "id"),
    ),
    **dict.fromkeys(
        ("aws:rds/cluster:Cluster", "aws:docdb/cluster:Cluster", "aws:neptune/cluster:Cluster"),
        Setters(
            "rds", ("CreateDBCluster",), ("DeleteDBCluster",), others=_CLUSTER, by=_DATABASE_NAMES
        ),
    ),
    "aws:rds/snapshot:Snapshot": _SNAPSHOT,
    "aws:rds/clusterSnapshot:ClusterSnapshot": _SNAPSHOT,
    "aws:cloudtrail/trail:Trail": Setters(
        "cloudtrail",
        ("CreateTrail",),
        ("DeleteTrail",),
        {
            "enableLogging": ("StartLogging", "StopLogging"),
            "eventSelectors": ("PutEventSelectors",),
            "advancedEventSelectors": ("PutEventSelectors",),
            "insightSelectors": ("PutInsightSelectors",),
            "tags": ("AddTags", "RemoveTags"),
        },
        others=("UpdateTrail",),
        by=("arn", "name"),
    ),
    "aws:guardduty/detector:Detector": Setters(
        "guardduty",
        ("CreateDetector",),
        ("DeleteDetector",),
        others=("UpdateDetector",),
        by=("id",),
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Setters(
        "guardduty", ("UpdateDetector",), ("UpdateDetector",), by=("detectorId",)
    ),
    "aws:cfg/recorder:Recorder": Setters(
        "config",
        ("PutConfigurationRecorder",),
        ("DeleteConfigurationRecorder",),
        others=("PutConfigurationRecorder",),
        by=("name", "id"),
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Setters(
        "config",
        ("StartConfigurationRecorder",),
        ("StopConfigurationRecorder", "DeleteConfigurationRecorder"),
        {
            "isEnabled": (
                "StartConfigurationRecorder",
                "StopConfigurationRecorder",
                "DeleteConfigurationRecorder",
            )
        },
        by=("name", "id"),
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Setters(
        "config",
        ("PutDeliveryChannel",),
        ("DeleteDeliveryChannel",),
        others=("PutDeliveryChannel",),
        by=("name", "id"),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Setters(
        "monitoring",
        _ALARM[:1],
        ("DeleteAlarms",),
        {"actionsEnabled": (*_SWITCHED, _ALARM[0]), "alarmActions": _ALARM[:1]},
        others=_ALARM[:1],
        by=("name", "id"),
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Setters(
        "monitoring",
        _ALARM[1:],
        ("DeleteAlarms",),
        {"actionsEnabled": (*_SWITCHED, _ALARM[1]), "alarmActions": _ALARM[1:]},
        others=_ALARM[1:],
        by=("alarmName", "id"),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Setters(
        "logs",
        ("PutMetricFilter",),
        ("DeleteMetricFilter", "DeleteLogGroup"),
        others=("PutMetricFilter",),
        by=("name",),
    ),
    "aws:cloudwatch/eventRule:EventRule": Setters(
        "events",
        ("PutRule",),
        ("DeleteRule",),
        {
            "state": ("DisableRule", "EnableRule", "PutRule"),
            "isEnabled": ("DisableRule", "EnableRule", "PutRule"),
        },
        others=("PutRule",),
        by=("name",),
    ),
}
"""By type."""

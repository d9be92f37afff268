"""Guards that an intruder blinds in a night, and databases and disks that are given away."""

from __future__ import annotations

from typing import Any

from tests.operations.run_time.estate import Estate
from tests.operations.run_time.tampering import Do, Tampering, breaks


def _trail(estate: Estate) -> str:
    return estate.one("Trail", "audit").outputs["name"]


def _selectors(estate: Estate) -> None:
    management = {"Field": "eventCategory", "Equals": ["Management"]}
    writes = {"Field": "readOnly", "Equals": ["false"]}
    estate.call(
        "cloudtrail",
        "put_event_selectors",
        TrailName=_trail(estate),
        AdvancedEventSelectors=[{"Name": "writes", "FieldSelectors": [management, writes]}],
    )


def _reselects(estate: Estate) -> None:
    told = estate.one("Trail", "audit").inputs["advancedEventSelectors"]
    selectors: list[dict[str, Any]] = []
    for one in told:
        fields = [
            {f"{key[:1].upper()}{key[1:]}": it for key, it in field_.items()}
            for field_ in one["fieldSelectors"]
        ]
        for field_ in fields:
            for key in ("StartsWith", "EndsWith", "NotStartsWith", "NotEndsWith"):
                if f"{key}s" in field_:
                    field_[key] = field_.pop(f"{key}s")
        selectors.append({"Name": one.get("name", ""), "FieldSelectors": fields})
    given = {"TrailName": _trail(estate), "AdvancedEventSelectors": selectors}
    estate.restore("cloudtrail", "put_event_selectors", **given)


def _recorder(estate: Estate) -> str:
    return estate.one("RecorderStatus", "baseline-recorder").inputs["name"]


def _alarm(name: str, operation: str) -> Do:
    return lambda estate: estate.call(
        "cloudwatch", operation, AlarmNames=[estate.one("MetricAlarm", name).outputs["name"]]
    )


def _realarms(estate: Estate) -> None:
    one = estate.one("MetricAlarm", "audit-silence").inputs
    same = ("alarmActions", "okActions", "insufficientDataActions")
    taken = {
        key: it
        for key, it in one.items()
        if key not in {"name", "tags", "region", "alarmDescription", *same}
    }
    given = {f"{key[:1].upper()}{key[1:]}": it for key, it in taken.items()}
    given |= {
        {"alarmActions": "AlarmActions", "okActions": "OKActions"}[key]: list(one[key])
        for key in same[:2]
        if one.get(key)
    }
    name = estate.one("MetricAlarm", "audit-silence").outputs["name"]
    dimensions = [{"Name": key, "Value": it} for key, it in (one.get("dimensions") or {}).items()]
    given |= {"AlarmName": name, "Dimensions": dimensions}
    estate.restore("cloudwatch", "put_metric_alarm", **given)


def _filter(estate: Estate) -> dict[str, Any]:
    one = estate.one("LogMetricFilter", "audit-route-changes")
    return {"logGroupName": one.inputs["logGroupName"], "filterName": one.outputs["name"]}


def _refilters(estate: Estate) -> None:
    one = estate.one("LogMetricFilter", "audit-route-changes").inputs
    told = one["metricTransformation"]
    metric = {
        "metricName": told["name"],
        "metricNamespace": told["namespace"],
        "metricValue": told["value"],
    }
    given = {"filterPattern": one["pattern"], "metricTransformations": [metric]}
    estate.restore("logs", "put_metric_filter", **_filter(estate), **given)


def _event_rule(operation: str) -> Do:
    return lambda estate: estate.call(
        "events", operation, Name=estate.one("EventRule", "audit-trail-tampering").outputs["name"]
    )


def _cluster(operation: str, **more: Any) -> Do:
    return lambda estate: estate.call(
        "rds", operation, DBClusterIdentifier=estate.one("Cluster", "ledger").id, **more
    )


def _member(**more: Any) -> Do:
    return lambda estate: estate.call(
        "rds",
        "modify_db_instance",
        DBInstanceIdentifier=estate.one("ClusterInstance", "ledger-a").id,
        **more,
    )


def _shares_a_database(estate: Estate) -> None:
    given = {"DBInstanceIdentifier": "reports", "DBSnapshotIdentifier": "reports-for-a-friend"}
    estate.call("rds", "create_db_snapshot", **given)
    shared = {"DBSnapshotIdentifier": "reports-for-a-friend", "AttributeName": "restore"}
    estate.call("rds", "modify_db_snapshot_attribute", **shared, ValuesToAdd=["all"])


def _shares_a_cluster(estate: Estate) -> None:
    own = {"DBClusterSnapshotIdentifier": "ledger-for-a-friend"}
    _cluster("create_db_cluster_snapshot", **own)(estate)
    estate.call(
        "rds",
        "modify_db_cluster_snapshot_attribute",
        **own,
        AttributeName="restore",
        ValuesToAdd=["all"],
    )


def _shares_a_disk(estate: Estate) -> None:
    volume = estate.call("ec2", "create_volume", AvailabilityZone="eu-central-1a", Size=1)
    made = estate.call("ec2", "create_snapshot", VolumeId=volume["VolumeId"])
    estate.ids["disk"] = made["SnapshotId"]
    estate.call("ec2", "modify_snapshot_attribute", **_disk(estate, "add"))


def _disk(estate: Estate, operation: str) -> dict[str, Any]:
    return {
        "SnapshotId": estate.ids["disk"],
        "Attribute": "createVolumePermission",
        "OperationType": operation,
        "GroupNames": ["all"],
    }


def _detector(*, enabled: bool) -> Do:
    return lambda estate: estate.call(
        "guardduty",
        "update_detector",
        DetectorId=estate.one("Detector", "baseline-detector").id,
        Enable=enabled,
    )


GUARDS: dict[str, Tampering] = {
    "the trail is stopped": Tampering(
        lambda estate: estate.call("cloudtrail", "stop_logging", Name=_trail(estate)),
        "Trail",
        "audit",
        "enableLogging",
        breaks("cloudtrail-complete"),
        "StopLogging",
        "restart-trail",
    ),
    "the trail leaves reads out": Tampering(
        _selectors,
        "Trail",
        "audit",
        "advancedEventSelectors",
        breaks("cloudtrail-complete"),
        "PutEventSelectors",
        undoes=_reselects,
    ),
    "the detector is off": Tampering(
        _detector(enabled=False),
        "Detector",
        "baseline-detector",
        "enable",
        breaks("guardduty-enabled"),
        "UpdateDetector",
        "enable-detector",
    ),
    "nothing is recorded": Tampering(
        lambda estate: estate.call(
            "config",
            "stop_configuration_recorder",
            ConfigurationRecorderName=_recorder(estate),
        ),
        "RecorderStatus",
        "baseline-recorder",
        "isEnabled",
        breaks("config-recorder-complete"),
        "StopConfigurationRecorder",
        undoes=lambda estate: estate.restore(
            "config",
            "start_configuration_recorder",
            ConfigurationRecorderName=_recorder(estate),
        ),
    ),
    "a database is public": Tampering(
        _member(PubliclyAccessible=True),
        "ClusterInstance",
        "ledger-a",
        "publiclyAccessible",
        breaks("rds-not-publicly-accessible"),
        "ModifyDBInstance",
        undoes=_member(PubliclyAccessible=False),
    ),
    "a database may be deleted": Tampering(
        _cluster("modify_db_cluster", DeletionProtection=False),
        "Cluster",
        "ledger",
        "deletionProtection",
        breaks("rds-deletion-protection"),
        "ModifyDBCluster",
        undoes=_cluster("modify_db_cluster", DeletionProtection=True),
    ),
    "everyone may restore a database": Tampering(
        _shares_a_database,
        "Snapshot",
        "reports-for-a-friend",
        "",
        breaks("rds-snapshot-not-public"),
        "ModifyDBSnapshotAttribute",
        "person",
        lambda estate: estate.restore(
            "rds", "delete_db_snapshot", DBSnapshotIdentifier="reports-for-a-friend"
        ),
    ),
    "everyone may restore a cluster": Tampering(
        _shares_a_cluster,
        "ClusterSnapshot",
        "ledger-for-a-friend",
        "",
        breaks("rds-snapshot-not-public"),
        "ModifyDBClusterSnapshotAttribute",
        "person",
        lambda estate: estate.restore(
            "rds", "delete_db_cluster_snapshot", DBClusterSnapshotIdentifier="ledger-for-a-friend"
        ),
    ),
    "everyone may have a disk": Tampering(
        _shares_a_disk,
        "SnapshotCreateVolumePermission",
        "",
        "",
        breaks("ebs-snapshot-not-shared"),
        "ModifySnapshotAttribute",
        "person",
        lambda estate: estate.restore(
            "ec2", "modify_snapshot_attribute", **_disk(estate, "remove")
        ),
    ),
    "disks are not encrypted by default": Tampering(
        lambda estate: estate.call("ec2", "disable_ebs_encryption_by_default"),
        "EncryptionByDefault",
        "baseline-volumes",
        "enabled",
        breaks("ebs-encryption-by-default"),
        "DisableEbsEncryptionByDefault",
        undoes=lambda estate: estate.restore("ec2", "enable_ebs_encryption_by_default"),
    ),
    "an alarm tells nobody": Tampering(
        _alarm("audit-root-use", "disable_alarm_actions"),
        "MetricAlarm",
        "audit-root-use",
        "actionsEnabled",
        breaks("cloudwatch-alarm-notifies"),
        "DisableAlarmActions",
        undoes=_alarm("audit-root-use", "enable_alarm_actions"),
    ),
    "an alarm is deleted": Tampering(
        _alarm("audit-silence", "delete_alarms"),
        "MetricAlarm",
        "audit-silence",
        "",
        breaks(),
        "DeleteAlarms",
        undoes=_realarms,
        judged="relevant",
    ),
    "a metric of the trail is deleted": Tampering(
        lambda estate: estate.call("logs", "delete_metric_filter", **_filter(estate)),
        "LogMetricFilter",
        "audit-route-changes",
        "",
        breaks(),
        "DeleteMetricFilter",
        undoes=_refilters,
        judged="relevant",
    ),
    "a rule on events is off": Tampering(
        _event_rule("disable_rule"),
        "EventRule",
        "audit-trail-tampering",
        "state",
        breaks(),
        "DisableRule",
        undoes=_event_rule("enable_rule"),
        judged="relevant",
    ),
}

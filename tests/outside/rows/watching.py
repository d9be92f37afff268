"""Logs, alarms and dashboards."""

from __future__ import annotations

from tests.outside.cloud import LACKING, Call, Rows

_ALARM = {"name": "AlarmName"}

WATCHING: Rows = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": (
        Call("cloudwatch", "put_composite_alarm", unmade=LACKING),
    ),
    "aws:cloudwatch/dashboard:Dashboard": (Call("cloudwatch", "put_dashboard"),),
    "aws:cloudwatch/logAnomalyDetector:LogAnomalyDetector": (
        Call("logs", "create_log_anomaly_detector", names={"enabled": ""}, unmade=LACKING),
    ),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": (
        Call(
            "logs",
            "put_data_protection_policy",
            names={"logGroupName": "logGroupIdentifier"},
            unmade=LACKING,
        ),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        Call("logs", "create_log_group", names={"name": "logGroupName"}, also=("name",)),
        Call(
            "logs",
            "put_retention_policy",
            names={"name": "logGroupName"},
            takes=("retentionInDays",),
            also=("name",),
        ),
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": (
        Call(
            "logs",
            "put_metric_filter",
            names={
                "metricTransformation.name": "metricName",
                "metricTransformation.namespace": "metricNamespace",
                "metricTransformation.value": "metricValue",
                "name": "filterName",
                "pattern": "filterPattern",
            },
            also=("name",),
        ),
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": (Call("logs", "put_resource_policy"),),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        Call(
            "cloudwatch",
            "put_metric_alarm",
            names={
                "metricQueries": "Metrics",
                "metricQueries.metric": "MetricStat",
                "metricQueries.metric.dimensions": "Metric.Dimensions",
                "metricQueries.metric.metricName": "Metric.MetricName",
                "metricQueries.metric.namespace": "Metric.Namespace",
                "name": "AlarmName",
            },
            also=("name",),
        ),
    ),
}

"""Budgets and cost anomalies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.outside.cloud import ACCOUNT, LACKING, Call, Rows, Subject


def _subscribed(notification: Mapping[str, Any]) -> Mapping[str, Any]:
    addresses = {
        "EMAIL": notification.get("subscriberEmailAddresses"),
        "SNS": notification.get("subscriberSnsTopicArns"),
    }
    return {
        "Notification": {
            "ComparisonOperator": notification["comparisonOperator"],
            "NotificationType": notification["notificationType"],
            "Threshold": float(notification["threshold"]),
            "ThresholdType": notification["thresholdType"],
        },
        "Subscribers": [
            {"Address": address, "SubscriptionType": kind}
            for kind, given in addresses.items()
            for address in given or ()
        ],
    }


def _notified(subject: Subject) -> Mapping[str, Any]:
    filters = {item["name"]: item["values"] for item in subject.value("costFilters") or ()}
    return {
        "AccountId": ACCOUNT,
        "Budget": {"CostFilters": filters} if filters else {},
        "NotificationsWithSubscribers": [
            _subscribed(item) for item in subject.value("notifications") or ()
        ],
    }


COST: Rows = {
    "aws:budgets/budget:Budget": (
        Call(
            "budgets",
            "create_budget",
            names={
                "budgetType": "Budget.BudgetType",
                "limitAmount": "Budget.BudgetLimit.Amount",
                "limitUnit": "Budget.BudgetLimit.Unit",
                "name": "Budget.BudgetName",
                "tags": "ResourceTags",
                "timeUnit": "Budget.TimeUnit",
            },
            also=("name",),
            by_hand=("costFilters", "notifications"),
            adds=_notified,
        ),
    ),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": (
        Call(
            "ce",
            "create_anomaly_monitor",
            names={
                "monitorDimension": "AnomalyMonitor.MonitorDimension",
                "monitorType": "AnomalyMonitor.MonitorType",
                "name": "AnomalyMonitor.MonitorName",
                "tags": "ResourceTags",
            },
            also=("name",),
            unmade=LACKING,
        ),
    ),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": (
        Call(
            "ce",
            "create_anomaly_subscription",
            names={
                "frequency": "AnomalySubscription.Frequency",
                "monitorArnLists": "AnomalySubscription.MonitorArnList",
                "name": "AnomalySubscription.SubscriptionName",
                "subscribers": "AnomalySubscription.Subscribers",
                "tags": "ResourceTags",
                "thresholdExpression": "AnomalySubscription.ThresholdExpression",
            },
            also=("name",),
            unmade=LACKING,
        ),
    ),
}

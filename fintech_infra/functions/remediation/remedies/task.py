"""Stops a compromised ECS task, so that its service starts a clean one in its place.

The interface of a task cannot be given other groups: ECS owns it. What the task held in memory
and on its own disk is lost, so a person approves it.
"""

from __future__ import annotations

from typing import Final

from fintech_infra.functions.remediation.events import read
from fintech_infra.functions.remediation.model import (
    Clients,
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    Step,
    UnknownEventError,
    conforms,
    plain_id,
    report,
    restore,
)

_SERVICE: Final = "service:"


def _subject(happened: Occurrence) -> str:
    found = read(happened.detail, "resource", "ecsClusterDetails", "taskDetails", "arn")
    if happened.source != "guardduty" or not isinstance(found, str) or "/" not in plain_id(found):
        raise UnknownEventError(f"{happened.name} is no finding about a task of a cluster")
    return found


def cluster_of(task: str) -> str:
    """Return the cluster of a task, by their ids as AWS writes them.

    >>> cluster_of("arn:aws:ecs:eu-west-1:111122223333:task/payments/0123456789abcdef")
    'payments'
    """
    return plain_id(task).partition("/")[0]


def _observe(clients: Clients, _: Occurrence, task: str) -> Facts:
    client = clients("ecs")
    try:
        found = client.describe_tasks(cluster=cluster_of(task), tasks=[task])["tasks"]
    except client.exceptions.ClusterNotFoundException:
        found = []
    return {
        "running": any(item["desiredStatus"] == "RUNNING" for item in found),
        "service": any(item.get("group", "").startswith(_SERVICE) for item in found),
    }


def _plan(happened: Occurrence, task: str, declared: Declared | None, facts: Facts) -> Plan:
    finding = f"{task}: {happened.name}"
    if not facts["running"]:
        return conforms(f"{finding}; it is stopped or gone")
    if declared is None:
        return report(f"{finding}; its cluster is not declared here")
    if not facts["service"]:
        return report(f"{finding}; it belongs to no service, so nothing would take its place")
    parameters = {
        "cluster": cluster_of(task),
        "task": task,
        "reason": f"GuardDuty finding {happened.id}",
    }
    return restore(f"{finding}; its service replaces it", Step("ecs", "stop_task", parameters))


REMEDIATION: Final = Remediation(
    name="stop-task",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(("ecs", "stop_task"),),
    sensitive=True,
    owner=cluster_of,
)

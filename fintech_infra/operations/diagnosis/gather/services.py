"""Reads deployments of ECS services, and what ECS says of them. Needs `ecs:DescribeServices`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.diagnosis.gather.asked import Asked, Found, together, unread
from fintech_infra.operations.diagnosis.model import Change, ChangeKind, LogLine, Part, Unread


def deployed(access: Access, asked: Asked) -> Found:
    """Deployments of the services that began in the time asked, and what ECS told meanwhile."""
    return together(_of(access, asked, *it) for it in asked.services)


def _of(access: Access, asked: Asked, cluster: str, service: str) -> Found:
    where = f"service {service} in cluster {cluster}"
    try:
        answer = access.ask("ecs", "describe_services", cluster=cluster, services=[service]) or {}
    except UnreadError as error:
        return Found(unread=(unread(Part.CHANGES, where, error),))
    found = answer.get("services") or []
    if not found:
        return Found(unread=(Unread(Part.CHANGES, where, "there is no such service"),))
    return together(
        Found(tuple(_deployments(it, asked)), lines=tuple(_events(it, asked, where)))
        for it in found
    )


def _deployments(service: Mapping[str, Any], asked: Asked) -> Iterator[Change]:
    name, arn = str(service["serviceName"]), str(service.get("serviceArn", ""))
    for item in service.get("deployments") or ():
        time = _utc(item["createdAt"])
        if not asked.earliest <= time <= asked.end:
            continue
        state = str(item.get("rolloutState") or item.get("status", ""))
        reason = str(item.get("rolloutStateReason", ""))
        says = f"ECS deploys {item.get('taskDefinition', 'a version')} to {name}: {state} {reason}"
        subjects = tuple(it for it in (arn, name) if it)
        yield Change(time, ChangeKind.DEPLOYMENT, subjects, says.strip(), "ECS")


def _events(service: Mapping[str, Any], asked: Asked, where: str) -> Iterator[LogLine]:
    for item in service.get("events") or ():
        time = _utc(item["createdAt"])
        if asked.earliest <= time <= asked.end:
            name = str(service["serviceName"])
            yield LogLine(time, f"ECS events of {where}", str(item.get("message", "")), name)


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)

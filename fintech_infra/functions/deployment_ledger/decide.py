"""What the record of a deployment says, and where it is kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

SCHEMA: Final = "deployment/v1"


@dataclass(frozen=True, slots=True)
class Container:
    """A container of the deployed task definition."""

    name: str
    image: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the ledger: its key in the archive, and its content."""

    key: str
    body: str


def service_of(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return the cluster and the service that an event of a deployment is about, by name.

    Raises:
        ValueError: the event names no service of a cluster.
    """
    arn = str(event["resources"][0])
    parts = arn.partition(":service/")[2].split("/")
    if len(parts) != 2:  # noqa: PLR2004 - cluster and service
        raise ValueError(f"{arn!r} is not the ARN of a service")
    return parts[0], parts[1]


def record_of(
    event: Mapping[str, Any], task_definition: str, containers: Sequence[Container]
) -> Record:
    """Return the record of an ECS deployment state change.

    The key holds time and id of the event, so an event that is delivered twice has one key, and
    keys sort by time. The content is canonical: keys sorted, nothing that differs between two
    deliveries.
    """
    cluster, service = service_of(event)
    detail: Mapping[str, Any] = event["detail"]
    content = {
        "schema": SCHEMA,
        "event": event["id"],
        "time": event["time"],
        "account": event["account"],
        "region": event["region"],
        "service": event["resources"][0],
        "deployment": detail["deploymentId"],
        "state": detail["eventName"],
        "reason": detail.get("reason", ""),
        "taskDefinition": task_definition,
        "images": {item.name: item.image for item in containers},
    }
    key = f"deployments/{cluster}/{service}/{event['time']}-{event['id']}.json"
    return Record(key, json.dumps(content, sort_keys=True, separators=(",", ":")))

"""Writes a record into the archive for every state that a deployment of a service gets into."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from fintech_infra.functions.deployment_ledger.decide import Container, record_of, service_of

BUCKET: Final = "BUCKET"
"""Variable with the name of the archive."""

_TWICE: Final = "PreconditionFailed"
_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


def handle(event: Mapping[str, Any], _context: object) -> dict[str, str]:
    """Write the record of an "ECS Deployment State Change"; a second delivery changes nothing."""
    task_definition = _task_definition(event)
    record = record_of(event, task_definition, _containers(task_definition))
    archive: Any = boto3.client("s3")
    try:
        archive.put_object(
            Bucket=os.environ[BUCKET],
            Key=record.key,
            Body=record.body.encode(),
            ContentType="application/json",
            # A bucket with Object Lock insists on a checksum.
            ChecksumAlgorithm="SHA256",
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != _TWICE:
            raise
        _log.info("%s is recorded already", record.key)
    return {"key": record.key}


def _task_definition(event: Mapping[str, Any]) -> str:
    cluster, service = service_of(event)
    ecs: Any = boto3.client("ecs")
    found = ecs.describe_services(cluster=cluster, services=[service])
    detail = event["detail"]
    deployments = found["services"][0].get("deployments", [])
    own = [item for item in deployments if item["id"] == detail["deploymentId"]]
    return str((own or found["services"])[0]["taskDefinition"])


def _containers(task_definition: str) -> list[Container]:
    ecs: Any = boto3.client("ecs")
    found = ecs.describe_task_definition(taskDefinition=task_definition)
    definitions = found["taskDefinition"]["containerDefinitions"]
    return [Container(item["name"], item["image"]) for item in definitions]

"""The container definition of a hardened task. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fintech_infra.components._container.image import parse_image
from fintech_infra.components._container.plaintext import secret_value

NAME: Final = "app"
"""Name of the container."""

_STOP_SECONDS: Final = 60
"""How long a task may take to finish its requests, within what Fargate accepts (120)."""

_LOG_BUFFER: Final = "25m"


@dataclass(frozen=True, slots=True)
class Container:
    """Everything that a container definition says, resolved."""

    image: str
    port: int
    uid: int
    log_group: str
    region: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    writable_paths: Sequence[str] = ()


def volume_name(path: str) -> str:
    """Return the name of the volume that makes a path writable."""
    return path.strip("/").replace("/", "-").replace(".", "-")


def container_definitions(container: Container) -> str:
    """Return the definitions as JSON.

    Raises:
        ValueError: the image is not named by digest, or a variable holds what looks like a secret.
    """
    parse_image(container.image)
    for name, value in container.environment.items():
        if kind := secret_value(value):
            raise ValueError(f"environment.{name} looks like {kind}; pass its ARN in `secrets`")
    return json.dumps([_definition(container)], separators=(",", ":"), sort_keys=True)


def _definition(container: Container) -> dict[str, Any]:
    port = container.port
    return {
        "name": NAME,
        "image": container.image,
        "essential": True,
        "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}],
        "user": f"{container.uid}:{container.uid}",
        "privileged": False,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
        "environment": [
            {"name": name, "value": container.environment[name]}
            for name in sorted(container.environment)
        ],
        "secrets": [
            {"name": name, "valueFrom": container.secrets[name]}
            for name in sorted(container.secrets)
        ],
        "mountPoints": [
            {"sourceVolume": volume_name(path), "containerPath": path, "readOnly": False}
            for path in sorted(container.writable_paths)
        ],
        "volumesFrom": [],
        "stopTimeout": _STOP_SECONDS,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": container.log_group,
                "awslogs-region": container.region,
                "awslogs-stream-prefix": NAME,
                # A log that cannot be delivered must not stop payments.
                "mode": "non-blocking",
                "max-buffer-size": _LOG_BUFFER,
            },
        },
    }

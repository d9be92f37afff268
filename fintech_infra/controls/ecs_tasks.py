"""Controls over containers of ECS tasks and Batch jobs: what they may do, and what they run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.containers import (
    JOB_DEFINITION,
    TASK_DEFINITION,
    Container,
    containers,
)
from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.credentials import looks_like, names_a_secret
from fintech_infra.controls.ecr import REPOSITORY
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

FUNCTION: Final = "aws:lambda/function:Function"

_DEFINITIONS: Final = (
    "containerDefinitions",
    "containerProperties",
    "ecsProperties",
    "nodeProperties",
)
_ROOT: Final = re.compile(r"(?:root|0)(?::.*)?")
_DIGEST: Final = re.compile(r".+@sha256:[0-9a-f]{64}")
_TAG: Final = re.compile(r"(?P<repository>.+?):(?P<tag>[\w][\w.-]{0,127})")
_ECR: Final = re.compile(r"\d{12}\.dkr[.-]ecr")


@control(
    on=[TASK_DEFINITION, JOB_DEFINITION],
    severity=Severity.HIGH,
    fix="Name a user other than root, leave out privileged, and share no namespace with the host; "
    "ImmutableService and EphemeralCompute do so.",
    source="PCI DSS 4.0.1 2.2.6; FSBP ECS.1, ECS.3, ECS.4",
    properties=[*_DEFINITIONS, "pidMode", "ipcMode", "networkMode"],
)
def ecs_task_not_privileged(definition: Resource) -> Iterator[Fault]:
    """Containers are not privileged, do not run as root and do not share host namespaces.

    A process that breaks out of its container is then nobody on the host. A container without a
    user runs as whoever the image says, which is root unless somebody thought of it.
    """
    yield from decided_first([_namespaces(definition), _powers(definition)])


def _namespaces(definition: Resource) -> Iterator[Fault]:
    if definition.type != TASK_DEFINITION:
        return
    for path in ("pidMode", "ipcMode", "networkMode"):
        if definition.value(path) == "host":
            yield Fault(path, f"containers share the host's namespace: {path} is host")


def _powers(definition: Resource) -> Iterator[Fault]:
    for container in containers(definition):
        if container.value("privileged") is True:
            yield Fault(container.path, f"{container.name} is privileged")
        user = container.value("user")
        if user is None or str(user) == "":
            yield Fault(container.path, f"{container.name} runs as the user of its image")
        elif _ROOT.fullmatch(str(user)):
            yield Fault(container.path, f"{container.name} runs as root")


@control(
    on=[TASK_DEFINITION],
    severity=Severity.LOW,
    fix='Set linuxParameters.capabilities.drop to ["ALL"]; ImmutableService does.',
    source="NIST SP 800-53 CM-7; CIS Docker Benchmark 5.4",
    properties=["containerDefinitions"],
)
def ecs_capabilities_dropped(definition: Resource) -> Iterator[Fault]:
    """Containers give up every Linux capability that they do not name.

    The fourteen that a container has by default let it change owners, bind low ports and forge
    packets, which an application has no use for.
    """
    for container in containers(definition):
        dropped = container.value("linuxParameters.capabilities.drop")
        if not isinstance(dropped, list) or "ALL" not in dropped:
            yield Fault(container.path, f"{container.name} keeps the default capabilities")


@control(
    on=[TASK_DEFINITION],
    severity=Severity.MEDIUM,
    fix="Set readonlyRootFilesystem and mount a volume where the container must write; "
    "ImmutableService does.",
    source="FSBP ECS.5",
    properties=["containerDefinitions"],
)
def ecs_readonly_root_filesystem(definition: Resource) -> Iterator[Fault]:
    """Containers mount their root filesystem read-only.

    What cannot be written cannot be replaced: an intruder leaves nothing behind to run.
    """
    for container in containers(definition):
        if container.value("readonlyRootFilesystem") is not True:
            yield Fault(container.path, f"{container.name} can write to its root filesystem")


@control(
    on=[TASK_DEFINITION],
    severity=Severity.MEDIUM,
    fix="Give each container a logConfiguration; ImmutableService logs to a group of its own.",
    source="PCI DSS 4.0.1 10.2.1; FSBP ECS.9",
    properties=["containerDefinitions"],
)
def ecs_task_logging(definition: Resource) -> Iterator[Fault]:
    """Each container declares a log driver.

    On Fargate there is no host to look at afterwards: what is not sent away is gone with the task.
    """
    for container in containers(definition):
        driver = container.value("logConfiguration.logDriver")
        if not driver or driver == "none":
            yield Fault(container.path, f"{container.name} has no log driver")


@control(
    on=[TASK_DEFINITION, JOB_DEFINITION],
    severity=Severity.HIGH,
    fix="Pass the ARN of a secret in `secrets`; ImmutableService refuses such variables.",
    source="PCI DSS 4.0.1 8.6.2; FSBP ECS.8",
    properties=_DEFINITIONS,
)
def ecs_no_environment_secrets(definition: Resource) -> Iterator[Fault]:
    """No environment variable of a container holds a secret in the clear.

    Everyone who may describe a task definition reads them, and revisions are kept for ever.
    """
    for container in containers(definition):
        for variable in container.items("environment"):
            if reason := _secret(variable):
                name = variable.get("name")
                yield Fault(container.path, f"{name} of {container.name} {reason}")


def _secret(variable: Mapping[str, Any]) -> str:
    """What gives a variable away; its value is never repeated."""
    name, value = str(variable.get("name", "")), str(variable.get("value") or "")
    if value and names_a_secret(name):
        return "is named like a secret and holds a value"
    kind = looks_like(value)
    return f"looks like {kind}" if kind else ""


@control(
    on=[TASK_DEFINITION, FUNCTION],
    severity=Severity.MEDIUM,
    fix="Name the image by digest, as ImmutableService does, or make the repository's tags "
    "immutable, as ImageRepository does.",
    source="NIST SP 800-53 CM-2, SI-7",
    scope=Scope.PROD,
    properties=["containerDefinitions", "imageUri"],
)
def ecs_image_pinned(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Production images are referenced by digest or immutable tag, never by latest.

    A tag that can be moved is another image tomorrow, which nobody tested, approved or signed.
    """
    if resource.type == FUNCTION:
        image = resource.value("imageUri")
        yield from [] if image is None else _pinning(str(image), "imageUri", environment)
        return
    yield from decided_first(_container_pinning(it, environment) for it in containers(resource))


def _container_pinning(container: Container, environment: Environment) -> Iterator[Fault]:
    if image := container.value("image"):
        yield from _pinning(str(image), container.path, environment)


def _pinning(image: str, path: str, environment: Environment) -> Iterator[Fault]:
    if _DIGEST.fullmatch(image):
        return
    match = _TAG.fullmatch(image)
    repository = match["repository"] if match and "/" not in match["tag"] else image
    if repository == image or image.endswith(":latest"):
        yield Fault(path, f"{image} follows the latest image")
        return
    made = [it for it in environment.of_type(REPOSITORY) if _url(it) == repository]
    if not made and _ECR.match(image):
        raise UndecidedError(path, f"the repository of {image} is not in this program")
    if not made or not _keeps_tags(made[0], path):
        yield Fault(path, f"the tag of {image} can be moved to another image")


def _url(repository: Resource) -> Any:
    return repository.outputs.get("repositoryUrl")


def _keeps_tags(repository: Resource, path: str) -> bool:
    with reading(repository.name, path):
        return bool(repository.value("imageTagMutability") == "IMMUTABLE")


CONTROLS: Final = (
    ecs_task_not_privileged,
    ecs_capabilities_dropped,
    ecs_readonly_root_filesystem,
    ecs_task_logging,
    ecs_no_environment_secrets,
    ecs_image_pinned,
)

"""What runs in containers on Fargate and can be sized: services of ECS, and queues of Batch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.rightsizing.model import Kind, Load, Member, Place, Role, Size
from fintech_infra.operations.rightsizing.reading import (
    Found,
    UnfitError,
    needed,
    number_in,
    region_of,
)

SERVICE: Final = "aws:ecs/service:Service"
TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
TARGET: Final = "aws:appautoscaling/target:Target"
POLICY: Final = "aws:appautoscaling/policy:Policy"
QUEUE: Final = "aws:batch/jobQueue:JobQueue"
COMPUTE: Final = "aws:batch/computeEnvironment:ComputeEnvironment"
JOB: Final = "aws:batch/jobDefinition:JobDefinition"

_TWO_ZONES: Final = 2.0
"""Tasks that a service keeps, so that the loss of a zone leaves one."""
_SCALED_BY: Final = (1.0, 1024.0)
"""Programs give a task vCPUs or CPU units, GiB or MiB."""
_TRACKED: Final = "ECSServiceAverageCPUUtilization"


def services(environment: Environment) -> Found:
    """Services of ECS."""
    for it in environment.of_type(SERVICE):
        if not it.existing:
            yield it, lambda it=it: _service(it, environment)


def _service(service: Resource, environment: Environment) -> Load:
    task = next(iter(environment.references(service, "taskDefinition", TASK)), None)
    if task is None:
        raise UnfitError("its task definition is not in the environment")
    if "FARGATE" not in task.listed("requiresCompatibilities"):
        raise UnfitError("only tasks on Fargate are sized")
    cpu = number_in(task, "cpu")
    target = _scaling_target(service, environment)
    desired = float(service.number("desiredCount") or 0)
    least = float(target.number("minCapacity") or 0) if target else desired
    floor = min(least, _TWO_ZONES)
    return Load(
        Kind.SERVICE,
        service.name,
        service.urn,
        (
            Size(Role.TASK_CPU, "CPU units", cpu, (Place(task.urn, "cpu"),), factors=_SCALED_BY),
            Size(
                Role.TASK_MEMORY,
                "MiB",
                number_in(task, "memory"),
                (Place(task.urn, "memory"),),
                factors=_SCALED_BY,
            ),
            *_task_numbers(service, target, least, desired),
        ),
        (Member(service.name, _service_dimensions(service)),),
        floors={Role.LEAST: floor},
        floor_why="two tasks, so that the loss of a zone leaves one",
        arm=task.value("runtimePlatform.cpuArchitecture") == "ARM64",
        spot=any(
            entry.get("capacityProvider") == "FARGATE_SPOT"
            for _, entry in service.entries("capacityProviderStrategies")
        ),
        target=_target_value(service, environment) if target else 0.0,
        task_vcpus=cpu / 1024,
        region=region_of(service),
        source=service.source,
    )


def _task_numbers(
    service: Resource, target: Resource | None, least: float, desired: float
) -> Iterator[Size]:
    wanted = Place(service.urn, "desiredCount")
    if target is None:
        yield Size(Role.LEAST, "tasks", desired, (wanted,))
        return
    yield Size(Role.LEAST, "tasks", least, (Place(target.urn, "minCapacity"), wanted))
    most = needed(target.number("maxCapacity"), "maxCapacity is not given")
    yield Size(Role.MOST, "tasks", float(most), (Place(target.urn, "maxCapacity"),))


def _scaling_target(service: Resource, environment: Environment) -> Resource | None:
    found = (it for it in environment.of_type(TARGET) if it.value("resourceId") == _scaled(service))
    return next(found, None)


def _scaled(service: Resource) -> str:
    """What Application Auto Scaling calls a service: `service/CLUSTER/NAME`."""
    names = dict(_service_dimensions(service))
    return f"service/{names['ClusterName']}/{names['ServiceName']}"


def _target_value(service: Resource, environment: Environment) -> float:
    root = "targetTrackingScalingPolicyConfiguration"
    for it in environment.of_type(POLICY):
        tracked = it.value(f"{root}.predefinedMetricSpecification.predefinedMetricType")
        if it.value("resourceId") == _scaled(service) and tracked == _TRACKED:
            return float(it.number(f"{root}.targetValue") or 0) / 100
    return 0.0


def _service_dimensions(service: Resource) -> tuple[tuple[str, str], ...]:
    cluster = str(service.outputs.get("cluster") or service.text("cluster") or "default")
    name = str(service.outputs.get("name") or service.text("name") or service.name)
    return ("ClusterName", cluster.rpartition("/")[2]), ("ServiceName", name)


def queues(environment: Environment) -> Found:
    """Queues of Batch, each with its compute environments."""
    for it in environment.of_type(QUEUE):
        if not it.existing:
            yield it, lambda it=it: _queue(it, environment)


def _queue(queue: Resource, environment: Environment) -> Load:
    """The compute environments of a queue share its load: a job runs in the first with room."""
    named = {
        it.urn: it
        for path, _ in queue.entries("computeEnvironmentOrders")
        for it in environment.references(queue, f"{path}.computeEnvironment", COMPUTE)
    }
    found = tuple(named.values())
    if not found:
        raise UnfitError("its compute environments are not in the environment")
    if any(it.text("computeResources.type") not in {"FARGATE", "FARGATE_SPOT"} for it in found):
        raise UnfitError("only compute environments on Fargate are sized")
    vcpus = max((_job_vcpus(it) for it in environment.of_type(JOB)), default=0.0)
    if not vcpus:
        raise UnfitError("no job definition says how many vCPUs a job takes")
    path = "computeResources.maxVcpus"
    total = sum(float(needed(it.number(path), f"{path} is not given")) for it in found)
    return Load(
        Kind.BATCH,
        queue.name,
        queue.urn,
        (Size(Role.MOST, "vCPUs", total, tuple(Place(it.urn, path) for it in found), shared=True),),
        tuple(Member(it.name, _compute_dimensions(it)) for it in found),
        floors={Role.MOST: vcpus * len(found)},
        floor_why="one job in each compute environment",
        task_vcpus=vcpus,
        region=region_of(queue),
        source=queue.source,
    )


def _job_vcpus(job: Resource) -> float:
    try:
        content: Any = json.loads(job.text("containerProperties") or "{}")
        found: Any = content.get("resourceRequirements") or ()
        return max(float(it["value"]) for it in found if it.get("type") == "VCPU")
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0.0


def _compute_dimensions(compute: Resource) -> tuple[tuple[str, str], ...]:
    """Batch runs jobs in an ECS cluster of its own making, whose name only a state has."""
    arn = str(compute.outputs.get("ecsClusterArn") or "")
    return (("ClusterName", arn.rpartition("/")[2]),)

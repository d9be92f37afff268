"""Controls over ECS services and clusters: how they are deployed, and who reaches into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.evaluate import is_production
from fintech_infra.controls.remedies import differing, in_production
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import UndecidedError, reading

SERVICE: Final = "aws:ecs/service:Service"
TASK_SET: Final = "aws:ecs/taskSet:TaskSet"
CLUSTER: Final = "aws:ecs/cluster:Cluster"
DEPLOYMENT_GROUP: Final = "aws:codedeploy/deploymentGroup:DeploymentGroup"


def _closed(service: Resource) -> Mapping[str, Any]:
    # Elsewhere the sessions may be recorded instead, which is for the cluster to say.
    return {"enableExecuteCommand": False} if in_production(service) else {}


@control(
    on=[SERVICE],
    severity=Severity.MEDIUM,
    fix="Leave out enableExecuteCommand, as ImmutableService does; where it is needed, give the "
    "cluster an executeCommandConfiguration with kmsKeyId and an encrypted log.",
    source="PCI DSS 4.0.1 2.2.7, 10.2.1.2",
    properties=["enableExecuteCommand", "cluster"],
    remedy=_closed,
)
def ecs_exec_controlled(service: Resource, environment: Environment) -> Iterator[Fault]:
    """Interactive exec is off in production, and elsewhere its sessions are encrypted and logged.

    A shell in a container is a change that no review saw and no rollback undoes.
    """
    if service.value("enableExecuteCommand") is not True:
        return
    if is_production(environment.stack):
        yield Fault("enableExecuteCommand", "anyone who may can log in to production containers")
        return
    clusters = environment.references(service, "cluster", CLUSTER)
    if not clusters or clusters[0].existing:
        raise UndecidedError("cluster", "the cluster is not in this program")
    with reading(clusters[0].name, "cluster"):
        for reason in _unrecorded(clusters[0]):
            yield Fault("enableExecuteCommand", reason)


_EXEC: Final = "configuration.executeCommandConfiguration"


def _unrecorded(cluster: Resource) -> Iterator[str]:
    if not cluster.is_set(f"{_EXEC}.kmsKeyId"):
        yield f"sessions in containers of {cluster.name} are not encrypted with a key of ours"
    log = f"{_EXEC}.logConfiguration"
    kept = cluster.is_set(f"{log}.cloudWatchLogGroupName") or cluster.is_set(f"{log}.s3BucketName")
    if cluster.value(f"{_EXEC}.logging") != "OVERRIDE" or not kept:
        yield f"sessions in containers of {cluster.name} are not logged where we decide"


@control(
    on=[CLUSTER],
    severity=Severity.LOW,
    fix="Set configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId; "
    "ImmutableService does.",
    source="PCI DSS 4.0.1 3.5.1; AWS ECS developer guide, Fargate ephemeral storage",
    properties=["configuration"],
)
def ecs_ephemeral_storage_cmk(cluster: Resource) -> Iterator[Fault]:
    """Clusters encrypt the disks of Fargate tasks with a customer-managed key.

    What a task writes is encrypted in any case; only with a key of one's own can it be shredded,
    and its use be seen.
    """
    path = "configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId"
    if not cluster.is_set(path):
        yield Fault(path, "the disks of tasks are encrypted with a key of AWS's")


@control(
    on=[SERVICE, TASK_SET],
    severity=Severity.HIGH,
    fix="Set networkConfiguration.assignPublicIp to false and use private subnets; "
    "ImmutableService does.",
    source="PCI DSS 4.0.1 1.4.4; FSBP ECS.2",
    properties=["networkConfiguration"],
)
def ecs_service_no_public_ip(service: Resource) -> Iterator[Fault]:
    """Services and task sets do not assign public addresses.

    A task with one is reached around its load balancer, and with that around TLS and web ACL.
    """
    if service.value("networkConfiguration.assignPublicIp") is True:
        yield Fault("networkConfiguration.assignPublicIp", "tasks get public addresses")


def _rolled_back(resource: Resource) -> Mapping[str, Any]:
    if resource.type == DEPLOYMENT_GROUP:
        path = "autoRollbackConfiguration"
        wanted: dict[str, Any] = {f"{path}.enabled": True}
        if not resource.value(f"{path}.events"):
            wanted[f"{path}.events"] = ["DEPLOYMENT_FAILURE"]
    elif resource.value("deploymentConfiguration.strategy") in {None, "ROLLING"}:
        breaker = "deploymentCircuitBreaker"
        wanted = {f"{breaker}.enable": True, f"{breaker}.rollback": True}
    else:  # the circuit breaker does not count, and which alarms do is to be chosen
        return {}
    return differing(resource, wanted)


@control(
    on=[SERVICE, DEPLOYMENT_GROUP],
    severity=Severity.MEDIUM,
    fix="Roll back on alarms, or on failure with deploymentCircuitBreaker; ImmutableService does.",
    source="PCI DSS 4.0.1 6.5.1; NIST SP 800-53 CM-3",
    scope=Scope.PROD,
    properties=[
        "alarms", "deploymentCircuitBreaker", "deploymentConfiguration", "deploymentController",
        "autoRollbackConfiguration", "deploymentConfigName",
    ],
    remedy=_rolled_back,
)  # fmt: skip
def ecs_deployment_rollback(resource: Resource) -> Iterator[Fault]:
    """Production services deploy progressively and roll back on failure or alarm.

    Otherwise a bad version stays until somebody is awake. The circuit breaker counts for rolling
    updates only: ECS does not use it elsewhere.
    """
    judge = _group_rollback if resource.type == DEPLOYMENT_GROUP else _service_rollback
    yield from judge(resource)


def _service_rollback(service: Resource) -> Iterator[Fault]:
    controller = service.value("deploymentController.type") or "ECS"
    if controller == "EXTERNAL":
        raise UndecidedError("deploymentController.type", "another system deploys the service")
    if controller == "CODE_DEPLOY":
        return  # judged by its deployment group
    rolling = service.text("deploymentConfiguration.strategy") in {None, "ROLLING"}
    breaker = rolling and _both_on(service, "deploymentCircuitBreaker")
    if not breaker and not _both_on(service, "alarms"):
        path = "deploymentCircuitBreaker" if rolling else "alarms"
        yield Fault(path, "a deployment that fails is not rolled back")


def _both_on(service: Resource, path: str) -> bool:
    return service.value(f"{path}.enable") is True and service.value(f"{path}.rollback") is True


def _group_rollback(group: Resource) -> Iterator[Fault]:
    path = "autoRollbackConfiguration"
    events: list[Any] = [item for _, item in group.each(f"{path}.events")]
    if group.value(f"{path}.enabled") is not True or not events:
        yield Fault(path, "a deployment that fails is not rolled back")
    if str(group.value("deploymentConfigName") or "").endswith("AllAtOnce"):
        yield Fault("deploymentConfigName", "all traffic goes to the new version at once")


@control(
    on=[SERVICE],
    severity=Severity.LOW,
    fix="Set waitForSteadyState, and timeouts that are longer than the deployment; "
    "ImmutableService does.",
    source="PCI DSS 4.0.1 6.5.1; hashicorp/terraform-provider-aws#20858",
    scope=Scope.PROD,
    properties=["waitForSteadyState", "deploymentController"],
)
def ecs_deployment_awaited(service: Resource) -> Iterator[Fault]:
    """Updates of production services wait until the new version runs.

    Otherwise the update ends well before the deployment does, and where ECS rolls it back the state
    claims a version that does not run. Deployments by other systems are not judged.
    """
    if service.text("deploymentController.type") in {"CODE_DEPLOY", "EXTERNAL"}:
        return
    if service.value("waitForSteadyState") is not True:
        yield Fault("waitForSteadyState", "the update does not wait for its deployment")


CONTROLS: Final = (
    ecs_exec_controlled,
    ecs_ephemeral_storage_cmk,
    ecs_service_no_public_ip,
    ecs_deployment_rollback,
    ecs_deployment_awaited,
)

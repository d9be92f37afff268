"""Controls over ECS services and clusters, case by case."""

from __future__ import annotations

from typing import Any

import pytest

SERVICE = "aws:ecs/service:Service"
TASK_SET = "aws:ecs/taskSet:TaskSet"
CLUSTER = "aws:ecs/cluster:Cluster"
GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup"
ON = {"enable": True, "rollback": True}
RECORDED = {
    "kmsKeyId": "k",
    "logging": "OVERRIDE",
    "logConfiguration": {"cloudWatchLogGroupName": "g"},
}


def service(**inputs: Any) -> tuple[str, str, dict[str, Any]]:
    return (SERVICE, "s", inputs)


def cluster(**execute: Any) -> tuple[str, str, dict[str, Any]]:
    return (CLUSTER, "c", {"configuration": {"executeCommandConfiguration": execute}})


def group(name: str = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", **inputs: Any) -> Any:
    return (GROUP, "g", {"deploymentConfigName": name} | inputs)


def strategy(name: str) -> dict[str, Any]:
    return {"deploymentConfiguration": {"strategy": name}}


ROLLBACK: list[tuple[str, list[Any], list[str]]] = [
    ("by circuit breaker", [service(deploymentCircuitBreaker=ON)], []),
    ("by alarms", [service(alarms=ON)], []),
    ("of a canary by alarms", [service(alarms=ON, **strategy("CANARY"))], []),
    ("of another controller", [service(deploymentController={"type": "CODE_DEPLOY"})], []),
    ("none", [service()], ["violated s deploymentCircuitBreaker"]),
    (
        "failing without going back",
        [service(deploymentCircuitBreaker={"enable": True, "rollback": False})],
        ["violated s deploymentCircuitBreaker"],
    ),
    (
        "of a canary by circuit breaker, which does not work there",
        [service(deploymentCircuitBreaker=ON, **strategy("CANARY"))],
        ["violated s alarms"],
    ),
    (
        "by somebody else",
        [service(deploymentController={"type": "EXTERNAL"})],
        ["undecided s deploymentController.type"],
    ),
    ("not known", [service(alarms={"enable": "?"})], ["undecided s alarms.enable"]),
    (
        "of a deployment group",
        [group(autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]})],
        [],
    ),
    ("of a deployment group, none", [group()], ["violated g autoRollbackConfiguration"]),
    (
        "of a deployment group, at once",
        [
            group(
                "CodeDeployDefault.ECSAllAtOnce",
                autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
            )
        ],
        ["violated g deploymentConfigName"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ecs-deployment-rollback", *case) for case in ROLLBACK),
    ("ecs-deployment-awaited", "on", [service(waitForSteadyState=True)], []),
    (
        "ecs-deployment-awaited",
        "of another controller",
        [service(deploymentController={"type": "EXTERNAL"})],
        [],
    ),
    ("ecs-deployment-awaited", "not given", [service()], ["violated s waitForSteadyState"]),
    (
        "ecs-deployment-awaited",
        "not known",
        [service(waitForSteadyState="?")],
        ["undecided s waitForSteadyState"],
    ),
    ("ecs-exec-controlled", "not given", [service()], []),
    ("ecs-exec-controlled", "off", [service(enableExecuteCommand=False)], []),
    (
        "ecs-exec-controlled",
        "on",
        [cluster(**RECORDED), service(enableExecuteCommand=True, cluster="c-id")],
        ["violated s enableExecuteCommand"],
    ),
    (
        "ecs-exec-controlled",
        "not known",
        [service(enableExecuteCommand="?")],
        ["undecided s enableExecuteCommand"],
    ),
    (
        "ecs-service-no-public-ip",
        "off",
        [service(networkConfiguration={"assignPublicIp": False})],
        [],
    ),
    ("ecs-service-no-public-ip", "not given", [(TASK_SET, "s", {})], []),
    (
        "ecs-service-no-public-ip",
        "on",
        [(TASK_SET, "s", {"networkConfiguration": {"assignPublicIp": True}})],
        ["violated s networkConfiguration.assignPublicIp"],
    ),
    (
        "ecs-service-no-public-ip",
        "not known",
        [service(networkConfiguration={"assignPublicIp": "?"})],
        ["undecided s networkConfiguration.assignPublicIp"],
    ),
    (
        "ecs-ephemeral-storage-cmk",
        "a key made in the same program",
        [
            (
                CLUSTER,
                "c",
                {
                    "configuration": {
                        "managedStorageConfiguration": {"fargateEphemeralStorageKmsKeyId": "?"}
                    }
                },
            )
        ],
        [],
    ),
    (
        "ecs-ephemeral-storage-cmk",
        "not given",
        [(CLUSTER, "c", {})],
        ["violated c configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId"],
    ),
]

ELSEWHERE: list[tuple[str, Any, list[str]]] = [
    ("recorded", cluster(**RECORDED), []),
    (
        "recorded in a bucket",
        cluster(**RECORDED | {"logConfiguration": {"s3BucketName": "?"}}),
        [],
    ),
    ("not encrypted", cluster(**RECORDED | {"kmsKeyId": None}), ["violated"]),
    ("not logged", cluster(**RECORDED | {"logging": "NONE"}), ["violated"]),
    ("neither", cluster(), ["violated", "violated"]),
    ("not known", cluster(**RECORDED | {"logging": "?"}), ["undecided"]),
    ("elsewhere", (CLUSTER, "x", {}), ["undecided"]),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_service_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


@pytest.mark.parametrize(("case", "given", "expected"), ELSEWHERE)
def test_outside_production_sessions_are_encrypted_and_recorded(
    case: str, given: Any, expected: list[str], judged: Any
) -> None:
    resources = [given, service(enableExecuteCommand=True, cluster="c-id")]

    found = judged("ecs-exec-controlled", resources, stack="dev")

    assert [line.split()[0] for line in found] == expected


@pytest.mark.parametrize("control", ["ecs-deployment-rollback", "ecs-deployment-awaited"])
def test_services_outside_production_may_be_deployed_at_once(control: str, judged: Any) -> None:
    assert judged(control, [service()], stack="dev") == []

"""What ECS, the load balancers, Lambda, Batch, Step Functions and ECR would tell."""

from __future__ import annotations

import json
from typing import Any

from tests.outside.cloud import ACCOUNT, REGION, Cloud, client
from tests.outside.documents import statements
from tests.outside.programs import of

_SERVICE = of("immutable-service")
_WITH_FUNCTIONS = of(
    "cost-guard",
    "immutable-service",
    "managed-secret",
    "platform",
    "security-baseline",
    "self-healing",
)


def _keys(cloud: Cloud) -> set[str]:
    return {key.output("arn") for key in cloud.of("aws:kms/key:Key")}


@_SERVICE
def test_a_task_runs_an_image_by_its_digest_hardened_and_without_secrets_in_its_environment(
    cloud: Cloud,
) -> None:
    (definition,) = cloud.of("aws:ecs/taskDefinition:TaskDefinition")
    answer = client("ecs", REGION).describe_task_definition(taskDefinition=definition.output("arn"))
    known = answer["taskDefinition"]
    (container,) = known["containerDefinitions"]
    assert known["networkMode"] == "awsvpc"
    assert known["requiresCompatibilities"] == ["FARGATE"]
    assert known["taskRoleArn"] != known["executionRoleArn"]
    assert "@sha256:" in container["image"]
    assert container["readonlyRootFilesystem"]
    assert not container["privileged"]
    assert container["user"] == "10001:10001"
    assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    assert container["environment"] == []
    assert container["logConfiguration"]["options"]["awslogs-region"] == REGION


@_SERVICE
def test_a_service_is_private_and_shifts_between_two_target_groups(cloud: Cloud) -> None:
    (service,) = cloud.of("aws:ecs/service:Service")
    (known,) = client("ecs", REGION).describe_services(
        cluster=service.value("cluster"), services=[service.output("name")]
    )["services"]
    (balanced,) = known["loadBalancers"]
    roles = {role.output("arn") for role in cloud.of("aws:iam/role:Role")}
    assert known["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
    assert balanced["advancedConfiguration"]["roleArn"] in roles
    assert (
        balanced["advancedConfiguration"]["alternateTargetGroupArn"] != (balanced["targetGroupArn"])
    )


@_SERVICE
def test_the_load_balancer_speaks_tls_alone_and_keeps_its_logs(cloud: Cloud) -> None:
    (balancer,) = cloud.of("aws:lb/loadBalancer:LoadBalancer")
    elb, arn = client("elbv2", REGION), balancer.output("arn")
    (listener,) = elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    attributes = _named(elb.describe_load_balancer_attributes(LoadBalancerArn=arn))
    assert (listener["Protocol"], listener["Port"]) == ("HTTPS", 443)
    assert listener["SslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2")
    assert listener["DefaultActions"][0]["Type"] == "fixed-response"
    assert attributes["deletion_protection.enabled"] == "true"
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["connection_logs.s3.enabled"] == "true"
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["routing.http.desync_mitigation_mode"] == "strictest"
    assert attributes["waf.fail_open.enabled"] == "false"


def _named(answer: Any) -> dict[str, str]:
    return {item["Key"]: item["Value"] for item in answer["Attributes"]}


@_SERVICE
def test_the_shifted_rule_leads_to_both_target_groups_over_https(cloud: Cloud) -> None:
    (rule,) = cloud.of("aws:lb/listenerRule:ListenerRule")
    elb = client("elbv2", REGION)
    (known,) = elb.describe_rules(RuleArns=[rule.output("arn")])["Rules"]
    forwarded = known["Actions"][0]["ForwardConfig"]["TargetGroups"]
    groups = elb.describe_target_groups(
        TargetGroupArns=[item["TargetGroupArn"] for item in forwarded]
    )["TargetGroups"]
    assert [item["Weight"] for item in forwarded] == [100, 0]
    assert {group["Protocol"] for group in groups} == {"HTTPS"}
    assert {group["HealthCheckProtocol"] for group in groups} == {"HTTPS"}


@_SERVICE
def test_the_service_grows_between_its_bounds(cloud: Cloud) -> None:
    (target,) = client("application-autoscaling", REGION).describe_scalable_targets(
        ServiceNamespace="ecs"
    )["ScalableTargets"]
    (service,) = cloud.of("aws:ecs/service:Service")
    assert target["ResourceId"].endswith(service.output("name"))
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)


@_WITH_FUNCTIONS
def test_a_function_is_encrypted_and_bounded(cloud: Cloud) -> None:
    functions = cloud.of("aws:lambda/function:Function")
    roles = {role.output("arn") for role in cloud.of("aws:iam/role:Role")}
    assert functions
    for function in functions:
        lambda_, name = function.client("lambda"), function.output("name")
        known = lambda_.get_function_configuration(FunctionName=name)
        bound = lambda_.get_function_concurrency(FunctionName=name)
        assert known["KMSKeyArn"] in _keys(cloud)
        assert known["Role"] in roles
        assert known["Timeout"] <= 300
        assert bound["ReservedConcurrentExecutions"] >= 1


@_WITH_FUNCTIONS
def test_a_function_is_called_by_rules_of_this_account_alone(cloud: Cloud) -> None:
    for permission in cloud.of("aws:lambda/permission:Permission"):
        answer = permission.client("lambda").get_policy(FunctionName=permission.value("function"))
        for item in statements(answer["Policy"]):
            assert item["Principal"] == {"Service": "events.amazonaws.com"}
            assert item["Condition"]["StringEquals"] == {"AWS:SourceAccount": ACCOUNT}
            assert ":rule/" in item["Condition"]["ArnLike"]["AWS:SourceArn"]


@of("ephemeral-compute")
def test_jobs_run_on_spot_first_end_and_start_again(cloud: Cloud) -> None:
    batch = client("batch", REGION)
    (queue,) = batch.describe_job_queues()["jobQueues"]
    (definition,) = batch.describe_job_definitions()["jobDefinitions"]
    kinds = {
        item["computeEnvironmentArn"]: item["computeResources"]["type"]
        for item in batch.describe_compute_environments()["computeEnvironments"]
    }
    order = [kinds[item["computeEnvironment"]] for item in queue["computeEnvironmentOrder"]]
    assert order == ["FARGATE_SPOT", "FARGATE"]
    assert definition["timeout"]["attemptDurationSeconds"] == 7200
    assert definition["retryStrategy"]["attempts"] == 3
    assert "@sha256:" in definition["containerProperties"]["image"]
    assert definition["containerProperties"]["readonlyRootFilesystem"]
    assert definition["containerProperties"]["networkConfiguration"] == {
        "assignPublicIp": "DISABLED"
    }


@of("self-healing")
def test_the_workflow_is_encrypted_logged_and_calls_functions_that_exist(cloud: Cloud) -> None:
    (machine,) = cloud.of("aws:sfn/stateMachine:StateMachine")
    known = client("stepfunctions", REGION).describe_state_machine(
        stateMachineArn=machine.output("arn")
    )
    functions = {item.output("arn") for item in cloud.of("aws:lambda/function:Function")}
    states = json.loads(known["definition"])["States"].values()
    called = {
        state["Parameters"]["FunctionName"]
        for state in states
        if state.get("Resource", "").startswith("arn:aws:states:::lambda:invoke")
    }
    assert called
    assert called <= functions
    assert known["loggingConfiguration"]["level"] == "ALL"
    assert known["loggingConfiguration"]["includeExecutionData"] is False
    assert known["encryptionConfiguration"]["kmsKeyId"] in _keys(cloud)


@of("image-repository")
def test_a_repository_is_immutable_encrypted_scanned_and_not_deleted(cloud: Cloud) -> None:
    ecr = client("ecr", REGION)
    (known,) = ecr.describe_repositories()["repositories"]
    name = known["repositoryName"]
    policy = ecr.get_repository_policy(repositoryName=name)["policyText"]
    expiry = json.loads(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])
    assert known["imageTagMutability"] == "IMMUTABLE"
    assert known["imageScanningConfiguration"] == {"scanOnPush": True}
    assert known["encryptionConfiguration"]["encryptionType"] == "KMS"
    assert known["encryptionConfiguration"]["kmsKey"] in _keys(cloud)
    assert {item["Sid"] for item in statements(policy)} >= {"DenyDeletion"}
    assert {rule["action"]["type"] for rule in expiry["rules"]} == {"expire"}

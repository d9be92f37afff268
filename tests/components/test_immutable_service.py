"""ImmutableService: what it registers and refuses, and which control sees what a transform does.

What these tests do not prove: that ECS shifts traffic as configured, that an update fails when it
rolls back, or that CloudWatch accepts the expressions of the gate.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components.immutable_service import ImmutableService

Deploy = Callable[..., Any]

TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
ACL = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/edge/1"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
PROFILE = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/books"
REPOSITORY = "arn:aws:ecr:eu-west-1:111122223333:repository/books/payments"
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/books/payments@sha256:" + "a" * 64
ARGS: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "image": IMAGE,
    "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/1",
    "hosts": ["pay.example.com"],
    "security_group_ids": ["sg-app"],
}
GIVEN: dict[str, Any] = {
    "kms_key_arn": KEY,
    "access_log_bucket": "logs",
    "ledger": {"bucket": "archive", "write_policy": '{"Statement":[]}'},
}
"""What is else made as components of their own, with children that are not this one's."""

BARE = [
    "appautoscaling/policy:Policy payments-cpu",
    "appautoscaling/target:Target payments",
    "cloudwatch/eventRule:EventRule payments-deployments",
    "cloudwatch/eventTarget:EventTarget payments-deployments",
    "cloudwatch/logGroup:LogGroup payments-hook-logs",
    "cloudwatch/logGroup:LogGroup payments-ledger-logs",
    "cloudwatch/logGroup:LogGroup payments-logs",
    "cloudwatch/metricAlarm:MetricAlarm payments-errors",
    "cloudwatch/metricAlarm:MetricAlarm payments-errors-band",
    "cloudwatch/metricAlarm:MetricAlarm payments-latency",
    "cloudwatch/metricAlarm:MetricAlarm payments-latency-band",
    "cloudwatch/metricAlarm:MetricAlarm payments-unavailable",
    "ec2/securityGroup:SecurityGroup payments-balancer",
    "ec2/securityGroup:SecurityGroup payments-tasks",
    "ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive payments-balancer",
    "ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive payments-tasks",
    "ecs/cluster:Cluster payments",
    "ecs/service:Service payments",
    "ecs/taskDefinition:TaskDefinition payments",
    "iam/role:Role payments-execution",
    "iam/role:Role payments-hook",
    "iam/role:Role payments-hook-invocation",
    "iam/role:Role payments-infrastructure",
    "iam/role:Role payments-ledger",
    "iam/role:Role payments-task",
    "iam/rolePolicy:RolePolicy payments-execution",
    "iam/rolePolicy:RolePolicy payments-hook",
    "iam/rolePolicy:RolePolicy payments-hook-invocation",
    "iam/rolePolicy:RolePolicy payments-infrastructure",
    "iam/rolePolicy:RolePolicy payments-ledger",
    "iam/rolePolicy:RolePolicy payments-ledger-archive",
    "lambda/function:Function payments-hook",
    "lambda/function:Function payments-ledger",
    "lambda/permission:Permission payments-deployments",
    "lb/listener:Listener payments",
    "lb/listenerRule:ListenerRule payments-shifted",
    "lb/loadBalancer:LoadBalancer payments",
    "lb/targetGroup:TargetGroup payments-blue",
    "lb/targetGroup:TargetGroup payments-green",
    "sqs/queue:Queue payments-hook-dead-letters",
    "sqs/queue:Queue payments-ledger-dead-letters",
    "sqs/queue:Queue payments-undelivered",
    "sqs/queuePolicy:QueuePolicy payments-hook-dead-letters",
    "sqs/queuePolicy:QueuePolicy payments-ledger-dead-letters",
    "sqs/queuePolicy:QueuePolicy payments-undelivered",
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule payments-balancer-to-tasks",
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule payments-tasks-from-balancer",
    "fintech_infra:index:ImmutableService payments",
]
ROLLING_ONLY = ["lb/listenerRule:ListenerRule payments-direct"]
SHIFTING_ONLY = [
    "cloudwatch/logGroup:LogGroup payments-hook-logs",
    "iam/role:Role payments-hook",
    "iam/role:Role payments-hook-invocation",
    "iam/role:Role payments-infrastructure",
    "iam/rolePolicy:RolePolicy payments-hook",
    "iam/rolePolicy:RolePolicy payments-hook-invocation",
    "iam/rolePolicy:RolePolicy payments-infrastructure",
    "lambda/function:Function payments-hook",
    "lb/listenerRule:ListenerRule payments-shifted",
    "lb/targetGroup:TargetGroup payments-green",
    "sqs/queue:Queue payments-hook-dead-letters",
    "sqs/queuePolicy:QueuePolicy payments-hook-dead-letters",
]


@dataclass(frozen=True)
class Later:
    """A value that the program passes as an output; one can only be made while it runs."""

    value: str


def resolved(given: Any) -> Any:
    """The arguments as the program passes them."""
    if isinstance(given, dict):
        return {key: resolved(value) for key, value in given.items()}
    if isinstance(given, list):
        return [resolved(value) for value in given]
    return pulumi.Output.from_input(given.value) if isinstance(given, Later) else given


@pytest.fixture
def service(deploy: Deploy) -> Callable[..., Any]:
    """Return `service(**args)`, which deploys a service with a given key, log bucket and ledger."""

    def run(**more: Any) -> Any:
        given: Any = ARGS | GIVEN | more
        found = deploy(lambda: ImmutableService("payments", resolved(given)))
        assert found.snake_case_keys() == []
        return found

    return run


def identities(deployment: Any) -> list[str]:
    return [f"{type_.removeprefix('aws:')} {name}" for type_, name in deployment.identities]


def one(deployment: Any, kind: str, name: str = "payments") -> Any:
    return deployment.one(f"aws:{kind}", name)


def said(item: Any) -> dict[str, Any]:
    """The inputs but for a function's code, which is another object each time."""
    return {key: value for key, value in item.inputs.items() if key != "code"}


def both(deployment: Any) -> list[Any]:
    """The target groups of both versions."""
    kind = "lb/targetGroup:TargetGroup"
    return [one(deployment, kind, f"payments-{colour}") for colour in ("blue", "green")]


def container(deployment: Any) -> dict[str, Any]:
    inputs = one(deployment, "ecs/taskDefinition:TaskDefinition").inputs
    (found,) = json.loads(inputs["containerDefinitions"])
    return found


def policy(deployment: Any, role: str) -> dict[str, Any]:
    """The statements of a role's policy, by Sid."""
    inputs = one(deployment, "iam/rolePolicy:RolePolicy", f"payments-{role}").inputs
    return {item["Sid"]: item for item in json.loads(inputs["policy"])["Statement"]}


def reasons(name: str = "payments", **more: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    given: Any = {key: value for key, value in (ARGS | more).items() if value is not None}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        ImmutableService(name, given)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_the_names_of_all_children_are_pinned(service: Callable[..., Any]):
    assert identities(service()) == BARE


def test_key_log_bucket_and_archive_are_made_where_they_are_not_given(deploy: Deploy):
    given: Any = ARGS
    deployment = deploy(lambda: ImmutableService("payments", given))
    made = [item for item in deployment if not item.custom]
    assert [item.identity for item in sorted(made, key=lambda item: item.identity)] == [
        ("fintech_infra:index:EncryptionKey", "payments-key"),
        ("fintech_infra:index:ImmutableService", "payments"),
        ("fintech_infra:index:LockedDownBucket", "payments-access-logs"),
        ("fintech_infra:index:LockedDownBucket", "payments-archive"),
    ]
    lock = deployment.of_type("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    assert [item.inputs["rule"]["defaultRetention"]["days"] for item in lock] == [2557]
    logs = one(deployment, "s3/bucket:Bucket", "payments-access-logs").state["id"]
    balancer = one(deployment, "lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["accessLogs"]["bucket"] == logs
    statements = json.loads(deployment.one("aws:kms/key:Key").inputs["policy"])["Statement"]
    by_sid = {item["Sid"]: item for item in statements}
    context = {"kms:EncryptionContext:aws:ecs:clusterAccount": "111122223333"}
    assert by_sid["UseByFargate"]["Condition"] == {"StringEquals": context}
    assert by_sid["GrantsByFargate"]["Condition"] == {
        "StringEquals": context,
        "ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]},
    }


def test_rolling_has_one_target_group_and_no_hook(service: Callable[..., Any]):
    found = identities(service(rollout={"strategy": "rolling"}))
    assert sorted(set(BARE) - set(found)) == sorted(SHIFTING_ONLY)
    assert sorted(set(found) - set(BARE)) == ROLLING_ONLY


def test_a_topic_adds_what_tells_it(service: Callable[..., Any]):
    deployment = service(alarm_topic_arn=TOPIC)
    assert sorted(set(identities(deployment)) - set(BARE)) == [
        "cloudwatch/eventRule:EventRule payments-failures",
        "cloudwatch/eventTarget:EventTarget payments-failures",
        "cloudwatch/metricAlarm:MetricAlarm payments-undelivered",
        "cloudwatch/metricAlarm:MetricAlarm payments-unrecorded",
    ]
    alarms = deployment.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert len(alarms) == 7
    for alarm in alarms:
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [TOPIC]
        assert alarm.inputs["treatMissingData"] == "notBreaching"
    rule = one(deployment, "cloudwatch/eventRule:EventRule", "payments-failures")
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [one(deployment, "ecs/service:Service").state["arn"]],
        "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
    }


def test_a_client_or_a_destination_only_adds_its_rule(service: Callable[..., Any]):
    before = {item.urn: item for item in service()}
    clients = {"checkout": "sg-1", "batch": Later("sg-2")}
    destinations = {
        "ledger": {"security_group_id": "sg-3", "port": 5432},
        "s3": {"prefix_list_id": "pl-1", "port": 443.0},
    }
    deployment = service(client_security_group_ids=clients, destinations=destinations)
    after = {item.urn: item for item in deployment}
    assert sorted(item.name for urn, item in after.items() if urn not in before) == [
        "payments-from-batch",
        "payments-from-checkout",
        "payments-to-ledger",
        "payments-to-s3",
    ]
    changed = {urn for urn in before if said(before[urn]) != said(after[urn])}
    assert {after[urn].type for urn in changed} == {
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive"
    }
    rule = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    client = one(deployment, rule, "payments-from-checkout").inputs
    assert (client["referencedSecurityGroupId"], client["fromPort"]) == ("sg-1", 443)
    ledger = one(deployment, rule.replace("Ingress", "Egress"), "payments-to-ledger").inputs
    assert (ledger["referencedSecurityGroupId"], ledger["toPort"]) == ("sg-3", 5432)
    s3 = one(deployment, rule.replace("Ingress", "Egress"), "payments-to-s3").inputs
    assert (s3["prefixListId"], s3["ipProtocol"]) == ("pl-1", "tcp")


def test_only_the_load_balancer_reaches_the_tasks(service: Callable[..., Any]):
    deployment = service(port=9443.0)
    balancer = one(deployment, "ec2/securityGroup:SecurityGroup", "payments-balancer")
    tasks = one(deployment, "ec2/securityGroup:SecurityGroup", "payments-tasks")
    kind = "vpc/security{0}Rule:Security{0}Rule"
    admitted = one(deployment, kind.format("GroupIngress"), "payments-tasks-from-balancer")
    opened = one(deployment, kind.format("GroupEgress"), "payments-balancer-to-tasks")
    assert admitted.inputs["securityGroupId"] == tasks.state["id"]
    assert admitted.inputs["referencedSecurityGroupId"] == balancer.state["id"]
    assert opened.inputs["securityGroupId"] == balancer.state["id"]
    assert opened.inputs["referencedSecurityGroupId"] == tasks.state["id"]
    assert {(rule.inputs["fromPort"], rule.inputs["toPort"]) for rule in (admitted, opened)} == {
        (9443, 9443)
    }
    kind = "ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive"
    for name, ingress, egress in (
        ("balancer", [], [opened.state["id"]]),
        ("tasks", [admitted.state["id"]], []),
    ):
        inputs = one(deployment, kind, f"payments-{name}").inputs
        assert (inputs["ingressRuleIds"], inputs["egressRuleIds"]) == (ingress, egress)


def test_the_load_balancer_is_exactly_this(service: Callable[..., Any]):
    deployment = service()
    group = one(deployment, "ec2/securityGroup:SecurityGroup", "payments-balancer").state["id"]
    balancer = one(deployment, "lb/loadBalancer:LoadBalancer")
    assert balancer.inputs == {
        "loadBalancerType": "application",
        "internal": True,
        "ipAddressType": "ipv4",
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": [group],
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "strictest",
        "xffHeaderProcessingMode": "append",
        "enableDeletionProtection": True,
        "enableWafFailOpen": False,
        "enableZonalShift": True,
        "accessLogs": {"bucket": "logs", "prefix": "payments/access", "enabled": True},
        "connectionLogs": {"bucket": "logs", "prefix": "payments/connections", "enabled": True},
        "tags": {"Name": "payments", "data-class": "confidential"},
    }
    assert balancer.protect


def test_there_is_one_listener_which_speaks_tls_and_refuses_unknown_hosts(
    service: Callable[..., Any],
):
    deployment = service()
    balancer = one(deployment, "lb/loadBalancer:LoadBalancer").state["arn"]
    (listener,) = deployment.of_type("aws:lb/listener:Listener")
    assert listener.inputs == {
        "loadBalancerArn": balancer,
        "port": 443,
        "protocol": "HTTPS",
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        "certificateArn": ARGS["certificate_arn"],
        "defaultActions": [
            {
                "type": "fixed-response",
                "fixedResponse": {
                    "contentType": "text/plain",
                    "messageBody": "Not found",
                    "statusCode": "404",
                },
            }
        ],
        "routingHttpResponseStrictTransportSecurityHeaderValue": (
            "max-age=31536000; includeSubDomains"
        ),
        "routingHttpResponseXContentTypeOptionsHeaderValue": "nosniff",
        "routingHttpResponseXFrameOptionsHeaderValue": "DENY",
        "routingHttpResponseServerEnabled": False,
        "tags": {"Name": "payments", "data-class": "confidential"},
    }


def test_tls_can_only_be_tightened(service: Callable[..., Any]):
    deployment = service(
        tls13_only=True,
        trust_store_arn="arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/t/1",
        content_security_policy="default-src 'none'",
    )
    listener = one(deployment, "lb/listener:Listener").inputs
    assert listener["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
    assert listener["mutualAuthentication"] == {
        "mode": "verify",
        "trustStoreArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:truststore/t/1",
        "ignoreClientCertificateExpiry": False,
    }
    key = "routingHttpResponseContentSecurityPolicyHeaderValue"
    assert listener[key] == "default-src 'none'"


def test_traffic_is_encrypted_to_the_container(service: Callable[..., Any]):
    deployment = service(health_path="/ready")
    for group in both(deployment):
        assert group.inputs["protocol"] == "HTTPS"
        assert group.inputs["healthCheck"]["protocol"] == "HTTPS"
        assert group.inputs["healthCheck"]["path"] == "/ready"
        assert (group.inputs["namePrefix"], group.inputs["port"]) == ("payme-", 8443)
        assert "name" not in group.inputs


def test_the_weights_belong_to_ecs_once_the_rule_is_made(service: Callable[..., Any]):
    deployment = service(hosts=["pay.example.com", "*.pay.example.com"])
    groups = both(deployment)
    rule = one(deployment, "lb/listenerRule:ListenerRule", "payments-shifted")
    assert rule.ignore_changes == ("actions",)
    assert rule.inputs["conditions"] == [
        {"hostHeader": {"values": ["pay.example.com", "*.pay.example.com"]}}
    ]
    (action,) = rule.inputs["actions"]
    assert action["forward"]["targetGroups"] == [
        {"arn": groups[0].state["arn"], "weight": 100},
        {"arn": groups[1].state["arn"], "weight": 0},
    ]
    direct = service(rollout={"strategy": "rolling"})
    rule = one(direct, "lb/listenerRule:ListenerRule", "payments-direct")
    assert rule.ignore_changes == ()
    assert rule.inputs["priority"] == 20


def test_an_internet_facing_service_stands_behind_a_web_acl(service: Callable[..., Any]):
    deployment = service(
        exposure="internet", web_acl_arn=ACL, load_balancer_subnet_ids=["subnet-8", "subnet-9"]
    )
    assert sorted(set(identities(deployment)) - set(BARE)) == [
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule payments-from-internet",
        "wafv2/webAclAssociation:WebAclAssociation payments",
    ]
    balancer = one(deployment, "lb/loadBalancer:LoadBalancer")
    assert balancer.inputs["internal"] is False
    assert balancer.inputs["subnets"] == ["subnet-8", "subnet-9"]
    network = one(deployment, "ecs/service:Service").inputs["networkConfiguration"]
    assert network["subnets"] == ["subnet-1", "subnet-2"]
    association = one(deployment, "wafv2/webAclAssociation:WebAclAssociation").inputs
    assert association == {"resourceArn": balancer.state["arn"], "webAclArn": ACL}
    rule = deployment.one(
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "payments-from-internet"
    )
    assert (rule.inputs["cidrIpv4"], rule.inputs["fromPort"]) == ("0.0.0.0/0", 443)


def test_the_task_is_exactly_this(service: Callable[..., Any]):
    deployment = service()
    task = one(deployment, "ecs/taskDefinition:TaskDefinition").inputs
    roles = {item.name: item.state["arn"] for item in deployment.of_type("aws:iam/role:Role")}
    assert {key: value for key, value in task.items() if key != "containerDefinitions"} == {
        "family": "payments",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "512",
        "memory": "1024",
        "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"},
        "volumes": [],
        "executionRoleArn": roles["payments-execution"],
        "taskRoleArn": roles["payments-task"],
        "enableFaultInjection": False,
        "skipDestroy": True,
        "tags": {"Name": "payments", "data-class": "confidential"},
    }
    assert container(deployment) == {
        "name": "app",
        "image": IMAGE,
        "essential": True,
        "portMappings": [{"containerPort": 8443, "hostPort": 8443, "protocol": "tcp"}],
        "user": "10001:10001",
        "privileged": False,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
        "environment": [],
        "secrets": [],
        "mountPoints": [],
        "volumesFrom": [],
        "stopTimeout": 60,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": one(
                    deployment, "cloudwatch/logGroup:LogGroup", "payments-logs"
                ).state["name"],
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "app",
                "mode": "non-blocking",
                "max-buffer-size": "25m",
            },
        },
    }


def test_what_the_container_is_given_reaches_it(service: Callable[..., Any]):
    deployment = service(
        image=Later(IMAGE),
        vcpus=1,
        memory_mb=4096.0,
        architecture="arm64",
        uid=20_000.0,
        writable_paths=["/var/run", "/tmp"],
        environment={"LOG_LEVEL": Later("info"), "DB_HOST": "db"},
        secrets={"DB_PASSWORD": {"arn": f"{SECRET}:password::", "kms_key_arn": KEY}},
    )
    task = one(deployment, "ecs/taskDefinition:TaskDefinition").inputs
    assert (task["cpu"], task["memory"]) == ("1024", "4096")
    assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert task["volumes"] == [{"name": "tmp"}, {"name": "var-run"}]
    found = container(deployment)
    assert (found["image"], found["user"]) == (IMAGE, "20000:20000")
    assert found["environment"] == [
        {"name": "DB_HOST", "value": "db"},
        {"name": "LOG_LEVEL", "value": "info"},
    ]
    assert found["secrets"] == [{"name": "DB_PASSWORD", "valueFrom": f"{SECRET}:password::"}]
    assert [item["containerPath"] for item in found["mountPoints"]] == ["/tmp", "/var/run"]


def test_disks_are_encrypted_with_the_key(service: Callable[..., Any]):
    cluster = one(service(), "ecs/cluster:Cluster").inputs
    assert cluster["configuration"] == {
        "managedStorageConfiguration": {"fargateEphemeralStorageKmsKeyId": KEY}
    }
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enhanced"}]


def test_the_service_is_exactly_this(service: Callable[..., Any]):
    deployment = service()
    state = {(item.type, item.name): item.state for item in deployment}
    roles = {item.name: item.state["arn"] for item in deployment.of_type("aws:iam/role:Role")}
    found = one(deployment, "ecs/service:Service")
    alarms = ["errors", "latency", "unavailable", "errors-band", "latency-band"]
    assert found.inputs == {
        "cluster": state["aws:ecs/cluster:Cluster", "payments"]["arn"],
        "taskDefinition": state["aws:ecs/taskDefinition:TaskDefinition", "payments"]["arn"],
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "desiredCount": 2,
        "schedulingStrategy": "REPLICA",
        "availabilityZoneRebalancing": "ENABLED",
        "deploymentController": {"type": "ECS"},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "deploymentConfiguration": {
            "strategy": "CANARY",
            "bakeTimeInMinutes": "15",
            "canaryConfiguration": {"canaryPercent": 5, "canaryBakeTimeInMinutes": "15"},
            "lifecycleHooks": [
                {
                    "targetType": "AWS_LAMBDA",
                    "hookTargetArn": state["aws:lambda/function:Function", "payments-hook"]["arn"],
                    "roleArn": roles["payments-hook-invocation"],
                    "lifecycleStages": [
                        "PRE_SCALE_UP",
                        "PRODUCTION_TRAFFIC_SHIFT",
                        "POST_PRODUCTION_TRAFFIC_SHIFT",
                    ],
                }
            ],
        },
        "alarms": {
            "alarmNames": [
                state["aws:cloudwatch/metricAlarm:MetricAlarm", f"payments-{alarm}"]["name"]
                for alarm in alarms
            ],
            "enable": True,
            "rollback": True,
        },
        "loadBalancers": [
            {
                "containerName": "app",
                "containerPort": 8443,
                "targetGroupArn": state["aws:lb/targetGroup:TargetGroup", "payments-blue"]["arn"],
                "advancedConfiguration": {
                    "alternateTargetGroupArn": state[
                        "aws:lb/targetGroup:TargetGroup", "payments-green"
                    ]["arn"],
                    "productionListenerRule": state[
                        "aws:lb/listenerRule:ListenerRule", "payments-shifted"
                    ]["arn"],
                    "roleArn": roles["payments-infrastructure"],
                },
            }
        ],
        "networkConfiguration": {
            "subnets": ["subnet-1", "subnet-2"],
            "securityGroups": [
                state["aws:ec2/securityGroup:SecurityGroup", "payments-tasks"]["id"],
                "sg-app",
            ],
            "assignPublicIp": False,
        },
        "healthCheckGracePeriodSeconds": 60,
        "enableExecuteCommand": False,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": True,
        "sigintRollback": True,
        "forceDelete": False,
        "tags": {"Name": "payments", "data-class": "confidential"},
    }
    assert found.ignore_changes == ("desiredCount",)
    needed = ("execution", "infrastructure", "hook-invocation")
    policies = {
        one(deployment, "iam/rolePolicy:RolePolicy", f"payments-{role}").urn for role in needed
    }
    assert policies <= set(found.depends_on)


@pytest.mark.parametrize(
    ("rollout", "expected"),
    [
        (
            {"strategy": "linear", "percent": 20, "step_minutes": 10.0, "bake_minutes": 30},
            {
                "strategy": "LINEAR",
                "bakeTimeInMinutes": "30",
                "linearConfiguration": {"stepPercent": 20, "stepBakeTimeInMinutes": "10"},
            },
        ),
        ({"strategy": "blue-green"}, {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "15"}),
        (
            {"percent": 0.5},
            {
                "strategy": "CANARY",
                "bakeTimeInMinutes": "15",
                "canaryConfiguration": {"canaryPercent": 0.5, "canaryBakeTimeInMinutes": "15"},
            },
        ),
    ],
)
def test_traffic_shifts_as_the_strategy_says(
    service: Callable[..., Any], rollout: dict[str, Any], expected: dict[str, Any]
):
    inputs = one(service(rollout=rollout), "ecs/service:Service").inputs
    configuration = inputs["deploymentConfiguration"]
    assert len(configuration.pop("lifecycleHooks")) == 1
    assert configuration == expected
    assert "deploymentCircuitBreaker" not in inputs


def test_rolling_is_rolled_back_by_circuit_breaker_and_alarms(service: Callable[..., Any]):
    inputs = one(service(rollout={"strategy": "rolling"}), "ecs/service:Service").inputs
    assert inputs["deploymentConfiguration"] == {"strategy": "ROLLING"}
    assert inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (inputs["alarms"]["enable"], inputs["alarms"]["rollback"]) == (True, True)
    assert "advancedConfiguration" not in inputs["loadBalancers"][0]


def test_an_approval_is_a_pause_that_ends_in_a_rollback(service: Callable[..., Any]):
    inputs = one(service(rollout={"approval_minutes": 120}), "ecs/service:Service").inputs
    _, pause = inputs["deploymentConfiguration"]["lifecycleHooks"]
    assert pause == {
        "targetType": "PAUSE",
        "lifecycleStages": ["POST_SCALE_UP"],
        "timeoutConfiguration": {"timeoutInMinutes": "120", "action": "ROLLBACK"},
    }


def test_every_alarm_takes_the_worse_of_both_versions(service: Callable[..., Any]):
    deployment = service(gate={"error_percent": 0.5, "least_requests": 20})
    balancer = one(deployment, "lb/loadBalancer:LoadBalancer").state["arnSuffix"]
    groups = [group.state["arnSuffix"] for group in both(deployment)]
    alarm = one(deployment, "cloudwatch/metricAlarm:MetricAlarm", "payments-errors").inputs
    queries = {query["id"]: query for query in alarm["metricQueries"]}
    for number, group in enumerate(groups, start=1):
        assert queries[f"failures{number}"]["metric"] == {
            "namespace": "AWS/ApplicationELB",
            "metricName": "HTTPCode_Target_5XX_Count",
            "stat": "Sum",
            "period": 60,
            "dimensions": {"LoadBalancer": balancer, "TargetGroup": group},
        }
        assert queries[f"rate{number}"]["expression"] == (
            f"IF(FILL(requests{number}, 0) >= 20, "
            f"100 * (FILL(failures{number}, 0) + FILL(refusals{number}, 0)) / requests{number}, 0)"
        )
    assert queries["worst"]["expression"] == "MAX([rate1, rate2])"
    assert [key for key, query in queries.items() if query["returnData"]] == ["worst"]
    assert (alarm["threshold"], alarm["comparisonOperator"]) == (0.5, "GreaterThanThreshold")
    assert (alarm["evaluationPeriods"], alarm["datapointsToAlarm"]) == (3, 2)


def test_a_band_is_learnt_from_what_the_fixed_limit_watches(service: Callable[..., Any]):
    deployment = service(gate={"p99_milliseconds": 250, "deviations": 2.5})
    kind = "cloudwatch/metricAlarm:MetricAlarm"
    fixed = one(deployment, kind, "payments-latency").inputs
    band = one(deployment, kind, "payments-latency-band").inputs
    assert fixed["threshold"] == 250
    assert "threshold" not in band
    assert band["metricQueries"][:-1] == fixed["metricQueries"]
    assert band["metricQueries"][-1] == {
        "id": "band",
        "expression": "ANOMALY_DETECTION_BAND(worst, 2.5)",
        "returnData": True,
    }
    assert band["thresholdMetricId"] == "band"
    assert band["comparisonOperator"] == "GreaterThanUpperThreshold"


def test_further_alarms_join_the_gate_of_ecs_and_of_the_hook(service: Callable[..., Any]):
    deployment = service(gate={"alarm_names": ["payments-made", Later("x")]})
    names = one(deployment, "ecs/service:Service").inputs["alarms"]["alarmNames"]
    assert names[5:] == ["payments-made", "x"]
    hook = one(deployment, "lambda/function:Function", "payments-hook").inputs
    assert json.loads(hook["environment"]["variables"]["ALARM_NAMES"]) == names


def test_the_hook_is_told_what_to_judge_by_and_may_read_only_that(service: Callable[..., Any]):
    deployment = service(signing_profile_arn=PROFILE)
    hook = one(deployment, "lambda/function:Function", "payments-hook").inputs
    assert hook["handler"] == "fintech_infra.functions.rollout.handler.handle"
    variables = hook["environment"]["variables"]
    assert variables["SIGNING_PROFILE_ARN"] == PROFILE
    assert variables["PATIENCE_SECONDS"] == "600"
    cluster = one(deployment, "ecs/cluster:Cluster").state["name"]
    statements = policy(deployment, "hook")
    assert statements["Images"]["Resource"] == REPOSITORY
    assert statements["Revisions"]["Resource"] == (
        f"arn:aws:ecs:eu-west-1:111122223333:service-revision/{cluster}/*"
    )
    actions = [item["Action"] for item in statements.values()]
    flat = [it for item in actions for it in (item if isinstance(item, list) else [item])]
    own = ("kms:", "logs:", "sqs:")
    assert all(it.startswith(own) or ":Describe" in it or ":List" in it for it in flat)


CANARY: dict[str, Any] = {"layer_arn": "arn:aws:lambda:eu-west-1:111122223333:layer:scipy:1"}
QUERY = {
    "type": "cloudwatch",
    "namespace": "Books",
    "metricName": "Refused",
    "statistic": "Average",
    "dimensions": {"Group": "${scope}"},
}


def canary_config(**query: Any) -> str:
    """A config of one metric."""
    metric = {"name": "refused", "groups": ["books"], "query": {**QUERY, **query}}
    return json.dumps({"metrics": [metric]})


COMPARED: dict[str, Any] = {"canary": {**CANARY, "config": canary_config()}}


def test_a_canary_adds_nothing_but_what_the_hook_needs(service: Callable[..., Any]):
    plain, deployment = service(), service(gate={"canary": CANARY})
    assert identities(deployment) == BARE
    before = {item.urn: said(item) for item in plain}
    changed = [item.type for item in deployment if said(item) != before[item.urn]]
    assert sorted(changed) == ["aws:iam/rolePolicy:RolePolicy", "aws:lambda/function:Function"]
    hook = one(deployment, "lambda/function:Function", "payments-hook").inputs
    assert hook["layers"] == [CANARY["layer_arn"]]
    assert (hook["memorySize"], hook["timeout"]) == (1024, 180)
    balancer = one(deployment, "lb/loadBalancer:LoadBalancer").state["arnSuffix"]
    assert json.loads(hook["environment"]["variables"]["CANARY"]) == {
        "minutes": 60,
        "looks": 4,
        "samples": 50,
        "onUndecided": "roll-back",
        "balancer": balancer,
    }
    assert policy(deployment, "hook")["Metrics"] == {
        "Sid": "Metrics",
        "Effect": "Allow",
        "Action": "cloudwatch:GetMetricData",
        "Resource": "*",
    }
    assert "Metrics" not in policy(plain, "hook")
    hook = one(plain, "lambda/function:Function", "payments-hook").inputs
    assert "layers" not in hook
    assert "CANARY" not in hook["environment"]["variables"]


def test_mistakes_of_a_canary_are_reported_together():
    wrong = {
        "layer_arn": "scipy",
        "minutes": 20,
        "looks": 5,
        "config": canary_config(statistic="P99", dimensions={"Group": "blue"}),
    }
    assert reasons(gate={"canary": wrong}, rollout={"strategy": "linear"}) == {
        "gate.canary": "compares what the strategy 'canary' holds side by side, not 'linear'",
        "gate.canary.looks": "is 5; 20 minutes give 4 at most",
        "gate.canary.least_samples": "is 50; 20 minutes give 17 at most",
        "gate.canary.layer_arn": "is 'scipy'; accepted is the ARN of a layer's version, such as "
        "arn:aws:lambda:<region>:<account>:layer:scipy:1",
        "gate.canary.config": "metrics[0].query.statistic is 'P99'; accepted: SampleCount, Sum, "
        "Average, Minimum, Maximum, a percentile such as p99",
    }


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ({"minutes": 5}, "minutes", "is 5; accepted are 15 to 1380"),
        ({"looks": 0}, "looks", "is 0; accepted are 1 to 20"),
        ({"on_undecided": "wait"}, "on_undecided", "is 'wait'; accepted are alarms, roll-back"),
        ({"config": "{"}, "config", "is not JSON: "),
        ({"config": '{"metrics": []}'}, "config", "metrics is missing or empty; list the metrics"),
        (
            {"config": canary_config(dimensions={"Group": "blue"})},
            "config",
            "asks the same of both versions for refused; write ${scope} in a dimension",
        ),
    ],
)
def test_a_wrong_canary_is_refused_before_anything_is_registered(
    given: dict[str, Any], path: str, reason: str
):
    found = reasons(gate={"canary": {**CANARY, **given}})
    assert found[f"gate.canary.{path}"].startswith(reason)


def test_a_deployment_may_take_as_long_as_the_canary_compares(service: Callable[..., Any]):
    config = {**CANARY, "minutes": 120, "looks": 10, "on_undecided": "alarms"}
    deployment = service(gate={"canary": {**config, "config": canary_config()}})
    told = one(deployment, "lambda/function:Function", "payments-hook").inputs["environment"]
    canary = json.loads(told["variables"]["CANARY"])
    assert (canary["minutes"], canary["looks"], canary["onUndecided"]) == (120, 10, "alarms")


def test_four_roles_each_do_one_thing(service: Callable[..., Any]):
    deployment = service(
        secrets={
            "DB_PASSWORD": {"arn": f"{SECRET}:password::", "kms_key_arn": KEY},
            "RATE": {
                "arn": "arn:aws:ssm:eu-west-1:111122223333:parameter/rate",
                "kms_key_arn": KEY,
            },
        },
        task_policies={"read": '{"Statement":[]}'},
    )
    trust = {
        item.name: json.loads(item.inputs["assumeRolePolicy"])["Statement"][0]
        for item in deployment.of_type("aws:iam/role:Role")
    }
    for role in ("execution", "task"):
        statement = trust[f"payments-{role}"]
        assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert statement["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:111122223333:*"},
        }
    for role in ("infrastructure", "hook-invocation"):
        assert trust[f"payments-{role}"]["Principal"] == {"Service": "ecs.amazonaws.com"}
    execution = policy(deployment, "execution")
    agent = "arn:aws:ecr:eu-west-1:*:repository/aws-guardduty-agent-fargate"
    assert execution["Pull"]["Resource"] == [REPOSITORY, agent]
    assert execution["Secrets"]["Resource"] == [SECRET]
    assert execution["Parameters"]["Resource"] == [
        "arn:aws:ssm:eu-west-1:111122223333:parameter/rate"
    ]
    assert execution["Keys"]["Resource"] == [KEY]
    shifting = policy(deployment, "infrastructure")
    groups = [group.state["arn"] for group in both(deployment)]
    assert shifting["Register"]["Resource"] == groups
    assert (
        policy(deployment, "hook-invocation")["Invoke"]["Resource"]
        == (one(deployment, "lambda/function:Function", "payments-hook").state["arn"])
    )
    given = one(deployment, "iam/rolePolicy:RolePolicy", "payments-task-read").inputs
    assert given["policy"] == '{"Statement":[]}'


def test_every_state_of_a_deployment_goes_to_the_ledger(service: Callable[..., Any]):
    deployment = service()
    rule = one(deployment, "cloudwatch/eventRule:EventRule", "payments-deployments")
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [one(deployment, "ecs/service:Service").state["arn"]],
    }
    function = one(deployment, "lambda/function:Function", "payments-ledger")
    assert function.inputs["handler"] == "fintech_infra.functions.deployment_ledger.handler.handle"
    assert function.inputs["environment"]["variables"] == {"BUCKET": "archive"}
    archive = one(deployment, "iam/rolePolicy:RolePolicy", "payments-ledger-archive").inputs
    assert archive["policy"] == GIVEN["ledger"]["write_policy"]
    target = one(deployment, "cloudwatch/eventTarget:EventTarget", "payments-deployments").inputs
    assert target["arn"] == function.state["arn"]
    queue = one(deployment, "sqs/queue:Queue", "payments-undelivered")
    assert target["deadLetterConfig"] == {"arn": queue.state["arn"]}
    permission = one(deployment, "lambda/permission:Permission", "payments-deployments").inputs
    assert permission["principal"] == "events.amazonaws.com"
    assert permission["sourceArn"] == rule.state["arn"]
    assert permission["sourceAccount"] == "111122223333"


def test_the_autoscaler_owns_the_number_of_tasks(service: Callable[..., Any]):
    deployment = service(scaling={"least_tasks": 12.0, "cpu_percent": 50})
    cluster = one(deployment, "ecs/cluster:Cluster").state["name"]
    name = one(deployment, "ecs/service:Service").state["name"]
    target = one(deployment, "appautoscaling/target:Target").inputs
    assert target["resourceId"] == f"service/{cluster}/{name}"
    assert (target["minCapacity"], target["maxCapacity"]) == (12, 12)
    policy = one(deployment, "appautoscaling/policy:Policy", "payments-cpu").inputs
    tracking = policy["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 50


def test_the_region_reaches_every_regional_child(deploy: Deploy):
    given: Any = ARGS | {
        "region": "eu-central-1",
        "alarm_topic_arn": TOPIC,
        "client_security_group_ids": {"checkout": "sg-1"},
        "destinations": {"ledger": {"security_group_id": "sg-3", "port": 5432}},
        "web_acl_arn": ACL,
    }
    deployment = deploy(lambda: ImmutableService("payments", given))
    regional = [item for item in deployment if item.custom and not item.type.startswith("aws:iam")]
    assert {item.inputs.get("region") for item in regional} == {"eu-central-1"}


def test_tags_reach_every_child_that_can_carry_them(service: Callable[..., Any]):
    deployment = service(tags={"owner": "books"}, data_class="pii", web_acl_arn=ACL)
    without = {
        item.type
        for item in deployment
        if item.custom and "owner" not in item.inputs.get("tags", {})
    }
    assert without == {
        "aws:appautoscaling/policy:Policy",
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy",
        "aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:lambda/permission:Permission",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
    }
    tags = one(deployment, "ecs/service:Service").inputs["tags"]
    assert tags == {"Name": "payments", "owner": "books", "data-class": "pii"}


def test_the_callers_options_reach_children_through_the_parent_only(deploy: Deploy):
    given: Any = ARGS | GIVEN
    opts = pulumi.ResourceOptions(protect=True, ignore_changes=["tags"])
    deployment = deploy(lambda: ImmutableService("payments", given, opts))
    children = [item for item in deployment if item.custom]
    assert {item.protect for item in children} == {True}
    assert {item.ignore_changes for item in children} == {(), ("actions",), ("desiredCount",)}
    (top,) = deployment.of_type("fintech_infra:index:ImmutableService")
    assert {item.parent for item in children} == {top.urn}


def test_load_balancer_and_logs_are_protected_and_nothing_else(service: Callable[..., Any]):
    assert {item.name for item in service() if item.protect} == {
        "payments",
        "payments-hook-logs",
        "payments-ledger-logs",
        "payments-logs",
    }
    assert {item.type for item in service() if item.protect} == {
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:lb/loadBalancer:LoadBalancer",
    }


def test_every_declared_output_is_registered(service: Callable[..., Any]):
    deployment = service()
    outputs = deployment.outputs("payments")
    assert outputs.keys() == ImmutableService.__annotations__.keys()
    assert outputs["service_arn"] == one(deployment, "ecs/service:Service").state["arn"]
    assert (
        outputs["security_group_id"]
        == (one(deployment, "ec2/securityGroup:SecurityGroup", "payments-tasks").state["id"])
    )
    assert len(outputs["target_group_arn_suffixes"]) == 2
    assert outputs["dns_name"] == one(deployment, "lb/loadBalancer:LoadBalancer").state["dnsName"]
    assert outputs["ledger_bucket"] == "archive"


def test_evidence_points_at_properties_of_registered_resources(service: Callable[..., Any]):
    deployment = service()
    inputs = {item.urn: item.inputs for item in deployment}
    found = json.loads(deployment.outputs("payments")["evidence"])
    assert len(found) == 18
    for entry in found.values():
        assert entry["property"] in inputs[entry["resource"]]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"image": "nginx:latest"}, "image"),
    ({"image": IMAGE.partition("@")[0] + ":v1"}, "image"),
    ({"image": f"nginx@sha256:{'a' * 64}"}, "image"),
    ({"port": 80}, "port"),
    ({"port": 65_536}, "port"),
    ({"uid": 0}, "uid"),
    ({"vcpus": 3}, "vcpus"),
    ({"vcpus": 0.25, "memory_mb": 4096}, "memory_mb"),
    ({"log_retention_days": 30}, "log_retention_days"),
    ({"hosts": []}, "hosts"),
    ({"hosts": [f"h{n}.example.com" for n in range(6)]}, "hosts"),
    ({"hosts": ["*"]}, "hosts[0]"),
    ({"hosts": ["https://pay.example.com"]}, "hosts[0]"),
    ({"health_path": "health"}, "health_path"),
    ({"writable_paths": ["/"]}, "writable_paths[0]"),
    ({"writable_paths": ["/a", "/a"]}, "writable_paths"),
    ({"environment": {"1A": "x"}}, "environment.1A"),
    ({"environment": {"DB_PASSWORD": "x"}}, "environment.DB_PASSWORD"),
    ({"environment": {"DB": "postgres://app:hunter2@db/books"}}, "environment.DB"),
    ({"environment": {"AWS": "AKIAIOSFODNN7EXAMPLE"}}, "environment.AWS"),
    (
        {"environment": {"A": "x"}, "secrets": {"A": {"arn": SECRET, "kms_key_arn": KEY}}},
        "environment.A",
    ),
    ({"secrets": {"A": {"arn": "hunter2", "kms_key_arn": KEY}}}, "secrets.A.arn"),
    ({"security_group_ids": None}, "security_group_ids, destinations"),
    ({"security_group_ids": ["a", "b", "c", "d", "e"]}, "security_group_ids"),
    ({"destinations": {"db": {"port": 5432}}}, "destinations.db"),
    (
        {"destinations": {"db": {"port": 1, "security_group_id": "a", "prefix_list_id": "b"}}},
        "destinations.db",
    ),
    ({"destinations": {"db": {"port": 0, "security_group_id": "a"}}}, "destinations.db.port"),
    ({"client_security_group_ids": {"A B": "sg-1"}}, "client_security_group_ids.A B"),
    ({"exposure": "internet", "load_balancer_subnet_ids": ["a"]}, "web_acl_arn"),
    ({"exposure": "internet", "web_acl_arn": ACL}, "load_balancer_subnet_ids"),
    (
        {
            "exposure": "internet",
            "web_acl_arn": ACL,
            "load_balancer_subnet_ids": ["a"],
            "client_security_group_ids": {"a": "sg-1"},
        },
        "client_security_group_ids",
    ),
    ({"certificate_arn": "pay.example.com"}, "certificate_arn"),
    ({"web_acl_arn": "edge"}, "web_acl_arn"),
    ({"rollout": {"percent": 50}}, "rollout.percent"),
    ({"rollout": {"strategy": "linear", "percent": 1}}, "rollout.percent"),
    ({"rollout": {"strategy": "blue-green", "percent": 5}}, "rollout.percent"),
    ({"rollout": {"strategy": "rolling", "bake_minutes": 5}}, "rollout.bake_minutes"),
    ({"rollout": {"step_minutes": 1}}, "rollout.step_minutes"),
    ({"rollout": {"approval_minutes": 2000}}, "rollout.approval_minutes"),
    ({"gate": {"error_percent": 50}}, "gate.error_percent"),
    ({"gate": {"deviations": 10}}, "gate.deviations"),
    ({"gate": {"alarm_names": ["a"] * 96}}, "gate.alarm_names"),
    ({"scaling": {"least_tasks": 1}}, "scaling.least_tasks"),
    ({"scaling": {"least_tasks": 5, "most_tasks": 4}}, "scaling.most_tasks"),
    ({"scaling": {"cpu_percent": 95}}, "scaling.cpu_percent"),
    (
        {"rollout": {"strategy": "rolling"}, "signing_profile_arn": PROFILE},
        "signing_profile_arn",
    ),
]


@pytest.mark.parametrize(("more", "path"), REFUSED)
def test_an_argument_that_cannot_be_is_refused(more: dict[str, Any], path: str):
    assert list(reasons(**more)) == [path]


@pytest.mark.parametrize("name", ["internal-api", "1st", "a" * 25, "pay_ments"])
def test_a_name_that_the_load_balancer_cannot_have_is_refused(name: str):
    assert list(reasons(name)) == ["name"]


def test_all_mistakes_are_reported_at_once_without_repeating_a_secret(deploy: Deploy):
    given: Any = {
        "subnet_ids": ["subnet-1"],
        "image": "nginx",
        "hosts": ["pay.example.com"],
        "environment": {"DB": "postgres://app:hunter2@db/books"},
        "password": "hunter2",
    }
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        deploy(lambda: ImmutableService("payments", given))
    lines = str(caught.value.args[0]).splitlines()
    assert lines[0] == "ImmutableService 'payments' cannot be built:"
    assert sorted(line.split(":")[0].strip() for line in lines[1:]) == [
        "certificate_arn",
        "environment.DB",
        "image",
        "password",
        "security_group_ids, destinations",
        "vpc_id",
    ]
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"image": Later("nginx:latest")}, "is 'nginx:latest'"),
        (
            {"environment": {"DB": Later("postgres://app:hunter2@db")}},
            "looks like a password in a URL",
        ),
        ({"environment": {"API_KEY": Later("x")}}, "is named like a secret"),
    ],
)
def test_what_is_known_only_later_is_refused_all_the_same(
    service: Callable[..., Any], more: dict[str, Any], reason: str
):
    with pytest.raises(Exception, match=reason):
        service(**more)


def test_every_argument_and_output_is_described_in_the_schema():
    schema = Analyzer("fintech_infra").analyze([ImmutableService])
    definition = schema["component_definitions"]["ImmutableService"]
    described: list[Any] = [*definition.inputs.values(), *definition.outputs.values()]
    for type_ in schema["type_definitions"].values():
        described += [type_, *type_.properties.values(), *(type_.enum or [])]
    assert [item for item in [definition, *described] if not item.description] == []


PROLOGUE = f"""
import json
ARGS = {{
    "vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"],
    "image": "{IMAGE}", "hosts": ["pay.example.com"],
    "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/1",
}}
GIVEN = {{
    "kms_key_arn": "{KEY}", "access_log_bucket": "logs",
    "ledger": {{"bucket": "archive", "write_policy": json.dumps({{"Version": "2012-10-17",
        "Statement": []}})}},
}}
"""


def test_a_service_is_clean_under_every_control_with_no_options_and_with_many(judged: Any):
    assert (
        judged(
            PROLOGUE
            + f"""
ImmutableService("minimal", ARGS)
ImmutableService("rolling", {{**ARGS, **GIVEN, "rollout": {{"strategy": "rolling"}}}})
ImmutableService("compared", {{**ARGS, **GIVEN, "gate": {COMPARED}}})
ImmutableService("edge", {{**ARGS, **GIVEN,
    "exposure": "internet", "web_acl_arn": "{ACL}", "load_balancer_subnet_ids": ["a", "b"],
    "rollout": {{"strategy": "linear", "approval_minutes": 60}}, "region": "eu-central-1",
    "environment": {{"LOG_LEVEL": "info"}}, "writable_paths": ["/tmp"],
    "secrets": {{"DB_PASSWORD": {{"arn": "{SECRET}", "kms_key_arn": "{KEY}"}}}},
    "signing_profile_arn": "{PROFILE}", "alarm_topic_arn": "{TOPIC}", "tls13_only": True}})
"""
        )
        == []
    )


BREAKS = """
def broken(name, type_, change):
    def transform(args):
        if args.type_ != type_:
            return None
        props = dict(args.props)
        change(props)
        return pulumi.ResourceTransformResult(props=props, opts=args.opts)

    opts = pulumi.ResourceOptions(transforms=[transform])
    ImmutableService(name, {**ARGS, **GIVEN}, opts)


def inside(**changes):
    def change(props):
        found = props["containerDefinitions"]
        props["containerDefinitions"] = pulumi.Output.from_input(found).apply(
            lambda text: json.dumps([{**json.loads(text)[0], **changes}]))
    return change


def without(key):
    def change(props):
        found = props["containerDefinitions"]
        props["containerDefinitions"] = pulumi.Output.from_input(found).apply(
            lambda text: json.dumps(
                [{k: v for k, v in json.loads(text)[0].items() if k != key}]))
    return change


def setting(**changes):
    return lambda props: props.update(changes)


TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
GROUP = "aws:lb/targetGroup:TargetGroup"
CLUSTER = "aws:ecs/cluster:Cluster"
"""


def test_a_control_sees_what_a_transform_does_to_the_containers(judged: Any):
    found = judged(
        PROLOGUE
        + BREAKS
        + """
broken("tag", TASK, inside(image="nginx:1.27"))
broken("root", TASK, inside(user="root"))
broken("privileged", TASK, inside(privileged=True))
broken("writable", TASK, inside(readonlyRootFilesystem=False))
broken("capable", TASK, without("linuxParameters"))
broken("silent", TASK, without("logConfiguration"))
broken("plaintext", TASK, inside(environment=[{"name": "DB_PASSWORD", "value": "hunter2"}]))
broken("host", TASK, setting(networkMode="host"))
broken("shared", CLUSTER, setting(configuration=None))
"""
    )
    path = "containerDefinitions"
    key = "configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId"
    assert found == sorted(
        [
            ("ecs-image-pinned", "violated", "tag", path),
            ("ecs-task-not-privileged", "violated", "root", path),
            ("ecs-task-not-privileged", "violated", "privileged", path),
            ("ecs-readonly-root-filesystem", "violated", "writable", path),
            ("ecs-capabilities-dropped", "violated", "capable", path),
            ("ecs-task-logging", "violated", "silent", path),
            ("ecs-no-environment-secrets", "violated", "plaintext", path),
            ("ecs-task-not-privileged", "violated", "host", "networkMode"),
            ("ecs-ephemeral-storage-cmk", "violated", "shared", key),
        ]
    )


GATES = ("errors", "errors-band", "latency", "latency-band", "unavailable")


def test_a_control_sees_what_a_transform_does_to_service_and_entrance(judged: Any):
    found = judged(
        PROLOGUE
        + BREAKS
        + """
broken("public", SERVICE, setting(networkConfiguration={
    "assignPublicIp": True, "subnets": ["subnet-1"]}))
broken("shell", SERVICE, setting(enableExecuteCommand=True))
broken("forward", SERVICE, setting(alarms=None))
broken("hasty", SERVICE, setting(waitForSteadyState=False))
broken("plain", LISTENER, setting(protocol="HTTP", port=80, sslPolicy=None))
broken("old", LISTENER, setting(sslPolicy="ELBSecurityPolicy-2016-08"))
broken("clear", GROUP, setting(protocol="HTTP"))
broken("open", BALANCER, setting(internal=False))
broken("careless", BALANCER, setting(accessLogs=None, dropInvalidHeaderFields=False,
    desyncMitigationMode="monitor", enableDeletionProtection=False))
"""
    )
    assert found == sorted(
        [
            (
                "ecs-service-no-public-ip",
                "violated",
                "public",
                "networkConfiguration.assignPublicIp",
            ),
            ("ecs-exec-controlled", "violated", "shell", "enableExecuteCommand"),
            ("ecs-deployment-rollback", "violated", "forward", "alarms"),
            *(
                ("cloudwatch-alarm-notifies", "violated", f"forward-{gate}", "alarmActions")
                for gate in GATES
            ),
            ("ecs-deployment-awaited", "violated", "hasty", "waitForSteadyState"),
            ("lb-listener-tls", "violated", "plain", "protocol"),
            ("lb-listener-modern-policy", "violated", "old", "sslPolicy"),
            ("lb-target-tls", "violated", "clear-blue", "protocol"),
            ("lb-target-tls", "violated", "clear-green", "protocol"),
            ("lb-waf-associated", "violated", "open", ""),
            ("lb-access-logs", "violated", "careless", "accessLogs"),
            ("lb-request-hardening", "violated", "careless", "dropInvalidHeaderFields"),
            ("lb-request-hardening", "violated", "careless", "desyncMitigationMode"),
            ("lb-deletion-protection", "violated", "careless", "enableDeletionProtection"),
        ]
    )

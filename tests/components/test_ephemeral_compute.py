"""EphemeralCompute: its resources, what a job is, and what it refuses.

What these tests do not prove: that Batch accepts the definitions, that Spot interruptions have the
status reasons that AWS documents, or that EventBridge writes to the log group.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pulumi
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from pulumi import Output
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._compute.capacity import ceilings
from fintech_infra.components._container.image import parse_image
from fintech_infra.components._container.sizes import MEMORY, size_problems
from fintech_infra.components.ephemeral_compute import EphemeralCompute

DIGEST = "sha256:" + "0f" * 32
REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{REGISTRY}/risk/eod@{DIGEST}"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
COMPONENT = ("fintech_infra:index:EphemeralCompute", "eod")
MINIMAL: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-a", "subnet-b"],
    "security_group_ids": ["sg-app"],
    "image": IMAGE,
    "job_ttl_minutes": 90,
    "max_vcpus": 32,
}
CRON = {"expression": "cron(0 19 ? * MON-FRI *)"}
ALWAYS = [
    ("aws:batch/computeEnvironment:ComputeEnvironment", "eod-on-demand-1"),
    ("aws:batch/computeEnvironment:ComputeEnvironment", "eod-spot-1"),
    ("aws:batch/jobDefinition:JobDefinition", "eod"),
    ("aws:batch/jobQueue:JobQueue", "eod"),
    ("aws:cloudwatch/eventRule:EventRule", "eod-record"),
    ("aws:cloudwatch/eventTarget:EventTarget", "eod-record"),
    ("aws:cloudwatch/logGroup:LogGroup", "eod-logs"),
    ("aws:cloudwatch/logGroup:LogGroup", "eod-record"),
    ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "eod-record"),
    ("aws:ec2/securityGroup:SecurityGroup", "eod-jobs"),
    ("aws:ec2/vpcSecurityGroupRulesExclusive:VpcSecurityGroupRulesExclusive", "eod-jobs"),
    ("aws:iam/role:Role", "eod-execution"),
    ("aws:iam/role:Role", "eod-job"),
    ("aws:iam/rolePolicy:RolePolicy", "eod-execution"),
    ("aws:kms/alias:Alias", "eod-key"),
    ("aws:kms/key:Key", "eod-key"),
    ("aws:sqs/queue:Queue", "eod-dead-letters"),
    ("aws:sqs/queuePolicy:QueuePolicy", "eod-dead-letters"),
    ("fintech_infra:index:EncryptionKey", "eod-key"),
    COMPONENT,
]
SCHEDULED = [
    ("aws:iam/role:Role", "eod-schedules"),
    ("aws:iam/rolePolicy:RolePolicy", "eod-schedules"),
    ("aws:scheduler/schedule:Schedule", "eod-nightly"),
    ("aws:scheduler/scheduleGroup:ScheduleGroup", "eod-schedules"),
]
WATCHED = [
    ("aws:cloudwatch/eventRule:EventRule", "eod-blocked"),
    ("aws:cloudwatch/eventRule:EventRule", "eod-failed"),
    ("aws:cloudwatch/eventRule:EventRule", "eod-key-tampering"),
    ("aws:cloudwatch/eventTarget:EventTarget", "eod-blocked"),
    ("aws:cloudwatch/eventTarget:EventTarget", "eod-failed"),
    ("aws:cloudwatch/eventTarget:EventTarget", "eod-key-tampering"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "eod-undelivered"),
]
Deploy = Callable[..., Any]


def compute(**args: Any) -> Callable[[], EphemeralCompute]:
    given: Any = MINIMAL | args
    return lambda: EphemeralCompute("eod", given)


def reasons(name: str = "eod", **args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    merged: Any = {key: item for key, item in (MINIMAL | args).items() if item is not None}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        EphemeralCompute(name, merged)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def container_of(found: Any) -> dict[str, Any]:
    return json.loads(
        found.one("aws:batch/jobDefinition:JobDefinition").inputs["containerProperties"]
    )


def statements_of(found: Any, name: str) -> list[dict[str, Any]]:
    policy = found.one("aws:iam/rolePolicy:RolePolicy", name).inputs["policy"]
    return json.loads(policy)["Statement"]


def test_without_options_it_is_a_queue_with_spot_before_on_demand(deploy: Deploy) -> None:
    found = deploy(compute())
    assert found.identities == sorted(ALWAYS)
    assert found.snake_case_keys() == []
    spot, on_demand = (
        found.one("aws:batch/computeEnvironment:ComputeEnvironment", name)
        for name in ("eod-spot-1", "eod-on-demand-1")
    )
    queue = found.one("aws:batch/jobQueue:JobQueue").inputs
    assert queue["computeEnvironmentOrders"] == [
        {"computeEnvironment": spot.state["arn"], "order": 1},
        {"computeEnvironment": on_demand.state["arn"], "order": 2},
    ]
    group = found.one("aws:ec2/securityGroup:SecurityGroup").state["id"]
    places = {"subnets": ["subnet-a", "subnet-b"], "securityGroupIds": ["sg-app", group]}
    assert spot.inputs["computeResources"] == {"type": "FARGATE_SPOT", "maxVcpus": 16, **places}
    assert on_demand.inputs["computeResources"] == {"type": "FARGATE", "maxVcpus": 16, **places}
    assert "serviceRole" not in spot.inputs


def test_a_job_ends_and_is_repeated_only_when_aws_ended_it(deploy: Deploy) -> None:
    job = deploy(compute()).one("aws:batch/jobDefinition:JobDefinition").inputs
    assert job["timeout"] == {"attemptDurationSeconds": 90 * 60}
    assert job["platformCapabilities"] == ["FARGATE"]
    assert job["deregisterOnNewRevision"] is True
    assert job["retryStrategy"]["attempts"] == 3
    rules = job["retryStrategy"]["evaluateOnExits"]
    assert [rule["action"] for rule in rules] == ["RETRY", "RETRY", "EXIT"]
    assert rules[0] == {"action": "RETRY", "onStatusReason": "Your Spot Task was interrupted*"}
    assert rules[-1] == {"action": "EXIT", "onReason": "*"}
    assert len(rules) <= 5


def test_a_job_is_hardened_and_pinned(deploy: Deploy) -> None:
    found = deploy(compute(command=["run"], environment={"BOOK": "all"}))
    logs = found.one("aws:cloudwatch/logGroup:LogGroup", "eod-logs").state["name"]
    assert container_of(found) == {
        "command": ["run"],
        "environment": [{"name": "BOOK", "value": "all"}],
        "executionRoleArn": found.one("aws:iam/role:Role", "eod-execution").state["arn"],
        "fargatePlatformConfiguration": {"platformVersion": "LATEST"},
        "image": IMAGE,
        "jobRoleArn": found.one("aws:iam/role:Role", "eod-job").state["arn"],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": logs,
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "job",
            },
        },
        "mountPoints": [{"containerPath": "/tmp", "readOnly": False, "sourceVolume": "scratch"}],
        "networkConfiguration": {"assignPublicIp": "DISABLED"},
        "privileged": False,
        "readonlyRootFilesystem": True,
        "resourceRequirements": [
            {"type": "VCPU", "value": "1"},
            {"type": "MEMORY", "value": "2048"},
        ],
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "secrets": [],
        "user": "10001:10001",
        "volumes": [{"name": "scratch"}],
    }


def test_a_job_may_do_nothing_unless_told(deploy: Deploy) -> None:
    assert [item.name for item in deploy(compute()).of_type("aws:iam/rolePolicy:RolePolicy")] == [
        "eod-execution"
    ]


def test_a_job_may_do_what_is_listed(deploy: Deploy) -> None:
    bucket = "arn:aws:s3:::positions"

    def program() -> None:
        objects = Output.from_input(f"{bucket}/*")
        compute(
            permissions=[
                {"actions": ["s3:GetObject"], "resources": [objects]},
                {"actions": ["kms:Decrypt", "kms:GenerateDataKey*"], "resources": [KEY]},
            ]
        )()

    found = deploy(program)
    assert statements_of(found, "eod-job") == [
        {
            "Sid": "Job1",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": [f"{bucket}/*"],
        },
        {
            "Sid": "Job2",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": [KEY],
        },
    ]


def test_jobs_are_started_with_rights_on_one_image_one_log_and_their_secrets(
    deploy: Deploy,
) -> None:
    found = deploy(compute(secrets={"DB": {"arn": SECRET, "kms_key_arn": KEY}}))
    logs = found.one("aws:cloudwatch/logGroup:LogGroup", "eod-logs").state["arn"]
    statements = statements_of(found, "eod-execution")
    assert {item["Sid"]: item["Resource"] for item in statements} == {
        "Image": "arn:aws:ecr:eu-west-1:111122223333:repository/risk/eod",
        "Registry": "*",
        "Log": f"{logs}:*",
        "Secrets": [SECRET],
        "SecretKeys": [KEY],
    }
    assert statements[1]["Action"] == "ecr:GetAuthorizationToken"
    assert container_of(found)["secrets"] == [{"name": "DB", "valueFrom": SECRET}]


@pytest.mark.parametrize("role", ["eod-job", "eod-execution"])
def test_roles_are_assumed_by_tasks_of_this_account_only(deploy: Deploy, role: str) -> None:
    trust = json.loads(deploy(compute()).one("aws:iam/role:Role", role).inputs["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:111122223333:*"},
    }


def test_every_change_of_every_job_is_kept_for_seven_years(deploy: Deploy) -> None:
    found = deploy(compute())
    queue = found.one("aws:batch/jobQueue:JobQueue").state["arn"]
    group = found.one("aws:cloudwatch/logGroup:LogGroup", "eod-record")
    rule = found.one("aws:cloudwatch/eventRule:EventRule")
    target = found.one("aws:cloudwatch/eventTarget:EventTarget").inputs
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.batch"],
        "detail-type": ["Batch Job State Change"],
        "detail": {"jobQueue": [queue]},
    }
    assert group.inputs["retentionInDays"] == 2557
    assert group.inputs["deletionProtectionEnabled"] is True
    assert group.protect is True
    assert target["arn"] == group.state["arn"]
    assert target["deadLetterConfig"] == {"arn": found.one("aws:sqs/queue:Queue").state["arn"]}
    assert "roleArn" not in target


def test_only_the_recording_rule_writes_records(deploy: Deploy) -> None:
    found = deploy(compute())
    rule = found.one("aws:cloudwatch/eventRule:EventRule").state["arn"]
    group = found.one("aws:cloudwatch/logGroup:LogGroup", "eod-record").state["arn"]
    policy = found.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy").inputs
    streams, records = json.loads(policy["policyDocument"])["Statement"]
    assert policy["resourceArn"] == group
    assert (streams["Action"], streams["Resource"]) == ("logs:CreateLogStream", f"{group}:*")
    assert (records["Action"], records["Condition"]) == (
        "logs:PutLogEvents",
        {"ArnEquals": {"aws:SourceArn": rule}},
    )


def test_a_job_that_cannot_start_is_cancelled(deploy: Deploy) -> None:
    queue = deploy(compute(stuck_minutes=15)).one("aws:batch/jobQueue:JobQueue").inputs
    actions = queue["jobStateTimeLimitActions"]
    assert {(item["action"], item["state"], item["maxTimeSeconds"]) for item in actions} == {
        ("CANCEL", "RUNNABLE", 900)
    }
    assert [item["reason"] for item in actions] == [
        "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    ]


def test_what_must_not_be_interrupted_runs_on_demand_alone(deploy: Deploy) -> None:
    found = deploy(compute(interruptible=False))
    (only,) = found.of_type("aws:batch/computeEnvironment:ComputeEnvironment")
    assert only.name == "eod-on-demand-1"
    assert only.inputs["computeResources"]["maxVcpus"] == 32


@given(st.integers(2, 10_000), st.booleans())
def test_all_capacity_together_is_the_ceiling(ceiling: int, interruptible: bool) -> None:
    found = ceilings({"max_vcpus": ceiling, "interruptible": interruptible})
    assert sum(found.values()) == ceiling
    assert min(found.values()) >= 1


def test_a_schedule_submits_what_is_deployed_and_keeps_what_fails(deploy: Deploy) -> None:
    schedule = {**CRON, "timezone": "Europe/Berlin", "command": ["run", "--all"]}
    found = deploy(compute(schedules={"nightly": schedule}))
    assert found.identities == sorted(ALWAYS + SCHEDULED)
    made = found.one("aws:scheduler/schedule:Schedule").inputs
    assert made["scheduleExpressionTimezone"] == "Europe/Berlin"
    assert made["flexibleTimeWindow"] == {"mode": "OFF"}
    assert made["target"]["arn"] == "arn:aws:scheduler:::aws-sdk:batch:submitJob"
    dead_letters = found.one("aws:sqs/queue:Queue").state["arn"]
    assert made["target"]["deadLetterConfig"] == {"arn": dead_letters}
    assert json.loads(made["target"]["input"]) == {
        "JobName": "eod-nightly",
        "ContainerOverrides": {"Command": ["run", "--all"]},
        "JobQueue": found.one("aws:batch/jobQueue:JobQueue").state["arn"],
        "JobDefinition": found.one("aws:batch/jobDefinition:JobDefinition").state["arn"],
    }


def test_a_schedule_may_submit_this_job_to_this_queue_and_nothing_else(deploy: Deploy) -> None:
    found = deploy(compute(schedules={"nightly": CRON}))
    job = found.one("aws:batch/jobDefinition:JobDefinition").state["arnPrefix"]
    queue = found.one("aws:batch/jobQueue:JobQueue").state["arn"]
    submit, letters, key = statements_of(found, "eod-schedules")
    assert submit["Action"] == "batch:SubmitJob"
    assert submit["Resource"] == [queue, job, f"{job}:*"]
    assert letters["Action"] == "sqs:SendMessage"
    assert key["Condition"] == {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}
    trust = json.loads(found.one("aws:iam/role:Role", "eod-schedules").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Condition"]["ArnLike"] == {
        "aws:SourceArn": found.one("aws:scheduler/scheduleGroup:ScheduleGroup").state["arn"]
    }


def test_another_schedule_leaves_everything_else_untouched(deploy: Deploy) -> None:
    one = deploy(compute(schedules={"nightly": CRON}))
    two = deploy(compute(schedules={"early": CRON, "nightly": CRON}))
    before = {item.identity: item.inputs for item in one}
    after = {item.identity: item.inputs for item in two}
    assert after.keys() - before.keys() == {("aws:scheduler/schedule:Schedule", "eod-early")}
    assert {key: after[key] for key in before} == before


def test_a_new_generation_leaves_the_old_one_to_be_removed_later(deploy: Deploy) -> None:
    type_ = "aws:batch/computeEnvironment:ComputeEnvironment"
    one, two = deploy(compute()), deploy(compute(generations=["1", "2"]))
    assert {item.name for item in two.of_type(type_)} == {
        "eod-spot-1",
        "eod-on-demand-1",
        "eod-spot-2",
        "eod-on-demand-2",
    }
    assert two.one(type_, "eod-spot-1").inputs == one.one(type_, "eod-spot-1").inputs
    orders = two.one("aws:batch/jobQueue:JobQueue").inputs["computeEnvironmentOrders"]
    assert [item["computeEnvironment"] for item in orders] == [
        two.one(type_, name).state["arn"] for name in ("eod-spot-2", "eod-on-demand-2")
    ]


def test_shares_take_turns_and_are_submitted_to_apart(deploy: Deploy) -> None:
    found = deploy(compute(shares={"risk": 0.5, "audit": 1.0}))
    policy = found.one("aws:batch/schedulingPolicy:SchedulingPolicy")
    assert policy.inputs["fairSharePolicy"] == {
        "shareDistributions": [
            {"shareIdentifier": "audit", "weightFactor": 1},
            {"shareIdentifier": "risk", "weightFactor": 0.5},
        ]
    }
    queue = found.one("aws:batch/jobQueue:JobQueue").inputs
    assert queue["schedulingPolicyArn"] == policy.state["arn"]
    submit = found.outputs("eod")["submit_policies"]
    assert sorted(submit) == ["audit", "risk"]
    assert json.loads(submit["risk"])["Statement"][0]["Condition"] == {
        "StringEquals": {"batch:ShareIdentifier": "risk"}
    }


def test_failures_blocked_queues_and_lost_events_page(deploy: Deploy) -> None:
    found = deploy(compute(alarm_topic_arn=TOPIC))
    assert found.identities == sorted(ALWAYS + WATCHED)
    queue = found.one("aws:batch/jobQueue:JobQueue").state["arn"]
    patterns = {
        item.name: json.loads(item.inputs["eventPattern"])
        for item in found.of_type("aws:cloudwatch/eventRule:EventRule")
    }
    assert patterns["eod-failed"] == {
        "source": ["aws.batch"],
        "detail-type": ["Batch Job State Change"],
        "detail": {"status": ["FAILED"], "jobQueue": [queue]},
    }
    assert patterns["eod-blocked"]["detail-type"] == ["Batch Job Queue Blocked"]
    alarm = found.one("aws:cloudwatch/metricAlarm:MetricAlarm").inputs
    assert alarm["dimensions"] == {"QueueName": found.one("aws:sqs/queue:Queue").state["name"]}
    assert alarm["alarmActions"] == [TOPIC]


def test_a_page_does_not_carry_the_environment_of_the_job(deploy: Deploy) -> None:
    found = deploy(compute(alarm_topic_arn=TOPIC))
    target = found.one("aws:cloudwatch/eventTarget:EventTarget", "eod-failed").inputs
    assert target["inputTransformer"] == {
        "inputPaths": {
            "name": "$.detail.jobName",
            "id": "$.detail.jobId",
            "reason": "$.detail.statusReason",
        },
        "inputTemplate": '"Job <name> (<id>) failed: <reason>"',
    }


def test_a_given_key_encrypts_everything(deploy: Deploy) -> None:
    found = deploy(compute(kms_key_arn=KEY))
    assert found.of_type("aws:kms/key:Key") == []
    assert {item.inputs["kmsKeyId"] for item in found.of_type("aws:cloudwatch/logGroup:LogGroup")}
    assert found.one("aws:sqs/queue:Queue").inputs["kmsMasterKeyId"] == KEY
    assert found.outputs("eod")["kms_key_arn"] == KEY


def test_the_key_of_its_own_lets_its_services_use_it(deploy: Deploy) -> None:
    policy = json.loads(deploy(compute()).one("aws:kms/key:Key").inputs["policy"])
    used = {item["Sid"] for item in policy["Statement"]}
    assert {"UseByEventsForQueues", "UseByLogGroups", "UseThroughServices"} <= used


def test_every_child_that_takes_one_gets_the_region(deploy: Deploy) -> None:
    found = deploy(compute(region="eu-west-1", schedules={"nightly": CRON}, alarm_topic_arn=TOPIC))
    without = {item.type for item in found if item.custom and "region" not in item.inputs}
    assert without == {"aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"}


def test_what_keeps_evidence_is_protected(deploy: Deploy) -> None:
    found = deploy(compute())
    assert {item.identity for item in found if item.protect} == {
        ("aws:cloudwatch/logGroup:LogGroup", "eod-logs"),
        ("aws:cloudwatch/logGroup:LogGroup", "eod-record"),
        ("aws:kms/key:Key", "eod-key"),
    }


def test_the_ceiling_and_the_evidence_are_outputs(deploy: Deploy) -> None:
    outputs = deploy(compute()).outputs("eod")
    assert json.loads(outputs["ceiling"]) == {
        "vcpus": {"spot": 16, "on-demand": 16},
        "attempt_minutes": 90,
        "attempts": 3,
    }
    assert sorted(json.loads(outputs["evidence"])) == [
        "batch-compute-private",
        "batch-compute-scales-to-zero",
        "batch-job-image-pinned",
        "batch-job-retries-narrow",
        "batch-job-timeout",
        "batch-jobs-recorded",
        "batch-queue-unblocks",
        "cloudwatch-log-group-retention",
    ]
    assert sorted(outputs["submit_policies"]) == ["default"]


def test_an_end_is_required_and_lies_within_a_day() -> None:
    assert reasons(job_ttl_minutes=None) == {"job_ttl_minutes": "is required"}
    assert reasons(job_ttl_minutes=0) == {"job_ttl_minutes": "is 0; accepted are 1 to 1440"}
    assert reasons(job_ttl_minutes=1441) == {"job_ttl_minutes": "is 1441; accepted are 1 to 1440"}


@pytest.mark.parametrize(
    "image",
    [
        f"{REGISTRY}/risk:1.4",
        f"{REGISTRY}/risk",
        f"{REGISTRY}/risk:1.4@{DIGEST[:-1]}",
        f"docker.io/library/risk@{DIGEST}",
        "",
    ],
)
def test_a_tag_or_a_foreign_registry_is_refused(image: str) -> None:
    assert list(reasons(image=image)) == ["image"]


def test_a_tag_that_is_known_later_is_refused_then(deploy: Deploy) -> None:
    def program() -> None:
        compute(image=Output.from_input(f"{REGISTRY}/risk:1.4"))()

    with pytest.raises(ValueError, match=r"image is .*:1\.4.*a tag can be moved"):
        deploy(program)


def test_an_image_says_where_it_is() -> None:
    found = parse_image(f"111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/a/b@{DIGEST}")
    assert (found.account, found.region, found.repository) == ("111122223333", "cn-north-1", "a/b")


@pytest.mark.parametrize("vcpus", list(MEMORY))
def test_each_size_of_fargate_is_accepted(vcpus: float) -> None:
    assert [list(size_problems(vcpus, memory)) for memory in MEMORY[vcpus]] == [
        [] for _ in MEMORY[vcpus]
    ]


def test_sizes_that_fargate_lacks_are_refused() -> None:
    assert reasons(vcpus=3) == {"vcpus": "is 3; accepted are 0.25, 0.5, 1, 2, 4, 8, 16"}
    assert reasons(vcpus=8, memory_mb=17408) == {
        "memory_mb": "is 17408, which does not go with 8 vCPU; accepted are 16384 to 61440 in "
        "steps of 4096"
    }
    assert reasons(vcpus=0.25, memory_mb=4096) == {
        "memory_mb": "is 4096, which does not go with 0.25 vCPU; accepted are 512, 1024, 2048"
    }


def test_a_ceiling_has_room_for_a_job_on_either_side() -> None:
    assert reasons(vcpus=4, memory_mb=8192, max_vcpus=7) == {
        "max_vcpus": "is 7; at least 8 are needed for one job of 4"
    }
    assert list(reasons(vcpus=4, memory_mb=8192, max_vcpus=8, on_demand_vcpus=5)) == [
        "on_demand_vcpus"
    ]
    assert list(reasons(interruptible=False, on_demand_vcpus=8)) == ["on_demand_vcpus"]


def test_a_job_never_runs_as_root() -> None:
    assert reasons(uid=0) == {"uid": "is 0; accepted are 1 to 65534"}


def test_the_environment_is_no_place_for_secrets() -> None:
    given = {"DB_PASSWORD": "x", "DB": "postgres://app:hunter2@db:5432/books", "BOOK": "all"}
    assert reasons(environment=given) == {
        "environment.DB_PASSWORD": "is named like a secret; pass its ARN in `secrets` instead",
        "environment.DB": "looks like a password in a URL; pass its ARN in `secrets` instead",
    }


def test_shares_are_named_by_schedules() -> None:
    assert reasons(shares={"risk": 1}, schedules={"nightly": CRON}) == {
        "schedules.nightly.share": "is required with shares; accepted are risk"
    }
    assert reasons(schedules={"nightly": {**CRON, "share": "risk"}}) == {
        "schedules.nightly.share": "is 'risk'; accepted are none, as there are no shares"
    }
    assert reasons(shares={"a-b": 1000}) == {
        "shares.a-b": "is 1000; accepted are 0.0001 to 999.9999"
    }


def test_permissions_for_everything_are_refused() -> None:
    found = reasons(
        permissions=[
            {"actions": ["*", "s3:*", "iam:PassRole"], "resources": ["*"]},
            {"actions": [], "resources": ["arn:aws:s3:::b"]},
        ]
    )
    assert list(found) == [
        "permissions[0].actions[0]",
        "permissions[0].actions[1]",
        "permissions[0].resources[0]",
        "permissions[1].actions",
    ]


def test_all_mistakes_are_in_one_message() -> None:
    found = reasons(
        name="1-eod",
        attempts=11,
        stuck_minutes=5,
        storage_gib=20,
        record_days=30,
        generations=["1", "1"],
        schedules={"Nightly": {"expression": "daily"}},
        environment={"1A": "x", "AWS_BATCH_JQ": "y", "DB": "z"},
        secrets={"DB": {"arn": SECRET, "kms_key_arn": KEY}},
        unknown=True,
    )
    assert sorted(found) == [
        "attempts",
        "environment.1A",
        "environment.AWS_BATCH_JQ",
        "environment.DB",
        "generations[1]",
        "name",
        "record_days",
        "schedules.Nightly",
        "schedules.Nightly.expression",
        "storage_gib",
        "stuck_minutes",
        "unknown",
    ]


def test_batch_accepts_the_job_and_what_a_schedule_asks_for(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = {"risk": 1.0}
    schedule = {**CRON, "share": "risk", "command": ["run"]}
    secrets = {"DB": {"arn": SECRET, "kms_key_arn": KEY}}
    found = deploy(
        compute(shares=shares, schedules={"nightly": schedule}, secrets=secrets, storage_gib=50)
    )
    job = found.one("aws:batch/jobDefinition:JobDefinition").inputs
    asked = json.loads(found.one("aws:scheduler/schedule:Schedule").inputs["target"]["input"])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")

    with mock_aws():
        batch: Any = boto3.client("batch", region_name="eu-west-1")
        batch.register_job_definition(
            jobDefinitionName="eod",
            type=job["type"],
            platformCapabilities=job["platformCapabilities"],
            containerProperties=container_of(found),
            timeout=job["timeout"],
            retryStrategy={
                "attempts": job["retryStrategy"]["attempts"],
                "evaluateOnExit": job["retryStrategy"]["evaluateOnExits"],
            },
        )
        (made,) = batch.describe_job_definitions(jobDefinitionName="eod")["jobDefinitions"]
        model = batch.meta.service_model.operation_model("SubmitJob").input_shape

    assert made["timeout"] == {"attemptDurationSeconds": 5400}
    lower: Any = _uncapitalised(asked)
    assert ParamValidator().validate(lower, model).has_errors() is False
    assert lower["shareIdentifier"] == "risk"


def _uncapitalised(value: Any) -> Any:
    """Names as the API spells them; EventBridge Scheduler wants each to begin with a capital."""
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: _uncapitalised(item) for key, item in value.items()}
    return value


def test_it_can_be_published_to_other_languages() -> None:
    component = Analyzer("fintech_infra").analyze_component(EphemeralCompute)
    assert {"vpcId", "jobTtlMinutes", "schedules"} <= component.inputs.keys()
    assert all(item.description for item in component.inputs.values())


NETWORK = """
network = HardenedVpc("net", {"zones": ["eu-west-1a", "eu-west-1b"], "cidr": "10.0.0.0/16"})
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/risk@sha256:" + "0f" * 32

def compute(name, change=None, subnets=network.app_subnet_ids, **args):
    def transform(found):
        if change:
            change(found.type_.rpartition(":")[2], found.name, found.props)
        return pulumi.ResourceTransformResult(found.props, found.opts)
    EphemeralCompute(
        name,
        {
            "vpc_id": network.vpc_id,
            "subnet_ids": subnets,
            "security_group_ids": [network.app_security_group_id],
            "image": IMAGE,
            "job_ttl_minutes": 60,
            "max_vcpus": 8,
            **args,
        },
        pulumi.ResourceOptions(transforms=[transform]),
    )
"""
CLEAN = """
compute("minimal")
compute(
    "full",
    vcpus=2,
    memory_mb=4096,
    shares={"risk": 1, "audit": 0.5},
    schedules={"nightly": {"expression": "cron(0 19 * * ? *)", "share": "risk"}},
    permissions=[{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::positions/*"]}],
    secrets={
        "DB": {
            "arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf",
            "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1234",
        }
    },
    generations=["1", "2"],
    alarm_topic_arn=AlarmTopic("page", {}).arn,
    tags={"environment": "prod"},
)
compute("steady", interruptible=False)
"""
BROKEN = """
import json

def job(change):
    def apply(kind, name, props):
        if kind == "JobDefinition":
            change(props)
    return apply

def container(**changes):
    def apply(props):
        text = pulumi.Output.from_input(props["containerProperties"])
        props["containerProperties"] = text.apply(lambda t: json.dumps(json.loads(t) | changes))
    return job(apply)

def endless(props):
    del props["timeout"]

def repeated(props):
    props["retryStrategy"] = {"attempts": 5}

def idle(kind, name, props):
    if kind == "ComputeEnvironment":
        props["computeResources"]["minVcpus"] = 4

def stuck(kind, name, props):
    if kind == "JobQueue":
        props["jobStateTimeLimitActions"] = []

def silent(kind, name, props):
    if kind == "EventRule":
        props["state"] = "DISABLED"

compute("endless", job(endless))
compute("repeated", job(repeated))
compute("tagged", container(image="risk:latest"))
compute("public", container(networkConfiguration={"assignPublicIp": "ENABLED"}))
compute("idle", idle, interruptible=False)
compute("stuck", stuck)
compute("silent", silent)
vpc = aws.ec2.Vpc("open", cidr_block="10.1.0.0/16")
gateway = aws.ec2.InternetGateway("open", vpc_id=vpc.id)
out = aws.ec2.RouteTable(
    "open", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}]
)
subnet = aws.ec2.Subnet("open", vpc_id=vpc.id, cidr_block="10.1.0.0/24")
aws.ec2.RouteTableAssociation("open", subnet_id=subnet.id, route_table_id=out.id)
compute("exposed", subnets=pulumi.Output.all(subnet.id), interruptible=False)
"""


def test_every_variant_satisfies_every_control(judged: Callable[..., Any]) -> None:
    assert judged(NETWORK + CLEAN) == []


def test_what_a_transform_breaks_a_control_finds(judged: Callable[..., Any]) -> None:
    assert [item for item in judged(NETWORK + BROKEN) if item[0].startswith("batch-")] == [
        ("batch-compute-private", "violated", "exposed-on-demand-1", "computeResources.subnets[0]"),
        (
            "batch-compute-private",
            "violated",
            "public",
            "containerProperties.networkConfiguration.assignPublicIp",
        ),
        (
            "batch-compute-scales-to-zero",
            "violated",
            "idle-on-demand-1",
            "computeResources.minVcpus",
        ),
        ("batch-job-image-pinned", "violated", "tagged", "containerProperties.image"),
        ("batch-job-retries-narrow", "violated", "repeated", "retryStrategy.evaluateOnExits"),
        ("batch-job-timeout", "violated", "endless", "timeout.attemptDurationSeconds"),
        ("batch-jobs-recorded", "violated", "silent", ""),
        ("batch-queue-unblocks", "violated", "stuck", "jobStateTimeLimitActions"),
    ]

"""Controls over AWS Batch, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

JOB = "aws:batch/jobDefinition:JobDefinition"
COMPUTE = "aws:batch/computeEnvironment:ComputeEnvironment"
QUEUE = "aws:batch/jobQueue:JobQueue"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
SUBNET = "aws:ec2/subnet:Subnet"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
DIGEST = "registry/risk@sha256:" + "ab" * 32
ARN = "arn:aws:s3:::q"


def container(**properties: Any) -> dict[str, Any]:
    return {"containerProperties": json.dumps(properties)}


def public(value: str) -> dict[str, Any]:
    return {"networkConfiguration": {"assignPublicIp": value}}


def retries(attempts: int, *rules: dict[str, str]) -> dict[str, Any]:
    return {"retryStrategy": {"attempts": attempts, "evaluateOnExits": list(rules)}}


def pattern(**detail: Any) -> str:
    return json.dumps(
        {"source": ["aws.batch"], "detail-type": ["Batch Job State Change"], "detail": detail}
    )


def recorded(given: Any, **more: Any) -> list[Any]:
    return [
        (QUEUE, "q", {}),
        (RULE, "r", {"eventPattern": given, **more}),
        (TARGET, "t", {"rule": "r-id", "arn": "log"}),
    ]


def placed(*routes: Any) -> list[Any]:
    return [
        (COMPUTE, "c", {"computeResources": {"subnets": ["s-id"]}}),
        (SUBNET, "s", {"vpcId": "vpc"}),
        (GATEWAY, "g", {"vpcId": "vpc"}),
        (TABLE, "table", {"vpcId": "vpc", "routes": list(routes)}),
        (ASSOCIATION, "a", {"subnetId": "s-id", "routeTableId": "table-id"}),
    ]


SPOT = {"action": "RETRY", "onStatusReason": "Your Spot Task was interrupted*"}
REST = {"action": "EXIT", "onReason": "*"}
LIMIT = {"action": "CANCEL", "reason": "r", "state": "RUNNABLE", "maxTimeSeconds": 600}
LIMITED = {"timeout": {"attemptDurationSeconds": 86400}}
OUT = {"cidrBlock": "0.0.0.0/0", "gatewayId": "g-id"}

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("batch-job-timeout", "a day", [(JOB, "j", LIMITED)], []),
    (
        "batch-job-timeout",
        "without an end",
        [(JOB, "j", {})],
        ["violated j timeout.attemptDurationSeconds"],
    ),
    (
        "batch-job-timeout",
        "more than a day",
        [(JOB, "j", {"timeout": {"attemptDurationSeconds": 86401}})],
        ["violated j timeout.attemptDurationSeconds"],
    ),
    (
        "batch-job-timeout",
        "not known",
        [(JOB, "j", {"timeout": {"attemptDurationSeconds": "?"}})],
        ["undecided j timeout.attemptDurationSeconds"],
    ),
    ("batch-job-image-pinned", "a digest", [(JOB, "j", container(image=DIGEST))], []),
    (
        "batch-job-image-pinned",
        "a tag",
        [(JOB, "j", container(image="registry/risk:1.4"))],
        ["violated j containerProperties.image"],
    ),
    (
        "batch-job-image-pinned",
        "a mapping instead of JSON",
        [(JOB, "j", {"containerProperties": {"image": "risk"}})],
        ["violated j containerProperties.image"],
    ),
    (
        "batch-job-image-pinned",
        "one of the containers of a task",
        [
            (
                JOB,
                "j",
                {
                    "ecsProperties": json.dumps(
                        {"taskProperties": [{"containers": [{"image": DIGEST}, {"image": "x"}]}]}
                    )
                },
            )
        ],
        ["violated j ecsProperties.taskProperties[0].containers[1].image"],
    ),
    (
        "batch-job-image-pinned",
        "nodes",
        [
            (
                JOB,
                "j",
                {
                    "nodeProperties": json.dumps(
                        {"nodeRangeProperties": [{"container": {"image": "risk:1"}}]}
                    )
                },
            )
        ],
        ["violated j nodeProperties.nodeRangeProperties[0].container.image"],
    ),
    (
        "batch-job-image-pinned",
        "pods",
        [(JOB, "j", {"eksProperties": {"podProperties": {"containers": [{"image": "risk"}]}}})],
        ["violated j eksProperties.podProperties.containers[0].image"],
    ),
    (
        "batch-job-image-pinned",
        "not known",
        [(JOB, "j", {"containerProperties": "?"})],
        ["undecided j containerProperties"],
    ),
    (
        "batch-job-image-pinned",
        "no JSON",
        [(JOB, "j", {"containerProperties": "image"})],
        ["undecided j containerProperties"],
    ),
    ("batch-job-retries-narrow", "none", [(JOB, "j", {})], []),
    ("batch-job-retries-narrow", "one attempt", [(JOB, "j", retries(1))], []),
    ("batch-job-retries-narrow", "what AWS ended", [(JOB, "j", retries(3, SPOT, REST))], []),
    (
        "batch-job-retries-narrow",
        "everything",
        [(JOB, "j", retries(3))],
        ["violated j retryStrategy.evaluateOnExits"],
    ),
    (
        "batch-job-retries-narrow",
        "what matches no rule",
        [(JOB, "j", retries(3, SPOT, REST | {"onExitCode": "1"}))],
        ["violated j retryStrategy.evaluateOnExits"],
    ),
    (
        "batch-job-retries-narrow",
        "not known",
        [(JOB, "j", {"retryStrategy": "?"})],
        ["undecided j retryStrategy.attempts"],
    ),
    ("batch-compute-private", "no address", [(JOB, "j", container(**public("DISABLED")))], []),
    (
        "batch-compute-private",
        "a public address",
        [(JOB, "j", container(**public("ENABLED")))],
        ["violated j containerProperties.networkConfiguration.assignPublicIp"],
    ),
    (
        "batch-compute-private",
        "a public address of a task",
        [(JOB, "j", {"ecsProperties": json.dumps({"taskProperties": [public("ENABLED")]})})],
        ["violated j ecsProperties.taskProperties[0].networkConfiguration.assignPublicIp"],
    ),
    ("batch-compute-private", "isolated subnet", placed(), []),
    (
        "batch-compute-private",
        "a subnet with a way out",
        placed(OUT),
        ["violated c computeResources.subnets[0]"],
    ),
    (
        "batch-compute-private",
        "a subnet from elsewhere",
        [(COMPUTE, "c", {"computeResources": {"subnets": ["subnet-1"]}})],
        ["undecided c computeResources.subnets[0]"],
    ),
    (
        "batch-compute-scales-to-zero",
        "Fargate",
        [(COMPUTE, "c", {"computeResources": {"maxVcpus": 4}})],
        [],
    ),
    (
        "batch-compute-scales-to-zero",
        "idle hosts",
        [(COMPUTE, "c", {"computeResources": {"minVcpus": 2}})],
        ["violated c computeResources.minVcpus"],
    ),
    (
        "batch-compute-scales-to-zero",
        "not known",
        [(COMPUTE, "c", {"computeResources": {"minVcpus": "?"}})],
        ["undecided c computeResources.minVcpus"],
    ),
    ("batch-queue-unblocks", "cancels", [(QUEUE, "q", {"jobStateTimeLimitActions": [LIMIT]})], []),
    (
        "batch-queue-unblocks",
        "waits",
        [(QUEUE, "q", {})],
        ["violated q jobStateTimeLimitActions"],
    ),
    (
        "batch-queue-unblocks",
        "not known",
        [(QUEUE, "q", {"jobStateTimeLimitActions": "?"})],
        ["undecided q jobStateTimeLimitActions"],
    ),
    ("batch-jobs-recorded", "this queue", recorded(pattern(jobQueue=[ARN])), []),
    ("batch-jobs-recorded", "every queue", recorded('{"source": ["aws.batch"]}'), []),
    (
        "batch-jobs-recorded",
        "a schedule",
        [
            (QUEUE, "q", {}),
            (RULE, "r", {"scheduleExpression": "rate(1 day)"}),
            (TARGET, "t", {"rule": "r-id", "arn": "log"}),
        ],
        ["violated q"],
    ),
    (
        "batch-jobs-recorded",
        "another queue",
        recorded(pattern(jobQueue=["arn:other"])),
        ["violated q"],
    ),
    (
        "batch-jobs-recorded",
        "failures alone",
        recorded(pattern(status=["FAILED"])),
        ["violated q"],
    ),
    (
        "batch-jobs-recorded",
        "jobs of one name alone",
        recorded(pattern(jobName=["x"])),
        ["violated q"],
    ),
    (
        "batch-jobs-recorded",
        "a rule that is off",
        recorded(pattern(), state="DISABLED"),
        ["violated q"],
    ),
    (
        "batch-jobs-recorded",
        "a rule that nothing listens to",
        recorded(pattern())[:2],
        ["violated q"],
    ),
    ("batch-jobs-recorded", "no rule", [(QUEUE, "q", {})], ["violated q"]),
    ("batch-jobs-recorded", "not known", recorded("?"), ["undecided q"]),
    (
        "batch-jobs-recorded",
        "a filter that is no list of values",
        recorded(pattern(jobQueue=[{"prefix": "arn:"}])),
        ["undecided q"],
    ),
    (
        "batch-jobs-recorded",
        "by one rule, whatever another does",
        [*recorded(pattern(jobQueue=[ARN])), (RULE, "s", {"eventPattern": "?"})],
        [],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_batch_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == expected


def test_an_organisation_sets_how_long_jobs_may_run(judged: Any) -> None:
    assert judged("batch-job-timeout", [(JOB, "j", LIMITED)], maximum_minutes=60) == [
        "violated j timeout.attemptDurationSeconds"
    ]

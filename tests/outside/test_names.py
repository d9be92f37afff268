"""What documents name exists: calls that rules wait for, actions that policies name, and the like.

A misspelled name is refused by nobody: a rule that never fires, a permission that never applies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from moto.iam.aws_managed_policies import aws_managed_policies_data

from fintech_infra.environment import Environment, Resource, walk
from tests.outside.calls import parameters
from tests.outside.cloud import REGION, Cloud, client, faults, operation_model
from tests.outside.documents import listed, statements
from tests.outside.programs import of

_RULE: Final = "aws:cloudwatch/eventRule:EventRule"

_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "access-analyzer": ("accessanalyzer",),
    "monitoring": ("cloudwatch",),
    "s3": ("s3", "s3control"),
    "states": ("stepfunctions",),
}
"""The services of boto3 where an event source or an ARN has another name."""

_NO_OPERATIONS: Final = {
    # What S3 calls them in CloudTrail (Amazon S3 User Guide, "Amazon S3 CloudTrail events").
    "DeleteAccountPublicAccessBlock",
    "DeleteBucketPublicAccessBlock",
    "PutAccountPublicAccessBlock",
    "PutBucketObjectLockConfiguration",
    "PutBucketPublicAccessBlock",
    # What Secrets Manager does by itself (its User Guide, "Non-API events in CloudTrail").
    "RotationAbandoned",
    "RotationFailed",
    "TestRotationFailed",
}
"""Events that CloudTrail records under a name that no operation has."""

_NO_CALLS: Final = {"s3:BypassGovernanceRetention"}
"""Actions that are no operation, and that none of AWS's managed policies names.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""


def _operations(service: str) -> set[str]:
    return {
        name
        for own in _CLIENTS.get(service, (service,))
        for name in client(own, REGION).meta.service_model.operation_names
    }


def _awaited(declared: Environment) -> Iterator[tuple[list[str], str]]:
    """The calls that rules wait for, with the services that they may be calls of."""
    for rule in declared.of_type(_RULE):
        detail = json.loads(rule.value("eventPattern") or "{}").get("detail", {})
        sources = [item.partition(".")[0] for item in detail.get("eventSource", [])]
        for name in detail.get("eventName", []) if sources else []:
            if isinstance(name, str):
                yield sources, name


_WITH_AWAITED = of(
    "audit-trail",
    "backup-vault",
    "encrypted-database",
    "encryption-key",
    "image-repository",
    "locked-down-bucket",
    "managed-secret",
    "platform",
    "security-baseline",
    "self-healing",
    "service-observability",
)


@_WITH_AWAITED
def test_every_call_that_a_rule_waits_for_is_one_of_its_service(cloud: Cloud) -> None:
    awaited = list(_awaited(cloud.environment))
    assert awaited
    assert [
        (sources, name)
        for sources, name in awaited
        if name not in _NO_OPERATIONS and not any(name in _operations(item) for item in sources)
    ] == []


@cache
def _known_actions() -> frozenset[str]:
    """The actions that AWS's own managed policies name."""
    found = re.findall(r"[a-z0-9-]+:[A-Za-z][A-Za-z0-9]+", aws_managed_policies_data)
    return frozenset(item.lower() for item in found)


def _named(resource: Resource) -> Iterator[str]:
    for _, text in walk(resource.inputs):
        if isinstance(text, str) and text.lstrip().startswith("{") and '"Statement"' in text:
            for item in statements(text):
                yield from listed(item.get("Action", []))
                yield from listed(item.get("NotAction", []))


def _known(action: str) -> bool:
    service, _, name = action.partition(":")
    if action in {*_NO_CALLS, "*"} or action.lower() in _known_actions():
        return True
    if "*" not in name:
        return name in _operations(service)
    pattern = re.compile(re.escape(action.lower()).replace(r"\*", ".*"))
    operations = (f"{service}:{item}".lower() for item in _operations(service))
    return any(pattern.fullmatch(item) for item in (*_known_actions(), *operations))


def test_every_action_that_a_policy_names_is_known_to_aws(cloud: Cloud) -> None:
    named = {action for item in cloud.environment.resources for action in _named(item)}
    assert named
    assert sorted(action for action in named if not _known(action)) == []


@of("ephemeral-compute")
def test_the_call_that_a_schedule_makes_is_one_that_aws_takes(cloud: Cloud) -> None:
    (schedule,) = cloud.of("aws:scheduler/schedule:Schedule")
    assert schedule.value("target.arn") == "arn:aws:scheduler:::aws-sdk:batch:submitJob"
    shape: Any = operation_model("batch", "submit_job").input_shape
    given = parameters(json.loads(schedule.value("target.input")), shape, {})
    assert faults(given, shape) == []


@of("self-healing")
def test_every_call_of_a_workflow_names_parameters_of_its_operation(cloud: Cloud) -> None:
    (machine,) = cloud.of("aws:sfn/stateMachine:StateMachine")
    states = json.loads(machine.value("definition"))["States"].values()
    tasks = [state for state in states if state["Type"] == "Task"]
    assert tasks
    for task in tasks:
        service, action = task["Resource"].removeprefix("arn:aws:states:::").split(":")
        plain = action.partition(".")[0]
        operation = {"invoke": "Invoke"}.get(plain, f"{plain[0].upper()}{plain[1:]}")
        model = client(service, REGION).meta.service_model.operation_model(operation)
        given = {name.removesuffix(".$") for name in task["Parameters"]}
        assert set(model.input_shape.required_members) <= given <= set(model.input_shape.members)

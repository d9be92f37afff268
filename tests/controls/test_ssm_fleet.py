"""Controls over sessions and patches, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

STACK = "pulumi:pulumi:Stack"
DOCUMENT = "aws:ssm/document:Document"
INSTANCE = "aws:ec2/instance:Instance"
ASSOCIATION = "aws:ssm/association:Association"
WINDOW = "aws:ssm/maintenanceWindow:MaintenanceWindow"
TASK = "aws:ssm/maintenanceWindowTask:MaintenanceWindowTask"
LOGGED = {"kmsKeyId": "k", "s3BucketName": "b", "s3EncryptionEnabled": True}


def session(inputs: Any, kind: str = "Standard_Stream") -> list[Any]:
    content = json.dumps({"sessionType": kind, "inputs": inputs})
    return [(DOCUMENT, "d", {"documentType": "Session", "content": content})]


def patching(**inputs: Any) -> Any:
    return (ASSOCIATION, "a", {"name": "AWS-RunPatchBaseline"} | inputs)


OFF = (WINDOW, "w", {"enabled": False})
MACHINE = (INSTANCE, "i", {})
SCHEDULED = patching(scheduleExpression="rate(7 days)")
TASK_OF = (TASK, "t", {"windowId": "w-id", "taskArn": "AWS-RunPatchBaseline"})

SESSIONS: list[tuple[str, list[Any], list[str]]] = [
    ("logged", session(LOGGED), []),
    ("a command", [(DOCUMENT, "d", {"documentType": "Command", "content": "?"})], []),
    ("a port", session({}, "Port"), []),
    (
        "nothing",
        session({}),
        ["violated d content.inputs", "violated d content.inputs.kmsKeyId"],
    ),
    (
        "plain",
        session(LOGGED | {"s3EncryptionEnabled": False}),
        ["violated d content.inputs.s3EncryptionEnabled"],
    ),
    ("no JSON", [(DOCUMENT, "d", {"documentType": "Session", "content": "{"})],
     ["violated d content"]),
    (
        "YAML",
        [(DOCUMENT, "d", {"documentType": "Session", "documentFormat": "YAML", "content": "a"})],
        ["undecided d content"],
    ),
    ("not known", [(DOCUMENT, "d", {"documentType": "Session", "content": "?"})],
     ["undecided d content"]),
]  # fmt: skip
PATCHES: list[tuple[str, list[Any], list[str]]] = [
    ("scheduled", [MACHINE, SCHEDULED], []),
    ("in a window", [MACHINE, (WINDOW, "w", {}), TASK_OF], []),
    ("once", [patching()], ["violated a scheduleExpression"]),
    (
        "in a window that is off",
        [(WINDOW, "w", {"enabled": False}), TASK_OF],
        ["violated w enabled"],
    ),
    ("another window that is off", [OFF], []),
    ("perhaps elsewhere", [MACHINE], ["undecided i"]),
    ("another association", [(ASSOCIATION, "a", {"name": "AWS-UpdateSSMAgent"})], []),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ssm-session-logging-enabled", *case) for case in SESSIONS),
    *(("ssm-patching-scheduled", *case) for case in PATCHES),
]


def test_a_baseline_has_to_patch(judged: Any) -> None:
    control, stack = "ssm-patching-scheduled", (STACK, "s", {})

    assert judged(control, [stack]) == []
    assert judged(control, [stack], account_stacks=("project/*",)) == ["violated s"]
    assert judged(control, [stack, SCHEDULED], account_stacks=("project/*",)) == []


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_fleet_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)

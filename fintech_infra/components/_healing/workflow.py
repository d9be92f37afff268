"""The workflow that every event goes through, in the language of Step Functions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.components._healing.permissions import REAPPLY_SOURCE
from fintech_infra.components._policy import Account

REJECTED: Final = "Rejected"
"""The error by which a person rejects, with `aws stepfunctions send-task-failure`."""

_ANSWER: Final = ("verdict", "headline", "message", "digest", "urn", "command")
_RETRY: Final = [
    {
        "ErrorEquals": [
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.ServiceException",
            "Lambda.TooManyRequestsException",
        ],
        "IntervalSeconds": 2,
        "MaxAttempts": 6,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    }
]
_FAILED: Final = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Keep"}


@dataclass(frozen=True)
class Parts:
    """What the workflow works with: ARNs of functions and topic, URL of the queue."""

    account: Account
    judge: str
    act: str
    topic: str
    undelivered: str
    approval_seconds: int


def definition(parts: Parts) -> dict[str, Any]:
    """Return the state machine: judge, ask, reserve, act, tell; keep what failed and page."""
    return {
        "Comment": "Judges an event, asks where a person decides, acts within the budget, tells",
        "StartAt": "Judge",
        "States": {
            "Judge": {**_call(parts, parts.judge, "judge"), "Next": "Judged"},
            "Judged": _choice({"act": "Reserve", "ask": "Ask"}),
            "Ask": _ask(parts),
            "Reject": {**_call(parts, parts.judge, "reject"), "Next": "Tell"},
            "Reserve": {
                **_call(
                    parts,
                    parts.judge,
                    "reserve",
                    {"digest.$": "$.judged.digest", "approval.$": "$.approval"},
                ),
                "Next": "Reserved",
            },
            "Reserved": _choice({"act": "Act"}),
            "Act": {
                **_call(parts, parts.act, "act", {"digest.$": "$.judged.digest"}),
                "Next": "Tell",
            },
            "AskForReapply": _ask_for_reapply(parts),
            "Tell": {
                **_publish(parts, "$.judged.headline", "$.judged.message"),
                "Catch": [_FAILED],
                "Next": "Done",
            },
            "Keep": _keep(parts),
            "Page": _page(parts),
            "Failed": {"Type": "Fail", "Error": "NotHealed", "Cause": "See the dead letters"},
            "Done": {"Type": "Succeed"},
        },
    }


def _task(parts: Parts, integration: str) -> dict[str, Any]:
    arn = f"arn:{parts.account.partition}:states:::{integration}"
    return {"Type": "Task", "Resource": arn}


def _call(
    parts: Parts, function: str, stage: str, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A call of a function; its answer becomes `$.judged`."""
    payload = {"stage": stage, "remediation.$": "$.remediation", "event.$": "$.event"}
    return {
        **_task(parts, "lambda:invoke"),
        "Parameters": {"FunctionName": function, "Payload": {**payload, **(more or {})}},
        "ResultSelector": {f"{key}.$": f"$.Payload.{key}" for key in _ANSWER},
        "ResultPath": "$.judged",
        "TimeoutSeconds": 300,
        "Retry": _RETRY,
        "Catch": [_FAILED],
    }


def _choice(next_by_verdict: Mapping[str, str]) -> dict[str, Any]:
    known = {"nothing": "Done", "reapply": "AskForReapply", **next_by_verdict}
    return {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.judged.verdict", "StringEquals": verdict, "Next": state}
            for verdict, state in known.items()
        ],
        "Default": "Tell",
    }


def _publish(parts: Parts, subject: str, message: str) -> dict[str, Any]:
    return {
        **_task(parts, "sns:publish"),
        "Parameters": {"TopicArn": parts.topic, "Subject.$": subject, "Message.$": message},
        "ResultPath": None,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}],
    }


def _ask(parts: Parts) -> dict[str, Any]:
    """Wait for a person with the task's token; silence rejects."""
    message = "States.Format('{} TOKEN: {}', $.judged.message, $$.Task.Token)"
    rejection = {
        "ErrorEquals": [REJECTED, "States.Timeout"],
        "ResultPath": "$.error",
        "Next": "Reject",
    }
    return {
        **_publish(parts, "$.judged.headline", message),
        **_task(parts, "sns:publish.waitForTaskToken"),
        "TimeoutSeconds": parts.approval_seconds,
        # Never again after a timeout or a rejection, both of which `States.ALL` would cover.
        "Retry": [{"ErrorEquals": ["SNS.SdkClientException"], "MaxAttempts": 3}],
        "ResultPath": "$.approval",
        "Catch": [rejection, _FAILED],
        "Next": "Reserve",
    }


def _ask_for_reapply(parts: Parts) -> dict[str, Any]:
    """Ask machines for a re-apply; `Tell` asks people."""
    entry = {
        "Source": REAPPLY_SOURCE,
        "DetailType": "Reapply Requested",
        "Detail": {
            "remediation.$": "$.remediation",
            "urn.$": "$.judged.urn",
            "command.$": "$.judged.command",
            "event.$": "$.event.id",
        },
    }
    return {
        **_task(parts, "events:putEvents"),
        "Parameters": {"Entries": [entry]},
        "ResultPath": None,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}],
        "Catch": [_FAILED],
        "Next": "Tell",
    }


def _keep(parts: Parts) -> dict[str, Any]:
    """Keep the event and what went wrong as a dead letter."""
    failed = {"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Page"}
    return {
        **_task(parts, "sqs:sendMessage"),
        "Parameters": {"QueueUrl": parts.undelivered, "MessageBody.$": "$"},
        "ResultPath": None,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}],
        "Catch": [failed],
        "Next": "Page",
    }


def _page(parts: Parts) -> dict[str, Any]:
    message = "States.Format('{} Execution: {}', States.JsonToString($.error), $$.Execution.Id)"
    page = _publish(parts, "States.Format('Self-healing: FAILED: {}', $.remediation)", message)
    failed = {"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Failed"}
    return {**page, "Catch": [failed], "Next": "Failed"}

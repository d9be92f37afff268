"""Controls over Lambda, case by case."""

from __future__ import annotations

from typing import Any

import pytest

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
URL = "aws:lambda/functionUrl:FunctionUrl"
LAYER = "aws:lambda/layerVersionPermission:LayerVersionPermission"
INVOKE = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
DLQ = {"deadLetterConfig": {"targetArn": QUEUE}}
BOUND = {"reservedConcurrentExecutions": 1}
ON_FAILURE = {"destinationConfig": {"onFailure": {"destination": QUEUE}}}
STREAM = "arn:aws:kinesis:eu-west-1:111122223333:stream/s"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:t"


def caller(function: str, service: str, **pins: str) -> tuple[str, str, dict[str, str]]:
    principal = f"{service}.amazonaws.com"
    return PERMISSION, "caller", {"function": function, "principal": principal, **pins}


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (
        "lambda-permission-not-public",
        "a service with a source",
        [caller("f", "sns", sourceArn=TOPIC), caller("g", "s3", sourceAccount="?")],
        [],
    ),
    (
        "lambda-permission-not-public",
        "a service for anyone",
        [caller("f", "sns")],
        ["violated caller sourceArn"],
    ),
    (
        "lambda-permission-not-public",
        "anyone, and an organization",
        [
            (PERMISSION, "p", {"principal": "*"}),
            (PERMISSION, "q", {"principal": "*", "principalOrgId": "o-1"}),
            (LAYER, "l", {"principal": "*"}),
            (LAYER, "m", {"principal": "*", "organizationId": "o-1"}),
            (PERMISSION, "r", {"principal": "111122223333"}),
        ],
        ["violated l principal", "violated p principal"],
    ),
    (
        "lambda-permission-not-public",
        "URLs",
        [(URL, "u", {"authorizationType": "NONE"}), (URL, "v", {"authorizationType": "AWS_IAM"})],
        ["violated u authorizationType"],
    ),
    (
        "lambda-permission-not-public",
        "a principal that is not known",
        [(PERMISSION, "p", {"principal": "?"})],
        ["undecided p principal"],
    ),
    ("lambda-runtime-supported", "patched", [(FUNCTION, "f", {"runtime": "python3.13"})], []),
    ("lambda-runtime-supported", "an image", [(FUNCTION, "f", {"packageType": "Image"})], []),
    (
        "lambda-runtime-supported",
        "not patched",
        [(FUNCTION, "f", {"runtime": "python3.8"})],
        ["violated f runtime"],
    ),
    (
        "lambda-runtime-supported",
        "not known",
        [(FUNCTION, "f", {"runtime": "?"})],
        ["undecided f runtime"],
    ),
    ("lambda-env-encrypted", "no variables", [(FUNCTION, "f", {"environment": {}})], []),
    (
        "lambda-env-encrypted",
        "a key",
        [(FUNCTION, "f", {"kmsKeyArn": "?", "environment": {"variables": {"A": "b"}}})],
        [],
    ),
    (
        "lambda-env-encrypted",
        "no key",
        [(FUNCTION, "f", {"environment": {"variables": {"A": "?"}}})],
        ["violated f kmsKeyArn"],
    ),
    (
        "lambda-env-encrypted",
        "variables that are not known",
        [(FUNCTION, "f", {"environment": "?"})],
        ["undecided f environment.variables"],
    ),
    (
        "lambda-failure-handled",
        "a queue",
        [(FUNCTION, "f", BOUND | DLQ), caller("f-id", "sns", sourceArn=TOPIC)],
        [],
    ),
    (
        "lambda-failure-handled",
        "a destination beside it",
        [
            (FUNCTION, "f", BOUND),
            caller("f-id", "events", sourceArn=TOPIC),
            (INVOKE, "i", {"functionName": "f-id", **ON_FAILURE}),
        ],
        [],
    ),
    (
        "lambda-failure-handled",
        "whoever calls it waits",
        [(FUNCTION, "f", BOUND), caller("f-id", "apigateway", sourceArn=TOPIC)],
        [],
    ),
    (
        "lambda-failure-handled",
        "nothing",
        [(FUNCTION, "f", {}), caller("f-id", "s3", sourceArn=TOPIC)],
        ["violated f deadLetterConfig.targetArn", "violated f reservedConcurrentExecutions"],
    ),
    (
        "lambda-failure-handled",
        "a stream",
        [
            (MAPPING, "m", {"eventSourceArn": STREAM}),
            (
                MAPPING,
                "n",
                {
                    "eventSourceArn": STREAM,
                    "destinationConfig": {"onFailure": {"destinationArn": QUEUE}},
                },
            ),
            (MAPPING, "o", {"eventSourceArn": QUEUE}),
        ],
        ["violated m destinationConfig.onFailure.destinationArn"],
    ),
    (
        "lambda-failure-handled",
        "not known",
        [
            (FUNCTION, "f", {"reservedConcurrentExecutions": "?"}),
            (MAPPING, "m", {"eventSourceArn": "?"}),
        ],
        ["undecided f reservedConcurrentExecutions", "undecided m eventSourceArn"],
    ),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

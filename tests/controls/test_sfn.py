"""Controls over Step Functions, case by case."""

from __future__ import annotations

from typing import Any

import pytest

MACHINE = "aws:sfn/stateMachine:StateMachine"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
PII = {"data-class": "pii"}
LOGGED = {"level": "ALL", "logDestination": "arn:aws:logs:eu-west-1:111122223333:log-group:g:*"}
OWN_KEY = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": KEY}


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (
        "sfn-logging-without-payload",
        "logged, without data, with a key",
        [
            (
                MACHINE,
                "m",
                {"tags": PII, "loggingConfiguration": LOGGED, "encryptionConfiguration": OWN_KEY},
            )
        ],
        [],
    ),
    (
        "sfn-logging-without-payload",
        "data in the log, where it is nobody's",
        [(MACHINE, "m", {"loggingConfiguration": {**LOGGED, "includeExecutionData": True}})],
        [],
    ),
    (
        "sfn-logging-without-payload",
        "not logged",
        [
            (MACHINE, "m", {}),
            (MACHINE, "n", {"loggingConfiguration": {"level": "OFF"}}),
            (MACHINE, "o", {"loggingConfiguration": {"level": "ALL"}}),
        ],
        [
            "violated m loggingConfiguration.level",
            "violated n loggingConfiguration.level",
            "violated o loggingConfiguration.logDestination",
        ],
    ),
    (
        "sfn-logging-without-payload",
        "data in the log, and a key of AWS",
        [
            (
                MACHINE,
                "m",
                {"tags": PII, "loggingConfiguration": {**LOGGED, "includeExecutionData": True}},
            )
        ],
        [
            "violated m encryptionConfiguration.type",
            "violated m loggingConfiguration.includeExecutionData",
        ],
    ),
    (
        "sfn-logging-without-payload",
        "not known",
        [(MACHINE, "m", {"loggingConfiguration": "?"})],
        ["undecided m loggingConfiguration.level"],
    ),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

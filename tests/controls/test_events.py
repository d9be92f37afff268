"""Controls over EventBridge, case by case."""

from __future__ import annotations

from typing import Any

import pytest

RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
MACHINE_ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:m"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:t"


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (
        "events-target-failures-kept",
        "a queue, a message, a schedule",
        [
            (TARGET, "a", {"arn": MACHINE_ARN, "deadLetterConfig": {"arn": "?"}}),
            (TARGET, "b", {"arn": TOPIC}),
            (RULE, "clock", {"scheduleExpression": "rate(1 hour)"}),
            (TARGET, "c", {"arn": MACHINE_ARN, "rule": "clock-id"}),
        ],
        [],
    ),
    (
        "events-target-failures-kept",
        "nothing",
        [(RULE, "r", {"eventPattern": "{}"}), (TARGET, "t", {"arn": MACHINE_ARN, "rule": "r-id"})],
        ["violated t deadLetterConfig.arn"],
    ),
    (
        "events-target-failures-kept",
        "not known",
        [(TARGET, "t", {"arn": "?"})],
        ["undecided t arn"],
    ),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

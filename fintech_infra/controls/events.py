"""Controls over EventBridge rules and their targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import ARN_PARTS

RULE: Final = "aws:cloudwatch/eventRule:EventRule"
TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

_WORK: Final = frozenset(
    {"batch", "codebuild", "codepipeline", "ecs", "glue", "lambda", "ssm", "states"}
)
"""Services, as ARNs name them, whose targets do something about an event."""


@control(
    on=[TARGET],
    severity=Severity.MEDIUM,
    fix="Set deadLetterConfig to a queue that somebody watches; SelfHealing does for every rule.",
    source="Amazon EventBridge user guide, Using dead-letter queues; PCI DSS 4.0.1 10.7.3",
    properties=["deadLetterConfig", "arn", "rule"],
)
def events_target_failures_kept(target: Resource, environment: Environment) -> Iterator[Fault]:
    """Events that start work are kept when they cannot be delivered.

    A rule whose role, function or key was changed drops its events after a day of attempts, and the
    reaction that somebody counts on never comes. Judged are targets that do something, such as
    functions, workflows and tasks; the next tick of a schedule makes up for a lost one.
    """
    if target.is_set("deadLetterConfig.arn") or not _does_something(target):
        return
    rules = environment.references(target, "rule", RULE)
    if rules and all(_is_schedule(rule) for rule in rules):
        return
    yield Fault("deadLetterConfig.arn", "events that cannot be delivered are lost")


def _does_something(target: Resource) -> bool:
    parts = str(target.value("arn")).split(":", ARN_PARTS - 1)
    return len(parts) == ARN_PARTS and parts[2] in _WORK


def _is_schedule(rule: Resource) -> bool:
    return rule.is_set("scheduleExpression") and not rule.is_set("eventPattern")


CONTROLS: Final = (events_target_failures_kept,)

"""Looks at what a remediation is about, and makes its calls: the only calls that change AWS here.

A look may make reading calls only, and an act those only that its remediation lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fintech_infra.functions.remediation.model import Facts, Occurrence, Plan, Remediation, Step
from fintech_infra.functions.remediation.remedies import REMEDIATIONS
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.healing.model import Look, Task

_READS: Final = ("describe_", "get_", "list_")
_BESIDE: Final = frozenset({"exceptions", "get_paginator"})

Guard = Callable[[], None]
"""Asked right before each call; raises `StoppedError` where a rail forbids it by now."""


Whole = Callable[[Access, str, Step], dict[str, Any]]
"""Gives all parameters of a call in a region; raises `UnreadError` where they cannot be told."""


def _as_planned(_: Access, __: str, step: Step) -> dict[str, Any]:
    return dict(step.parameters)


class StoppedError(Exception):
    """A rail stops an act that was begun: which one."""


class UnlistedCallError(Exception):
    """A remediation was about to make a call that it does not list."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A client that only reads: remediations look through it."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        """The client's own, where it reads."""
        if name not in _BESIDE and not name.startswith(_READS):
            raise UnlistedCallError(f"{name} is no call that reads")
        return getattr(self.client, name)


@dataclass
class Container:
    """Looks at subjects of remediations, and contains, with the credentials of `access`.

    `remedies` are those that it knows. `whole` gives all parameters of a call right before it is
    made, where a plan has but those that matter.
    """

    access: Access
    remedies: Mapping[str, Remediation] = field(default_factory=lambda: REMEDIATIONS)
    whole: Whole = _as_planned
    _account: list[str] = field(default_factory=list[str])

    def look(self, task: Task) -> Look:
        """What is found of a task's subject, and what would put it right. Never raises."""
        try:
            if problem := self._stranger(task):
                return Look(problem=problem)
            facts, plan = self._observed(task)
        except UnreadError as error:
            fix = f"; {error.hint}" if error.hint else ""
            return Look(problem=f"{error}{fix}")
        return Look(plan, facts)

    def act(self, task: Task, plan: Plan, guard: Guard) -> None:
        """Make the calls of a plan, each after `guard`.

        Raises:
            StoppedError: a rail forbids the next call.
            UnlistedCallError: a call is not one that the remediation lists; none was made.
            UnreadError: a call failed.
        """
        listed = self.remedies[task.remedy].operations
        for step in plan.steps:
            if (step.service, step.operation) not in listed:
                raise UnlistedCallError(f"{task.remedy} does not list {step}")
        for step in plan.steps:
            guard()
            given = self.whole(self.access, task.region, step)
            self.access.ask(step.service, step.operation, region=task.region, **given)

    def _stranger(self, task: Task) -> str:
        """Why the credentials are not those of the task's account, empty where they are."""
        if not task.account:
            return "no ARN in the state tells in which account it is"
        if not self._account:
            told = self.access.ask("sts", "get_caller_identity") or {}
            self._account.append(str(told.get("Account", "")))
        own = self._account[0]
        if own != task.account:
            return f"it is in the account {task.account}, and the credentials are of {own}"
        return ""

    def _observed(self, task: Task) -> tuple[Facts, Plan]:
        from botocore.exceptions import BotoCoreError, ClientError

        remediation = self.remedies[task.remedy]
        happened = Occurrence(
            "drift", "", task.account, task.region, "drift", task.event or "drift"
        )
        try:
            facts = remediation.observe(
                lambda service: Reading(self.access.client(service, task.region)),
                happened,
                task.subject,
            )
        except ClientError as error:
            told = error.response.get("Error", {})
            action = f"{_service(remediation)}:{error.operation_name}"
            code, message = str(told.get("Code", "")), str(told.get("Message", ""))
            raise UnreadError(action, code, message) from error
        except BotoCoreError as error:
            raise UnreadError(_service(remediation), type(error).__name__, str(error)) from error
        return facts, remediation.plan(happened, task.subject, task.declared, facts)


def _service(remediation: Remediation) -> str:
    return remediation.operations[0][0]

"""What a judgement of drift gives to do: its steps as tasks, each thing once. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fintech_infra.operations.drift import Captured, Drift, Item, Judgement, Kind, Step, Tier
from fintech_infra.operations.drift.healing import CONTAINS
from fintech_infra.operations.healing.model import Mark, Task
from fintech_infra.operations.healing.subjects import subject_of

RESTORING: Final = frozenset({"block-bucket", "enable-detector", "keep-key", "restart-trail"})
"""Remediations that leave nothing of the drift that they are for."""


def tasks_of(report: Drift, before: Captured, after: Captured) -> tuple[Task, ...]:
    """The tasks of a judgement, in the order in which they are taken.

    What several properties ask for is one task, of the strictest of their tiers.
    """
    found: dict[tuple[str, ...], Task] = {}
    for item in report.items:
        for step in item.steps:
            task = _task(report, item, step, before, after)
            # What nobody does need not be one: each item has its own word for people.
            alone = () if task.subject else (item.urn, item.path, task.says)
            key = (*task.key, *alone)
            found[key] = _joined(found[key], task) if key in found else task
    return tuple(sorted(found.values(), key=lambda task: task.order))


def marks_of(report: Drift) -> frozenset[Mark]:
    """All that has drifted."""
    return frozenset((item.urn, item.path) for item in report.items)


def _joined(one: Task, other: Task) -> Task:
    tiers = list(Tier)
    return replace(
        one,
        tier=max(one.tier, other.tier, key=tiers.index),
        marks=tuple(dict.fromkeys((*one.marks, *other.marks))),
        is_dangerous=one.is_dangerous or other.is_dangerous,
        is_raised=one.is_raised or other.is_raised,
        unclear=one.unclear or other.unclear,
    )


def _task(report: Drift, item: Item, step: Step, before: Captured, after: Captured) -> Task:
    task = Task(
        step.kind,
        step.tier,
        step.says,
        report.project,
        report.stack,
        ((item.urn, item.path),),
        is_dangerous=item.judgement is Judgement.DANGEROUS,
        is_raised=item.seen > 0,
    )
    if step.kind is Kind.CONTAIN:
        remedy = CONTAINS[item.type, item.path]
        about = subject_of(remedy, item.urn, before, after)
        return replace(
            task,
            remedy=remedy,
            subject=about.id,
            account=about.account,
            region=about.region,
            declared=about.declared,
            event=about.event,
            unclear=about.unclear,
        )
    if step.kind is Kind.REAPPLY:
        words = shlex.split(step.command)
        unclear = "" if _is_known(words) else "the plan names no command that is known here"
        return replace(task, subject=item.urn, arguments=tuple(words[1:]), unclear=unclear)
    return task


def _is_known(words: list[str]) -> bool:
    """Whether a command is what drift plans: one stack and one resource are applied."""
    match words:
        case ["pulumi", "up", "--refresh", "--stack", stack, "--target", urn, *rest]:
            is_named = not (stack.startswith("-") or urn.startswith("-"))
            return is_named and rest in ([], ["--target-dependents"])
        case _:
            return False


def is_restored(task: Task, mended: Iterable[Task]) -> bool:
    """Whether remediations have restored all that a task of Pulumi would."""
    done = {mark for it in mended if it.remedy in RESTORING for mark in it.marks}
    return task.kind is Kind.REAPPLY and set(task.marks) <= done

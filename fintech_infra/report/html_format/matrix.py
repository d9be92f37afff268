"""The frameworks, both ways: what supports a requirement, and what a control supports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from fintech_infra.controls.control import Control
from fintech_infra.controls.frameworks import Framework, load
from fintech_infra.controls.frameworks.coverage import (
    Coverage,
    Status,
    control_statuses,
    coverage,
)
from fintech_infra.report.html_format.context import Context
from fintech_infra.report.html_format.sections import by_framework


@dataclass(frozen=True, slots=True)
class Support:
    """A control that supports a requirement; `anchor` is empty where it was not chosen."""

    id: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement: its controls by what they found, worst first.

    `beyond` says why no preview can say anything about it, and is empty where one can.
    """

    id: str
    anchor: str
    title: str
    status: Status
    beyond: str
    controls: Mapping[Status, tuple[Support, ...]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One framework; the requirements out of reach are apart."""

    framework: Framework
    anchor: str
    counts: Mapping[Status, int]
    rows: tuple[Row, ...]
    beyond: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Supporter:
    """A control, what it found, and the requirement ids that it supports, by framework.

    `found` says whether the document has findings of it, where its anchor is then.
    """

    control: Control
    anchor: str
    found: bool
    status: Status
    requirements: Mapping[str, tuple[str, ...]]


def sheets(context: Context) -> tuple[Sheet, ...]:
    """Every framework with what the run found out about its requirements."""
    report = context.report
    return tuple(
        _sheet(item, coverage(item, report.evaluation, report.environment), context)
        for item in load()
    )


def _sheet(framework: Framework, found: tuple[Coverage, ...], context: Context) -> Sheet:
    counts = Counter(item.status for item in found)
    rows = [_row(item, framework, context) for item in found]
    return Sheet(
        framework,
        context.anchors.new(f"framework {framework.name}"),
        {status: counts[status] for status in Status if counts[status]},
        tuple(row for row in rows if not row.beyond),
        tuple(row for row in rows if row.beyond),
    )


def _row(item: Coverage, framework: Framework, context: Context) -> Row:
    groups = {status: _group(item, status) for status in Status}
    return Row(
        item.requirement.id,
        context.anchors.new(f"{framework.name} {item.requirement.id}"),
        item.requirement.title,
        item.status,
        item.requirement.beyond or "",
        {
            status: tuple(Support(id_, context.anchors.control(id_)) for id_ in ids)
            for status, ids in groups.items()
            if ids
        },
    )


def _group(item: Coverage, status: Status) -> tuple[str, ...]:
    """The controls of a requirement that ended with a status; none ends with some of them."""
    return getattr(item, status.name.lower(), ())


def supporters(context: Context) -> tuple[Supporter, ...]:
    """The controls of the run in the order of their ids."""
    report = context.report
    statuses = control_statuses(report.evaluation, report.environment)
    with_findings = {item.control.id for item in report.evaluation.every}
    return tuple(
        Supporter(
            item,
            context.anchors.control(item.id),
            item.id in with_findings,
            statuses[item.id],
            by_framework(report.supports(item)),
        )
        for item in sorted(report.evaluation.controls, key=lambda item: item.id)
    )

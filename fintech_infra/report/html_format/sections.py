"""The findings as they are shown: by control, worst first, each in its section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.report.html_format.context import Context, Place
from fintech_infra.report.html_format.path_diagram import Diagram, drawn
from fintech_infra.report.naming import names
from fintech_infra.report.patch import changes
from fintech_infra.report.patch import shown as written
from fintech_infra.report.paths import chain_lines
from fintech_infra.report.summary import Entry, Section

_OPENED: Final = 6
"""Up to so many controls with findings are shown with all that is said about them."""


class Standing(StrEnum):
    """Where a finding stands, what needs an answer first."""

    NEW = "new"
    """Violates a control; no waiver and no baseline has it."""
    UNDECIDED = "undecided"
    """Could not be judged."""
    BROKEN = "broken"
    """The control itself failed."""
    KNOWN = "known"
    """The baseline has it, too."""
    WAIVED = "waived"
    """Somebody answers for it until a day."""


_OF_VERDICT: Final = {
    Verdict.VIOLATED: Standing.NEW,
    Verdict.UNDECIDED: Standing.UNDECIDED,
    Verdict.BROKEN: Standing.BROKEN,
}
_OF_SECTION: Final = {Section.KNOWN: Standing.KNOWN, Section.WAIVED: Standing.WAIVED}


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding. `path` is empty where the message begins with it.

    `changes` are the inputs that would mend it: path, value now, value then.
    """

    standing: Standing
    place: Place
    trail: tuple[Place, ...]
    path: str
    message: str
    excuse: str
    diagram: Diagram | None
    steps: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    waiver: Waiver | None


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one control."""

    control: Control
    anchor: str
    requirements: Mapping[str, tuple[str, ...]]
    findings: tuple[Shown, ...]
    counts: Mapping[Standing, int]
    opened: bool

    @property
    def worst(self) -> Standing:
        """The first standing that it has a finding in."""
        return next(iter(self.counts))


def grouped(context: Context) -> tuple[Group, ...]:
    """The findings of all sections by control: new ones first, most severe first."""
    by_control: dict[str, list[Shown]] = {}
    controls: dict[str, Control] = {}
    for entry in context.report.entries:
        control = entry.finding.control
        controls[control.id] = control
        by_control.setdefault(control.id, []).append(_shown(entry, context))
    opened = len(by_control) <= _OPENED
    groups = [
        _group(controls[id_], found, context, opened=opened) for id_, found in by_control.items()
    ]
    order = list(Standing)
    groups.sort(key=lambda item: (order.index(item.worst), item.control.severity.rank))
    return tuple(groups)


def _group(control: Control, found: Sequence[Shown], context: Context, *, opened: bool) -> Group:
    order = list(Standing)
    findings = sorted(found, key=lambda item: order.index(item.standing))
    counts = Counter(item.standing for item in findings)
    return Group(
        control=control,
        anchor=context.anchors.control(control.id),
        requirements=by_framework(context.report.supports(control)),
        findings=tuple(findings),
        counts={item: counts[item] for item in Standing if counts[item]},
        opened=opened,
    )


def by_framework(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Requirement ids by framework.

    >>> by_framework([("PCI DSS", "1.4.2"), ("SOC 2", "CC6.1"), ("PCI DSS", "7.2.1")])
    {'PCI DSS': ('1.4.2', '7.2.1'), 'SOC 2': ('CC6.1',)}
    """
    ordered = sorted(enumerate(pairs), key=lambda item: (item[1][0], item[0]))
    return {
        name: tuple(pair[1] for _, pair in found)
        for name, found in groupby(ordered, lambda item: item[1][0])
    }


def standing(entry: Entry) -> Standing:
    """Where a finding stands: its section, or where that is for new ones, its verdict."""
    return _OF_SECTION.get(entry.section) or _OF_VERDICT[entry.finding.verdict]


def _shown(entry: Entry, context: Context) -> Shown:
    environment, text = context.report.environment, context.redaction.text
    finding, chain = entry.finding, entry.finding.chain
    message = text(finding.message)
    return Shown(
        standing=standing(entry),
        place=context.place(finding.resource),
        trail=context.trail(finding.resource),
        path="" if names(message, finding.path) else finding.path,
        message=message,
        excuse=context.report.excuse(finding),
        diagram=drawn(chain, context) if chain else None,
        steps=tuple(text(line) for line in chain_lines(chain, environment)),
        changes=tuple(
            (change.path, written(change.old), written(change.new))
            for change in changes(finding, context.redaction)
        ),
        waiver=context.waiver(entry.waiver) if entry.waiver is not None else None,
    )

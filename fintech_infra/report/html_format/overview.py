"""The first screen: how a run ended, what that means, and how much there is of everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.controls.control import Severity
from fintech_infra.controls.evaluate import Verdict
from fintech_infra.report.html_format.sections import Standing, standing
from fintech_infra.report.naming import counted, regions
from fintech_infra.report.summary import Outcome, Report, by_severity

UNNAMED: Final = "organization"
"""What Pulumi calls the organization where nobody named one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The new findings of one service; `parts` are `(severity, start, width)` in per cent."""

    service: str
    counts: Mapping[Severity, int]
    total: int
    parts: tuple[tuple[Severity, float, float], ...]


def overview(report: Report) -> dict[str, Any]:
    """What the templates say about a run as a whole."""
    evaluation = report.evaluation
    violated = evaluation.of(Verdict.VIOLATED)
    return {
        "outcome": report.outcome,
        "meaning": _meaning(report),
        "title": f"{report.environment.project} / {report.environment.stack}",
        "organization": ""
        if report.environment.organization == UNNAMED
        else report.environment.organization,
        "regions": tuple(regions(report.environment)),
        "severities": by_severity(violated),
        "standings": standings(report),
        "facts": {
            "Resources": len(report.resources),
            "Components": len(report.components),
            "Controls": len(evaluation.controls),
            "Judged": evaluation.judged,
        },
        "bars": bars(report),
    }


def standings(report: Report) -> dict[Standing, int]:
    """How many findings stand where. Broken and known ones are left out where there can be none.

    A component that nobody saw into is an open question, too.
    """
    counts = Counter(standing(entry) for entry in report.entries)
    counts[Standing.UNDECIDED] += len(report.opaque)
    found = {item: counts[item] for item in Standing}
    if not counts[Standing.BROKEN]:
        del found[Standing.BROKEN]
    if not report.has_baseline:
        del found[Standing.KNOWN]
    return found


def _meaning(report: Report) -> str:
    violated = report.evaluation.of(Verdict.VIOLATED)
    blocking = sum(report.decides(item) for item in violated)
    threshold = f"the threshold of this run, {report.fail_on}"
    if report.outcome is Outcome.BLOCKED:
        verb = "is" if blocking == 1 else "are"
        return f"{counted(blocking, 'new finding')} {verb} at {threshold}, or above it."
    if report.outcome is Outcome.UNDECIDED:
        allowed = " This run may succeed all the same." if report.exit_code == 0 else ""
        reason = (
            "the run itself reported an error"
            if report.failed
            else ("not everything could be judged")
        )
        return f"Nothing known blocks, but {reason}, which never counts as clean.{allowed}"
    below = f", and {counted(len(violated), 'finding')} below it" if violated else ""
    return f"Everything was judged. No new finding is at {threshold}, or above it{below}."


def bars(report: Report) -> tuple[Bar, ...]:
    """The new findings by service and severity, the service that has the worst first."""
    found: dict[str, Counter[Severity]] = {}
    for item in report.evaluation.of(Verdict.VIOLATED):
        found.setdefault(item.control.service, Counter())[item.severity] += 1
    most = max((counts.total() for counts in found.values()), default=1)
    worst = sorted(found, key=lambda name: ([-found[name][item] for item in Severity], name))
    return tuple(_bar(name, found[name], most) for name in worst)


def _bar(service: str, counts: Counter[Severity], most: int) -> Bar:
    given = {severity: counts[severity] for severity in Severity}
    return Bar(service, given, counts.total(), tuple(_parts(list(given.items()), most)))


def _parts(
    counts: Sequence[tuple[Severity, int]], most: int
) -> Iterator[tuple[Severity, float, float]]:
    start = 0
    for severity, number in counts:
        if number:
            yield severity, round(100 * start / most, 2), round(100 * number / most, 2)
        start += number

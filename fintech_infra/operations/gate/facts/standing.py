"""How the change stands to the controls: what they find anew, and what is waived anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fintech_infra.controls.baseline import compare, completed, formers
from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Former, Verdict, evaluate
from fintech_infra.controls.waivers.apply import waive
from fintech_infra.controls.waivers.model import Waiver
from fintech_infra.operations.change import Change
from fintech_infra.operations.gate.facts.wording import Words, listed, named
from fintech_infra.operations.gate.model import Concern, Fact
from fintech_infra.report.naming import counted

_REGRESSION = {
    Severity.CRITICAL: Concern.REGRESSION_CRITICAL,
    Severity.HIGH: Concern.REGRESSION_HIGH,
    Severity.MEDIUM: Concern.REGRESSION_MEDIUM,
    Severity.LOW: Concern.REGRESSION_LOW,
}


@dataclass(frozen=True, slots=True)
class Standard:
    """What the change is held to.

    `waivers` are those after and `former` those before, None where nobody knows them; `recorded`
    are findings that were kept beside the environment before.
    """

    controls: Sequence[Control]
    parameters: Mapping[str, Mapping[str, Any]]
    today: date
    waivers: Sequence[Waiver] = ()
    former: Sequence[Waiver] | None = ()
    recorded: Sequence[Former] = ()


def standing(change: Change, words: Words, standard: Standard) -> Iterator[Fact]:
    """Yield controls that regress, what they cannot decide any more, and new waivers."""
    yield from _regressions(change, words, standard)
    yield from _waivers(change, words, standard)


def _regressions(change: Change, words: Words, standard: Standard) -> Iterator[Fact]:
    before = formers(evaluate(change.before, standard.controls, standard.parameters))
    found = evaluate(change.after, standard.controls, standard.parameters)
    kept = waive(found, change.after, standard.waivers, standard.today)
    new = compare(kept, completed(before, standard.recorded)).findings
    grouped: dict[tuple[str, bool], list[Finding]] = defaultdict(list)
    for finding in new:
        grouped[finding.control.id, finding.verdict is Verdict.VIOLATED].append(finding)
    for (id_, is_violated), findings in grouped.items():
        control = findings[0].control
        lines = listed((_line(item, words) for item in findings), "finding")
        if is_violated:
            says = f"New violation at {_places(findings)}: {control.title}"
            yield Fact(_REGRESSION[control.severity], id_, words.text(says), lines)
        else:
            says = f"Nobody can tell whether a control holds: {control.title}"
            yield Fact(Concern.UNDECIDED, id_, says, lines)


def _places(findings: Sequence[Finding]) -> str:
    resources = {item.resource.urn for item in findings}
    return (
        named(findings[0].resource) if len(resources) == 1 else counted(len(resources), "resource")
    )


def _line(finding: Finding, words: Words) -> str:
    place = f" {finding.path}:" if finding.path else ":"
    return words.text(f"{finding.resource.urn}{place} {finding.message}")


def _waivers(change: Change, words: Words, standard: Standard) -> Iterator[Fact]:
    stack = change.after.stack
    now = {_key(item): item for item in standard.waivers if item.is_for(stack)}
    if standard.former is None:
        if now:
            number = counted(len(now), "waiver")
            says = f"Nobody knows which of {number} were there before."
            lines = listed(map(_where, now.values()), "waiver")
            yield Fact(Concern.UNDECIDED, "waivers", says, lines)
        return
    past = {_key(item): item for item in standard.former if item.is_for(stack)}
    for key, item in now.items():
        was = past.get(key)
        if was is None or item.expires > was.expires or (item.undecided and not was.undecided):
            does = "is added" if was is None else f"is extended, from {was.expires}"
            says = f"A waiver of {item.control} {does}, to {item.expires}."
            lines = (_where(item), f"reason: {item.reason}", f"approver: {item.approver}")
            subject = f"{item.control} for {item.resource}"
            yield Fact(Concern.WAIVER, subject, says, tuple(map(words.text, lines)))


def _key(item: Waiver) -> tuple[str, ...]:
    return (item.control, item.resource.partition("::")[2], item.path, item.within)


def _where(item: Waiver) -> str:
    return f"{item.origin}: {item.control} for {item.resource}"

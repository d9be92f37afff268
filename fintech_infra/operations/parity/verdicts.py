"""What controls say of the same thing in two environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fintech_infra.controls.control import Control, Scope
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict, is_production, subjects
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.model import ANY_TYPE
from fintech_infra.operations.parity.model import Match


@dataclass(frozen=True, slots=True)
class Said:
    """A control that says one thing of a match in the reference and another there.

    A control that judges things in one environment and nothing in the other has no `match`; what it
    judges is `covers`, on the side `side` (0 is the reference).
    """

    control: Control
    match: Match | None
    reference: str
    other: str
    message: str
    undecided: bool = False
    side: int = 0
    covers: tuple[Resource, ...] = ()


def verdicts(
    matches: Sequence[Match],
    evaluations: tuple[Evaluation, Evaluation],
    environments: tuple[Environment, Environment],
) -> Iterator[Said]:
    """Yield what controls say differently of two things that match, and controls that are absent.

    A control that is for production only counts where both are production.
    """
    found = _by_place(evaluations[0]), _by_place(evaluations[1])
    shared = [it for it in evaluations[0].controls if _is_for_both(it, environments)]
    named = {it.id: it for it in shared}
    for match in matches:
        ours, theirs = match.reference, match.other
        if ours is None or theirs is None:
            continue
        mine, its = found[0].get(ours.urn, {}), found[1].get(theirs.urn, {})
        for id_ in sorted({*mine, *its} & {*named}):
            first, second = _verdict(mine.get(id_)), _verdict(its.get(id_))
            if first != second:
                yield _said(named[id_], match, (first, second), mine.get(id_) or its[id_])
    yield from _absent(shared, environments)


def _said(control: Control, match: Match, said: tuple[str, str], finding: Finding) -> Said:
    is_open = Verdict.UNDECIDED in said and Verdict.VIOLATED not in said
    return Said(control, match, *said, finding.message, undecided=is_open)


def _verdict(finding: Finding | None) -> str:
    return finding.verdict.value if finding else "holds"


def _by_place(evaluation: Evaluation) -> Mapping[str, Mapping[str, Finding]]:
    """Findings by URN and control; of several the worst verdict."""
    rank = [Verdict.VIOLATED, Verdict.BROKEN, Verdict.UNDECIDED]
    found: dict[str, dict[str, Finding]] = {}
    for finding in sorted(evaluation.every, key=lambda it: -rank.index(it.verdict)):
        found.setdefault(finding.resource.urn, {})[finding.control.id] = finding
    return found


def _absent(
    controls: Sequence[Control], environments: tuple[Environment, Environment]
) -> Iterator[Said]:
    for control in controls:
        judged = [tuple(subjects(control, it)) for it in environments]
        if bool(judged[0]) == bool(judged[1]):
            continue
        side = 0 if judged[0] else 1
        count = f"judges {len(judged[side])}"
        said = (count, "judges nothing") if side == 0 else ("judges nothing", count)
        yield Said(control, None, *said, "", side=side, covers=judged[side])


def _is_for_both(control: Control, environments: tuple[Environment, Environment]) -> bool:
    return control.scope is not Scope.PROD or all(is_production(it.stack) for it in environments)


@lru_cache(maxsize=4096)
def reads(type_: str, top: str) -> bool:
    """Whether a control of the catalogue decides by an input of a type."""
    return top in _read_by_type().get(type_, frozenset())


def is_judged(type_: str) -> bool:
    """Whether a control of the catalogue is for a type in particular."""
    return type_ in _read_by_type()


@lru_cache(maxsize=1)
def _read_by_type() -> Mapping[str, frozenset[str]]:
    from fintech_infra.controls import CONTROLS

    found: dict[str, frozenset[str]] = {}
    for control in CONTROLS:
        tops = frozenset(path.partition(".")[0].partition("[")[0] for path in control.properties)
        for type_ in control.on:
            if type_ != ANY_TYPE:
                found[type_] = found.get(type_, frozenset()) | tops
    return found

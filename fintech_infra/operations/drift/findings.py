"""Which findings are new since a refresh, and which unit of drift each is owed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fintech_infra.controls.baseline import compare, formers
from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict, evaluate
from fintech_infra.environment import Environment
from fintech_infra.operations.drift.pictures import Pictures, Unit

Waive = Callable[[Environment, Evaluation], Evaluation]
"""Applies the waivers that hold, to an evaluation of an environment."""


def _nothing_waived(_: Environment, evaluation: Evaluation) -> Evaluation:
    return evaluation


@dataclass(frozen=True, slots=True)
class Standard:
    """What both pictures are held to. `waive` is pure: the day of its waivers is fixed."""

    controls: Sequence[Control]
    parameters: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]]
    )
    waive: Waive = _nothing_waived


@dataclass(frozen=True, slots=True)
class Owed:
    """The new findings that one unit causes: those that stand, and those that are waived."""

    open: tuple[Finding, ...] = ()
    waived: tuple[tuple[Finding, str, date], ...] = ()


def owed(found: Pictures, standard: Standard) -> tuple[Owed, ...]:
    """What each unit of the pictures causes, in their order.

    A finding is owed to a unit where it is gone once the unit alone is undone. One that several
    units cause together is owed to those of its own resource, else to all.
    """
    new, waivers = _new(found, standard)
    if not new:
        return tuple(Owed() for _ in found.units)
    concerned = [it for it in standard.controls if it.id in {one.control.id for one in new}]
    whole = evaluate(found.live, concerned, standard.parameters)
    causing = [_gone(found.without(unit), whole, concerned, standard) for unit in found.units]
    known = {key for keys in causing for key in keys}
    for finding in new:
        if _key(finding) not in known:
            for at in _sharing(finding, found.units):
                causing[at].add(_key(finding))
    return tuple(_owed(keys, new, waivers) for keys in causing)


def _new(found: Pictures, standard: Standard) -> tuple[list[Finding], dict[int, tuple[str, date]]]:
    """The findings that are new, and by id of an object who lets it stand until when."""
    was = evaluate(found.before, standard.controls, standard.parameters)
    live = evaluate(found.live, standard.controls, standard.parameters)
    broken = {_key(it) for it in was.findings if it.verdict is Verdict.BROKEN}
    compared = compare(live, formers(was))
    new = [
        it for it in compared.findings if not (it.verdict is Verdict.BROKEN and _key(it) in broken)
    ]
    waived = standard.waive(found.live, compared).waived
    listed = {id(it) for it in new}
    return new, {
        id(it.finding): (it.waiver.control, it.waiver.expires)
        for it in waived
        if id(it.finding) in listed
    }


def _gone(
    undone: Environment, whole: Evaluation, controls: Sequence[Control], standard: Standard
) -> set[tuple[str, str]]:
    former = formers(evaluate(undone, controls, standard.parameters))
    return {_key(it) for it in compare(whole, former).findings if it.verdict is not Verdict.BROKEN}


def _sharing(finding: Finding, units: Sequence[Unit]) -> list[int]:
    chained = {finding.resource.urn, *(edge.urn for edge in finding.chain)}
    near = [at for at, unit in enumerate(units) if unit.change.urn in chained]
    return near or list(range(len(units)))


def _owed(
    keys: set[tuple[str, str]], new: Sequence[Finding], waivers: Mapping[int, tuple[str, date]]
) -> Owed:
    mine = [it for it in new if _key(it) in keys]
    return Owed(
        tuple(it for it in mine if id(it) not in waivers),
        tuple((it, *waivers[id(it)]) for it in mine if id(it) in waivers),
    )


def _key(finding: Finding) -> tuple[str, str]:
    return finding.control.id, finding.resource.urn

"""Adds to a report what tripwires looked at, and what AWS did not tell them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fintech_infra.environment import Resource
from fintech_infra.operations.drift import Drift, Item, Judgement, Kind, Standard, Step, Tier
from fintech_infra.operations.tripwires.collect import Looked
from fintech_infra.operations.tripwires.copies import shared_with
from fintech_infra.report.naming import short_type

_UNTOLD: Final = "AWS does not tell what is there, so nobody can tell whether it has drifted."
_OUTSIDE: Final = "It is there, and no program declares it; no control says what it means."
_TRUSTED: Final = "No program declares it, and {} trusts every account that it is shared with."
_STEPS: Final = (Step(Kind.ASK, Tier.PERSON, "Let it be read, then look again."),)


def explained(report: Drift, looked: Looked, standard: Standard) -> Drift:
    """The report, with why something was not told, and with notes on what was looked at.

    Whatever AWS did not tell has an item that is undecided or worse. A copy that is shared with
    accounts only that `trusted_accounts` of a control of the standard names is expected.
    """
    items = [_explained(item, looked, standard) for item in report.items]
    said = {(item.urn, item.path) for item in items}
    items += _missing(looked, said)
    items.sort(key=lambda it: it.judgement.rank)
    notes = (*report.notes, *looked.notes, *_refusals(looked))
    return replace(report, items=tuple(items), notes=notes)


def _explained(item: Item, looked: Looked, standard: Standard) -> Item:
    reason = looked.unread.get((item.urn, item.path), "")
    if reason and item.judgement is not Judgement.DANGEROUS:
        says = item.reason if item.causes else _UNTOLD
        item = replace(item, judgement=Judgement.UNDECIDED, reason=says, steps=_STEPS)
    if reason:
        return replace(item, evidence=(*item.evidence, _told(reason)))
    if item.urn in looked.extra and item.judgement is Judgement.UNDECIDED and not item.causes:
        return _outside(item, looked.after.environment.by_urn[item.urn], standard)
    return item


def _outside(item: Item, copy: Resource, standard: Standard) -> Item:
    """The item of a copy that no program declares, and that breaks no control."""
    for control in standard.controls:
        trusted = standard.parameters.get(control.id, {}).get("trusted_accounts", ())
        if copy.type in control.on and trusted and shared_with(copy) <= {*trusted}:
            says = _TRUSTED.format(control.id)
            return replace(item, judgement=Judgement.EXPECTED, reason=says, steps=())
    return replace(item, reason=_OUTSIDE)


def _told(reason: str) -> str:
    return f"not told: {reason}"


def _missing(looked: Looked, said: set[tuple[str, str]]) -> Iterator[Item]:
    """Yield what was not told and not recorded either, so that nothing differs."""
    for (urn, path), reason in looked.unread.items():
        if (urn, path) in said:
            continue
        resource = looked.before.environment.by_urn[urn]
        yield Item(
            urn=urn,
            type=resource.type,
            name=resource.name,
            op="updated",
            path=path,
            judgement=Judgement.UNDECIDED,
            reason=_UNTOLD,
            evidence=(_told(reason),),
            source=str(resource.source or ""),
            steps=_STEPS,
        )


def _refusals(looked: Looked) -> Iterator[str]:
    """Yield each reason once, with everything that it hides."""
    hidden: dict[str, dict[str, list[str]]] = {}
    for (urn, path), reason in looked.unread.items():
        hidden.setdefault(reason, {}).setdefault(urn, []).append(path)
    for reason, places in hidden.items():
        said = [_said(looked.before.environment.by_urn[urn], it) for urn, it in places.items()]
        yield f"Not told: {'; '.join(said)}: {reason}."


def _said(resource: Resource, paths: list[str]) -> str:
    return f"{', '.join(paths)} of {short_type(resource.type)} {resource.name}"

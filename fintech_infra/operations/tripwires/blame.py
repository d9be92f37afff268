"""Who did it: the calls on record that could have left a resource as it is.

A call is no proof. It is named because it sets what drifted, on this very resource, and succeeded.
CloudTrail keeps 90 days: what is older has no call, and drift whose call is not found is not
thereby nobody's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from fintech_infra.environment import Resource
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.aws.call import Call
from fintech_infra.operations.aws.trail import DELAY, KEPT, Pause, Recorded, home_of, recorded
from fintech_infra.operations.drift import Drift, Item, Judgement, Pictures
from fintech_infra.operations.gate.approvals.sentences import listed
from fintech_infra.operations.moments import written
from fintech_infra.operations.tripwires.blame_calls import SETTERS
from fintech_infra.operations.tripwires.blame_setters import Names, Setters
from fintech_infra.operations.tripwires.places import region_of

_ASKED: Final = (Judgement.DANGEROUS, Judgement.UNDECIDED, Judgement.RELEVANT)
_NAMED: Final = 3
"""Calls that an item names at most, the newest."""
_LOOKED_AT: Final = 200
"""Events of one look-up: four pages, two seconds at the pace that CloudTrail allows."""
_LOOK_UPS: Final = 60
"""Look-ups for one report, thirty seconds at that pace if each has one page."""
_LONGEST: Final = 80
"""Characters of a user agent."""
_ANY: Final = Setters("")


class _SpentError(Exception):
    """There were as many look-ups as there may be."""


@dataclass
class _History:
    """Asks CloudTrail for one report: no question twice, and no region again that refused."""

    access: Access
    now: datetime
    pause: Pause
    left: int = _LOOK_UPS
    told: dict[tuple[str, str, str], Recorded] = field(
        default_factory=dict[tuple[str, str, str], Recorded]
    )
    refused: dict[str, UnreadError] = field(default_factory=dict[str, UnreadError])

    def of(self, region: str, *, resource: str = "", name: str = "") -> Recorded:
        """The newest calls on a resource, or by the name of an operation.

        Raises:
            UnreadError: CloudTrail does not tell.
            _SpentError: no look-up is left.
        """
        key = region, resource, name
        if key in self.told:
            return self.told[key]
        if region in self.refused:
            raise self.refused[region]
        if not self.left:
            raise _SpentError
        self.left -= 1
        try:
            self.told[key] = recorded(
                self.access,
                self.now - KEPT,
                self.now,
                resource=resource,
                name=name,
                most=_LOOKED_AT,
                region=region,
                pause=self.pause,
            )
        except UnreadError as error:
            self.refused[region] = error
            raise
        return self.told[key]


def blame(
    access: Access, report: Drift, found: Pictures, now: datetime, *, pause: Pause = time.sleep
) -> Drift:
    """Name for each item that matters the calls of the past 90 days that could have made it.

    `found` is what the report was decided from. Where CloudTrail does not tell, a note of the
    report says so. Takes at least half a second for each resource, the pace that AWS allows.
    """
    history = _History(access, now, pause)
    items: list[Item] = []
    notes: dict[str, None] = {}
    spent = 0
    for item in report.items:
        resource = found.live.by_urn.get(item.urn) or found.before.by_urn.get(item.urn)
        if resource is None or item.judgement not in _ASKED:
            items.append(item)
            continue
        try:
            region = region_of(resource, found.live) or access.region
            items.append(replace(item, who=tuple(_who(item, resource, region, history))))
        except UnreadError as error:
            notes[f"Who did it is not known: {error}{error.hint and f'; {error.hint}'}."] = None
            items.append(item)
        except _SpentError:
            spent += 1
            items.append(item)
    if spent:
        notes[f"Who did it was not looked up for the last {spent} items: it takes too long."] = None
    if any(item.who for item in items):
        minutes = int(DELAY.total_seconds() // 60)
        notes[
            f"Calls are on record {KEPT.days} days, from {minutes} minutes after they were made; "
            "one that could have made a difference need not be the one that did."
        ] = None
    return replace(report, items=tuple(items), notes=(*report.notes, *notes))


def _who(item: Item, resource: Resource, region: str, history: _History) -> Iterator[str]:
    setters = SETTERS.get(item.type, _ANY)
    names = setters.of(item.path, item.op)
    region = home_of(setters.service, region)
    known = list(_known_as(resource, setters))
    since: list[datetime] = []
    matching: list[Call] = []
    for it in known:
        told = history.of(region, resource=it)
        since.append(told.since)
        matching = [call for call in told.calls if _could(call, setters, names)]
        if matching:
            break
    else:  # services that list no resources with their calls
        for name in names:
            told = history.of(region, name=name)
            since.append(told.since)
            matching += [
                call
                for call in told.calls
                if _could(call, setters, names) and (not known or any(map(call.names, known)))
            ]
    if item.path not in setters.sets:
        matching = [it for it in matching if _mentions(it, item.path)] or matching
    matching.sort(key=lambda it: it.time, reverse=True)
    yield from map(_said, matching[:_NAMED])
    if since and not matching:
        what = f"call of {listed(names, 'or')} on it" if names else "call that changes it"
        yield f"no {what} is recorded since {written(max(since))}"


def _could(call: Call, setters: Setters, names: Names) -> bool:
    if call.error:
        return False
    return not names or (call.name in names and call.service == setters.service)


def _mentions(call: Call, path: str) -> bool:
    """Whether a call that sets many properties was asked to set this one."""
    return path.lower() in {key.lower() for key in call.parameters}


def _known_as(resource: Resource, setters: Setters) -> Iterator[str]:
    found: dict[str, None] = {}
    for key in setters.by:
        for value in (_own(resource, key), resource.inputs.get(key)):
            if isinstance(value, str) and value:
                found[value] = None
    yield from found


def _own(resource: Resource, key: str) -> Any:
    return resource.id if key == "id" else resource.outputs.get(key)


def _said(call: Call) -> str:
    said = [f"{written(call.time)} {call.name} by {call.actor or 'somebody CloudTrail names not'}"]
    if call.session:
        said.append(f"session {call.session}")
    if call.person and call.person != call.session:
        said.append(f"of {call.person}")
    if call.via:
        said.append(f"through {call.via}")
    if call.address and call.address != call.via:
        said.append(f"from {call.address}")
    if call.agent and call.agent != call.address:
        said.append(f"with {call.agent[:_LONGEST]}")
    return ", ".join(said)

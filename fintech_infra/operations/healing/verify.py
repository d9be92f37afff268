"""Verifying all acts of a journal: signatures, numbers, links, times, and what belongs together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from fintech_infra.operations.digest import digest
from fintech_infra.operations.healing.acts import ACTS, Act, Intent, Outcome, act_key, number_of
from fintech_infra.operations.healing.journal import opened
from fintech_infra.operations.ledger import Store
from fintech_infra.operations.ledger.append import TOLERANCE
from fintech_infra.operations.moments import written
from fintech_infra.operations.signing import SignatureError, TrustedKeys


@dataclass(frozen=True, slots=True)
class ActFault:
    """What is wrong with an act; `part` is such as `act 12`."""

    number: int
    part: str
    message: str

    def __str__(self) -> str:
        """Render as a sentence."""
        return f"{self.part} {self.message}"


@dataclass(frozen=True, slots=True)
class Verified:
    """How many acts there are, the acts that are sound, what is broken, and how many are open."""

    size: int
    acts: tuple[Act, ...]
    faults: tuple[ActFault, ...]
    open: tuple[int, ...]


@dataclass
class _Audit:
    store: Store
    keys: TrustedKeys
    now: datetime
    faults: list[ActFault] = field(default_factory=list[ActFault])

    def add(self, number: int, message: str, part: str = "") -> None:
        self.faults.append(ActFault(number, part or f"act {number}", message))


def verify_acts(store: Store, keys: TrustedKeys, now: datetime) -> Verified:
    """Verify every act that is in a store.

    A tail that was cut off shows in a store that keeps versions, and else not: keep the number of
    the last act elsewhere, as `fintech-infra heal` prints it.

    Raises:
        StoreError: the store cannot be read.
    """
    audit = _Audit(store, keys, now)
    numbers = [*_numbers(audit)]
    for what in store.hidden():
        key, _, message = what.partition(" ")
        if key.startswith(ACTS):
            audit.add(number_of(key) or 0, message, key)
    acts = [*_chained(audit, max(numbers, default=-1) + 1)]
    _check_pairs(audit, acts)
    faults = tuple(sorted(audit.faults, key=lambda fault: (fault.number, fault.part)))
    return Verified(len(numbers), tuple(acts), faults, _open(acts))


def _numbers(audit: _Audit) -> Iterator[int]:
    for key in audit.store.keys(ACTS):
        number = number_of(key)
        if number is None:
            audit.add(0, "is no part of a ledger", key)
        else:
            yield number


def _chained(audit: _Audit, size: int) -> Iterator[Act]:
    """Yield the acts that are sound, in their order; note the others."""
    before: Act | None = None
    previous: str | None = ""
    for number in range(size):
        content = audit.store.read(act_key(number))
        if content is None:
            audit.add(number, "is missing, and later ones are there")
            previous = None
            continue
        try:
            act = opened(content, number, audit.keys)
        except (SignatureError, ValueError) as error:
            audit.add(number, str(error))
            previous = None
            continue
        if previous is not None and act.place.previous != previous:
            audit.add(number, "does not follow the act before it: one of both was replaced")
        _check_time(audit, act, before)
        before, previous = act, digest(content)
        yield act


def _check_time(audit: _Audit, act: Act, before: Act | None) -> None:
    recorded = act.place.recorded
    if before and recorded < before.place.recorded:
        audit.add(act.number, f"was recorded at {written(recorded)}, before the act before it")
    if recorded - audit.now > TOLERANCE:
        audit.add(act.number, f"was recorded at {written(recorded)}, which is yet to come")


def _check_pairs(audit: _Audit, acts: list[Act]) -> None:
    """Hold outcomes and resumptions to the intents that they are about."""
    intents = {act.number: act for act in acts if isinstance(act, Intent)}
    broken = {fault.number for fault in audit.faults}
    ended: dict[int, int] = {}
    for act in acts:
        about = act.intent if isinstance(act, Outcome) else act.resumes
        if about is None:
            continue
        if about >= act.number or (about not in intents and about not in broken):
            audit.add(act.number, f"is about act {about}, which is no intent before it")
        elif about in ended:
            audit.add(act.number, f"is about act {about}, which act {ended[about]} has ended")
        ended.setdefault(about, act.number)


def _open(acts: list[Act]) -> tuple[int, ...]:
    ended = {act.intent if isinstance(act, Outcome) else act.resumes for act in acts}
    return tuple(act.number for act in acts if isinstance(act, Intent) and act.number not in ended)

"""What a journal says that weighs in a decision: budget, claims, earlier acts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.functions.remediation.budget import HOUR
from fintech_infra.operations.drift.decide import MEMORY
from fintech_infra.operations.healing.acts import Act, Intent, Outcome, Result
from fintech_infra.operations.healing.model import Consent, Task
from fintech_infra.operations.moments import written

_WELL: Final = frozenset({Result.HEALED, Result.FOUND, Result.GONE})
_ILL: Final = frozenset({Result.LEFT, Result.FAILED})


@dataclass(frozen=True, slots=True)
class Claim:
    """An act that is under way: its number, whose it is, and since when."""

    number: int
    by: str
    since: str


@dataclass(frozen=True, slots=True)
class View:
    """The end of a journal: all acts of the memory at least, in their order.

    `size` is the number that the next act gets, and `head` the digest of the last one.
    """

    acts: tuple[Act, ...] = ()
    size: int = 0
    head: str = ""

    def used(self, now: datetime) -> int:
        """How many acts were begun in the last hour, whatever came of them."""
        since = now - timedelta(seconds=HOUR)
        return sum(act.place.recorded > since for act in self._intents())

    def open(self) -> tuple[Intent, ...]:
        """Intents that have no outcome, and that nobody has resumed."""
        ended = {act.intent for act in self.acts if isinstance(act, Outcome)}
        resumed = {act.resumes for act in self._intents()}
        return tuple(it for it in self._intents() if it.number not in ended | resumed)

    def claim(self, task: Task, now: datetime, lease: timedelta) -> Claim | None:
        """The act that is under way at one of a task's resources, None where none is."""
        for intent in self.open():
            if intent.place.recorded > now - lease and task.urns & intent.urns:
                return Claim(intent.number, intent.by, written(intent.place.recorded))
        return None

    def stale(self, task: Task, now: datetime, lease: timedelta) -> int | None:
        """The last act of the same task that was begun and left, None where there is none."""
        left = [it.number for it in self.left(now, lease) if it.key == task.key]
        return max(left, default=None)

    def left(self, now: datetime, lease: timedelta) -> tuple[Intent, ...]:
        """Acts that were begun, and that a healer left behind."""
        return tuple(it for it in self.open() if it.place.recorded <= now - lease)

    def earlier(self, task: Task, now: datetime) -> tuple[int, int]:
        """How often one of a task's properties was healed within the memory, and in vain since.

        What contained it does not count for what applies it: both belong to one healing.
        """
        intents = {
            it.number
            for it in self._intents()
            if it.key[0] == task.kind and set(it.marks) & set(task.marks)
        }
        healed = failed = 0
        for act in self.acts:
            recent = now - MEMORY <= act.place.recorded <= now
            if not (isinstance(act, Outcome) and act.intent in intents and recent):
                continue
            if act.result in _WELL:
                healed, failed = healed + 1, 0
            failed += act.result in _ILL
        return healed, failed

    def is_ended(self, number: int | None) -> bool:
        """Whether the measure of an act has been taken back, or taken over."""
        ended = {it.intent for it in self.acts if isinstance(it, Outcome) and it.result in _WELL}
        return any(
            number is not None and it.measure and it.measure.ends == number and it.number in ended
            for it in self._intents()
        )

    def is_spent(self, consent: Consent, digest: str) -> bool:
        """Whether an approval has been used for exactly this, with success."""
        ended = {it.intent for it in self.acts if isinstance(it, Outcome) and it.result in _WELL}
        return any(
            it.number in ended
            and it.what == digest
            and (it.approval or {}).get("nonce") == consent.nonce
            for it in self._intents()
        )

    def _intents(self) -> tuple[Intent, ...]:
        return tuple(act for act in self.acts if isinstance(act, Intent))

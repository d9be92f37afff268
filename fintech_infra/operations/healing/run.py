"""Carries out a healing plan, or rehearses it: one task at a time, each decided anew.

For each task: read the journal, look at what is there, decide, and begin the act as the next
number of the journal. Where somebody else has that number by now, all of it is done again. So
whoever begins an act knows that nothing was begun or ended since the look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Final

from fintech_infra.functions.remediation.decide import ARMED
from fintech_infra.functions.remediation.model import Facts, Plan, Remedy
from fintech_infra.operations.aws import UnreadError
from fintech_infra.operations.drift import Kind
from fintech_infra.operations.healing.acts import Intent, Outcome, Place, Result
from fintech_infra.operations.healing.contain import Container, StoppedError, UnlistedCallError
from fintech_infra.operations.healing.decide import decide
from fintech_infra.operations.healing.history import View
from fintech_infra.operations.healing.journal import Journal
from fintech_infra.operations.healing.model import (
    Case,
    Consent,
    Done,
    Fate,
    Look,
    Mark,
    Rails,
    Ruling,
    Task,
)
from fintech_infra.operations.healing.reapply import Pulumi, PulumiError, planned
from fintech_infra.operations.healing.switch import Switch
from fintech_infra.operations.healing.tasks import is_restored
from fintech_infra.operations.ledger import RefusedError

LOOKS: Final = 5
"""How often it is looked whether AWS shows what was done; that may take some seconds."""
SECONDS_BETWEEN_LOOKS: Final = 2.0
_TRIES: Final = 100
"""How often others may be quicker before it is given up: more is no contention, but a fault."""

_SETTLES: Final = frozenset(
    {Fate.NOTHING, Fate.HEALED, Fate.REHEARSED, Fate.APPROVAL, Fate.RAIL, Fate.BUSY}
)
"""Fates of a remediation that make a task of Pulumi for the same drift needless, or too early."""


@dataclass
class Healer:
    """All that a run needs from outside.

    `journal` is None where nothing was recorded and nothing will be, as in a first rehearsal;
    `container` is None where AWS cannot be asked, for the reason in `no_access`. `by` is who runs
    it, and `run` what the pipeline calls the run.
    """

    rails: Rails
    container: Container | None
    pulumi: Pulumi
    switch: Switch
    journal: Journal | None
    clock: Callable[[], datetime]
    wait: Callable[[float], None]
    by: str
    run: str = ""
    consents: Mapping[str, Consent] = field(default_factory=dict[str, Consent])
    no_access: str = ""

    def take(self, task: Task, done: Sequence[Done] = ()) -> Done:
        """Carry a task out, or rehearse it; `done` are those before it in the same run.

        Raises:
            BrokenLedgerError: the journal is not what was signed.
            RefusedError: the key that signs is not trusted, or a clock is wrong.
            StoreError: the journal cannot be read or written.
        """
        mended = [it.case.task for it in done if it.ruling.fate in _SETTLES]
        if is_restored(task, mended):
            reason = "the remediation restores all of it"
            return Done(Case(task, Look()), Ruling(Fate.NOTHING, reason, task.tier))
        return self._one(task)

    def clear(self, drifted: frozenset[Mark], project: str, stack: str) -> None:
        """End acts that healers left behind and whose drift is not there any more.

        `drifted` is all that has drifted in the stack by now.
        """
        if self.journal is None or self.rails.dry_run:
            return
        now = self.clock()
        for intent in self.journal.view(now).left(now, self.rails.lease):
            if (intent.project, intent.stack) == (project, stack) and not (
                drifted & set(intent.marks)
            ):
                self._end(intent.number, Result.GONE, None)

    def _one(self, task: Task) -> Done:
        for _ in range(_TRIES):
            now = self.clock()
            view = self.journal.view(now) if self.journal else View()
            case = Case(task, self._look(task))
            ruling = self._decide(case, view, now)
            if ruling.fate is not Fate.ACT:
                return self._not_done(case, ruling)
            begun = self._begin(case, ruling, view, now)
            if begun is not None:
                return self._carry_out(case, ruling, begun)
        raise RefusedError("other healers are always quicker", "look at: fintech-infra heal --log")

    def _look(self, task: Task) -> Look:
        if task.unclear or task.kind in {Kind.ASK, Kind.ADOPT}:
            return Look()
        if task.kind is Kind.REAPPLY:
            # A preview runs the program and asks providers: only where something may follow.
            bare = Look(planned(task))
            may_act = not self.rails.dry_run and Case(task, bare).digest in self.consents
            return self.pulumi.look(task) if may_act else bare
        return self.container.look(task) if self.container else Look(problem=self.no_access)

    def _decide(self, case: Case, view: View, now: datetime) -> Ruling:
        switch = None if self.rails.dry_run else self.switch()
        rails = replace(self.rails, switch=switch)
        (ruling,) = decide([case], rails, view, now, self.consents)
        return ruling

    def _not_done(self, case: Case, ruling: Ruling) -> Done:
        if ruling.fate is Fate.NOTHING and ruling.resumes is not None and not self.rails.dry_run:
            self._end(ruling.resumes, Result.FOUND, case.look.facts)
        return Done(case, ruling)

    def _begin(self, case: Case, ruling: Ruling, view: View, now: datetime) -> Intent | None:
        """Claim the next number for an act; None where somebody else has it."""
        if self.journal is None:
            raise RefusedError("there is no journal to record acts in", "give --ledger")
        task, look = case.task, case.look

        def made(place: Place) -> Intent:
            return Intent(
                place,
                task.project,
                task.stack,
                task.key,
                task.marks,
                case.digest,
                case.calls,
                ruling.tier.value,
                ruling.reason,
                asdict(ruling.consent) if ruling.consent else None,
                look.facts,
                int(self.rails.lease.total_seconds()),
                self.by,
                self.run,
                ruling.resumes,
                task.measure,
            )

        begun = self.journal.add(view, made, now)
        return begun if isinstance(begun, Intent) else None

    def _carry_out(self, case: Case, ruling: Ruling, begun: Intent) -> Done:
        task, plan, error, result = case.task, case.look.plan, "", Result.LEFT
        if plan is None:  # nothing is begun without one
            raise ValueError("an act without a plan")
        try:
            self._act(task, plan, begun)
        except StoppedError as stopped:
            result, error = Result.STOPPED, str(stopped)
        except (UnreadError, PulumiError, UnlistedCallError) as failed:
            result, error = Result.FAILED, str(failed)
        look = self._look_after(task, patient=not error)
        if _is_mended(look):
            result = Result.HEALED
        after = None if look.problem else look.facts
        error = "; ".join(it for it in (error, look.problem) if it)
        if not self._end(begun.number, result, after, error):
            error = "another healer took it over, because this one was too slow"
            result = Result.LEFT
        fate = _FATES[result]
        reason = ruling.reason if fate is Fate.HEALED else _left(look, error)
        done = replace(ruling, fate=fate, reason=reason)
        return Done(case, done, begun.number, after, error)

    def _act(self, task: Task, plan: Plan, begun: Intent) -> None:
        def guard() -> None:
            # The budget needs no second look: this act is counted in the journal already.
            switch = self.switch()
            if switch != ARMED:
                said = "cannot be read" if switch is None else f"is {switch!r}, not {ARMED!r}"
                raise StoppedError(f"the kill switch {said}")
            if self.clock() >= begun.place.recorded + self.rails.lease:
                raise StoppedError("its lease has run out: others may be at it")

        if task.kind is Kind.REAPPLY:
            self.pulumi.act(task, guard)
        elif self.container:
            self.container.act(task, plan, guard)

    def _look_after(self, task: Task, *, patient: bool) -> Look:
        """What is found after an act; AWS may take some seconds to show it."""
        look = self._look(task)
        for _ in range(LOOKS - 1):
            if not patient or _is_mended(look) or task.kind is Kind.REAPPLY:
                break
            self.wait(SECONDS_BETWEEN_LOOKS)
            look = self._look(task)
        return look

    def _end(
        self, number: int, result: Result, after: Facts | None, error: str = ""
    ) -> Outcome | None:
        if self.journal is None:
            return None
        place = Place(0, "", self.clock())  # the journal gives it its own
        outcome = Outcome(place, number, result, after, error, self.by, self.run)
        return self.journal.end(outcome, self.clock)


_FATES: Final = {
    Result.HEALED: Fate.HEALED,
    Result.LEFT: Fate.LEFT,
    Result.FAILED: Fate.LEFT,
    Result.STOPPED: Fate.RAIL,
}


def _is_mended(look: Look) -> bool:
    return look.plan is not None and look.plan.remedy is Remedy.NONE


def _left(look: Look, error: str) -> str:
    still = look.plan.reason if look.plan else ""
    return "; ".join(it for it in (error, still and f"still: {still}") if it)

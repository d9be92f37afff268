"""Carries out what a judgement of traffic proposes, and takes back what has ended, with a healer.

For each subject: look at it, and only then read the journal. What somebody has begun meanwhile is
in the journal by then, so nobody tightens what was tightened just now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from fintech_infra.operations.drift import Kind, Tier
from fintech_infra.operations.healing import Done, Fate, Healer, Look, Measure, Task, View
from fintech_infra.operations.healing.model import Mark
from fintech_infra.operations.moments import written
from fintech_infra.operations.traffic.collect import WebAcl
from fintech_infra.operations.traffic.measures import (
    Numbers,
    numbers_of,
    said,
    tightened,
    told,
    widened,
)
from fintech_infra.operations.traffic.model import LIMIT_RATES, LIMIT_TASKS, Judgement
from fintech_infra.operations.traffic.standing import (
    PROJECT,
    Key,
    State,
    Stood,
    measures_in,
    state_of,
)

EXIT_CODES: Final = {"done": 0, "undecided": 2, "waits": 3, "rail": 4}
"""Exit codes of taking back by what came of it; a judgement has those of its verdict, and 4."""

_CHANGED: Final[Mapping[str, Callable[[Numbers, Numbers | None], dict[str, int]]]] = {
    LIMIT_RATES: tightened,
    LIMIT_TASKS: widened,
}
_FURTHEST: Final = {
    LIMIT_RATES: "no limit can be lowered further",
    LIMIT_TASKS: "it has no tasks to be doubled",
}


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done, or would be: `stands` says which measures stand, a sentence for each."""

    at: datetime
    done: tuple[Done, ...]
    stands: tuple[str, ...]
    dry_run: bool

    @property
    def is_stopped(self) -> bool:
        """Whether the kill switch or the budget stopped something."""
        return any(it.ruling.fate is Fate.RAIL for it in self.done)

    @property
    def exit_code(self) -> int:
        """What taking back ends with: a value of `EXIT_CODES`."""
        fates = {it.ruling.fate for it in self.done}
        if self.is_stopped:
            return EXIT_CODES["rail"]
        if fates & {Fate.UNDECIDED, Fate.LEFT}:
            return EXIT_CODES["undecided"]
        return EXIT_CODES["waits" if fates - {Fate.HEALED, Fate.NOTHING} else "done"]


@dataclass
class _Run:
    """One run: whose measures, and what came of them so far.

    `open` are the marks of all that is not as it was before.
    """

    healer: Healer
    stack: str
    judgement: Judgement | None = None
    done: list[Done] = field(default_factory=list[Done])
    stands: list[str] = field(default_factory=list[str])
    open: set[Mark] = field(default_factory=set[Mark])

    def wanted(self, key: Key) -> Judgement | None:
        """The judgement, where it wants the measure of a key."""
        is_wanted = self.judgement is not None and key[3] in self.judgement.wanted
        return self.judgement if is_wanted else None

    def take(self, task: Task) -> Done:
        """Carry a task out, or rehearse it, and report that."""
        self.done.append(self.healer.take(task))
        return self.done[-1]


def carry_out(
    healer: Healer, judgement: Judgement, acl: WebAcl, service: str, region: str
) -> Acted:
    """Take back what has ended, and do what is wanted, or say what would be done.

    `service` is `service/CLUSTER/NAME` in `region`, empty where there is none.

    Raises:
        BrokenLedgerError: the journal is not what was signed.
        RefusedError: the key that signs is not trusted, or a clock is wrong.
        StoreError: the journal cannot be read or written.
    """
    account = acl.arn.split(":")[4]
    keys = [_key(account, acl.region, LIMIT_RATES, acl.arn)]
    if service:
        keys.append(_key(account, region, LIMIT_TASKS, service))
    return _carried(_Run(healer, acl.name, judgement), keys)


def take_back(healer: Healer, acl: WebAcl | None = None) -> Acted:
    """Take back all that has ended in the journal, or of one web ACL alone; raises the same."""
    return _carried(_Run(healer, acl.name if acl else ""), ())


def _carried(run: _Run, keys: Iterable[Key]) -> Acted:
    now, view = _read(run)
    known = measures_in(view, run.stack)
    for key in dict.fromkeys((*known, *keys)):
        _one(run, key)
    for stack in {it.act.stack for measures in known.values() for it in measures}:
        run.healer.clear(frozenset(run.open), PROJECT, stack)
    return Acted(now, tuple(run.done), tuple(run.stands), run.healer.rails.dry_run)


def _one(run: _Run, key: Key) -> None:
    """Take back what has ended on a subject, or take it over, and do what is wanted of it."""
    look = _look(run, key)
    now, view = _read(run)
    measures = measures_in(view, run.stack).get(key, ())
    wanted, numbers = run.wanted(key), numbers_of(look.facts)
    state, stood = state_of(measures, numbers, now)
    if look.problem or state is not State.OVER:
        run.open.add(_mark(key))
    if look.problem:
        if measures or wanted:
            run.take(_task(key, run.stack or measures[-1].act.stack))
        return
    if stood and state is not State.OVER:
        left = _after(run, stood, state, numbers, now)
        if left is None:
            return
        numbers = left
    if wanted:
        run.take(_wanted(key, run.stack, wanted, numbers))


def _after(
    run: _Run, stood: Stood, state: State, numbers: Numbers, now: datetime
) -> Numbers | None:
    """See to the measure that is there; the numbers then, None where nothing may follow."""
    if state is State.STANDS:
        run.stands.append(f"{_named(stood)} until {written(stood.until)} (act {stood.act.number})")
        return None
    if state is not State.ENDED:
        run.take(_for_people(stood, state, numbers))
        return numbers if state is State.CHANGED and now >= stood.until else None
    if _is_taken_over(run, stood, numbers):
        return None
    done = run.take(_taking_back(stood))
    is_back = done.ruling.fate in {Fate.HEALED, Fate.NOTHING}
    return {**numbers, **stood.measure.found} if is_back else None


def _is_taken_over(run: _Run, stood: Stood, numbers: Numbers) -> bool:
    """Whether a measure that has ended goes on as a further one, for which there is an approval.

    Without one its time is over: it is taken back, and what is wanted is proposed from there.
    """
    wanted = run.wanted(stood.act.key)
    task = _wanted(stood.act.key, run.stack, wanted, numbers, stood) if wanted else None
    if task is None or task.unclear:
        return False
    done = run.healer.take(task)
    is_over = done.ruling.fate in {Fate.APPROVAL, Fate.PERSON, Fate.UNDECIDED, Fate.NOTHING}
    if not is_over or run.healer.rails.dry_run:
        run.done.append(done)
    return not is_over


def _read(run: _Run) -> tuple[datetime, View]:
    now = run.healer.clock()
    return now, run.healer.journal.view(now) if run.healer.journal else View()


def _look(run: _Run, key: Key) -> Look:
    container = run.healer.container
    if container is None:
        return Look(problem=run.healer.no_access)
    return container.look(_task(key, run.stack))


def _key(account: str, region: str, remedy: str, subject: str) -> Key:
    return (Kind.CONTAIN.value, account, region, remedy, subject)


def _mark(key: Key) -> Mark:
    return key[4], key[3]


def _task(key: Key, stack: str) -> Task:
    _, account, region, remedy, subject = key
    return Task(
        Kind.CONTAIN,
        Tier.APPROVE,
        remedy,
        PROJECT,
        stack,
        (_mark(key),),
        remedy=remedy,
        subject=subject,
        account=account,
        region=region,
    )


def _wanted(
    key: Key, stack: str, judgement: Judgement, numbers: Numbers, before: Stood | None = None
) -> Task:
    """The task that does what is wanted; `before` is the measure that it takes over."""
    task = _task(key, stack)
    first = before.measure.found if before else numbers
    to = _CHANGED[task.remedy](numbers, before.measure.found if before else None)
    if numbers and to == dict(numbers):
        return replace(task, unclear=f"{said(numbers)}: {_FURTHEST[task.remedy]}")
    hold = judgement.until - judgement.at
    ends = before.act.number if before else None
    why = (
        f"{judgement.verdict}: {judgement.why}; {said(numbers)} becomes {said(to)} for "
        f"{hold // timedelta(minutes=1)} minutes, until {written(judgement.until)}, then "
        f"{said(first)} again" + (f"; act {ends} goes on with this" if before else "")
    )
    measure = Measure(to, first, judgement.until, int(hold.total_seconds()), ends)
    return replace(task, declared=told(why, numbers, to), measure=measure)


def _taking_back(stood: Stood) -> Task:
    """The task that takes a measure back, which its approval has allowed already."""
    measure, act = stood.measure, stood.act
    why = f"act {act.number} ended at {written(stood.until)}: {said(measure.found)} again"
    back = Measure(measure.found, measure.sets, ends=act.number)
    return replace(
        _task(act.key, act.stack),
        tier=Tier.AUTO,
        declared=told(why, measure.sets, measure.found),
        measure=back,
    )


def _for_people(stood: Stood, state: State, numbers: Numbers) -> Task:
    measure = stood.measure
    now = said({name: numbers.get(name) for name in measure.sets})
    was = f"act {stood.act.number} set {said(measure.sets)} until {written(stood.until)}"
    if state is State.LATE:
        why = f"{was} and nobody took that back for long; before it was {said(measure.found)}"
    else:
        why = (
            f"{was}, and somebody has changed that to {now}; nothing is taken back. "
            f"Before it was {said(measure.found)}"
        )
    return replace(_task(stood.act.key, stood.act.stack), unclear=why)


def _named(stood: Stood) -> str:
    _, _, _, remedy, subject = stood.act.key
    return f"{remedy} {subject}: {said(stood.measure.sets)} stands"

"""The judgement on an incident. Pure and total: the same case gives the same diagnosis.

A score is a sum of named evidence. It does not depend on the other causes, so a further change
never turns two others around; and evidence for a cause never weighs below zero, so losing some
never helps it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from fintech_infra.environment import Environment
from fintech_infra.operations.diagnosis import next_steps
from fintech_infra.operations.diagnosis.answer import (
    Cause,
    Condition,
    Diagnosis,
    Evidence,
    Outcome,
    Sign,
)
from fintech_infra.operations.diagnosis.conditions import Suspect, suspects
from fintech_infra.operations.diagnosis.evidence import is_too_late, of_change, weighed
from fintech_infra.operations.diagnosis.model import MOST_LINES, Case, Change, Part
from fintech_infra.operations.diagnosis.situation import Situation
from fintech_infra.operations.diagnosis.timeline import timeline
from fintech_infra.operations.diagnosis.weights import MARGIN, STANDS_OUT


class MissingLibraryError(Exception):
    """A library that knows the statistics is not installed."""


def diagnose(case: Case, environment: Environment | None = None) -> Diagnosis:
    """Rank the causes of an incident; `environment` tells what depends on what.

    Raises:
        MissingLibraryError: a library of the extra `diagnose` is not installed.
    """
    try:
        from fintech_infra.operations.diagnosis.reading import read_situation
    except ModuleNotFoundError as error:
        raise MissingLibraryError(
            f"{error.name} is not installed; pip install 'fintech_infra[diagnose]' brings it"
        ) from error
    return judge(read_situation(case, environment))


def judge(situation: Situation) -> Diagnosis:
    """Rank the causes by what is known of the situation."""
    case = situation.case
    causes, ruled_out = rank(situation)
    outcome, why = _outcome(causes, situation)
    return Diagnosis(
        incident=case.incident,
        outcome=outcome,
        why=why,
        onset=situation.onset,
        onset_from=situation.onset_from,
        causes=causes,
        ruled_out=ruled_out,
        timeline=timeline(case, situation, causes),
        steps=next_steps.steps(outcome, causes, case.incident, case.unread),
        shifts=situation.shifts,
        patterns=situation.patterns,
        unknown=tuple(_unknown(situation)),
        series=tuple(sorted(case.measured, key=lambda it: (it.subject, it.name, it.zone))),
    )


def rank(situation: Situation) -> tuple[tuple[Cause, ...], tuple[Cause, ...]]:
    """All possible causes, best first, and the changes that came too late to be one."""
    unseen = tuple(_unseen(situation))
    found = [_of_suspect(it, unseen, situation) for it in suspects(situation)]
    late: list[Cause] = []
    for change in dict.fromkeys(situation.case.changes):
        if is_too_late(change, situation):
            says = "it came after the onset"
            late.append(
                Cause(
                    0,
                    -math.inf,
                    _says(change),
                    (),
                    (Evidence(Sign.AFTER_ONSET, -math.inf, says),),
                    change,
                )
            )
        else:
            evidence = (*of_change(change, situation), *unseen)
            found.append(replace(_cause(_says(change), evidence), change=change))
    ordered = sorted(found, key=_order)
    ranked = tuple(replace(it, rank=at) for at, it in enumerate(ordered, 1))
    return ranked, tuple(sorted(late, key=_order))


def _cause(says: str, evidence: Sequence[Evidence]) -> Cause:
    speaks_for = tuple(sorted((it for it in evidence if it.weight > 0), key=lambda it: -it.weight))
    against = tuple(sorted((it for it in evidence if it.weight < 0), key=lambda it: it.weight))
    return Cause(0, total(evidence), says, speaks_for, against)


def total(evidence: Iterable[Evidence]) -> float:
    """The score that evidence adds up to.

    >>> total([Evidence(Sign.ON_PATH, 2.0, ""), Evidence(Sign.UNSEEN, -0.5, "")])
    1.5
    """
    return round(math.fsum(it.weight for it in evidence), 6)


def _of_suspect(suspect: Suspect, unseen: tuple[Evidence, ...], situation: Situation) -> Cause:
    about = f": {situation.nearness.label(suspect.place)}" if suspect.place else ""
    lessened = () if suspect.condition is Condition.UNRECORDED else unseen
    cause = _cause(f"{suspect.condition}{about}", (*suspect.evidence, *lessened))
    return replace(cause, condition=suspect.condition, place=suspect.place)


def _says(change: Change) -> str:
    by = f" by {change.actor}" if change.actor else ""
    return f"{change.kind}{by}: {change.says}"


def _order(cause: Cause) -> tuple[object, ...]:
    """Best first; where two are even, the later change, then by name."""
    change = cause.change
    when = -change.time.timestamp() if change else math.inf
    rest = (change.kind, change.subjects, change.source) if change else ("", (), "")
    return (-cause.score, when, cause.says, *rest)


def _unseen(situation: Situation) -> Iterator[Evidence]:
    for part in situation.missing:
        yield weighed(Sign.UNSEEN, 1.0, f"{part}: not all is known")


def _outcome(causes: Sequence[Cause], situation: Situation) -> tuple[Outcome, str]:
    first = causes[0]
    if situation.onset is None:
        return Outcome.UNKNOWN, "nothing that was measured moved, and no alarm says when it began"
    if first.condition is Condition.UNRECORDED:
        return Outcome.UNKNOWN, "none of the recorded changes explains it well"
    lead = first.score - causes[1].score
    if first.score < STANDS_OUT:
        return Outcome.SEVERAL, "the evidence for the best cause is weak"
    if lead < MARGIN:
        return Outcome.SEVERAL, "the best causes are close to each other"
    if Part.CHANGES in situation.missing:
        return Outcome.SEVERAL, "one cause leads, but not all changes could be read"
    return Outcome.STANDS_OUT, "one cause leads by its evidence"


def _unknown(situation: Situation) -> Iterator[str]:
    for it in sorted(situation.case.unread, key=lambda one: (one.part, one.what, one.why)):
        yield f"{it.part}: {it.what} could not be read: {it.why}"
    given = {it.part for it in situation.case.unread}
    if Part.ENVIRONMENT in situation.missing and Part.ENVIRONMENT not in given:
        yield "environment: none is given, so nobody knows what depends on what"
    if not situation.case.measured and Part.METRICS not in given:
        yield "metrics: none are given, so the onset is when it was noticed"
    if not situation.case.lines and Part.LOGS not in given:
        yield "logs: none are given"
    if not situation.case.changes and Part.CHANGES not in given:
        yield "changes: none are recorded in the window"
    lost = sorted(
        {
            subject
            for change in situation.case.changes
            for subject in change.subjects
            if situation.nearness.environment and not situation.nearness.knows((subject,))
        }
    )
    counts = Counter(it.group for it in situation.case.lines)
    for group in sorted(group for group, count in counts.items() if count > MOST_LINES):
        yield f"logs: of {group} only the {MOST_LINES:,} newest lines were read"
    if lost:
        yield f"environment: has nothing of the name {', '.join(lost)}"

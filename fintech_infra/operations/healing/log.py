"""The acts of a journal for people, one line or two for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from fintech_infra.operations.healing.acts import Act, Intent, Outcome
from fintech_infra.operations.moments import written
from fintech_infra.report.plain import one_line


def lines(acts: Iterable[Act], now: datetime) -> Iterator[str]:
    """Yield the lines that tell acts, the first one first; open ones say that they are."""
    acts = tuple(acts)
    ended = {it.intent: it for it in acts if isinstance(it, Outcome)}
    resumed = {it.resumes: it.number for it in acts if isinstance(it, Intent)}
    for act in acts:
        if isinstance(act, Intent):
            yield from map(_safe, _told(act, ended.get(act.number), resumed, now))


def _told(
    act: Intent, outcome: Outcome | None, resumed: dict[int | None, int], now: datetime
) -> Iterator[str]:
    kind, account, region, remedy, subject = act.key
    where = " ".join(it for it in (account, region) if it)
    yield (
        f"{act.number}  {written(act.place.recorded)}  {act.project}/{act.stack}  {kind} "
        + f"{remedy} {subject}".strip()
        + (f" in {where}" if where else "")
        + f" by {act.by}"
    )
    yield f"   {act.why}"
    yield from (f"   call: {call}" for call in act.calls)
    if act.approval:
        yield f"   approved by {act.approval.get('by')}"
    if act.resumes is not None:
        yield f"   resumes act {act.resumes}"
    if outcome:
        error = f": {outcome.error}" if outcome.error else ""
        yield f"   {outcome.result} at {written(outcome.place.recorded)}{error}"
    elif act.number in resumed:
        yield f"   resumed by act {resumed[act.number]}"
    elif act.place.recorded + timedelta(seconds=act.lease) > now:
        yield "   under way"
    else:
        yield "   begun and left: the healer died; the next run goes on"


def _safe(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + one_line(line)

"""`decide`: quiet, growth or attack, from rates and sources. Pure.

A spike is a rate beyond what is usual at this time of day. It counts as an attack where something
says that it is made: refused more than usual, or few, one or other sources. What speaks for people
is the lack of all of these, and for that all of them have to be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.operations.drift.model import Kind, Step, Tier
from fintech_infra.operations.moments import written
from fintech_infra.operations.traffic.model import (
    ALLOWED,
    BLOCKED,
    ERRORS,
    LIMIT_RATES,
    LIMIT_TASKS,
    REQUESTS,
    SOURCES,
    Case,
    Judgement,
    Mark,
    Terms,
    Verdict,
)
from fintech_infra.operations.traffic.sources import source_marks
from fintech_infra.operations.traffic.usual import (
    Values,
    Window,
    days_of,
    is_beyond,
    lacking,
    median,
    rank_p,
    shares,
    window_of,
)

SPIKE: Final = "rate"
REFUSED: Final = "refused"
FAILING: Final = "failing"

_MORE_REFUSED: Final = 0.1
"""By how much the share of refused requests has to grow, as a part of all."""
_MORE_FAILING: Final = 0.02
"""By how much the share of answers of 5xx has to grow."""


def decide(case: Case, terms: Terms | None = None) -> Judgement:
    """Judge the last minutes of a case, and say what should be done."""
    held = terms or Terms()
    spike, refused, failing = _rate(case, held), _refused(case, held), _failing(case, held)
    sources = source_marks(
        case.before, case.during, case.unread.get(SOURCES, "no requests were sampled")
    )
    verdict, why = _verdict(spike, refused, sources)
    until = case.at + held.hold
    marks = (spike, refused, failing, *sources)
    wanted = tuple(_wanted(verdict, failing))
    steps = tuple(_steps(verdict, failing, written(until)))
    return Judgement(verdict, why, marks, case.at, until, steps, wanted)


def _verdict(spike: Mark, refused: Mark, sources: list[Mark]) -> tuple[Verdict, str]:
    made = [it for it in (refused, *sources) if it.holds]
    unknown = [it for it in (spike, refused, *sources) if it.holds is None]
    if spike.holds and made:
        return Verdict.ATTACK, f"{spike.says}, and {made[0].says}"
    if refused.holds:
        return Verdict.ATTACK, f"the rate is not beyond what is usual, but {refused.says}"
    if spike.holds is False and refused.holds is False:
        return Verdict.QUIET, spike.says
    if unknown:
        return Verdict.UNDECIDED, f"{unknown[0].name} cannot be told: {unknown[0].says}"
    return Verdict.GROWTH, f"{spike.says}, and nothing says that it is made"


def _rate(case: Case, terms: Terms) -> Mark:
    name = next((it for it in (REQUESTS, ALLOWED) if it in case.series), REQUESTS)
    if mark := _unknown(SPIKE, case, terms, name):
        return mark
    found = window_of(case, name, terms)
    if name == ALLOWED:
        blocked = window_of(case, BLOCKED, terms)
        found = Window(found.now + blocked.now, found.usual + blocked.usual)
    now, usual = median(found.now), median(found.usual)
    holds = is_beyond(found.now, found.usual, terms.factor, terms.significance)
    ratio = f"{now / usual:.1f} times the usual {usual:g}" if usual else "usually there are none"
    says = f"{now:g} requests in 5 minutes, {ratio}"
    return Mark(SPIKE, holds, says)


def _refused(case: Case, terms: Terms) -> Mark:
    return _share(REFUSED, "refused by the web ACL", case, terms, (BLOCKED, ALLOWED, _MORE_REFUSED))


def _failing(case: Case, terms: Terms) -> Mark:
    return _share(FAILING, "answered with 5xx", case, terms, (ERRORS, REQUESTS, _MORE_FAILING))


def _share(name: str, what: str, case: Case, terms: Terms, of: tuple[str, str, float]) -> Mark:
    part, rest, more = of
    if mark := _unknown(name, case, terms, part, rest):
        return mark
    parts, rests = window_of(case, part, terms), window_of(case, rest, terms)
    if part == ERRORS:  # they are among the requests
        rests = Window(_less(rests.now, parts.now), _less(rests.usual, parts.usual))
    now, usual = shares(parts.now, rests.now), shares(parts.usual, rests.usual)
    if not now.size:
        return Mark(name, holds=False, says="nothing was asked for")
    says = f"{median(now):.0%} were {what}, where {median(usual):.0%} is usual"
    is_more = median(now) - median(usual) >= more
    return Mark(name, is_more and _is_rare(now, usual, terms), says)


def _less(whole: Values, part: Values) -> Values:
    return (whole - part).clip(min=0)


def _is_rare(now: Values, usual: Values, terms: Terms) -> bool:
    return not usual.size or rank_p(now, usual) < terms.significance


def _unknown(name: str, case: Case, terms: Terms, *metrics: str) -> Mark | None:
    """The mark that nobody can tell, and why; None where somebody can."""
    for metric in metrics:
        if metric in case.unread:
            return Mark(name, None, f"{metric}: {case.unread[metric]}")
    if all(metric not in case.series for metric in metrics):
        return Mark(name, None, f"there are no samples of {' and '.join(metrics)}")
    days = len(days_of(case, terms))
    if days < terms.least_days:
        return Mark(name, None, f"{days} earlier days have samples; {terms.least_days} are needed")
    if missing := lacking(case, metrics, terms):
        says = f"{missing} steps of 5 minutes have no samples of {' and '.join(metrics)}, which is"
        return Mark(name, None, f"{says} unusual: they may be late")
    return None


def _wanted(verdict: Verdict, failing: Mark) -> Iterator[str]:
    if verdict is Verdict.ATTACK:
        yield LIMIT_RATES
    if verdict is Verdict.GROWTH or (verdict is Verdict.ATTACK and failing.holds):
        yield LIMIT_TASKS


def _steps(verdict: Verdict, failing: Mark, until: str) -> Iterator[Step]:
    if verdict is Verdict.QUIET:
        return
    if verdict is Verdict.UNDECIDED:
        yield Step(
            Kind.ASK, Tier.PERSON, "Page who is on call: what it is cannot be told from here."
        )
        return
    wanted = {*_wanted(verdict, failing)}
    if LIMIT_RATES in wanted:
        yield Step(
            Kind.CONTAIN,
            Tier.APPROVE,
            f"Halve the rate limits of the web ACL until {until}, then take that back.",
        )
    if LIMIT_TASKS in wanted:
        yield Step(
            Kind.CONTAIN,
            Tier.APPROVE,
            f"Let the service scale to twice its most tasks until {until}, then take that back.",
        )
    if verdict is Verdict.ATTACK or failing.holds:
        yield Step(Kind.ASK, Tier.PERSON, "Page who is on call, with this report.")

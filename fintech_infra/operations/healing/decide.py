"""`decide`: what becomes of each task, and why. Pure and total: reads no clock, no AWS, no file.

The rails and the tiers are those of `functions.remediation.decide`. What is added is what only a
journal knows: what others are at, what was left behind, and what was done before in vain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fintech_infra.functions.remediation import decide as rules
from fintech_infra.functions.remediation.decide import Approval, Decision, Risk, Verdict
from fintech_infra.functions.remediation.model import Plan, Remedy
from fintech_infra.functions.remediation.remedies import REMEDIATIONS
from fintech_infra.operations.drift import Kind, Tier
from fintech_infra.operations.healing.history import View
from fintech_infra.operations.healing.model import Case, Consent, Fate, Rails, Ruling

OFTEN: Final = 2
"""How often something is healed, or tried in vain, before it goes to a person."""

_RISKS: Final = {Tier.AUTO: Risk.AUTO, Tier.APPROVE: Risk.APPROVE, Tier.PERSON: Risk.NOTIFY}
_FATES: Final = {
    Verdict.NOTHING: Fate.NOTHING,
    Verdict.ACT: Fate.ACT,
    Verdict.ASK: Fate.APPROVAL,
    Verdict.REAPPLY: Fate.REAPPLY,
    Verdict.TELL: Fate.PERSON,
    Verdict.REHEARSE: Fate.REHEARSED,
    Verdict.REFUSE: Fate.RAIL,
}


def decide(
    cases: Sequence[Case],
    rails: Rails,
    journal: View,
    now: datetime,
    consents: Mapping[str, Consent],
) -> tuple[Ruling, ...]:
    """Return what becomes of each case, in their order.

    `consents` are the approvals that count, by the digest of the case that each is for. The budget
    goes to cases by `Task.order`, so the order in which they are given does not matter.
    """
    rulings: dict[int, Ruling] = {}
    left = rails.budget - journal.used(now)
    for at in sorted(range(len(cases)), key=lambda at: cases[at].task.order):
        known = _Known(rails, left, journal, now, consents)
        rulings[at] = _one(cases[at], known)
        left -= rulings[at].fate is Fate.ACT
    return tuple(rulings[at] for at in range(len(cases)))


@dataclass(frozen=True, slots=True)
class _Known:
    """All that a case is judged by but the case; `left` is what is left of the budget."""

    rails: Rails
    left: int
    journal: View
    now: datetime
    consents: Mapping[str, Consent]


def _one(case: Case, known: _Known) -> Ruling:
    task, plan = case.task, case.look.plan
    rails, journal, now = known.rails, known.journal, known.now
    tier, why = _tier(case, journal, now)
    if task.unclear or task.kind in {Kind.ASK, Kind.ADOPT}:
        return Ruling(Fate.PERSON, task.unclear or task.says, Tier.PERSON)
    if plan is None:
        return Ruling(Fate.UNDECIDED, case.look.problem, tier)
    stale = journal.stale(task, now, rails.lease)
    if plan.remedy is Remedy.NONE:
        return Ruling(Fate.NOTHING, plan.reason, tier, resumes=stale)
    if task.measure and journal.is_ended(task.measure.ends):
        return Ruling(Fate.NOTHING, f"act {task.measure.ends} was ended meanwhile", tier)
    if not rails.dry_run and (other := journal.claim(task, now, rails.lease)):
        said = f"act {other.number} of {other.by} is at it since {other.since}"
        return Ruling(Fate.BUSY, said, tier)
    consent = known.consents.get(case.digest)
    if consent and journal.is_spent(consent, case.digest):
        consent, why = None, f"{why}; its approval was used already"
    decision = _decided(case, plan, tier, known, consent)
    fate, reason = _FATES[decision.verdict], decision.reason
    if fate in {Fate.REHEARSED, Fate.RAIL} and not consent and _needs_consent(case, tier):
        # Whatever the rails say: what nobody has approved is not what they stop.
        fate, reason = Fate.APPROVAL, plan.reason
    return Ruling(
        fate,
        f"{reason}{why}",
        tier,
        consent if fate is Fate.ACT and _needs_consent(case, tier) else None,
        stale if fate is Fate.ACT else None,
    )


def _decided(
    case: Case, plan: Plan, tier: Tier, known: _Known, consent: Consent | None
) -> Decision:
    return rules.decide(
        plan,
        risk=_RISKS[tier],
        sensitive=_is_sensitive(case),
        rails=rules.Rails(known.rails.dry_run, known.rails.switch, known.left),
        approval=Approval(plan.digest, consent.by) if consent else None,
    )


def _needs_consent(case: Case, tier: Tier) -> bool:
    return tier is Tier.APPROVE or _is_sensitive(case)


def _is_sensitive(case: Case) -> bool:
    known = REMEDIATIONS.get(case.task.remedy)
    return known.sensitive if known else case.task.kind is not Kind.CONTAIN


def _tier(case: Case, journal: View, now: datetime) -> tuple[Tier, str]:
    """The tier that a task comes to by what was done before, and that in words."""
    tier = case.task.tier
    if case.task.measure:
        # A person approves each one, its end undoes it, and to take it back is never given up.
        return tier, ""
    healed, failed = journal.earlier(case.task, now)
    if healed >= OFTEN:
        return Tier.PERSON, f"; it was healed {healed} times already, and something undoes it"
    if failed >= OFTEN:
        return Tier.PERSON, f"; it was tried {failed} times in vain"
    if healed:
        return _raised(case, tier), "; it was healed once already"
    return tier, ""


def _raised(case: Case, tier: Tier) -> Tier:
    """One tier up, unless the judgement of drift has seen it before and gone up itself."""
    return tier if case.task.is_raised else tier.raised

"""`decide`: from the facts about a change to a decision. Pure, total and replayable.

Every fact has a level of its own, and the decision is the highest of them: one more fact never
lowers it, and their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.gate.model import (
    Concern,
    Context,
    Decision,
    Fact,
    Level,
    Outcome,
    Reason,
    Weight,
    highest,
)
from fintech_infra.operations.gate.rules import SAFE, Rules, default_weight


def decide(facts: Iterable[Fact], rules: Rules, context: Context) -> Decision:
    """Judge a change by what is true of it.

    Where the rules are looser than the defaults, the decision says so; what the defaults block
    still has to be approved, whatever the rules make of it.
    """
    weight = rules.weight(context.stack)
    strict = default_weight(context.stack)
    reasons = [_reason(fact, rules, weight, strict) for fact in sorted(set(facts))]
    loosened = {
        sentence
        for reason in reasons
        if (sentence := _loosening(reason.fact, rules, weight, strict))
    }
    return Decision(
        context,
        weight,
        highest(reason.level for reason in reasons),
        tuple(sorted(reasons, key=_order)),
        digest(canonical(rules.document())),
        rules.override,
        tuple(sorted(loosened)),
    )


def _reason(fact: Fact, rules: Rules, weight: Weight, strict: Weight) -> Reason:
    level = rules.level(fact.concern, weight, fact.number)
    if _lets_blocked_pass(fact, level, strict):
        level = level.joined(SAFE.level(Concern.LOOSENED, strict))
    return Reason(fact, level, _ADVICE.get(fact.concern, "") if level.outcome.rank else "")


def _lets_blocked_pass(fact: Fact, level: Level, strict: Weight) -> bool:
    safe = SAFE.level(fact.concern, strict, fact.number)
    return safe.outcome is Outcome.BLOCK and level.outcome is not Outcome.BLOCK


def _loosening(fact: Fact, rules: Rules, weight: Weight, strict: Weight) -> str:
    given = rules.level(fact.concern, weight, fact.number)
    safe = SAFE.level(fact.concern, strict, fact.number)
    if given.covers(safe):
        return ""
    heavier = "" if weight is strict else f", and the stack weighs {weight} instead of {strict}"
    return (
        f"the rules make {fact.concern} {words(given)}, where the default is {words(safe)}{heavier}"
    )


def words(level: Level) -> str:
    """A level in words.

    >>> words(Level(Outcome.APPROVE, (("data", 1), ("security", 2))))
    'approve by 1 of data and 2 of security'
    """
    people = " and ".join(f"{count} of {group}" for group, count in level.required)
    if level.outcome is Outcome.APPROVE and people:
        return f"approve by {people}"
    return level.outcome.value


def _order(reason: Reason) -> tuple[object, ...]:
    return (-reason.level.outcome.rank, -reason.level.people, reason.fact)


_ADVICE = {
    Concern.STATEFUL_DELETED: (
        "declare in migrations.yaml where its data goes; give aliases where it was only renamed; "
        "or keep it with retainOnDelete, deployed before it leaves the program"
    ),
    Concern.STATEFUL_REPLACED: (
        "leave the inputs that force it as they are, or declare in migrations.yaml where the data "
        "goes"
    ),
    Concern.STATEFUL_MAYBE_REPLACED: (
        "hand in a plan (pulumi preview --json --show-sames), which says whether it is replaced"
    ),
    Concern.REGRESSION_CRITICAL: "mend what the control finds; the finding says how",
    Concern.UNDECIDED: "hand in a plan, or answer what the preview cannot know (--answers)",
}
"""How to lower what a concern leads to."""

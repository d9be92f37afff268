"""The decision: pure, the same in any order, and never lower for one more fact."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.engine.errors import PreviewError
from fintech_infra.operations.change import Op
from fintech_infra.operations.gate import (
    SAFE,
    Concern,
    Context,
    Decision,
    Fact,
    Level,
    Outcome,
    Row,
    Rules,
    Weight,
    decide,
    digest_of,
    document,
    question,
    say,
)
from fintech_infra.operations.gate.document import read_question
from fintech_infra.operations.gate.model import AUTO, highest
from fintech_infra.operations.gate.rules import DEFAULTS, NEVER_AUTO, approve, default_weight

SCHEMA = json.loads(
    (
        Path(__file__).resolve().parents[3] / "fintech_infra/operations/gate/gate.schema.json"
    ).read_text("utf-8")
)
PROD = Context("shop", "prod", "", "sha256:" + "0" * 64)

levels = st.builds(
    Level,
    st.sampled_from(Outcome),
    st.dictionaries(st.sampled_from(["data", "security", "risk"]), st.integers(1, 3)).map(
        lambda groups: tuple(sorted(groups.items()))
    ),
)
facts = st.builds(
    Fact,
    st.sampled_from([item for item in Concern if item is not Concern.LOOSENED]),
    st.sampled_from(["urn:a", "urn:b", "urn:c"]),
    st.sampled_from(["something is so", "something else is so"]),
    st.tuples(),
    st.integers(0, 200),
)
rules = st.one_of(
    st.just(SAFE),
    st.builds(
        Rules,
        st.dictionaries(st.sampled_from(Concern), levels, max_size=3).map(
            lambda found: {
                **DEFAULTS,
                **{concern: dict.fromkeys(Weight, level) for concern, level in found.items()},
            }
        ),
        st.integers(0, 200).map(lambda radius: dict.fromkeys(Weight, radius)),
        st.sampled_from([(), (("prod", Weight.DEV),), (("*", Weight.STAGING),)]),
    ),
)
contexts = st.sampled_from([PROD, Context("shop", "dev"), Context("shop", "staging-eu")])


@settings(max_examples=60)
@given(st.lists(facts, max_size=6), facts, rules, contexts)
def test_one_more_fact_never_lowers_the_decision(
    found: list[Fact], more: Fact, given_rules: Rules, context: Context
) -> None:
    before = decide(found, given_rules, context).level
    after = decide([*found, more], given_rules, context).level
    assert after.covers(before)


@settings(max_examples=60)
@given(st.lists(facts, max_size=6), rules, contexts, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(
    found: list[Fact], given_rules: Rules, context: Context, random: object
) -> None:
    shuffled = [*found, *found]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, two = (decide(items, given_rules, context) for items in (found, shuffled))
    assert one == two
    assert digest_of(one) == digest_of(two)


@settings(max_examples=60)
@given(st.lists(facts, max_size=6), rules)
def test_what_the_defaults_block_never_goes_out_by_itself(
    found: list[Fact], given_rules: Rules
) -> None:
    safe, decision = decide(found, SAFE, PROD), decide(found, given_rules, PROD)
    if safe.outcome is Outcome.BLOCK:
        assert decision.outcome is not Outcome.AUTO
        assert decision.outcome is Outcome.BLOCK or decision.loosened
    if not decision.level.covers(safe.level):
        assert decision.loosened


@settings(max_examples=60)
@given(st.lists(levels, max_size=4), st.lists(levels, max_size=4))
def test_the_highest_of_levels_covers_each_and_nothing_more(
    some: list[Level], others: list[Level]
) -> None:
    joined = highest([*some, *others])
    assert all(joined.covers(level) for level in (*some, *others))
    assert joined == highest([highest(others), highest(some)])
    assert highest([joined, joined]) == joined


@pytest.mark.parametrize("concern", Concern)
def test_a_heavier_environment_asks_for_at_least_as_much(concern: Concern) -> None:
    by_weight = [DEFAULTS[concern][weight] for weight in Weight]
    for lighter, heavier in pairwise(by_weight):
        assert heavier.covers(lighter)


@pytest.mark.parametrize("concern", sorted(NEVER_AUTO))
@pytest.mark.parametrize("weight", Weight)
def test_what_nobody_knows_never_goes_out_by_itself(concern: Concern, weight: Weight) -> None:
    assert DEFAULTS[concern][weight].outcome is not Outcome.AUTO


@pytest.mark.parametrize(
    ("stack", "weight"),
    [
        ("prod", Weight.PROD),
        ("production-eu", Weight.PROD),
        ("staging", Weight.STAGING),
        ("uat_eu", Weight.STAGING),
        ("dev", Weight.DEV),
        ("pr-12", Weight.DEV),
        ("main", Weight.PROD),
    ],
)
def test_a_stack_weighs_what_its_name_says_and_most_where_it_says_nothing(
    stack: str, weight: Weight
) -> None:
    assert default_weight(stack) is weight


def loose(concern: Concern, level: Level, **more: object) -> Rules:
    levels_of = {**SAFE.levels, concern: dict.fromkeys(Weight, level)}
    return replace(SAFE, levels=levels_of, **more)


DELETED = Fact(Concern.STATEFUL_DELETED, "urn:db", "Instance db is deleted.", ("engine: x",))


def test_loosened_rules_are_told_and_a_block_that_is_loosened_asks_security() -> None:
    decision = decide([DELETED], loose(Concern.STATEFUL_DELETED, AUTO), PROD)
    assert (decision.outcome, decision.required) == (Outcome.APPROVE, (("security", 2),))
    assert decision.loosened == (
        "the rules make stateful-deleted auto, where the default is block",
    )
    fact = Fact(Concern.EXPOSURE, "urn:x", "x can be reached")
    decision = decide([fact], loose(Concern.EXPOSURE, AUTO), PROD)
    assert decision.outcome is Outcome.AUTO
    assert decision.loosened == (
        "the rules make exposure auto, where the default is approve by 2 of security",
    )


def test_a_stack_that_the_rules_make_lighter_is_told() -> None:
    lighter = replace(SAFE, stacks=(("prod", Weight.DEV),))
    fact = Fact(Concern.REGRESSION_CRITICAL, "c", "c does not hold")
    decision = decide([fact], lighter, PROD)
    assert decision.weight is Weight.DEV
    assert decision.required == (("security", 2),)
    assert "weighs dev instead of prod" in decision.loosened[0]


def test_stricter_rules_are_no_loosening() -> None:
    decision = decide([], loose(Concern.CHANGE, approve(risk=1)), PROD)
    assert decision.outcome is Outcome.AUTO
    change = Fact(Concern.CHANGE, "prod", "1 resource updated.")
    decision = decide([change], loose(Concern.CHANGE, approve(risk=1)), PROD)
    assert (decision.required, decision.loosened) == ((("risk", 1),), ())


def sample(**more: object) -> Decision:
    row = Row("urn:db", Op.DELETED, "aws:rds/instance:Instance", "db", is_stateful=True)
    change = Fact(Concern.CHANGE, "prod", "1 resource deleted.")
    return decide([DELETED, change], SAFE, replace(PROD, rows=(row,), notes=("a *note*",), **more))


def test_the_document_fits_its_schema_and_is_deterministic() -> None:
    for decision in (sample(), decide([], SAFE, PROD), sample(before="sha256:" + "1" * 64)):
        jsonschema.validate(document(decision), SCHEMA)
    assert document(sample()) == document(sample())


def test_another_change_or_other_rules_are_another_decision() -> None:
    digests = {
        digest_of(sample()),
        digest_of(sample(after="sha256:" + "1" * 64)),
        digest_of(sample(stack="prod-eu")),
        digest_of(decide([DELETED], SAFE, PROD)),
        digest_of(decide([DELETED], replace(SAFE, override=("risk", 2)), PROD)),
        digest_of(decide([replace(DELETED, evidence=())], SAFE, PROD)),
    }
    assert len(digests) == 6


def test_approvals_are_asked_for_what_the_document_says() -> None:
    decision = decide([DELETED], replace(SAFE, override=("risk", 2)), PROD)
    asked = question(decision)
    assert (asked.outcome, asked.override) == ("block", ("risk", 2))
    assert asked.digest == digest_of(decision)
    text = json.dumps(document(decision)).encode()
    assert read_question(text, "decision.json") == asked


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"outcome": "auto"}, "was changed after it was written"),
        ({"outcome": "approve"}, "was changed after it was written"),
        ({"version": 2}, "is of version 2"),
        ({"format": "x"}, "is no decision"),
    ],
)
def test_an_edited_decision_is_none(change: dict[str, object], said: str) -> None:
    edited = {**document(sample()), "required": [{"group": "x", "count": 1}], **change}
    with pytest.raises(PreviewError, match=said):
        read_question(json.dumps(edited).encode(), "decision.json")


@pytest.mark.parametrize("text", ["[]", "{}", "", '{"format": "fintech-infra gate decision"}'])
def test_what_is_no_decision_is_told(text: str) -> None:
    with pytest.raises(PreviewError, match=r"decision\.json"):
        read_question(text.encode(), "decision.json")


def test_it_is_said_as_text_and_as_markdown() -> None:
    said = say.text(sample())
    assert said.startswith("shop / prod: this change is blocked.\n1 resource deleted.")
    assert "[block] Instance db is deleted.\n    engine: x\n    fix: declare" in said
    assert "  - rds.Instance db  (deleted, stateful)\n" in said
    assert digest_of(sample()) in said
    comment = say.markdown(sample())
    assert comment.startswith("### shop / prod&#58; this change is blocked.")
    assert "a &#42;note&#42;" in comment
    assert "```" in comment
    nothing = say.text(decide([], SAFE, PROD))
    assert "Nothing changes. The environment counts as prod.\nNo rule asks for more." in nothing

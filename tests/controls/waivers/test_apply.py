"""Waivers before findings: what moves, what stays, and what is said of the waivers themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fintech_infra.controls import CONTROLS, Evaluation, Finding, Scope, Verdict, evaluate
from fintech_infra.controls.control import Control
from fintech_infra.controls.waiver_terms import CONTROLS as TERMS
from fintech_infra.controls.waivers import Waiver
from fintech_infra.controls.waivers.apply import apply, waive
from fintech_infra.controls.waivers.model import WAIVER_TYPE
from fintech_infra.environment import Environment, Resource, Source

KEY = "aws:kms/key:Key"
ROTATION = next(item for item in CONTROLS if item.id == "kms-rotation-enabled")
CHOSEN = (ROTATION, *TERMS)
TODAY = date(2026, 12, 1)

Build = Callable[..., Waiver]
Built = Callable[..., Environment]


def keys(*names: str, **inputs: Any) -> list[tuple[Any, ...]]:
    return [(KEY, name, {"enableKeyRotation": False, **inputs}) for name in names]


def applied(
    environment: Environment, *waivers: Waiver, today: date = TODAY, controls: Any = CHOSEN
) -> Evaluation:
    return apply(evaluate(environment, controls), environment, waivers, today)


def said(evaluation: Evaluation) -> list[str]:
    """What is found, in short."""
    return [f"{it.verdict} {it.control.id} {it.resource.name}" for it in evaluation.findings]


def about(evaluation: Evaluation) -> list[str]:
    """The controls over waivers that found something."""
    return [it.control.id for it in evaluation.findings if it.resource.type == WAIVER_TYPE]


def test_a_finding_moves_to_the_waived_and_nothing_else_changes(
    environment: Built, waiver: Build
) -> None:
    where = environment(keys("pay", "other"))
    before = evaluate(where, CHOSEN)
    after = apply(before, where, [waiver()], TODAY)

    assert said(after) == ["violated kms-rotation-enabled other"]
    assert [(it.finding, it.waiver) for it in after.waived] == [
        (next(it for it in before.findings if it.resource.name == "pay"), waiver())
    ]
    assert set(after.every) == set(before.findings)
    assert after.judged == before.judged + len(TERMS)
    assert after.controls == before.controls


def test_without_waivers_nothing_changes(environment: Built) -> None:
    where = environment(keys("pay"))
    before = evaluate(where, CHOSEN)

    assert apply(before, where, [], TODAY) == before


@pytest.mark.parametrize(
    ("today", "is_waived", "expected"),
    [
        (date(2026, 10, 31), False, ["waiver-not-postdated"]),
        (date(2026, 11, 1), True, []),
        (date(2027, 1, 15), True, []),
        (date(2027, 1, 16), False, ["waiver-not-expired"]),
    ],
)
def test_a_waiver_holds_from_its_first_day_to_its_last(
    today: date, *, is_waived: bool, expected: list[str], environment: Built, waiver: Build
) -> None:
    after = applied(environment(keys("pay")), waiver(), today=today)

    assert bool(after.waived) is is_waived
    assert about(after) == expected
    assert ("violated kms-rotation-enabled pay" in said(after)) is not is_waived


@pytest.mark.parametrize(
    ("stack", "days", "expected"),
    [
        ("prod", 90, []),
        ("prod", 91, ["waiver-short-lived"]),
        ("dev", 91, []),
        ("dev", 366, ["waiver-short-lived"]),
    ],
)
def test_production_has_a_maximum_of_its_own(
    stack: str, days: int, expected: list[str], environment: Built, waiver: Build
) -> None:
    end = date(2026, 11, 1) + timedelta(days=days)
    after = applied(environment(keys("pay"), stack), waiver(expires=end))

    assert about(after) == expected
    assert len(after.waived) == 1  # the finding is about the waiver


def test_a_critical_control_may_be_waived_for_a_month(environment: Built, waiver: Build) -> None:
    sure = replace(ROTATION, severity=next(iter(type(ROTATION.severity))))
    where = environment(keys("pay"), "dev")
    long, short = date(2026, 12, 2), date(2026, 12, 1)

    for expires, expected in ((long, ["waiver-short-lived"]), (short, [])):
        after = applied(where, waiver(expires=expires), controls=(sure, *TERMS))
        assert about(after) == expected


def test_parameters_reach_the_controls_over_waivers(environment: Built, waiver: Build) -> None:
    where = environment(keys("pay"))
    given = {"waiver-short-lived": {"production_days": 7}}
    after = apply(evaluate(where, CHOSEN), where, [waiver()], TODAY, parameters=given)

    assert about(after) == ["waiver-short-lived"]


def test_a_waiver_that_is_for_nothing_is_found(environment: Built, waiver: Build) -> None:
    mended = [(KEY, "pay", {"enableKeyRotation": True})]

    assert about(applied(environment(mended), waiver())) == ["waiver-used"]
    assert about(applied(environment(keys("other")), waiver())) == ["waiver-matched"]


def test_a_resource_that_the_control_does_not_judge_is_no_match(
    environment: Built, waiver: Build
) -> None:
    where = environment([("aws:kms/alias:Alias", "pay", {})])

    assert about(applied(where, waiver(resource="aws:kms/*::pay"))) == ["waiver-matched"]


def test_what_may_be_inside_of_a_component_is_undecided(environment: Built, waiver: Build) -> None:
    where = environment([("x:y:Z", "box", {}, {"opaque": True, "custom": False})])

    assert said(applied(where, waiver())) == [
        "undecided waiver-matched kms-rotation-enabled for aws:kms/key:Key::pay"
    ]


def test_a_control_that_was_not_run_says_nothing_about_its_waivers(
    environment: Built, waiver: Build
) -> None:
    where = environment(keys("other"), "dev")
    in_production = replace(ROTATION, scope=Scope.PROD)

    assert said(applied(where, waiver(), controls=TERMS)) == []
    assert said(applied(where, waiver(), controls=(in_production, *TERMS))) == []


def test_waivers_are_judged_by_the_controls_that_were_chosen(
    environment: Built, waiver: Build
) -> None:
    where = environment(keys("pay"))
    before = evaluate(where, [ROTATION])
    after = apply(before, where, [waiver()], date(2030, 1, 1))

    assert said(after) == ["violated kms-rotation-enabled pay"]
    assert after.judged == before.judged


def test_a_waiver_for_other_stacks_is_left_alone(environment: Built, waiver: Build) -> None:
    where = environment(keys("pay"), "prod-eu")
    before = evaluate(where, CHOSEN)

    assert apply(before, where, [waiver(stacks=("dev", "staging"))], TODAY) == before
    assert len(applied(where, waiver(stacks=("dev", "prod-*"))).waived) == 1


def test_a_path_narrows_a_waiver_to_what_is_below_it(environment: Built, waiver: Build) -> None:
    where = environment(keys("pay"))

    for path, expected in (("enableKeyRotation", 1), ("enableKey", 0), ("policy", 0)):
        after = applied(where, waiver(path=path))
        assert len(after.waived) == expected
        assert about(after) == ([] if expected else ["waiver-used"])


@pytest.mark.parametrize(("path", "is_below"), [("a", True), ("a.b", True), ("a.b[0]", False)])
def test_below_a_path_are_its_keys_and_items(
    path: str, *, is_below: bool, environment: Built, waiver: Build
) -> None:
    where = environment(keys("pay"))
    found = Finding(ROTATION, where.resources[0], Verdict.VIOLATED, "a.b[1]", "is wrong")
    after = waive(Evaluation((ROTATION,), (found,), 1), where, [waiver(path=path)], TODAY)

    assert bool(after.waived) is is_below


def test_six_resources_are_too_many_for_one_waiver(environment: Built, waiver: Build) -> None:
    names = [f"pay-{number}" for number in range(6)]
    wide = waiver(resource=f"{KEY}::pay-*")

    assert about(applied(environment(keys(*names[:5])), wide)) == []
    assert about(applied(environment(keys(*names)), wide)) == ["waiver-narrow"]


def test_what_nobody_could_decide_is_waived_on_demand_only(
    environment: Built, waiver: Build
) -> None:
    where = environment([(KEY, "pay", {"enableKeyRotation": "?"})])

    plain = applied(where, waiver())
    assert said(plain) == ["undecided kms-rotation-enabled pay"]
    asked = applied(where, waiver(undecided=True))
    assert said(asked) == []
    assert asked.waived[0].finding.verdict is Verdict.UNDECIDED


def test_a_control_that_failed_is_never_waived(environment: Built, waiver: Build) -> None:
    def fails(_: Resource) -> Any:
        raise RuntimeError

    where = environment(keys("pay"))
    after = applied(where, waiver(undecided=True), controls=(replace(ROTATION, check=fails),))

    assert said(after) == ["broken kms-rotation-enabled pay"]


def test_what_the_baseline_knows_moves_as_well(environment: Built, waiver: Build) -> None:
    where = environment(keys("pay", "other"))
    found = evaluate(where, CHOSEN)
    compared = replace(found, findings=(), known=found.findings)
    after = apply(compared, where, [waiver()], TODAY)

    assert [it.resource.name for it in after.known] == ["other"]
    assert [it.finding.resource.name for it in after.waived] == ["pay"]
    assert about(after) == []


def test_a_component_is_waived_for_what_lies_in_it(waiver: Build) -> None:
    prefix = "urn:pulumi:prod::shop::"
    box = Resource(f"{prefix}b:x:Box::box", "b:x:Box", "box", custom=False)
    inner = Resource(f"{prefix}b:x:In::in", "b:x:In", "in", custom=False, parent=box.urn)
    inside = Resource(f"{prefix}b:x:Box$b:x:In${KEY}::pay", KEY, "pay", parent=inner.urn)
    outside = Resource(f"{prefix}{KEY}::pay", KEY, "pay")
    where = Environment("shop", "prod", resources=(box, inner, inside, outside))
    of_box = waiver(within=box.urn)

    after = applied(where, of_box)
    assert [it.finding.resource for it in after.waived] == [inside]

    alone = Environment("shop", "prod", resources=(inside,))
    found = evaluate(alone, [ROTATION])
    assert waive(found, alone, [of_box], TODAY).waived == ()
    parents = {inner.urn: box.urn}
    assert len(waive(found, alone, [of_box], TODAY, parents=parents).waived) == 1


def test_a_state_with_a_circle_of_parents_is_no_trap(waiver: Build) -> None:
    one = Resource("urn:1", KEY, "pay", parent="urn:2")
    two = Resource("urn:2", "b:x:Box", "box", custom=False, parent="urn:1")
    where = Environment("shop", "prod", resources=(one, two))

    assert applied(where, waiver(within="urn:3")).waived == ()


def test_a_finding_about_a_waiver_leads_to_its_line_and_keeps_its_name(
    environment: Built, waiver: Build
) -> None:
    where = environment(keys("pay"))
    expired = waiver(expires=date(2026, 11, 2), source=Source("waivers.yaml", 12))
    moved = replace(expired, source=Source("waivers.yaml", 40))

    (one,) = [it for it in applied(where, expired).findings if it.resource.type == WAIVER_TYPE]
    (other,) = [it for it in applied(where, moved).findings if it.resource.type == WAIVER_TYPE]
    assert (one.resource.source, other.resource.source) == (expired.source, moved.source)
    assert one.resource.urn == other.resource.urn
    assert one.message == "expired after 2026-11-02; it lets nothing stand any more"


def test_applying_the_same_waivers_again_changes_nothing_about_them(
    environment: Built, waiver: Build
) -> None:
    where = environment(keys("pay"))
    once = applied(where, waiver())

    assert about(apply(once, where, [waiver()], TODAY)) == []


def _some(controls: Sequence[Control], resources: Sequence[Resource]) -> st.SearchStrategy[Finding]:
    return st.builds(
        Finding,
        st.sampled_from(controls),
        st.sampled_from(resources),
        st.sampled_from(list(Verdict)),
        st.sampled_from(["", "a", "a.b", "enableKeyRotation"]),
        st.just("is wrong"),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_finding_is_ever_lost(data: st.DataObject, environment: Built, waiver: Build) -> None:
    where = environment(keys("pay", "pay-2", "other"))
    others = (ROTATION, *(item for item in CONTROLS if item.id == "kms-key-policy-scoped"))
    found = st.lists(_some(others, where.resources), max_size=8).map(tuple)
    before = Evaluation(CHOSEN, data.draw(found), 3, (), data.draw(found))
    days = st.dates(date(2026, 11, 1), date(2027, 2, 1))
    start = data.draw(days)
    waivers = data.draw(
        st.lists(
            st.builds(
                waiver,
                resource=st.sampled_from([f"{KEY}::pay", f"{KEY}::pay*", f"{KEY}::none"]),
                path=st.sampled_from(["", "a"]),
                undecided=st.booleans(),
                stacks=st.sampled_from([(), ("dev",)]),
                created=st.just(start),
                expires=days,
            ),
            max_size=4,
        )
    )
    today = data.draw(days)
    after = apply(before, where, waivers, today)

    own = [item for item in after.every if item.resource.type == WAIVER_TYPE]
    assert sorted(map(repr, after.every)) == sorted(map(repr, (*before.every, *own)))
    for item in after.waived:
        assert item.finding.verdict is not Verdict.BROKEN
        assert item.waiver.created <= today <= item.waiver.expires
        assert item.waiver.control == item.finding.control.id
    if not any(item.holds_on(today) for item in waivers):
        assert after.waived == ()

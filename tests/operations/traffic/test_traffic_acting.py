"""Measures under moto: done with an approval, for a time, within the rails, and taken back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from moto import mock_aws

from fintech_infra.operations.healing import Fate, Intent, Outcome, Result, verify_acts
from fintech_infra.operations.healing.acts import schema
from fintech_infra.operations.traffic.acting import carry_out
from fintech_infra.operations.traffic.measures import LEAST, tightened, widened
from fintech_infra.operations.traffic.model import LIMIT_RATES, LIMIT_TASKS
from tests.operations.ledger.samples import trusted
from tests.operations.traffic.acl import (
    HOUR,
    REGION,
    SECRET,
    SERVICE,
    Everything,
    Shield,
    capacity,
    client,
    fates,
    header,
    made,
    rule,
    serve,
)

BEFORE = {"address": 2000, "login": 15}
HALF = {"address": 1000, "login": 10}


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


@pytest.fixture
def shield(aws: None) -> Shield:
    return Shield(made(rule("address", 2000, 0), rule("login", 15, 1), header()))


def test_a_dry_run_names_the_calls_and_makes_none(shield: Shield) -> None:
    acted = shield.run(LIMIT_RATES, act=False)
    (done,) = acted.done
    assert (done.ruling.fate, done.act, acted.is_stopped) == (Fate.APPROVAL, None, False)
    (call,) = done.case.calls
    assert call.startswith("wafv2 update_web_acl ")
    assert '"Limit": 1000' in call
    assert "address 2000, login 15 becomes address 1000, login 10" in done.ruling.reason
    assert "until 2026-03-16T15:00:00.000Z, then address 2000, login 15" in done.ruling.reason
    assert (shield.limits(), shield.acts()) == (BEFORE, ())


def test_an_approval_halves_the_limits_on_record_and_leaves_the_rest(shield: Shield) -> None:
    before = shield.found()["WebACL"]
    (done,) = shield.tighten().done
    after = shield.found()["WebACL"]
    assert (done.ruling.fate, shield.limits()) == (Fate.HEALED, HALF)
    for acl in (before, after):
        for it in acl["Rules"]:
            it["Statement"].get("RateBasedStatement", {}).pop("Limit", None)
    assert after == before
    intent, outcome = shield.acts()
    assert isinstance(intent, Intent)
    assert isinstance(outcome, Outcome)
    assert intent.before["numbers"] == BEFORE
    assert (outcome.result, (outcome.after or {})["numbers"]) == (Result.HEALED, HALF)
    assert intent.measure
    assert (intent.measure.until, intent.measure.found) == (shield.at + HOUR, BEFORE)
    assert (intent.approval or {})["by"] == "ada"


def test_what_is_recorded_fits_the_schema_and_holds_no_secret(shield: Shield) -> None:
    shield.tighten()
    shield.pass_(hours=1)
    shield.take_back()
    verified = verify_acts(shield.store, trusted(), shield.at)
    assert (verified.size, verified.faults, verified.open) == (4, (), ())
    for envelope in shield.store.content.values():
        payload = json.loads(envelope)["payload"]
        statement = json.loads(b64decode(payload))
        Draft202012Validator(schema()).validate(statement["predicate"])
        for form in (SECRET, b64encode(SECRET)):
            assert form.decode() not in json.dumps(statement)


def test_nothing_is_taken_back_before_the_end(shield: Shield) -> None:
    shield.tighten()
    shield.pass_(minutes=59)
    for acted in (shield.take_back(), shield.run(LIMIT_RATES), shield.run()):
        assert acted.done == ()
        (stands,) = acted.stands
        assert stands.startswith(f"limit-rates {shield.acl.arn}: address 1000, login 10 stands ")
        assert stands.endswith(" until 2026-03-16T15:00:00.000Z (act 0)")
    assert (shield.limits(), len(shield.acts())) == (HALF, 2)


@pytest.mark.parametrize("by", ["job", "run"])
def test_after_the_end_limits_are_as_before_and_that_is_recorded_once(
    shield: Shield, by: str
) -> None:
    shield.tighten()
    shield.pass_(minutes=60)
    rehearsed = shield.take_back(act=False)
    assert (fates(rehearsed), rehearsed.exit_code) == ([Fate.REHEARSED], 3)
    acted = shield.take_back() if by == "job" else shield.run()
    assert (fates(acted), acted.exit_code, shield.limits()) == ([Fate.HEALED], 0, BEFORE)
    intent = shield.acts()[2]
    assert isinstance(intent, Intent)
    assert intent.measure
    assert (intent.measure.ends, intent.before["numbers"], intent.approval) == (0, HALF, None)
    shield.pass_(minutes=1)
    again = shield.take_back()
    assert (again.done, again.stands, len(shield.acts())) == ((), (), 4)


def test_what_somebody_changed_meanwhile_is_left_to_people(shield: Shield) -> None:
    shield.tighten()
    shield.change(address=1500)
    shield.pass_(hours=2)
    acted = shield.take_back()
    (done,) = acted.done
    assert (done.ruling.fate, acted.exit_code) == (Fate.PERSON, 3)
    assert "somebody has changed that to address 1500, login 10" in done.ruling.reason
    assert (shield.limits()["address"], len(shield.acts())) == (1500, 2)
    # An attack that goes on may be met from there, with an approval.
    acted = shield.tighten()
    assert (fates(acted)[-1], shield.limits()["address"]) == (Fate.HEALED, 750)


def test_what_somebody_changes_before_the_end_is_theirs(shield: Shield) -> None:
    shield.consents = Everything()
    shield.run(LIMIT_RATES)
    shield.change(address=1500)
    acted = shield.run(LIMIT_RATES)
    assert (fates(acted), shield.limits()["address"]) == ([Fate.PERSON], 1500)


def test_what_somebody_changes_right_before_it_is_taken_back_is_theirs(shield: Shield) -> None:
    shield.tighten()
    shield.pass_(hours=1)
    between = Between("wafv2", 2, lambda: shield.change(address=1500))
    acted = shield.run(make=lambda it, _: _at(between, it, "wafv2"))
    assert (fates(acted), shield.limits()["address"]) == ([Fate.PERSON], 1500)


def test_who_sets_the_numbers_of_a_measure_that_went_on_has_changed_them(shield: Shield) -> None:
    shield.consents = Everything()
    shield.run(LIMIT_RATES)
    shield.pass_(hours=1)
    shield.run(LIMIT_RATES)
    assert shield.limits()["address"] == 500
    shield.change(address=1000)
    assert fates(shield.take_back()) == [Fate.PERSON]


def test_an_approval_is_for_the_time_that_it_was_given_for(shield: Shield) -> None:
    shield.approve(shield.run(LIMIT_RATES, act=False).done)
    shield.hold = 2 * HOUR
    assert (fates(shield.run(LIMIT_RATES)), shield.limits()) == ([Fate.APPROVAL], BEFORE)


def test_what_a_rail_stopped_before_its_call_was_no_measure(shield: Shield) -> None:
    shield.consents = Everything()
    healer, switches = shield.healer(), iter(["armed", "off"])
    healer.switch = lambda: next(switches)
    acted = carry_out(healer, shield.judgement(LIMIT_RATES), shield.acl, "", REGION)
    assert (fates(acted), len(shield.acts())) == ([Fate.RAIL], 2)
    shield.change(address=1500)
    assert shield.take_back().done == ()


def test_another_change_of_the_web_acl_does_not_keep_it_from_being_taken_back(
    shield: Shield,
) -> None:
    shield.tighten()
    found = shield.found()
    given = found["WebACL"]
    client("wafv2").update_web_acl(
        **shield.acl.named,
        DefaultAction=given["DefaultAction"],
        Rules=[*given["Rules"], rule("bots", 100, 5)],
        VisibilityConfig=given["VisibilityConfig"],
        LockToken=found["LockToken"],
    )
    shield.pass_(hours=1)
    assert fates(shield.take_back()) == [Fate.HEALED]
    assert shield.limits() == {**BEFORE, "bots": 100}


def test_what_pulumi_restored_is_over(shield: Shield) -> None:
    shield.tighten()
    shield.change(**BEFORE)
    shield.pass_(hours=1)
    acted = shield.take_back()
    assert (acted.done, acted.stands, acted.exit_code) == ((), (), 0)


def test_what_nobody_took_back_for_a_day_is_left_to_people(shield: Shield) -> None:
    shield.tighten()
    shield.pass_(days=1, hours=1)
    (done,) = shield.take_back().done
    assert (done.ruling.fate, shield.limits()) == (Fate.PERSON, HALF)
    assert "nobody took that back" in done.ruling.reason
    shield.change(address=1500)
    assert shield.take_back().done == ()


def test_an_attack_that_lasts_is_met_down_to_a_quarter(shield: Shield) -> None:
    shield.tighten()
    shield.pass_(hours=1)
    (done,) = [it for it in shield.tighten().done if it.act is not None]
    assert (done.ruling.fate, shield.limits()) == (Fate.HEALED, {"address": 500, "login": 10})
    assert done.case.task.measure
    assert (done.case.task.measure.ends, done.case.task.measure.found) == (0, BEFORE)
    shield.pass_(hours=1)
    acted = shield.run(LIMIT_RATES)
    assert (fates(acted), shield.limits()) == ([Fate.HEALED, Fate.APPROVAL], BEFORE)


def test_without_another_approval_it_is_taken_back_though_the_attack_lasts(shield: Shield) -> None:
    shield.tighten()
    shield.pass_(hours=1)
    rehearsed = shield.run(LIMIT_RATES, act=False)
    assert fates(rehearsed) == [Fate.APPROVAL, Fate.REHEARSED]
    acted = shield.run(LIMIT_RATES)
    assert (fates(acted), shield.limits()) == ([Fate.HEALED, Fate.APPROVAL], BEFORE)
    assert "address 2000, login 15 becomes address 1000" in acted.done[1].ruling.reason


def test_a_third_attack_in_a_month_may_be_met_too(shield: Shield) -> None:
    for _ in range(3):
        assert fates(shield.tighten()) == [Fate.HEALED]
        shield.pass_(days=5)
        shield.change(**BEFORE)


@pytest.mark.parametrize("rail", ["switch", "budget"])
def test_a_rail_holds_tightening_and_taking_back(shield: Shield, rail: str) -> None:
    def hold(*, is_held: bool) -> None:
        if rail == "switch":
            shield.switch = None if is_held else "armed"
        else:
            shield.budget = 0 if is_held else 5

    shield.approve(shield.run(LIMIT_RATES, act=False).done)
    hold(is_held=True)
    acted = shield.run(LIMIT_RATES)
    assert (fates(acted), acted.is_stopped, shield.limits()) == ([Fate.RAIL], True, BEFORE)
    hold(is_held=False)
    shield.run(LIMIT_RATES)
    shield.pass_(hours=1)
    hold(is_held=True)
    acted = shield.take_back()
    assert (fates(acted), acted.exit_code, shield.limits()) == ([Fate.RAIL], 4, HALF)
    hold(is_held=False)
    assert (fates(shield.take_back()), shield.limits()) == ([Fate.HEALED], BEFORE)


@dataclass
class Between:
    """A client between two calls of which something else happens: before the one numbered `at`."""

    service: str
    at: int
    action: Callable[[], object]
    calls: int = 0

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("get_", "update_", "describe_", "register_")):
            self.calls += 1
            if self.calls == self.at:
                self.action()
        return getattr(client(self.service), name)


@pytest.mark.parametrize("remedy", [LIMIT_RATES, LIMIT_TASKS])
def test_two_runs_at_once_do_it_once(shield: Shield, remedy: str) -> None:
    """Another run does all of it before any call of this one."""
    serve()
    service = {LIMIT_RATES: "wafv2", LIMIT_TASKS: "application-autoscaling"}[remedy]
    done = (HALF, (2, 6)) if remedy == LIMIT_RATES else (BEFORE, (2, 12))
    shield.consents, interrupted = Everything(), 0
    for at in range(1, 8):
        between = Between(service, at, lambda: shield.run(remedy, service=SERVICE))
        shield.run(remedy, service=SERVICE, make=lambda it, _, one=between: _at(one, it, service))
        assert (shield.limits(), capacity()) == done, at
        interrupted += between.calls >= at
        shield.pass_(hours=1)
        shield.take_back()
        assert (shield.limits(), capacity()) == (BEFORE, (2, 6)), at
        shield.pass_(hours=1)
    assert interrupted >= 3


def _at(one: Any, asked: str, service: str) -> Any:
    """What is asked of one service goes to `one`, the rest to AWS."""
    return one if asked == service else client(asked)


class Dead(BaseException):
    """Nothing of the healer runs after this."""


@pytest.mark.parametrize("is_made", [False, True], ids=["before-the-call", "after-it"])
def test_a_healer_that_died_leaves_nothing_that_stands_for_good(
    shield: Shield, *, is_made: bool
) -> None:
    class Dying:
        def __init__(self, service: str) -> None:
            self.service = service

        def __getattr__(self, name: str) -> Any:
            found = getattr(client(self.service), name)
            if name != "update_web_acl":
                return found

            def die(**given: Any) -> Any:
                if is_made:
                    found(**given)
                raise Dead

            return die

    shield.approve(shield.run(LIMIT_RATES, act=False).done)
    with pytest.raises(Dead):
        shield.run(LIMIT_RATES, make=lambda service, _: Dying(service))
    shield.pass_(minutes=30)
    acted = shield.take_back()
    left = verify_acts(shield.store, trusted(), shield.at).open
    assert (len(acted.stands), left) == ((1, (0,)) if is_made else (0, ()))
    shield.pass_(minutes=30)
    acted = shield.take_back()
    assert (fates(acted), shield.limits()) == ([Fate.HEALED] if is_made else [], BEFORE)
    assert verify_acts(shield.store, trusted(), shield.at).open == ()


def test_a_web_acl_that_changed_since_the_look_is_not_written(shield: Shield) -> None:
    shield.approve(shield.run(LIMIT_RATES, act=False).done)
    between = Between("wafv2", 3, lambda: shield.change(login=20))
    acted = shield.run(LIMIT_RATES, make=lambda it, _: _at(between, it, "wafv2"))
    assert fates(acted) == [Fate.LEFT]
    assert "was changed since it was looked at" in acted.done[0].error
    assert shield.limits() == {"address": 2000, "login": 20}


def test_taking_back_is_never_given_up(shield: Shield) -> None:
    class Failing:
        def __getattr__(self, name: str) -> Any:
            def fail(**_: Any) -> Any:
                raise ClientError({"Error": {"Code": "Throttling", "Message": ""}}, "UpdateWebACL")

            return fail if name == "update_web_acl" else getattr(client("wafv2"), name)

    shield.tighten()
    shield.pass_(hours=1)
    for _ in range(3):
        acted = shield.run(make=lambda it, _: Failing() if it == "wafv2" else client(it))
        assert (fates(acted), acted.exit_code, shield.limits()) == ([Fate.LEFT], 2, HALF)
        shield.pass_(minutes=20)
    assert (fates(shield.take_back()), shield.limits()) == ([Fate.HEALED], BEFORE)


def test_what_was_taken_back_meanwhile_is_not_taken_back_from_the_next_one(shield: Shield) -> None:
    """Between the look of a run and its act, another one takes back and widens anew."""
    serve()
    shield.widen()
    shield.pass_(hours=1)

    def other() -> None:
        shield.take_back()
        shield.widen()

    scaling = "application-autoscaling"
    between = Between(scaling, 2, other)
    acted = shield.run(make=lambda it, _: _at(between, it, scaling))
    assert (fates(acted), capacity()) == ([Fate.NOTHING], (2, 12))


def test_a_service_may_scale_to_twice_its_tasks_for_a_time(shield: Shield) -> None:
    serve()
    assert (fates(shield.widen()), capacity()) == ([Fate.HEALED], (2, 12))
    shield.pass_(hours=1)
    assert (fates(shield.widen())[-1], capacity()) == (Fate.HEALED, (2, 24))
    shield.pass_(hours=1)
    assert (fates(shield.take_back()), capacity()) == ([Fate.HEALED], (2, 6))


def test_both_measures_are_taken_within_one_run(shield: Shield) -> None:
    serve()
    acted = shield.tighten(LIMIT_TASKS, service=SERVICE)
    assert (fates(acted), capacity()) == ([Fate.HEALED, Fate.HEALED], (2, 12))
    shield.pass_(hours=1)
    assert fates(shield.run()) == [Fate.HEALED, Fate.HEALED]
    assert (shield.limits(), capacity()) == (BEFORE, (2, 6))


def test_what_cannot_be_tightened_goes_to_people() -> None:
    for acl, said in (
        (made(header(), name="bare"), "no rate-based rule of its own"),
        (made(rule("login", 10, 0), name="low"), "no limit can be lowered further"),
    ):
        (done,) = Shield(acl).run(LIMIT_RATES).done
        assert done.ruling.fate is Fate.PERSON
        assert said in done.ruling.reason
    (done,) = Shield(made(name="none")).run(LIMIT_TASKS, service=SERVICE).done
    assert (done.ruling.fate, "has no number of tasks" in done.ruling.reason) == (Fate.PERSON, True)


def test_what_cannot_be_read_is_undecided_and_named(shield: Shield) -> None:
    class Refusing:
        def __getattr__(self, name: str) -> Any:
            def refuse(**_: Any) -> Any:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetWebACL")

            return getattr(client("wafv2"), name) if name == "exceptions" else refuse

    acted = shield.run(
        LIMIT_RATES, make=lambda service, _: Refusing() if service == "wafv2" else client(service)
    )
    assert (fates(acted), acted.exit_code) == ([Fate.UNDECIDED], 2)
    assert "wafv2:GetWebACL: AccessDenied" in acted.done[0].ruling.reason


NUMBERS = st.dictionaries(st.sampled_from("abc"), st.integers(LEAST, 2_000_000_000), min_size=1)


@given(NUMBERS)
def test_steps_one_after_another_stay_within_a_quarter_and_four_times(
    first: dict[str, int],
) -> None:
    down, up = first, first
    for _ in range(4):
        lower, higher = tightened(down, first), widened(up, first)
        for name, was in first.items():
            assert max(LEAST, was / 4) <= lower[name] <= down[name]
            assert up[name] <= higher[name] <= 4 * was
        down, up = lower, higher
    assert down == tightened(down, first)
    assert up == widened(up, first)

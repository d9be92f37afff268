"""From what a program declares to an account that is as declared again, after a night of tampering.

The platform of this repository is previewed, deployed into moto's cloud and written as a state.
What is proved here is that the verbs work together; how each judges and acts has tests of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fintech_infra.operations.drift import pictures
from fintech_infra.operations.tripwires import live
from tests.operations.drift.refreshed import side
from tests.operations.run_time.desk import Desk, opened
from tests.operations.run_time.estate import INTRUDER, LACKING, Estate, built
from tests.operations.run_time.night import TAMPERED
from tests.operations.run_time.tampering import Tampering

pytestmark = pytest.mark.xdist_group("platform")

HEAL = "heal before.json --live --policy-config policy.json --by carol"
ACT = f"{HEAL} --act --key healer.pem --budget 20"
DRIFT = "drift before.json --live --policy-config policy.json"
APPROVE = (
    "heal approve proposal.json --key ada.pem --yes --output ada.json "
    "--reason 'Seen with the platform team.'"
)
APPROVED = "--proposal proposal.json --approval ada.json"


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with built() as found:
        yield found


@dataclass(frozen=True)
class Night:
    """What the verbs said, one after the other; `codes` are their exit codes."""

    seen: Mapping[str, Any]
    first: Mapping[str, Any]
    second: Mapping[str, Any]
    codes: tuple[int, ...]
    last: str
    log: str
    ledger: str
    applied: tuple[str, ...]

    def item(self, estate: Estate, one: Tampering) -> Mapping[str, Any]:
        """The item of the judgement that a tampering is."""
        (found,) = [
            it
            for it in self.seen["items"]
            if it["type"].endswith(f":{one.kind}")
            and it["name"] == (one.name or estate.ids["disk"])
            and it["path"] == one.path
        ]
        return found

    def fates(self, item: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
        """The last step of each kind that was about an item, by what does it and its fate."""
        return {
            (it["remedy"] or it["kind"], it["fate"]): it
            for it in (*self.first["steps"], *self.second["steps"])
            if item["urn"] in {mark["urn"] for mark in it["restores"]}
        }


@pytest.fixture(scope="module")
def night(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A night of tampering, and the morning after it."""
    folder = tmp_path_factory.mktemp("night")
    with opened(folder, estate.account, estate.clock) as desk:
        yield _lived(desk, estate)


def _lived(desk: Desk, estate: Estate) -> Night:
    _exports(estate)
    act = f"{ACT} --kill-switch {estate.one('Parameter', 'healing-kill-switch').outputs['name']}"
    _tampers(desk, estate)
    estate.clock.pass_(minutes=20)
    code, seen = desk.told(DRIFT)
    codes = [code]
    code, first = desk.told(act)
    codes.append(code)
    for one in TAMPERED.values():
        if one.undoes and one.way == "person":
            one.undoes(estate)
    codes += [desk.run(f"{HEAL} --propose proposal.json")[0], desk.run(APPROVE)[0]]
    estate.clock.pass_(hours=1)
    code, second = desk.told(f"{act} {APPROVED}")
    codes.append(code)
    _exports(estate)
    code, last = desk.run(DRIFT)
    return Night(
        seen,
        first,
        second,
        (*codes, code),
        last,
        desk.run("heal log")[1],
        desk.run("ledger verify")[1],
        tuple(" ".join(it) for it in desk.program.applied),
    )


def _exports(estate: Estate) -> None:
    """Export the state, without what moto lacks."""
    lacking = {type_ for type_, _ in LACKING}
    state = estate.part(lambda it: it.type not in lacking)
    Path("before.json").write_text(json.dumps(state))


def _tampers(desk: Desk, estate: Estate) -> None:
    for one in TAMPERED.values():
        one.does(estate)
        if one.undoes and one.way != "person":
            urn = estate.urn(one.kind, one.name)
            desk.program.restores[urn] = partial(one.undoes, estate)


def test_what_moto_lacks_is_not_told_and_bounded(estate: Estate) -> None:
    before = side(estate.state)
    told = live(before, estate.account)
    there = told.after.environment.by_urn
    gone = [(it.type, "") for it in before.environment.resources if it.urn not in there]
    untold = [(there[urn].type, path) for urn, path in told.unread]
    assert Counter([*gone, *untold]) == LACKING
    differing = pictures(told.before, told.after).units
    assert {it.change.type for it in differing} <= {type_ for type_, _ in LACKING}


def test_the_verbs_say_what_happened_by_their_exit_codes(night: Night) -> None:
    clean, danger = 0, 1
    assert "nothing has drifted" in night.last, night.last
    assert night.codes == (danger, danger, danger, clean, clean, clean)


def test_what_pulumi_made_anew_is_there_by_another_id(night: Night) -> None:
    assert night.second["left"] == []


@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_is_judged_and_whoever_did_it_is_named(
    estate: Estate, night: Night, case: str
) -> None:
    one = TAMPERED[case]
    item = night.item(estate, one)
    assert item["judgement"] == one.judged
    assert one.controls <= {it["control"] for it in item["causes"]}
    assert any(f" {one.call} by {INTRUDER}" in it for it in item["who"])


@pytest.mark.parametrize("case", TAMPERED)
def test_tampering_is_healed_and_recorded_or_a_person_is_told(
    estate: Estate, night: Night, case: str
) -> None:
    one = TAMPERED[case]
    item = night.item(estate, one)
    found = night.fates(item)
    if one.way == "person":
        assert "healed" not in {fate for _, fate in found}
        assert found["ask", "person"]["says"]
        return
    step = found["reapply" if one.way == "pulumi" else one.way, "healed"]
    assert step["before"] != step["after"]
    assert f"{step['act']}  2026-11-22T" in night.log
    if one.undoes:
        (command,) = [it for it in night.applied if f" --target {item['urn']} " in f"{it} "]
        assert command.startswith("up --refresh --stack prod --target ")
        assert found["reapply", "healed"]["approvedBy"] == "ada"


def test_a_key_is_healed_by_approval_only(night: Night) -> None:
    steps = [it for it in night.second["steps"] if it["remedy"] == "keep-key"]
    found = {it["before"]["state"]: it["after"]["state"] for it in steps}
    assert found == {"Disabled": "Enabled", "PendingDeletion": "Enabled"}
    assert {it["approvedBy"] for it in steps} == {"ada"}


def test_every_act_is_recorded_and_verified(night: Night) -> None:
    acts = [
        it for run in (night.first, night.second) for it in run["steps"] if it["act"] is not None
    ]
    assert {it["fate"] for it in acts} == {"healed"}
    assert f"whole: {2 * len(acts)} acts of healing" in night.ledger

"""Real tampering in a simulated AWS: healed, recorded, and found whole afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from botocore.exceptions import ClientError

from fintech_infra.functions.remediation.model import Declared, Plan, Remedy, Step
from fintech_infra.operations.drift import Kind, Tier
from fintech_infra.operations.healing import (
    Consent,
    Container,
    Fate,
    Healed,
    Intent,
    Journal,
    Outcome,
    Rails,
    Result,
    Task,
    marks_of,
    text,
    verify_acts,
)
from fintech_infra.operations.healing.acts import schema
from fintech_infra.operations.healing.contain import Reading, UnlistedCallError
from tests.operations.drift.refreshed import changed
from tests.operations.healing.shop import (
    ACCOUNT,
    KEY,
    OPEN,
    WEB,
    Bench,
    Calls,
    Shop,
    access,
    client,
    fates,
)
from tests.operations.ledger.samples import signer, trusted


def acts_of(bench: Bench) -> Any:
    found = verify_acts(bench.store, trusted(), bench.clock())
    assert found.faults == ()
    return found.acts


def test_everything_that_was_tampered_with_is_restored_and_recorded(shop: Shop) -> None:
    bench = Bench(shop, shop.all_of())
    done = bench.heal()
    assert [*fates(done)][:5] == [
        "block-bucket: healed",
        "close-security-group: healed",
        "enable-detector: healed",
        "keep-key: approval",
        "restart-trail: healed",
    ]
    assert shop.is_whole()
    acts = acts_of(bench)
    assert [type(it) for it in acts] == [Intent, Outcome] * 4
    assert {it.result for it in acts if isinstance(it, Outcome)} == {Result.HEALED}
    assert acts[0].before == {"exists": True, "on": []}
    assert len(acts[1].after["on"]) == 4


def test_what_is_recorded_is_as_its_schema_says(shop: Shop) -> None:
    import base64
    import json

    bench = Bench(shop, shop.open_group())
    bench.heal()
    for content in bench.store.content.values():
        statement = json.loads(base64.b64decode(json.loads(content)["payload"]))
        jsonschema.validate(statement["predicate"], schema())


def test_a_second_run_finds_nothing_to_do(shop: Shop) -> None:
    bench = Bench(shop, shop.unblock())
    bench.heal()
    calls = Calls()
    again = bench.heal(bench.healer(before=calls))
    assert [it.ruling.fate for it in again] == [Fate.NOTHING] * len(again)
    assert calls.changed == []
    assert len(acts_of(bench)) == 2
    bench.after = shop.state
    assert bench.tasks() == ()


def test_a_rehearsal_says_every_call_and_makes_none(shop: Shop) -> None:
    bench = Bench(shop, shop.all_of(), rails=Rails())
    calls = Calls()
    done = bench.heal(bench.healer(before=calls))
    assert calls.changed == []
    assert bench.store.content == {}
    report = Healed(bench.judged()[0], tuple(done), dry_run=True)
    assert report.exit_code == 1
    said = text(report)
    assert "dry run, nothing was done; danger remains." in said
    assert f'call: ec2 revoke_security_group_ingress {{"GroupId": "{shop.group}"' in said
    assert 'call: cloudtrail start_logging {"Name": "main"}' in said


def test_what_is_open_on_purpose_stays_open(shop: Shop) -> None:
    bench = Bench(shop, shop.open_group())
    bench.heal()
    assert shop.open_ports() == [443]


@pytest.mark.parametrize(
    "declared",
    [
        {"protocol": "tcp", "fromPort": 8000, "toPort": 8010, "cidrBlocks": ["0.0.0.0/0"]},
        {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]},
    ],
)
def test_a_group_that_a_remediation_cannot_be_told_goes_to_people(
    shop: Shop, declared: dict[str, Any]
) -> None:
    after = shop.open_group()
    shop.state = changed(shop.state, "db", {"ingress": [WEB, declared]})
    after = changed(after, "db", {"ingress": [WEB, declared, OPEN]})
    done = Bench(shop, after).heal()
    assert next(fates(done)) == "close-security-group: person"
    assert shop.open_ports() == [22, 443]


def test_a_block_that_is_declared_in_part_goes_to_people(shop: Shop) -> None:
    after = shop.unblock()
    shop.state = changed(shop.state, "records", {"restrictPublicBuckets": False})
    done = Bench(shop, after).heal()
    assert next(fates(done)) == "block-bucket: person"


def test_another_account_is_not_touched(shop: Shop) -> None:
    after = shop.stop_trail()
    arn = "arn:aws:cloudtrail:eu-west-1:999999999999:trail/main"
    done = Bench(shop, changed(after, "main", {"arn": arn})).heal()
    assert done[0].ruling.fate is Fate.UNDECIDED
    assert "account 999999999999, and the credentials are of 123456789012" in done[0].ruling.reason


def test_what_aws_does_not_tell_is_undecided(shop: Shop) -> None:
    def denied(_: str, name: str) -> None:
        if name == "get_trail_status":
            said = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            raise ClientError(said, "GetTrailStatus")  # pyright: ignore[reportArgumentType]

    bench = Bench(shop, shop.stop_trail())
    done = bench.heal(bench.healer(before=denied))
    assert done[0].ruling.fate is Fate.UNDECIDED
    assert "cloudtrail:GetTrailStatus: AccessDenied" in done[0].ruling.reason
    assert Healed(bench.judged()[0], tuple(done), dry_run=False).exit_code == 1


def test_a_call_that_fails_is_recorded_and_danger_remains(shop: Shop) -> None:
    def denied(_: str, name: str) -> None:
        if name == "start_logging":
            said = {"Error": {"Code": "AccessDenied", "Message": "no"}}
            raise ClientError(said, "StartLogging")  # pyright: ignore[reportArgumentType]

    bench = Bench(shop, shop.stop_trail())
    healed = Healed(
        bench.judged()[0], tuple(bench.heal(bench.healer(before=denied))), dry_run=False
    )
    assert healed.done[0].ruling.fate is Fate.LEFT
    assert healed.exit_code == 1
    _, outcome = acts_of(bench)
    assert outcome.result is Result.FAILED
    assert outcome.error.startswith("cloudtrail:StartLogging: AccessDenied")
    assert outcome.after == {"exists": True, "logging": False}


def test_what_was_tried_twice_in_vain_goes_to_a_person(shop: Shop) -> None:
    def denied(_: str, name: str) -> None:
        if name == "start_logging":
            said = {"Error": {"Code": "ThrottlingException", "Message": "later"}}
            raise ClientError(said, "StartLogging")  # pyright: ignore[reportArgumentType]

    bench = Bench(shop, shop.stop_trail())
    found = [bench.heal(bench.healer(before=denied))[0].ruling for _ in range(3)]
    assert [it.fate for it in found] == [Fate.LEFT, Fate.LEFT, Fate.PERSON]
    assert "tried 2 times in vain" in found[-1].reason


def test_what_comes_back_goes_to_people_and_nobody_fights_it(shop: Shop) -> None:
    bench = Bench(shop, shop.stop_trail())
    first = bench.heal()[0]
    bench.clock.pass_(days=1)
    shop.stop_trail()
    second = bench.heal()[0]
    assert (second.ruling.fate, second.ruling.tier) == (Fate.APPROVAL, Tier.APPROVE)
    bench.consents[second.case.digest] = Consent("ada", "sha256:" + "0" * 64, "1" * 32)
    third = bench.heal()[0]
    bench.clock.pass_(days=1)
    shop.stop_trail()
    fourth = bench.heal()[0]
    assert [it.ruling.fate for it in (first, third, fourth)] == [
        Fate.HEALED,
        Fate.HEALED,
        Fate.PERSON,
    ]
    assert "healed 2 times already" in fourth.ruling.reason
    bench.clock.pass_(days=31)
    assert bench.heal()[0].ruling.fate is Fate.HEALED


def test_the_budget_stops_half_way_and_is_back_after_an_hour(shop: Shop) -> None:
    bench = Bench(shop, shop.all_of(), rails=Rails(dry_run=False, budget=2))
    done = bench.heal()
    report = Healed(bench.judged()[0], tuple(done), dry_run=False)
    assert report.exit_code == 4
    said = text(report)
    assert "done: contain block-bucket, contain close-security-group" in said
    assert "not done: contain enable-detector, contain restart-trail" in said
    bench.clock.pass_(minutes=59)
    assert bench.heal()[2].ruling.fate is Fate.RAIL
    bench.clock.pass_(minutes=2)
    assert not {Fate.RAIL, Fate.LEFT} & {it.ruling.fate for it in bench.heal()}
    assert shop.is_whole()


@pytest.mark.parametrize("value", ["off", "Armed", "", None])
def test_a_switch_that_is_not_armed_stops_everything(shop: Shop, value: str | None) -> None:
    bench = Bench(shop, shop.stop_trail(), switch=value)
    calls = Calls()
    done = bench.heal(bench.healer(before=calls))
    assert done[0].ruling.fate is Fate.RAIL
    assert calls.changed == []
    assert bench.store.content == {}


def test_a_switch_that_is_thrown_after_the_claim_stops_the_call(shop: Shop) -> None:
    bench = Bench(shop, shop.stop_trail())
    healer, armed = bench.healer(), iter(["armed", "off"])
    calls = Calls()
    healer = replace(bench.healer(before=calls), switch=lambda: next(armed))
    done = bench.heal(healer, bench.tasks()[:1])
    assert done[0].ruling.fate is Fate.RAIL
    assert calls.changed == []
    assert [it.result for it in acts_of(bench) if isinstance(it, Outcome)] == [Result.STOPPED]


def test_a_healer_that_slept_beyond_its_lease_makes_no_call(shop: Shop) -> None:
    bench = Bench(shop, shop.stop_trail())
    calls = Calls()
    healer = bench.healer(before=calls)
    ticks: list[Callable[[], None]] = [lambda: None, lambda: bench.clock.pass_(minutes=15)]

    def switch() -> str:
        if ticks:
            ticks.pop(0)()
        return "armed"

    done = bench.heal(replace(healer, switch=switch), bench.tasks()[:1])
    assert "its lease has run out" in done[0].error
    assert calls.changed == []


def key_task(shop: Shop, tier: Tier = Tier.AUTO) -> Task:
    urn = f"urn:pulumi:prod::shop::{KEY}::orders"
    return Task(
        Kind.CONTAIN,
        tier,
        "",
        "shop",
        "prod",
        ((urn, "isEnabled"),),
        remedy="keep-key",
        subject=shop.key,
        account=ACCOUNT,
        region="eu-west-1",
        declared=Declared(urn),
    )


def test_a_key_is_enabled_with_an_approval_only_and_once_with_each(shop: Shop) -> None:
    shop.disable_key()
    bench = Bench(shop, shop.state)
    waiting = bench.heal(tasks=[key_task(shop)])[0]
    assert waiting.ruling.fate is Fate.APPROVAL
    bench.consents[waiting.case.digest] = Consent("ada", "sha256:" + "0" * 64, "1" * 32)
    assert bench.heal(tasks=[key_task(shop)])[0].ruling.fate is Fate.HEALED
    intent = acts_of(bench)[0]
    assert intent.approval["by"] == "ada"
    shop.disable_key()
    again = bench.heal(tasks=[key_task(shop)])[0]
    assert again.ruling.fate is Fate.APPROVAL
    assert "its approval was used already" in again.ruling.reason


def test_looking_makes_no_call_that_changes_anything(shop: Shop) -> None:
    with pytest.raises(UnlistedCallError):
        _ = Reading(client("s3")).delete_bucket
    assert Reading(client("s3")).get_public_access_block


def test_a_call_that_the_remediation_does_not_list_is_refused(shop: Shop) -> None:
    bench = Bench(shop, shop.stop_trail())
    step = Step("cloudtrail", "delete_trail", {"Name": shop.trail})
    plan = Plan(Remedy.STEPS, "", (step,))
    with pytest.raises(UnlistedCallError):
        Container(access()).act(bench.tasks()[0], plan, lambda: None)
    assert len(client("cloudtrail").describe_trails()["trailList"]) == 1


def test_a_task_of_several_properties_is_done_once(shop: Shop) -> None:
    bench = Bench(shop, shop.unblock())
    (task, *_) = bench.tasks()
    assert len(task.marks) == 4
    calls = Calls()
    bench.heal(bench.healer(before=calls))
    assert calls.changed == ["put_public_access_block"]


def test_what_a_dead_healer_left_is_ended_where_the_drift_is_gone(shop: Shop) -> None:
    bench = Bench(shop, shop.stop_trail())
    journal = Journal(bench.store, trusted(), signer())
    bench.heal()
    bench.store.content.pop("acts/000000000001.json")
    bench.clock.pass_(minutes=16)
    bench.after = shop.state
    report = bench.judged()[0]
    bench.healer().clear(marks_of(report), report.project, report.stack)
    assert [it.result for it in acts_of(bench) if isinstance(it, Outcome)] == [Result.GONE]
    assert journal.view(bench.clock()).left(bench.clock(), timedelta(0)) == ()

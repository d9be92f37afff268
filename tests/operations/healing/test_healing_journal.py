"""The journal: what a vandal does to it is found, and nothing is done on top of it."""

from __future__ import annotations

import pytest

from fintech_infra.operations.healing import Journal, verify_acts
from fintech_infra.operations.ledger import BrokenLedgerError, RefusedError
from tests.operations.healing.shop import Bench, Shop
from tests.operations.ledger.samples import MemoryStore, ledger, signer, trusted

LAST = "acts/000000000003.json"
FIRST = "acts/000000000000.json"
SECOND = "acts/000000000001.json"


def bench_of(shop: Shop) -> Bench:
    bench = Bench(shop, shop.stop_trail())
    bench.heal()
    bench.after = shop.unblock()
    bench.heal()
    assert len(bench.store.content) == 4
    return bench


def said(store: MemoryStore, bench: Bench) -> list[str]:
    return [str(it) for it in verify_acts(store, trusted(), bench.clock()).faults]


def test_what_was_done_to_a_journal_is_named(shop: Shop) -> None:
    bench = bench_of(shop)
    assert said(bench.store, bench) == []
    edited = bench.store.copy()
    edited.content[SECOND] = edited.content[SECOND].replace(b'"sig":"', b'"sig":"A')
    missing = bench.store.copy()
    del missing.content[SECOND]
    swapped = bench.store.copy()
    swapped.content[SECOND] = bench.store.content[FIRST]
    foreign = bench.store.copy()
    foreign.content["acts/notes.txt"] = b""
    assert said(edited, bench)[0].startswith("act 1 ")
    assert said(missing, bench) == ["act 1 is missing, and later ones are there"]
    assert said(swapped, bench) == ["act 1 holds what was signed as act 0"]
    assert said(foreign, bench) == ["acts/notes.txt is no part of a ledger"]


def test_an_act_of_another_journal_does_not_follow(shop: Shop) -> None:
    bench = bench_of(shop)
    other = Bench(shop, shop.open_group())
    other.heal()
    store = bench.store.copy()
    store.content[FIRST] = other.store.content[FIRST]
    assert said(store, bench) == [
        "act 1 does not follow the act before it: one of both was replaced"
    ]


def test_nothing_is_done_on_a_journal_that_is_broken(shop: Shop) -> None:
    bench = bench_of(shop)
    del bench.store.content[SECOND]
    bench.after = shop.stop_trail()
    with pytest.raises(BrokenLedgerError, match="act 1 is missing"):
        bench.heal()


def test_a_key_that_is_not_trusted_does_nothing(shop: Shop) -> None:
    bench = Bench(shop, shop.stop_trail())
    healer = bench.healer()
    healer.journal = Journal(bench.store, trusted(), signer(2))
    with pytest.raises(RefusedError, match="is not trusted"):
        bench.heal(healer)
    assert bench.store.content == {}


def test_a_clock_that_runs_behind_does_nothing(shop: Shop) -> None:
    bench = bench_of(shop)
    bench.clock.pass_(minutes=-6)
    bench.after = shop.open_group()
    with pytest.raises(RefusedError, match="but act 3 was recorded at"):
        bench.heal(tasks=[it for it in bench.tasks() if it.remedy == "close-security-group"])


def test_acts_are_beside_deployments_and_disturb_none(shop: Shop) -> None:
    from fintech_infra.operations.ledger import verify_ledger

    store, _ = ledger(2)
    bench = Bench(shop, shop.stop_trail(), store=store)
    bench.heal()
    found = verify_ledger(store, trusted(), bench.clock())
    assert (found.size, found.faults) == (2, ())
    assert verify_acts(store, trusted(), bench.clock()).size == 2

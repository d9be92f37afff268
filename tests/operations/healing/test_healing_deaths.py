"""Healers that die anywhere, and two at once: healed in the end, nothing done twice.

Every write and every call of AWS is a place to die at, or to be overtaken at. Not shown
is what two clocks that differ by more than the lease do to each other.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fintech_infra.operations.healing import Rails, marks_of, verify_acts
from fintech_infra.operations.ledger import RefusedError
from tests.operations.healing.shop import Bench, Calls, Death, Hooked, Shop
from tests.operations.ledger.samples import trusted

TAMPERS: dict[str, Callable[[Shop], None]] = {
    "revoke_security_group_ingress": lambda shop: void(shop.open_group()),
    "start_logging": lambda shop: void(shop.stop_trail()),
}


def void(_: object) -> None:
    """Forget a result."""


def bench_of(shop: Shop, budget: int = 5) -> Bench:
    after = shop.open_group()
    stopped = shop.stop_trail()
    for at, item in enumerate(stopped["deployment"]["resources"]):
        if item["urn"].endswith("::main"):
            after["deployment"]["resources"][at] = item
    return Bench(shop, after, rails=Rails(dry_run=False, budget=budget))


def restart(shop: Shop, bench: Bench) -> None:
    """Tamper again, with a journal that is empty."""
    bench.store.content.clear()
    if shop.open_ports() == [443]:
        shop.open_group()
    shop.stop_trail()


def die() -> None:
    raise Death


def test_a_healer_that_dies_anywhere_is_resumed(shop: Shop) -> None:
    bench = bench_of(shop)
    tasks = [it for it in bench.tasks() if it.remedy]
    report = bench.judged()[0]
    died = 0
    for at in range(1000):
        restart(shop, bench)
        calls = Calls(at, die)
        try:
            bench.heal(bench.healer("first", before=calls, store=Hooked(bench.store, calls)), tasks)
        except Death:
            died += 1
        else:
            break
        bench.clock.pass_(minutes=16)
        more = Calls()
        second = bench.healer("second", before=more)
        bench.heal(second, tasks)
        second.clear(marks_of(report) - {it for task in tasks for it in task.marks}, "shop", "prod")
        assert sorted(calls.changed + more.changed) == sorted(TAMPERS), at
        assert shop.is_whole(), at
        found = verify_acts(bench.store, trusted(), bench.clock())
        assert (found.faults, found.open) == ((), ()), at
        bench.clock.pass_(hours=2)
    assert died > 20


@pytest.mark.parametrize("budget", [1, 5])
def test_two_healers_at_once_do_not_fight(shop: Shop, budget: int) -> None:
    bench = bench_of(shop, budget)
    tasks = [it for it in bench.tasks() if it.remedy]
    for at in range(1000):
        restart(shop, bench)
        other = Calls()
        calls = Calls(at, lambda other=other: void(bench.heal(bench.healer("b", other), tasks)))
        store = Hooked(bench.store, calls)
        bench.heal(bench.healer("a", before=calls, store=store), tasks)
        made = calls.changed + other.changed
        assert len(made) == len(set(made)) == min(budget, 2), at
        assert shop.is_whole() or budget == 1, at
        found = verify_acts(bench.store, trusted(), bench.clock())
        assert (found.faults, found.open) == ((), ()), at
        assert found.size == 2 * len(made)
        bench.clock.pass_(hours=2)
        if calls.number <= at:
            break
    else:
        pytest.fail("a healer has no end")


def test_one_who_is_overtaken_for_ever_gives_up(shop: Shop) -> None:
    bench = bench_of(shop)
    store = Hooked(bench.store, lambda *_: None)
    store.create = lambda key, content: False
    with pytest.raises(RefusedError, match="always quicker"):
        bench.heal(bench.healer(store=store))

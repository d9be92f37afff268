"""What sizes cost a month, were the load to go on as it was: arithmetic over the history."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from fintech_infra.operations.rightsizing.advice import Money, Recommendation
from fintech_infra.operations.rightsizing.decide import held, variant_of
from fintech_infra.operations.rightsizing.model import Amount, Kind, Load, Role, Terms
from fintech_infra.operations.rightsizing.prices import ARM, HOURS, Price, PriceTable, What
from fintech_infra.operations.rightsizing.sizes import tasks_for

NO_TABLE: Final = "money is not known: give --prices, which --refresh-prices writes"
_MIB: Final = 1024

Sizes = dict[Role, Amount]
Hours = dict[str, float]
"""Capacity that is paid for a month, by unit."""


def priced(found: Recommendation, terms: Terms, table: PriceTable | None) -> Recommendation:
    """A recommendation with what it costs, now and then; the reason where that is not known.

    Raises nothing: a table that lacks a price leaves the hours of capacity.
    """
    load = found.load
    if not found.advice:
        return found
    if load.kind is Kind.BATCH:
        why = "what Batch uses is paid, not what it may use: the limit costs nothing"
        return replace(found, money=Money(why=why))
    now: Sizes = {it.size.role: it.size.value for it in found.advice}
    then: Sizes = {it.size.role: it.value for it in found.advice}
    before, after = (_hours(found, sizes, terms) for sizes in (now, then))
    hours = tuple((unit, before.get(unit, 0.0), after.get(unit, 0.0)) for unit in before | after)
    if table is None:
        return replace(found, money=Money(hours, why=NO_TABLE))
    costs = _costs(load, (before, after), table)
    if isinstance(costs, str):
        return replace(found, money=Money(hours, why=costs))
    return replace(found, money=Money(hours, table.currency, *costs, table.day))


def _hours(found: Recommendation, sizes: Sizes, terms: Terms) -> Hours:
    load = found.load
    match load.kind:
        case Kind.INSTANCES:
            return {f"{sizes[Role.CLASS]} hours": float(HOURS * len(load.members))}
        case Kind.SERVERLESS:
            least = float(sizes[Role.LEAST])
            # Readers of the first failover tiers follow the writer, so the busiest counts for all.
            used = _mean(found, lambda at: max(at, least), together=True)
            return {"ACU-hours": used * HOURS * len(load.members)}
        case _:
            cpu, memory = float(sizes[Role.TASK_CPU]), float(sizes[Role.TASK_MEMORY])
            least, each = float(sizes[Role.LEAST]), cpu / _MIB * held(load, terms)
            scales = load.size(Role.MOST) is not None
            tasks = _mean(found, lambda at: max(tasks_for(at, each), least)) if scales else least
            hours = tasks * HOURS
            return {"vCPU-hours": hours * cpu / _MIB, "GiB-hours": hours * memory / _MIB}


def _mean(found: Recommendation, of: Callable[[float], float], *, together: bool = False) -> float:
    needs = found.needs if together else found.needs[:1]
    columns = [{it.time: it.value for it in need.usage.samples} for need in needs]
    times = [it for it in columns[0] if all(it in column for column in columns)]
    values = [max(column[it] for column in columns) for it in times]
    finite = [of(it) for it in values if math.isfinite(it)]
    return math.fsum(finite) / len(finite) if finite else 0.0


def _costs(load: Load, hours: Sequence[Hours], table: PriceTable) -> tuple[float, float] | str:
    if load.region and load.region != table.region:
        return f"the prices are of {table.region}, and this is in {load.region}"
    if load.spot:
        return "tasks may run on Fargate Spot, whose prices are in no list"
    sums: list[float] = []
    for side in hours:
        total = Decimal(0)
        for unit, number in side.items():
            price = _price(load, unit, table)
            if price is None:
                return f"the table of prices has none for {unit}"
            total += price.price * Decimal(number)
        sums.append(float(total))
    return sums[0], sums[1]


def _price(load: Load, unit: str, table: PriceTable) -> Price | None:
    match unit:
        case "ACU-hours":
            return table.find(What.UNIT, engine=load.engine, variant=variant_of(load))
        case "vCPU-hours":
            return table.find(What.TASK_VCPU, variant=ARM if load.arm else "")
        case "GiB-hours":
            return table.find(What.TASK_GIB, variant=ARM if load.arm else "")
        case _:
            name = unit.removesuffix(" hours")
            return table.find(What.INSTANCE, name, load.engine, variant_of(load))

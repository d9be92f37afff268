"""The smallest size that keeps headroom and risk. Pure: the same needs give the same sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fintech_infra.operations.rightsizing.advice import Advice, Recommendation, Verdict
from fintech_infra.operations.rightsizing.model import Amount, Kind, Load, Need, Role, Terms
from fintech_infra.operations.rightsizing.prices import MULTI_AZ, OPTIMIZED, PriceTable
from fintech_infra.operations.rightsizing.sizes import (
    LEAST_MOST,
    MOST_UNITS,
    STEP,
    TASK_SIZES,
    larger_cpus,
    memory_for,
    tasks_for,
    up,
)

_CPU_UNITS: Final = 1024


class _NoSizeError(Exception):
    """No size holds what is needed; the message says which is the largest."""


def decide(
    load: Load, needs: Sequence[Need], terms: Terms, table: PriceTable | None
) -> Recommendation:
    """What is recommended of a load.

    Every size that is recommended holds the peaks of all needs with their headroom, and none is
    below a floor of the load. Where its history shows next to all of the capacity in use, nothing
    becomes smaller: what was asked for beyond is not seen.
    """
    found = tuple(needs)
    missing = (*load.obstacles, *(reason for it in found for reason in it.missing))
    if missing or not found:
        return Recommendation(load, Verdict.CANNOT_SAY, found, why=missing)
    try:
        advice = tuple(_advice(load, found, terms, table))
    except _NoSizeError as error:
        return Recommendation(load, Verdict.CANNOT_SAY, found, why=(str(error),))
    verdict = _verdict(advice, table)
    return Recommendation(load, verdict, found, advice, tuple(_why(load, found, terms, advice)))


def _advice(
    load: Load, needs: Sequence[Need], terms: Terms, table: PriceTable | None
) -> Iterator[Advice]:
    full = any(it.full for it in needs)
    match load.kind:
        case Kind.INSTANCES:
            values: dict[Role, Amount] = {Role.CLASS: _class(load, needs, table, full=full)}
        case Kind.SERVERLESS:
            values = _units(load, needs, terms, full=full)
        case Kind.SERVICE:
            values = _tasks(load, needs, terms, full=full)
        case Kind.BATCH:
            step = max(load.floors.get(Role.MOST, 1.0), 1.0)
            most = max(up(needs[0].needed, step), step)
            values = {Role.MOST: max(most, load.number(Role.MOST)) if full else most}
    for size in load.sizes:
        yield Advice(size, values.get(size.role, size.value))


def _class(load: Load, needs: Sequence[Need], table: PriceTable | None, *, full: bool) -> str:
    """The smallest class of the same family: another one is another processor, or generation."""
    size = load.size(Role.CLASS)
    name = str(size.value) if size else ""
    variant = variant_of(load)
    family = table.family(name, load.engine, variant) if table else ()
    now = next((it for it in family if it.name == name), None)
    if now is None or not family:
        told = " ".join(filter(None, (name, load.engine, variant)))
        raise _NoSizeError(f"the table of prices has no {told}")
    cpu, memory = needs[0].needed, needs[1].needed
    if full:
        cpu, memory = max(cpu, now.vcpus), max(memory, now.memory)
    fitting = (it for it in family if it.vcpus >= cpu and it.memory >= memory)
    found = next(fitting, None)
    if found is None:
        raise _NoSizeError(f"{family[-1].name}, the largest of its family, does not hold the need")
    return found.name


def variant_of(load: Load) -> str:
    """What the price of a database depends on beside engine and class."""
    return MULTI_AZ if load.multi_az else OPTIMIZED if load.optimized else ""


def _units(load: Load, needs: Sequence[Need], terms: Terms, *, full: bool) -> dict[Role, Amount]:
    """Least capacity for the usual hour, greatest for the peak; a pause at zero is left alone."""
    now_least, now_most = load.number(Role.LEAST), load.number(Role.MOST)
    most = max(up(max(it.needed for it in needs), STEP), LEAST_MOST)
    if most > MOST_UNITS:
        raise _NoSizeError(f"{MOST_UNITS:g} ACUs, the most there are, do not hold the need")
    usual = max(it.usual for it in needs) * (1 + terms.headroom)
    least = max(up(usual, STEP), load.floors.get(Role.LEAST, STEP))
    if now_least == 0:
        least = 0.0
    if full:
        least, most = max(least, now_least), max(most, now_most)
    return {Role.LEAST: min(least, most), Role.MOST: most}


def held(load: Load, terms: Terms) -> float:
    """The part of its CPU that a task is to use: less than where the service adds tasks."""
    free = 1 / (1 + terms.headroom)
    return min(load.target, free) if load.target else free


def _tasks(load: Load, needs: Sequence[Need], terms: Terms, *, full: bool) -> dict[Role, Amount]:
    """Tasks for the usual hour and for the peak; a smaller task where even the floor is idle."""
    cpu_need, memory_need = needs
    part = held(load, terms)
    floor = max(load.floors.get(Role.LEAST, 1.0), 1.0)
    scales = load.size(Role.MOST) is not None
    standing = cpu_need.usual if scales else cpu_need.peak
    now = round(load.number(Role.TASK_CPU))
    cpu, memory = now, round(load.number(Role.TASK_MEMORY))
    if not full:
        cpu = _task_cpu(now, standing, part, floor, memory_need.needed)
        memory = _task_memory(cpu, memory_need.needed)
    elif memory_need.needed > memory:
        cpu = next((it for it in larger_cpus(now) if memory_for(it, memory_need.needed)), now)
        memory = _task_memory(cpu, memory_need.needed)
    # By the smaller of both tasks: where a program lets only one of the sizes be set, it holds.
    each = min(cpu, now) / _CPU_UNITS * part
    least = max(float(tasks_for(standing, each)), floor)
    most = max(float(tasks_for(cpu_need.peak, each)), least)
    if full:
        least, most = max(least, load.number(Role.LEAST)), max(most, load.number(Role.MOST))
    values: dict[Role, Amount] = {Role.TASK_CPU: float(cpu), Role.TASK_MEMORY: float(memory)}
    values[Role.LEAST] = least
    if scales:
        values[Role.MOST] = most
    return values


def _task_cpu(now: int, standing: float, part: float, floor: float, memory: float) -> int:
    """The CPU of a task: smaller only where the fewest tasks hold the usual load even so."""
    holding = [it for it in sorted(TASK_SIZES) if memory_for(it, memory) is not None]
    if not holding:
        raise _NoSizeError("no task on Fargate has the memory that is needed")
    smaller = [
        it for it in holding if it < now and tasks_for(standing, it / _CPU_UNITS * part) <= floor
    ]
    if smaller:
        return smaller[0]
    return next((it for it in holding if it >= now), holding[-1])


def _task_memory(cpu: int, needed: float) -> int:
    found = memory_for(cpu, needed)
    if found is None:
        raise _NoSizeError("no task on Fargate has the memory that is needed")
    return found


def _verdict(advice: Sequence[Advice], table: PriceTable | None) -> Verdict:
    signs = {_sign(it, table) for it in advice if it.is_change}
    if not signs:
        return Verdict.KEEP
    if len(signs) > 1:
        return Verdict.BOTH
    return Verdict.LARGER if signs.pop() > 0 else Verdict.SMALLER


def _sign(advice: Advice, table: PriceTable | None) -> int:
    now, then = advice.size.value, advice.value
    if isinstance(now, str) or isinstance(then, str):
        shapes = [table.shape(str(it)) if table else None for it in (now, then)]
        now, then = ((it.vcpus, it.memory) if it else (0.0, 0.0) for it in shapes)
        return 1 if then > now else -1
    return 1 if then > now else -1


def _why(
    load: Load, needs: Sequence[Need], terms: Terms, advice: Sequence[Advice]
) -> Iterator[str]:
    days = f"{terms.horizon.days} days"
    for need in needs:
        use, unit = need.usage, need.usage.unit
        yield (
            f"{use.what}: at most {need.peak:.4g} {unit} in {days} with a probability of "
            f"{1 - terms.risk:.4g}, {need.needed:.4g} with the headroom; now {use.capacity:.4g}"
        )
        if need.full:
            hours = f"{need.full} hour{'s' if need.full > 1 else ''}"
            yield f"{use.what}: nearly all in use in {hours}, so nothing becomes smaller"
    if load.kind is Kind.SERVICE and load.target:
        yield f"a task is to use {held(load, terms):.0%} of its CPU: the service adds tasks there"
    if any(it.value == load.floors.get(it.size.role) for it in advice) and load.floor_why:
        yield f"not below {load.floor_why}"

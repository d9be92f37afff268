"""Simulated traffic: two weeks of a shop's days, and what happens at their end."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import pi, sin

from fintech_infra.operations.metrics import Sample
from fintech_infra.operations.traffic import Case, Source

NOW = datetime(2026, 3, 16, 14, tzinfo=UTC)
DAYS = 14
STEPS = DAYS * 288


def rates(
    *,
    surge: float = 1.0,
    refused: float = 0.02,
    failing: float = 0.002,
    seed: int = 1,
    days: int = DAYS,
) -> dict[str, list[Sample]]:
    """Requests with a daily course; in the last 15 minutes `surge` times as many.

    `refused` and `failing` are shares in those minutes; before, they are 2 % and 0.2 %.
    """
    chance = random.Random(seed)
    series: dict[str, list[Sample]] = {"requests": [], "allowed": [], "blocked": [], "errors": []}
    start = NOW - timedelta(days=days)
    for step in range(days * 288):
        time = start + timedelta(minutes=5 * step)
        last = time >= NOW - timedelta(minutes=15)
        hour = time.hour + time.minute / 60
        level = 4000 * (1 + 0.7 * sin((hour - 8) / 24 * 2 * pi)) * chance.lognormvariate(0, 0.12)
        whole = level * (surge if last else 1.0)
        blocked = whole * (refused if last else 0.02) * chance.lognormvariate(0, 0.2)
        requests = whole - blocked
        errors = requests * (failing if last else 0.002) * chance.lognormvariate(0, 0.3)
        row = {"requests": requests, "allowed": requests, "blocked": blocked, "errors": errors}
        for name, value in row.items():
            series[name].append(Sample(time, float(round(value))))
    return series


def people(number: int = 400, *, seed: int = 2) -> tuple[Source, ...]:
    """Requests of as many people as there are, from where they always come from."""
    chance = random.Random(seed)
    return tuple(
        Source(
            f"198.51.{chance.randrange(256)}.{chance.randrange(256)}",
            chance.choices(["IE", "GB", "DE", "FR"], [60, 25, 10, 5])[0],
            chance.choice(["/", "/pay", "/basket"]),
            "ALLOW",
            10.0,
        )
        for _ in range(number)
    )


def bots(number: int = 400, addresses: int = 5, *, seed: int = 3) -> tuple[Source, ...]:
    """Requests of a few machines elsewhere."""
    chance = random.Random(seed)
    return tuple(
        Source(f"203.0.113.{chance.randrange(addresses)}", "XX", "/login", "ALLOW", 10.0)
        for _ in range(number)
    )


def case(
    before: tuple[Source, ...] | None = None,
    during: tuple[Source, ...] | None = None,
    **given: float,
) -> Case:
    """The case of rates with these properties."""
    series = rates(**given)  # pyright: ignore[reportArgumentType]
    return Case(NOW, series, before or people(), during or people(seed=4))

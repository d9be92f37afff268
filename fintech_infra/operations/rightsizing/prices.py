"""Prices of one region on one day, in a file that `--refresh-prices` writes.

A JSON object with `format` (`fintech-infra prices`), `version` (1), `date`, `region`, `currency`,
`source`, and `prices`, a list of objects: `what` (`instance`, `acu`, `task-vcpu` or `task-gib`),
`price` (a decimal number as text), `unit` (`Hrs`, `ACU-Hr` and so on, as AWS has it) and `sku`; as
far as it applies `name` (an instance class), `engine` (as RDS has it), `variant` (`multi-az`,
`io-optimized`, `arm64`), `vcpus` and `memoryMib`. No prices come with this package: they change,
and differ between regions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from fintech_infra.engine.errors import Problem

FORMAT: Final = "fintech-infra prices"
VERSION: Final = 1
HOURS: Final = 730
"""Hours of a month on average: 8760 a year in twelve parts."""
_FIX: Final = "fintech-infra rightsize --refresh-prices FILE --region REGION writes one"


class What(StrEnum):
    """What a price is paid for, each for an hour."""

    INSTANCE = "instance"
    UNIT = "acu"
    TASK_VCPU = "task-vcpu"
    TASK_GIB = "task-gib"


MULTI_AZ: Final = "multi-az"
OPTIMIZED: Final = "io-optimized"
ARM: Final = "arm64"


@dataclass(frozen=True, slots=True)
class Price:
    """One price for an hour, and what it is paid for.

    `vcpus` and `memory`, in MiB, are those of an instance class, else 0.
    """

    what: What
    price: Decimal
    unit: str
    sku: str
    name: str = ""
    engine: str = ""
    variant: str = ""
    vcpus: float = 0.0
    memory: float = 0.0

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a price is found by."""
        return (self.what, self.name, self.engine, self.variant)


@dataclass(frozen=True)
class PriceTable:
    """The prices of one region, as they were on a day."""

    day: date
    region: str
    currency: str
    source: str
    prices: tuple[Price, ...]

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str, str, str], Price]:
        return {it.key: it for it in self.prices}

    def find(self, what: What, name: str = "", engine: str = "", variant: str = "") -> Price | None:
        """One price, None where the table does not have it."""
        return self._by_key.get((what, name, engine, variant))

    def shape(self, name: str) -> Price | None:
        """Any price of an instance class, for its vCPUs and memory."""
        return next(
            (it for it in self.prices if it.what is What.INSTANCE and it.name == name), None
        )

    def family(self, name: str, engine: str, variant: str) -> tuple[Price, ...]:
        """The classes of the family of a class, as `db.r6g`, that an engine has; smallest first."""
        head = name.rpartition(".")[0]
        found = (
            it
            for it in self.prices
            if it.what is What.INSTANCE
            and it.name.rpartition(".")[0] == head
            and (it.engine, it.variant) == (engine, variant)
        )
        return tuple(sorted(found, key=lambda it: (it.vcpus, it.memory, it.price)))


def written(table: PriceTable) -> str:
    """Write a table, prices in order, so that a refresh shows in a diff what has changed."""
    rows: list[dict[str, Any]] = []
    for it in sorted(table.prices, key=lambda price: price.key):
        row: dict[str, Any] = {"what": it.what, "price": str(it.price), "unit": it.unit}
        row |= {"sku": it.sku, "name": it.name, "engine": it.engine, "variant": it.variant}
        row |= {"vcpus": it.vcpus, "memoryMib": it.memory}
        rows.append({key: value for key, value in row.items() if value})
    content = {
        "format": FORMAT,
        "version": VERSION,
        "date": table.day.isoformat(),
        "region": table.region,
        "currency": table.currency,
        "source": table.source,
        "prices": rows,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read_table(text: str, file: str) -> tuple[PriceTable | None, list[Problem]]:
    """Read a table; None and every mistake where it has any."""
    try:
        content: Any = json.loads(text)
    except ValueError as error:
        return None, [Problem(f"is not JSON: {error}", file, hint=_FIX)]
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None, [Problem(f"is no table of prices: it has no format {FORMAT!r}", file, 0, _FIX)]
    problems = [Problem(it, file, hint=_FIX) for it in _head(content)]
    prices: list[Price] = []
    listed: Any = content.get("prices")
    for at, row in enumerate(listed if isinstance(listed, list) else ()):
        try:
            prices.append(_price(row))
        except ValueError as error:
            problems.append(Problem(f"prices[{at}]: {error}", file, hint=_FIX))
    problems += (Problem(it, file, hint="keep one of them") for it in _twice(prices))
    if problems:
        return None, problems
    day = date.fromisoformat(content["date"])
    source = str(content.get("source", ""))
    return PriceTable(day, content["region"], content["currency"], source, tuple(prices)), []


def _head(content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("version") != VERSION:
        yield f"has version {content.get('version')!r}; accepted is {VERSION}"
    try:
        date.fromisoformat(content.get("date", ""))
    except (TypeError, ValueError):
        yield f"date is {content.get('date')!r}, not a day such as 2026-11-22"
    for name in ("region", "currency"):
        if not isinstance(content.get(name), str) or not content[name]:
            yield f"{name} is {content.get(name)!r}; a text is needed"
    if not isinstance(content.get("prices"), list):
        yield "has no list of prices"


def _price(row: Any) -> Price:
    if not isinstance(row, dict):
        raise ValueError("is no object")  # noqa: TRY004 - told as the other mistakes are
    if row.get("what") not in set(What):
        raise ValueError(f"what is {row.get('what')!r}; accepted are {', '.join(What)}")
    what = What(row["what"])
    vcpus, memory = (_number(row, name) for name in ("vcpus", "memoryMib"))
    if what is What.INSTANCE and not (row.get("name") and vcpus and memory):
        raise ValueError("an instance needs name, vcpus and memoryMib")
    try:
        price = Decimal(row["price"])
    except (KeyError, TypeError, InvalidOperation):
        price = Decimal(-1)
    if not isinstance(row.get("price"), str) or not price.is_finite() or price <= 0:
        given = row.get("price")
        raise ValueError(f'price is {given!r}, not a number above 0 as text, such as "0.12"')
    texts = (str(row.get(name, "")) for name in ("unit", "sku", "name", "engine", "variant"))
    return Price(what, price, *texts, vcpus=vcpus, memory=memory)


def _number(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError(f"{name} is {value!r}, not a number")
    return float(value)


def _twice(prices: Iterable[Price]) -> Iterator[str]:
    seen: set[tuple[str, str, str, str]] = set()
    for it in prices:
        if it.key in seen:
            yield f"has two prices of {' '.join(filter(None, it.key))}"
        seen.add(it.key)

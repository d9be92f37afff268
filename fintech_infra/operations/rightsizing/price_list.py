"""Reads prices from the AWS Price List Query API. Needs `pricing:GetProducts`.

What a product looks like:
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from fintech_infra.operations.aws import Access
from fintech_infra.operations.rightsizing.prices import (
    ARM,
    MULTI_AZ,
    OPTIMIZED,
    Price,
    PriceTable,
    What,
)

ENDPOINT: Final = "us-east-1"
"""The region that is asked: only a few have the API, and each knows the prices of all.
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html"""
SOURCE: Final = "AWS Price List Query API, on demand, without taxes and discounts"

_ENGINES: Final = {
    "Aurora MySQL": "aurora-mysql",
    "Aurora PostgreSQL": "aurora-postgresql",
    "MariaDB": "mariadb",
    "MySQL": "mysql",
    "PostgreSQL": "postgres",
}
"""Engines that need no licence, as the price list names them and as RDS does."""

_ASKED: Final = (
    ("AmazonRDS", "Database Instance"),
    ("AmazonRDS", "ServerlessV2"),
    ("AmazonECS", "Compute"),
)
_INSTANCE: Final = re.compile(r"(?:\w+-)?(InstanceUsage|InstanceUsageIOOptimized|Multi-AZUsage):db")
_UNIT: Final = re.compile(r"(?:\w+-)?Aurora:ServerlessV2(IOOptimized)?Usage")
_TASK: Final = re.compile(r"(?:\w+-)?Fargate-(ARM-)?(vCPU-Hours:perCPU|GB-Hours)")
_VARIANTS: Final = {
    ("InstanceUsage", "Single-AZ"): "",
    ("InstanceUsageIOOptimized", "Single-AZ"): OPTIMIZED,
    ("Multi-AZUsage", "Multi-AZ"): MULTI_AZ,
}
_MEMORY: Final = re.compile(r"([\d.,]+) GiB")
_MIB: Final = 1024


def read_prices(access: Access, region: str, currency: str, day: date) -> tuple[PriceTable, str]:
    """Read the prices of a region as they are now, which `day` says; and what is missing of them.

    Products of one kind with two prices are left out: which one is paid cannot be told.

    Raises:
        UnreadError: AWS does not tell them all.
    """
    found: list[Price] = []
    missing: list[str] = []
    for service, family in _ASKED:
        products = list(_products(access, service, family, region))
        prices = [it for product in products for it in _prices(product, currency)]
        if not prices:
            missing.append(f"{service} {family}")
        found += prices
    values = {it.key: set[Decimal]() for it in found}
    for it in found:
        values[it.key].add(it.price)
    single = {it.key: it for it in found if len(values[it.key]) == 1}
    doubtful = Counter(key[0] for key, prices in values.items() if len(prices) > 1)
    said = [f"no prices of {it} in {region} in {currency}" for it in missing]
    said += [f"{number} of {what} left out: several prices" for what, number in doubtful.items()]
    return PriceTable(day, region, currency, SOURCE, tuple(single.values())), "; ".join(said)


def _products(
    access: Access, service: str, family: str, region: str
) -> Iterator[Mapping[str, Any]]:
    filters = [
        {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
        {"Type": "TERM_MATCH", "Field": "productFamily", "Value": family},
    ]
    pages = access.pages(
        "pricing",
        "get_products",
        region=ENDPOINT,
        ServiceCode=service,
        Filters=filters,
        FormatVersion="aws_v1",
    )
    for page in pages:
        for text in page.get("PriceList", ()):
            content: Any = json.loads(text)
            yield content


def _prices(content: Mapping[str, Any], currency: str) -> Iterator[Price]:
    """The price of a product in a currency: none where it is of another kind, or has tiers."""
    product = content.get("product", {})
    attributes = product.get("attributes", {})
    rate = _rate(content, currency)
    kind = _kind(attributes)
    if rate is None or kind is None:
        return
    price, unit = rate
    yield Price(price=price, unit=unit, sku=str(product.get("sku", "")), **kind)


def _kind(attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    usage = str(attributes.get("usagetype", ""))
    engine = _ENGINES.get(str(attributes.get("databaseEngine", "")), "")
    if task := _TASK.fullmatch(usage):
        what = What.TASK_VCPU if task[2].startswith("vCPU") else What.TASK_GIB
        return {"what": what, "variant": ARM if task[1] else ""}
    if not engine:
        return None
    if unit := _UNIT.fullmatch(usage):
        return {"what": What.UNIT, "engine": engine, "variant": OPTIMIZED if unit[1] else ""}
    return _instance(usage, engine, attributes)


def _instance(usage: str, engine: str, attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    used = _INSTANCE.match(usage)
    option = str(attributes.get("deploymentOption", ""))
    variant = _VARIANTS.get((used[1], option)) if used else None
    memory = _MEMORY.fullmatch(str(attributes.get("memory", "")))
    vcpus = str(attributes.get("vcpu", ""))
    if variant is None or memory is None or not vcpus.isdecimal():
        return None
    return {
        "what": What.INSTANCE,
        "name": str(attributes.get("instanceType", "")),
        "engine": engine,
        "variant": variant,
        "vcpus": float(vcpus),
        "memory": float(memory[1].replace(",", "")) * _MIB,
    }


def _rate(content: Mapping[str, Any], currency: str) -> tuple[Decimal, str] | None:
    terms = content.get("terms", {}).get("OnDemand", {})
    dimensions = [it for term in terms.values() for it in term.get("priceDimensions", {}).values()]
    if len(dimensions) != 1:
        return None
    given = dimensions[0].get("pricePerUnit", {}).get(currency, "")
    try:
        price = Decimal(given)
    except InvalidOperation:
        return None
    return (price, str(dimensions[0].get("unit", ""))) if price > 0 else None

"""Tables of prices: their file, and the Price List API in the shape that AWS documents."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.rightsizing import read_table, written
from fintech_infra.operations.rightsizing.price_list import read_prices
from fintech_infra.operations.rightsizing.prices import FORMAT, What
from tests.operations.rightsizing.samples import DAY, REGION, prices

KINDS = (
    ("AmazonRDS", "Database Instance"),
    ("AmazonRDS", "ServerlessV2"),
    ("AmazonECS", "Compute"),
)
AURORA = {
    "databaseEngine": "Aurora PostgreSQL",
    "deploymentOption": "Single-AZ",
    "instanceType": "db.r7g.2xlarge",
    "vcpu": "8",
    "memory": "64 GiB",
}


def product(sku: str, usage: str, price: str = "1.25", unit: str = "Hrs", **attributes: str) -> str:
    rate = {"unit": unit, "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": price}}
    return json.dumps(
        {
            "product": {
                "sku": sku,
                "attributes": {"usagetype": usage, "regionCode": REGION, **attributes},
            },
            "serviceCode": "any",
            "terms": {
                "OnDemand": {f"{sku}.T": {"priceDimensions": {f"{sku}.T.R": rate}}},
                "Reserved": {f"{sku}.O": {"priceDimensions": {}}},
            },
            "publicationDate": "2026-11-19T00:00:00Z",
        }
    )


def pricing() -> Any:
    service: Any = "pricing"
    return boto3.client(
        service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


def asked(*answers: list[list[str]]) -> Access:
    client = pricing()
    stubber = Stubber(client)
    for (service, family), pages in zip(KINDS, answers, strict=True):
        for at, products in enumerate(pages):
            expected: dict[str, Any] = {
                "ServiceCode": service,
                "Filters": [
                    {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION},
                    {"Type": "TERM_MATCH", "Field": "productFamily", "Value": family},
                ],
                "FormatVersion": "aws_v1",
            }
            if at:
                expected["NextToken"] = str(at)
            answer: dict[str, Any] = {"PriceList": products}
            if at + 1 < len(pages):
                answer["NextToken"] = str(at + 1)
            stubber.add_response("get_products", answer, expected)
    stubber.activate()

    def make(service: str, region: str) -> Any:
        assert (service, region) == ("pricing", "us-east-1")
        return client

    return Access(make, REGION)


def test_prices_are_read_page_by_page_and_known_by_what_they_are_for() -> None:
    access = asked(
        [
            [
                product("A", "EU-InstanceUsage:db.r7g.2xl", **AURORA),
                product("B", "EU-InstanceUsageIOOptimized:db.r7g.2xl", "1.5", **AURORA),
            ],
            [
                product(
                    "C",
                    "EU-Multi-AZUsage:db.r7g.2xl",
                    "2.5",
                    **{**AURORA, "databaseEngine": "PostgreSQL", "deploymentOption": "Multi-AZ"},
                ),
                product(
                    "D", "EU-InstanceUsage:db.r7g.2xl", **{**AURORA, "databaseEngine": "Oracle"}
                ),
                product("E", "EU-RDS:GP3-Storage", **AURORA),
                product("F", "EU-InstanceUsage:db.r7g.2xl", "0", **AURORA),
            ],
        ],
        [[product("G", "EU-Aurora:ServerlessV2Usage", "0.5", "ACU-Hr", **AURORA)]],
        [
            [
                product("H", "EU-Fargate-vCPU-Hours:perCPU", "0.25", "hours"),
                product("I", "EU-Fargate-GB-Hours", "0.125", "hours"),
                product("J", "EU-Fargate-ARM-vCPU-Hours:perCPU", "0.2", "hours"),
                product("K", "EU-Fargate-EphemeralStorage-GB-Hours", "0.1", "hours"),
            ]
        ],
    )
    table, missing = read_prices(access, REGION, "USD", DAY)
    assert missing == ""
    assert sorted(it.sku for it in table.prices) == list("ABCGHIJ")
    found = table.find(What.INSTANCE, "db.r7g.2xlarge", "postgres", "multi-az")
    assert found is not None
    assert (str(found.price), found.vcpus, found.memory) == ("2.5", 8, 65536)
    assert [it.variant for it in table.prices if it.what is What.TASK_VCPU] == ["", "arm64"]
    again, problems = read_table(written(table), "prices.json")
    assert problems == []
    assert again is not None
    assert set(again.prices) == set(table.prices)
    assert written(again) == written(table)


def test_two_prices_of_one_thing_are_left_out_and_what_is_missing_is_said() -> None:
    twice = [
        product("A", "EU-InstanceUsage:db.r7g.2xl", "1", **AURORA),
        product("B", "EU-InstanceUsage:db.r7g.2xl", "2", **AURORA),
    ]
    table, missing = read_prices(asked([twice], [[]], [[]]), REGION, "USD", DAY)
    assert table.prices == ()
    assert missing == (
        "no prices of AmazonRDS ServerlessV2 in eu-west-1 in USD; "
        "no prices of AmazonECS Compute in eu-west-1 in USD; "
        "1 of instance left out: several prices"
    )


def test_prices_that_are_denied_are_no_table() -> None:
    client = pricing()
    stubber = Stubber(client)
    stubber.add_client_error("get_products", "AccessDeniedException", "no")
    stubber.activate()
    with pytest.raises(UnreadError, match="pricing:GetProducts: AccessDenied"):
        read_prices(Access(lambda *_: client, REGION), REGION, "USD", DAY)


def test_a_table_has_the_family_of_a_class_smallest_first() -> None:
    table = prices()
    found = [it.name for it in table.family("db.r7g.large", "aurora-postgresql", "")]
    assert found == ["db.r7g.large", "db.r7g.xlarge", "db.r7g.2xlarge", "db.r7g.4xlarge"]
    assert table.family("db.r7g.large", "postgres", "") == ()


def test_every_mistake_of_a_table_is_told() -> None:
    row = {"what": "acu", "price": "1", "unit": "ACU-Hr", "engine": "aurora-postgresql"}
    table = {
        "format": FORMAT,
        "version": 2,
        "date": "today",
        "region": "",
        "prices": [
            row,
            row,
            7,
            {"what": "disk"},
            {"what": "acu", "price": 0.12},
            {"what": "acu", "price": "-1"},
            {"what": "acu", "price": "NaN"},
            {"what": "instance", "price": "1", "name": "db.r7g.large", "vcpus": True},
            {"what": "instance", "price": "1", "name": "db.r7g.large", "vcpus": 2},
        ],
    }
    found, problems = read_table(json.dumps(table), "prices.json")
    assert found is None
    assert [it.message.split("; ")[0] for it in problems] == [
        "has version 2",
        "date is 'today', not a day such as 2026-11-22",
        "region is ''",
        "currency is None",
        "prices[2]: is no object",
        "prices[3]: what is 'disk'",
        'prices[4]: price is 0.12, not a number above 0 as text, such as "0.12"',
        "prices[5]: price is '-1', not a number above 0 as text, such as \"0.12\"",
        "prices[6]: price is 'NaN', not a number above 0 as text, such as \"0.12\"",
        "prices[7]: vcpus is True, not a number",
        "prices[8]: an instance needs name, vcpus and memoryMib",
        "has two prices of acu aurora-postgresql",
    ]
    for text in ("{", "[]", '{"format": "x"}', json.dumps({"format": FORMAT})):
        assert read_table(text, "prices.json")[1]

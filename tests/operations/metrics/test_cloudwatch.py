from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from fintech_infra.operations.aws import Access, connect
from fintech_infra.operations.metrics import Query, Sample, read_metrics

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
END = START + timedelta(hours=1)
REGION = "eu-west-1"


def query(name: str, metric: str = "Latency", service: str = "shop") -> Query:
    return Query(name, "Shop", metric, "Average", 60, (("Service", service),))


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "documentation")
    with mock_aws():
        yield connect(REGION)


def put(access: Access, service: str, values: list[float]) -> None:
    access.ask(
        "cloudwatch",
        "put_metric_data",
        Namespace="Shop",
        MetricData=[
            {
                "MetricName": "Latency",
                "Dimensions": [{"Name": "Service", "Value": service}],
                "Timestamp": START + timedelta(minutes=at),
                "Value": value,
            }
            for at, value in enumerate(values)
        ],
    )


def test_samples_are_those_of_the_metric_and_its_dimensions_oldest_first(cloud: Access) -> None:
    put(cloud, "shop", [1.0, 2.0, 4.0])
    put(cloud, "till", [9.0])
    found = read_metrics(cloud, [query("shop"), query("till", service="till")], START, END)
    assert found.series["shop"] == tuple(
        Sample(START + timedelta(minutes=at), value) for at, value in enumerate((1.0, 2.0, 4.0))
    )
    assert [it.value for it in found.series["till"]] == [9.0]
    assert found.unread == {}


def test_a_metric_without_samples_is_neither_read_nor_unread(cloud: Access) -> None:
    found = read_metrics(cloud, [query("none")], START, END)
    assert (found.series, found.unread) == ({}, {})


def test_more_queries_than_one_call_takes_are_all_asked(cloud: Access) -> None:
    put(cloud, "shop", [1.0])
    found = read_metrics(cloud, [query(f"q{at}") for at in range(230)], START, END)
    assert len(found.series) == 230


def test_two_queries_of_one_name_are_refused(cloud: Access) -> None:
    with pytest.raises(ValueError, match="same name"):
        read_metrics(cloud, [query("a"), query("a")], START, END)


def answering(*pages: dict[str, Any] | str) -> Access:
    """CloudWatch that answers with these pages; a text is the code of an error."""
    client = boto3.client(
        "cloudwatch",
        REGION,
        aws_access_key_id="documentation",
        aws_secret_access_key="documentation",
    )
    stubber = Stubber(client)
    for page in pages:
        if isinstance(page, str):
            stubber.add_client_error("get_metric_data", page, "no")
        else:
            stubber.add_response("get_metric_data", page)
    stubber.activate()
    return Access(lambda _service, _region: client, REGION)


def page(
    state: str, value: float, more: str = "", *, at: int = 0, id_: str = "q0"
) -> dict[str, Any]:
    result = {
        "Id": id_,
        "Timestamps": [START + timedelta(minutes=at)],
        "Values": [value],
        "StatusCode": state,
    }
    return {"MetricDataResults": [result]} | ({"NextToken": more} if more else {})


def test_pages_are_joined_and_partial_data_is_whole_once_the_rest_came() -> None:
    access = answering(page("PartialData", 1.0, "next"), page("Complete", 2.0, at=1))
    found = read_metrics(access, [query("a")], START, END)
    assert [it.value for it in found.series["a"]] == [1.0, 2.0]
    assert found.unread == {}


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([page("PartialData", 1.0)], "a part of the samples"),
        ([page("InternalError", 1.0)], "InternalError"),
        ([page("Forbidden", 1.0)], "Forbidden"),
        ([page("PartialData", 1.0, "next"), "Throttling"], "Throttling"),
        (["AccessDenied"], "cloudwatch:GetMetricData: AccessDenied"),
        ([{"MetricDataResults": []}], "did not answer"),
    ],
    ids=["part", "failed", "forbidden", "throttled", "denied", "silent"],
)
def test_what_is_not_told_in_full_says_why(pages: list[Any], why: str) -> None:
    found = read_metrics(answering(*pages), [query("a")], START, END)
    assert why in found.unread["a"]


def test_a_failure_after_one_metric_was_whole_leaves_that_one_read() -> None:
    access = answering(page("Complete", 1.0, "next"), "InternalServiceFault")
    found = read_metrics(access, [query("a"), query("b")], START, END)
    assert "a" not in found.unread
    assert "InternalServiceFault" in found.unread["b"]

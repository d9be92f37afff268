"""What can be sized, its metrics, and the load in absolute units."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fintech_infra.environment import UNKNOWN, Environment
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.forecast import CannotSay
from fintech_infra.operations.rightsizing import (
    Role,
    Terms,
    loads_of,
    metric_names,
    need_of,
    queries,
    usage_of,
)
from fintech_infra.operations.rightsizing.collect import read_usage
from tests.operations.rightsizing.samples import (
    NOW,
    environment,
    foreseen,
    hourly,
    load_of,
    prices,
    provisioned,
    queue,
    resource,
    serverless,
    service,
)

GIB = 2.0**30


def absolute(found: Environment, **metrics: list[float]) -> dict[str, list[float]]:
    load = load_of(found)
    named = {name.replace("__", "/").replace("_", "-"): hourly(it) for name, it in metrics.items()}
    uses = usage_of(load, named, {}, prices())
    assert not any(it.missing for it in uses), uses
    return {it.what: [one.value for one in it.samples] for it in uses}


def test_loads_become_absolute_by_the_shape_of_today() -> None:
    assert absolute(
        serverless(most=64),
        orders_0__CPUUtilization=[10, 5],
        orders_1__CPUUtilization=[2, 20],
        orders_0__FreeableMemory=[120 * GIB, 126 * GIB],
        orders_1__FreeableMemory=[124 * GIB, 112 * GIB],
    ) == {"CPU": [6.4, 12.8], "memory": [4, 8]}
    assert absolute(
        provisioned(members=1),
        orders_0__CPUUtilization=[50],
        orders_0__FreeableMemory=[60 * GIB],
    ) == {"CPU": [4], "memory": [4096]}
    api = {"api__CPUUtilization": [50.0], "api__MemoryUtilization": [25.0]}
    assert absolute(service(), **api, api__RunningTaskCount=[6.0]) == {
        "CPU": [3],
        "memory of a task": [1024],
    }
    assert absolute(service(scales=False), **api)["CPU"] == [2]
    assert absolute(queue(), spot__TaskCount=[3], demand__TaskCount=[2]) == {"CPU": [20]}


def test_a_time_that_a_member_lacks_is_missing_and_a_member_without_samples_is_told() -> None:
    load = load_of(queue())
    series = {"spot/TaskCount": hourly([1, math.nan, 2]), "demand/TaskCount": hourly([1, 1])}
    (use,) = usage_of(load, series, {}, None)
    assert [it.value for it in use.samples if math.isfinite(it.value)] == [12]
    assert len(use.samples) == 3
    (use,) = usage_of(load, {"spot/TaskCount": hourly([1])}, {"spot/TaskCount": "denied"}, None)
    assert use.samples == ()
    absent, denied = sorted(use.missing)
    assert absent.startswith("demand/TaskCount: no samples; Container Insights of the compute")
    assert denied == "spot/TaskCount: denied"


def test_a_service_that_scales_needs_the_number_of_its_tasks() -> None:
    api = {"api/CPUUtilization": hourly([50]), "api/MemoryUtilization": hourly([5])}
    cpu, memory = usage_of(load_of(service()), api, {}, None)
    assert cpu.missing[0].startswith("api/RunningTaskCount: no samples; Container Insights")
    assert memory.missing == ()


def test_the_metrics_have_the_names_of_the_state() -> None:
    found = queries(load_of(service()))
    assert {it.dimensions for it in found} == {(("ClusterName", "shop"), ("ServiceName", "api-1"))}
    assert metric_names(load_of(queue())) == ("spot/TaskCount", "demand/TaskCount")
    assert queries(load_of(queue()))[0].dimensions == (("ClusterName", "spot_Batch"),)
    assert queries(load_of(serverless()))[0].dimensions == (("DBInstanceIdentifier", "tf-0"),)


def test_sizes_have_the_inputs_that_hold_them() -> None:
    sizes = load_of(service()).sizes
    assert [(it.role, it.value, [one.path for one in it.places]) for it in sizes] == [
        (Role.TASK_CPU, 1024, ["cpu"]),
        (Role.TASK_MEMORY, 4096, ["memory"]),
        (Role.LEAST, 4, ["minCapacity", "desiredCount"]),
        (Role.MOST, 20, ["maxCapacity"]),
    ]
    (most,) = load_of(queue()).sizes
    assert (most.value, most.shared, len(most.places)) == (256, True, 2)


def test_what_is_not_sized_is_named() -> None:
    on_ec2 = service()
    task = replace(on_ec2.resources[0], inputs={"requiresCompatibilities": ["EC2"]})
    mixed = provisioned()
    odd = replace(
        mixed.resources[1], inputs={**mixed.resources[1].inputs, "instanceClass": "db.r7g.large"}
    )
    unknown = resource(
        "aws:rds/instance:Instance", "reports", {"instanceClass": UNKNOWN, "engine": "postgres"}
    )
    multi = resource(
        "aws:rds/cluster:Cluster", "books", {"dbClusterInstanceClass": "db.m6gd.large"}
    )
    found = loads_of(
        environment(
            task, *on_ec2.resources[1:], mixed.resources[0], odd, *mixed.resources[2:], unknown,
            multi,
        )
    )  # fmt: skip
    assert found.loads == ()
    assert [it.split(":")[0] for it in found.unknown] == ["reports is not sized"]
    assert found.outside == (
        "orders is not sized: its instances are of several classes: db.r7g.2xlarge, db.r7g.large",
        "books is not sized: Multi-AZ clusters of RDS are not looked at",
        "api is not sized: only tasks on Fargate are sized",
    )


def test_a_need_is_the_peak_with_the_headroom() -> None:
    load = load_of(queue(most=32))
    series = {"spot/TaskCount": hourly([1, 2, 3]), "demand/TaskCount": hourly([1, 2, 5])}
    (use,) = usage_of(load, series, {}, None)
    found = need_of(use, Terms(0.5, 0.01), NOW, lambda *_: foreseen(40, 30))
    assert (found.usual, found.middle, found.peak, found.needed) == (16, 30, 40, 60)
    assert found.full == 1  # 8 jobs of 4 vCPUs are all of the 32
    cannot = need_of(use, Terms(), NOW, lambda *_: CannotSay(("a gap",)))
    assert (cannot.missing, cannot.forecast) == (("CPU: a gap",), None)
    fine = need_of(use, Terms(risk=1e-6), NOW, lambda *_: foreseen(40))
    assert "1000 simulated futures tell" in fine.missing[0]


def test_a_class_that_no_table_knows_cannot_be_measured() -> None:
    series = {
        f"orders-{at}/{name}": hourly([5])
        for at in (0, 1)
        for name in ("CPUUtilization", "FreeableMemory")
    }
    uses = usage_of(load_of(provisioned()), series, {}, None)
    found = [need_of(it, Terms(), NOW).missing for it in uses]
    assert found == [("vCPUs and memory of the class are not known: --prices has them",)] * 2


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Access:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")

    def make(service: str, region: str) -> Any:
        chosen: Any = service
        return boto3.client(chosen, region_name=region)

    return Access(make, "eu-west-1")


@mock_aws
def test_cloudwatch_is_asked_by_the_names_of_the_state(access: Access) -> None:
    load = load_of(queue())
    dimensions = [{"Name": "ClusterName", "Value": "spot_Batch"}]
    data = [
        {
            "MetricName": "TaskCount",
            "Dimensions": dimensions,
            "Timestamp": NOW - timedelta(hours=hours),
            "Value": value,
        }
        for hours, value in ((3, 2.0), (1, 5.0))
    ]
    access.client("cloudwatch").put_metric_data(Namespace="ECS/ContainerInsights", MetricData=data)
    found = read_usage(access, [load], NOW + timedelta(minutes=20), timedelta(days=1))
    assert [it.value for it in found.series["spot/TaskCount"]] == [2, 5]
    (use,) = usage_of(load, found.series, found.unread, None)
    assert use.missing[0].startswith("demand/TaskCount: no samples")


def test_what_cloudwatch_does_not_tell_and_names_that_are_not_known_are_undecided() -> None:
    class Denied:
        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, **_: object) -> Any:
            raise UnreadError("cloudwatch:GetMetricData", "AccessDenied", "no")

    load = load_of(serverless())
    denied = read_usage(Access(lambda *_: Denied(), ""), [load], NOW, timedelta(days=1))
    uses = usage_of(load, denied.series, denied.unread, None)
    assert all("cloudwatch:GetMetricData: AccessDenied" in it.missing[0] for it in uses)
    nameless = replace(load, members=(replace(load.members[0], dimensions=(("X", ""),)),))
    found = read_usage(Access(lambda *_: None, ""), [nameless], NOW, timedelta(days=1))
    assert set(found.unread.values()) == {
        "the environment does not have the name that CloudWatch knows"
    }

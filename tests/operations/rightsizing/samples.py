"""Environments, histories, forecasts and prices of the tests; the prices are made up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.forecast import Backtest, Forecast
from fintech_infra.operations.metrics import Sample
from fintech_infra.operations.rightsizing import Load, Need, PriceTable, Usage, loads_of
from fintech_infra.operations.rightsizing.prices import Price, What

NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
DAY: Final = date(2026, 11, 20)
REGION: Final = "eu-west-1"


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{type_}::{name}"


def resource(type_: str, name: str, inputs: Mapping[str, Any], **more: Any) -> Resource:
    return Resource(urn(type_, name), type_, name, {"region": REGION, **inputs}, **more)


def environment(*resources: Resource) -> Environment:
    return Environment("shop", "prod", resources=resources)


def serverless(least: float = 8, most: float = 64, members: int = 2, **inputs: Any) -> Environment:
    scaling = {"minCapacity": least, "maxCapacity": most}
    cluster = resource(
        "aws:rds/cluster:Cluster",
        "orders",
        {"engine": "aurora-postgresql", "serverlessv2ScalingConfiguration": scaling, **inputs},
        id="orders",
        outputs={"clusterIdentifier": "orders"},
    )
    return environment(cluster, *(_instance(at, "db.serverless") for at in range(members)))


def provisioned(class_: str = "db.r7g.2xlarge", members: int = 2) -> Environment:
    cluster = resource(
        "aws:rds/cluster:Cluster", "orders", {"engine": "aurora-postgresql"}, id="orders"
    )
    return environment(cluster, *(_instance(at, class_) for at in range(members)))


def _instance(at: int, class_: str) -> Resource:
    inputs = {"clusterIdentifier": "orders", "instanceClass": class_}
    return resource(
        "aws:rds/clusterInstance:ClusterInstance",
        f"orders-{at}",
        inputs,
        outputs={"identifier": f"tf-{at}"},
    )


def service(
    cpu: int = 1024, memory: int = 4096, least: int = 4, most: int = 20, *, scales: bool = True
) -> Environment:
    task = resource(
        "aws:ecs/taskDefinition:TaskDefinition",
        "api",
        {"cpu": str(cpu), "memory": str(memory), "requiresCompatibilities": ["FARGATE"]},
        outputs={"arn": "arn:task"},
    )
    api = resource(
        "aws:ecs/service:Service",
        "api",
        {"cluster": "arn:cluster/shop", "taskDefinition": "arn:task", "desiredCount": least},
        outputs={"name": "api-1", "cluster": "arn:cluster/shop"},
    )
    named = {"resourceId": "service/shop/api-1"}
    tracked = {
        "predefinedMetricSpecification": {
            "predefinedMetricType": "ECSServiceAverageCPUUtilization"
        },
        "targetValue": 60,
    }
    scaling = (
        resource(
            "aws:appautoscaling/target:Target",
            "api",
            {**named, "minCapacity": least, "maxCapacity": most},
        ),
        resource(
            "aws:appautoscaling/policy:Policy",
            "api",
            {**named, "targetTrackingScalingPolicyConfiguration": tracked},
        ),
    )
    return environment(task, api, *(scaling if scales else ()))


def queue(most: int = 256, job: int = 4) -> Environment:
    compute = [
        resource(
            "aws:batch/computeEnvironment:ComputeEnvironment",
            name,
            {"computeResources": {"maxVcpus": most // 2, "type": type_}},
            outputs={"arn": f"arn:{name}", "ecsClusterArn": f"arn:cluster/{name}_Batch"},
        )
        for name, type_ in (("spot", "FARGATE_SPOT"), ("demand", "FARGATE"))
    ]
    orders = [{"order": 1, "computeEnvironment": it.outputs["arn"]} for it in compute]
    queued = resource(
        "aws:batch/jobQueue:JobQueue", "nightly", {"computeEnvironmentOrders": orders}
    )
    needs = [{"type": "VCPU", "value": str(job)}, {"type": "MEMORY", "value": "8192"}]
    job_definition = resource(
        "aws:batch/jobDefinition:JobDefinition",
        "settle",
        {"containerProperties": json.dumps({"resourceRequirements": needs})},
    )
    return environment(*compute, queued, job_definition)


def load_of(found: Environment) -> Load:
    loads = loads_of(found)
    assert (loads.unknown, loads.outside) == ((), ())
    (load,) = loads.loads
    return load


def hourly(values: Sequence[float]) -> list[Sample]:
    start = NOW - timedelta(hours=len(values))
    return [Sample(start + timedelta(hours=at), it) for at, it in enumerate(values)]


def foreseen(peak: float, middle: float | None = None) -> Forecast:
    """A forecast whose futures peak at `middle`, and a fiftieth of them at `peak`."""
    usual = peak if middle is None else middle
    return Forecast(
        step=timedelta(hours=1),
        times=(NOW, NOW + timedelta(hours=1)),
        median=(usual, usual),
        lower=(0.0, 0.0),
        upper=(peak, peak),
        level=0.95,
        peaks=(*[usual] * 980, *[peak] * 20),
        seasons=(),
        growth=1.0,
        since=NOW - timedelta(days=60),
        model="made up",
        widened=1.0,
        backtest=Backtest((NOW,), timedelta(days=7), 168, 0.95, 0.1, ()),
    )


def need(
    capacity: float, peak: float, usual: float = 0.0, *, headroom: float = 0.3, full: int = 0
) -> Need:
    usage = Usage("CPU", "units", capacity, hourly([usual] * 24))
    return Need(usage, foreseen(peak), (), usual, peak, peak, peak * (1 + headroom), full)


def prices(region: str = REGION) -> PriceTable:
    classes = ((2, 16, "large"), (4, 32, "xlarge"), (8, 64, "2xlarge"), (16, 128, "4xlarge"))
    instances = tuple(
        Price(
            What.INSTANCE,
            Decimal(vcpus) / 4,
            "Hrs",
            f"SKU{vcpus}",
            f"db.r7g.{name}",
            "aurora-postgresql",
            vcpus=vcpus,
            memory=memory * 1024,
        )
        for vcpus, memory, name in classes
    )
    units = (
        Price(What.UNIT, Decimal("0.5"), "ACU-Hr", "U", engine="aurora-postgresql"),
        Price(What.TASK_VCPU, Decimal("0.25"), "hours", "V"),
        Price(What.TASK_GIB, Decimal("0.125"), "hours", "G"),
    )
    return PriceTable(DAY, region, "USD", "made up", (*instances, *units))

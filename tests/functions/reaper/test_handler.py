"""The reaper against moto: what it finds, stops and tells.

What these tests do not prove: that the role of the function allows these calls, which moto does not
ask; the component's tests look at its policy.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from fintech_infra.functions.reaper import handler

REGION = "eu-west-1"
GROUP = "pr-7-guard-reaper"
SOURCE = "fintech-infra.cost-guard"


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for key, value in {
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "ENVIRONMENT": "pr-7",
        "SCHEDULE_GROUP": GROUP,
        "TTL_HOURS": "24",
        "TICK_MINUTES": "60",
        "EVENT_SOURCE": SOURCE,
    }.items():
        monkeypatch.setenv(key, value)
    with mock_aws():
        boto3.client("scheduler").create_schedule_group(Name=GROUP)
        yield


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, str]]]:
    """Call it for what was told since the last call: the events that moto accepted."""
    found: list[dict[str, str]] = []

    def keep(params: dict[str, Any], **_: Any) -> None:
        for entry in json.loads(params["body"])["Entries"]:
            assert (entry["Source"], entry["DetailType"]) == (SOURCE, "Environment Expiry")
            found.append(json.loads(entry["Detail"]))

    session = boto3.Session()
    session.events.register("before-call.events.PutEvents", keep)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)

    def receive() -> list[dict[str, str]]:
        heard = found.copy()
        found.clear()
        return heard

    return receive


def after(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """Let the function run so many hours after the environment was made."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) + timedelta(hours=hours)

    monkeypatch.setattr(handler, "datetime", Clock)


def make_service(name: str, environment: str) -> str:
    ecs: Any = boto3.client("ecs")
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(
        family="api", containerDefinitions=[{"name": "api", "image": "api", "memory": 128}]
    )
    tags = [{"key": "environment", "value": environment}]
    answer = ecs.create_service(
        cluster="shop", serviceName=name, taskDefinition="api", desiredCount=2, tags=tags
    )
    return answer["service"]["serviceArn"]


def make_database(name: str, environment: str) -> str:
    rds: Any = boto3.client("rds")
    answer = rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        MasterUsername="root1",
        MasterUserPassword="documented-only",
        Tags=[{"Key": "environment", "Value": environment}],
    )
    return answer["DBCluster"]["DBClusterArn"]


def make_queue(name: str, environment: str) -> str:
    batch: Any = boto3.client("batch")
    iam: Any = boto3.client("iam")
    ec2: Any = boto3.client("ec2")
    role = iam.create_role(RoleName=f"{name}-batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=name, Description="jobs", VpcId=vpc)["GroupId"]
    compute = batch.create_compute_environment(
        computeEnvironmentName=name,
        type="MANAGED",
        state="ENABLED",
        serviceRole=role,
        computeResources={
            "type": "FARGATE",
            "maxvCpus": 4,
            "subnets": [subnet],
            "securityGroupIds": [group],
        },
    )["computeEnvironmentArn"]
    return batch.create_job_queue(
        jobQueueName=name,
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": compute}],
        tags={"environment": environment},
    )["jobQueueArn"]


def tasks_of(service: str) -> int:
    ecs: Any = boto3.client("ecs")
    found = ecs.describe_services(cluster="shop", services=[service])
    return found["services"][0]["desiredCount"]


def state_of(queue: str) -> str:
    batch: Any = boto3.client("batch")
    return batch.describe_job_queues(jobQueues=[queue])["jobQueues"][0]["state"]


def status_of(database: str) -> str:
    rds: Any = boto3.client("rds")
    return rds.describe_db_clusters(DBClusterIdentifier=database)["DBClusters"][0]["Status"]


def test_what_has_expired_is_stopped_and_its_owners_are_told(
    monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    service, queue = make_service("api", "pr-7"), make_queue("eod", "pr-7")
    database = make_database("ledger", "pr-7")
    after(monkeypatch, 25)

    done = handler.handle({}, None)

    assert done == {
        "stage": "expired",
        "stopped": sorted([service, queue, database]),
        "refused": [],
    }
    assert (tasks_of(service), state_of(queue), status_of(database)) == (0, "DISABLED", "stopped")
    (detail,) = told()
    assert detail["environment"] == "pr-7"
    assert detail["notice"].startswith("Environment pr-7 has expired")
    assert all(f"stopped: {arn}" in detail["notice"] for arn in (service, queue, database))


def test_a_second_tick_finds_nothing_to_stop_and_tells_nobody(
    monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    make_service("api", "pr-7")
    after(monkeypatch, 25)
    handler.handle({}, None)
    told()

    assert handler.handle({}, None)["stopped"] == []
    assert told() == []


def test_other_environments_and_production_keep_running(monkeypatch: pytest.MonkeyPatch) -> None:
    other, production = make_service("api", "pr-8"), make_service("prod-api", "prod")
    queue, database = make_queue("eod", "prod"), make_database("ledger", "prod")
    after(monkeypatch, 1000)

    assert handler.handle({}, None)["stopped"] == []
    assert (tasks_of(other), tasks_of(production)) == (2, 2)
    assert (state_of(queue), status_of(database)) == ("ENABLED", "available")


def test_pointed_at_production_it_stops_nothing(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    monkeypatch.setenv("ENVIRONMENT", "prod")
    service, queue = make_service("api", "prod"), make_queue("eod", "prod")
    after(monkeypatch, 1000)

    done = handler.handle({}, None)

    assert done["refused"] == ["prod is production", "prod is production"]
    assert (tasks_of(service), state_of(queue)) == (2, "ENABLED")
    assert "not touched: prod is production" in told()[0]["notice"]


def test_before_the_end_it_only_tells(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    service = make_service("api", "pr-7")
    after(monkeypatch, 20.5)

    assert handler.handle({}, None)["stage"] == "ending"
    assert tasks_of(service) == 2
    assert [detail["notice"] for detail in told()] == [
        "Environment pr-7 ends soon: destroy it, or give it more ttl_hours."
    ]


def test_in_the_middle_of_its_life_nothing_happens(told: Any) -> None:
    service = make_service("api", "pr-7")

    assert handler.handle({}, None) == {"stage": "live", "stopped": [], "refused": []}
    assert tasks_of(service) == 2
    assert told() == []


def test_one_that_cannot_be_stopped_keeps_no_other_running(
    monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    service, database = make_service("api", "pr-7"), make_database("ledger", "pr-7")
    after(monkeypatch, 25)
    found = list(handler._everything("pr-7"))
    monkeypatch.setattr(handler, "_everything", lambda _: iter(found))
    boto3.client("rds").delete_db_cluster(DBClusterIdentifier="ledger", SkipFinalSnapshot=True)

    with pytest.raises(RuntimeError, match="could not be stopped"):
        handler.handle({}, None)

    assert tasks_of(service) == 0
    assert f"could not be stopped: {database}" in told()[0]["notice"]

"""Finds what runs in an environment, stops it once its time is up, and tells its owners.

The environment variables name it (`ENVIRONMENT`), the schedule group whose age is its age
(`SCHEDULE_GROUP`), its hours (`TTL_HOURS`), and how often it is asked (`TICK_MINUTES`). Owners hear
of it by an event of source `EVENT_SOURCE`, which a rule passes on.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from fintech_infra.functions.reaper.decide import (
    ENVIRONMENT_TAG,
    Decision,
    Found,
    Kind,
    Stage,
    decide,
    notice,
    stage_of,
)

DETAIL_TYPE: Final = "Environment Expiry"
_TAGGED: Final = ["ecs:service", "rds:cluster"]
_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


def handle(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Judge and act; the event, a tick of the clock, says nothing. Returns what was done.

    Raises:
        RuntimeError: something could not be stopped; the rest was, and the owners were told.
    """
    environment = os.environ["ENVIRONMENT"]
    decision = _decide(environment, datetime.now(UTC))
    stopped: list[str] = []
    failed: dict[str, str] = {}
    for found in decision.stop:
        try:
            _stop(found)
            stopped.append(found.arn)
        except ClientError as error:
            failed[found.arn] = str(error)
    if said := notice(environment, decision, stopped, failed):
        _tell(environment, said)
    done = {"stage": decision.stage.value, "stopped": stopped, "refused": list(decision.refused)}
    _log.info(json.dumps(done))
    if failed:
        raise RuntimeError("could not be stopped: " + "; ".join(sorted(failed)))
    return done


def _decide(environment: str, now: datetime) -> Decision:
    ttl = timedelta(hours=int(os.environ["TTL_HOURS"]))
    tick = timedelta(minutes=int(os.environ["TICK_MINUTES"]))
    stage = stage_of(_born(), ttl, now, tick)
    everything = list(_everything(environment)) if stage is Stage.EXPIRED else []
    return decide(environment, stage, everything)


def _born() -> datetime:
    scheduler: Any = boto3.client("scheduler")
    return scheduler.get_schedule_group(Name=os.environ["SCHEDULE_GROUP"])["CreationDate"]


def _everything(environment: str) -> Iterator[Found]:
    yield from _services_and_databases(environment)
    yield from _queues(environment)


def _services_and_databases(environment: str) -> Iterator[Found]:
    tagging: Any = boto3.client("resourcegroupstaggingapi")
    pages = tagging.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": ENVIRONMENT_TAG, "Values": [environment]}],
        ResourceTypeFilters=_TAGGED,
    )
    for page in pages:
        for item in page["ResourceTagMappingList"]:
            arn, tags = item["ResourceARN"], _tags(item["Tags"])
            kind = Kind.SERVICE if arn.split(":")[2] == "ecs" else Kind.DATABASE
            yield Found(kind, arn, tags, _runs(kind, arn))


def _tags(listed: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in listed}


def _runs(kind: Kind, arn: str) -> bool:
    if kind is Kind.SERVICE:
        ecs: Any = boto3.client("ecs")
        found = ecs.describe_services(cluster=_cluster_of(arn), services=[arn])["services"]
        return any(service["desiredCount"] > 0 for service in found)
    rds: Any = boto3.client("rds")
    clusters = rds.describe_db_clusters(DBClusterIdentifier=arn)["DBClusters"]
    return any(cluster["Status"] == "available" for cluster in clusters)


def _queues(environment: str) -> Iterator[Found]:
    batch: Any = boto3.client("batch")
    for page in batch.get_paginator("describe_job_queues").paginate():
        for queue in page["jobQueues"]:
            tags = queue.get("tags", {})
            if tags.get(ENVIRONMENT_TAG) == environment:
                runs = queue["state"] == "ENABLED"
                yield Found(Kind.QUEUE, queue["jobQueueArn"], tags, runs)


def _stop(found: Found) -> None:
    if found.kind is Kind.SERVICE:
        ecs: Any = boto3.client("ecs")
        ecs.update_service(cluster=_cluster_of(found.arn), service=found.arn, desiredCount=0)
    elif found.kind is Kind.QUEUE:
        batch: Any = boto3.client("batch")
        batch.update_job_queue(jobQueue=found.arn, state="DISABLED")
    else:
        rds: Any = boto3.client("rds")
        rds.stop_db_cluster(DBClusterIdentifier=found.arn.rpartition(":")[2])


def _cluster_of(service_arn: str) -> str:
    return service_arn.split("/")[1]


def _tell(environment: str, said: str) -> None:
    events: Any = boto3.client("events")
    answer = events.put_events(
        Entries=[
            {
                "Source": os.environ["EVENT_SOURCE"],
                "DetailType": DETAIL_TYPE,
                "Detail": json.dumps({"environment": environment, "notice": said}),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the owners were not told: {answer['Entries']}")

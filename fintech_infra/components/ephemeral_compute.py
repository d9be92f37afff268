"""EphemeralCompute: jobs that run on capacity which exists only while they do, and that end."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions

from fintech_infra.components._account import account_of
from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._compute.arguments import (
    JobPermissionArgs,
    JobScheduleArgs,
    JobSecretArgs,
)
from fintech_infra.components._compute.capacity import (
    ceilings,
    make_environments,
    make_queue,
    make_security_group,
)
from fintech_infra.components._compute.checks import RECORD_DAYS, compute_problems
from fintech_infra.components._compute.job import make_job
from fintech_infra.components._compute.record import Record, make_record
from fintech_infra.components._compute.schedule import make_schedules, submit_policies
from fintech_infra.components._compute.watch import make_watch
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs


class EphemeralComputeArgs(TypedDict):
    """What an EphemeralCompute needs to know."""

    vpc_id: Input[str]
    """Id of the VPC. Changing it replaces the jobs' security group and, with it, moves them."""
    subnet_ids: Input[list[str]]
    """Ids of subnets without a route to an internet gateway, such as a HardenedVpc's
    `app_subnet_ids`. Changing them applies to jobs that start later."""
    security_group_ids: list[Input[str]]
    """Ids of the security groups that open connections for the jobs, such as a HardenedVpc's
    `app_security_group_id`, beside the group made here, which opens none. They must reach the
    endpoints of ECR, S3 and CloudWatch Logs."""
    image: Input[str]
    """Image in ECR, named by digest: `<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:...`.
    A tag is refused. It is built for x86-64. Changing it makes a new revision of the job, the only
    one that can be run."""
    job_ttl_minutes: int
    """Minutes after which an attempt is ended, 1 to 1440. All attempts of a job take at most
    `attempts` times as long."""
    max_vcpus: int
    """Most vCPUs that run at the same time, Spot and on-demand capacity together: what bounds the
    price per hour. Jobs wait above it."""
    interruptible: NotRequired[bool]
    """Whether jobs run on Spot capacity, which AWS takes back with two minutes' notice, and on
    demand where Spot is full. Default: true. With false all of it is on demand."""
    on_demand_vcpus: NotRequired[int]
    """The part of `max_vcpus` that interruptible jobs can use on demand. Default: half."""
    vcpus: NotRequired[float]
    """vCPUs of a job: 0.25, 0.5, 1, 2, 4, 8 or 16. Default: 1."""
    memory_mb: NotRequired[int]
    """MiB of memory of a job; Fargate offers certain amounts for each number of vCPUs. Default:
    2048."""
    storage_gib: NotRequired[int]
    """GiB of ephemeral storage, 21 to 200. Default: the 20 that are included."""
    command: NotRequired[list[str]]
    """Command to run. Default: the image's."""
    uid: NotRequired[int]
    """User and group id that the job runs as, not root's. Default: 10001. To write to `/tmp`, the
    only place where it may, the image must declare it as a `VOLUME` that this user owns or
    everybody may write to."""
    environment: NotRequired[dict[str, Input[str]]]
    """Environment variables. They are part of the run record: what is named or looks like a secret
    is refused."""
    secrets: NotRequired[dict[str, JobSecretArgs]]
    """Secrets, by the environment variable that a job finds each in."""
    permissions: NotRequired[list[JobPermissionArgs]]
    """What the job's role may do. Default: nothing."""
    attempts: NotRequired[int]
    """Times that a job is started, 1 to 10, when AWS took its capacity back or could not start it.
    A job that fails by itself is not started again: it may have done half of its work. Default:
    3."""
    shares: NotRequired[dict[str, float]]
    """Who shares the queue, by weight: a share with a lower weight gets more. Each job then names
    its share. Default: first come, first served. Deciding otherwise later replaces the queue."""
    schedules: NotRequired[dict[str, JobScheduleArgs]]
    """When jobs are submitted by themselves, by a name for each. Default: never."""
    stuck_minutes: NotRequired[int]
    """Minutes after which a job that cannot start and blocks the queue is cancelled, 10 to 1440.
    Default: 60."""
    record_days: NotRequired[int]
    """Days that the record of every job is kept: 365 or a longer period of CloudWatch Logs.
    Default: 2557, which are seven years. Shortening it deletes what is older."""
    log_retention_days: NotRequired[int]
    """Days that what jobs print is kept, likewise. Default: 400."""
    generations: NotRequired[list[str]]
    """Names of the generations of compute environments; the queue uses the last one. Batch refuses
    to delete an environment just after a queue named it, so one is never replaced in place: add a
    generation and deploy, then remove the old one and deploy again. No argument needs it; a
    transform may. Default: `["1"]`."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of a customer-managed key that lets `events`, `logs` and `sqs` use it. Default: an
    EncryptionKey of its own."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears when a job fails or outlives its end, blocks the queue, could
    not be submitted or not be recorded, and when the key made here is tampered with. Default:
    nobody is told."""
    data_class: NotRequired[DataClass]
    """How sensitive the data is that jobs handle; becomes the tag `data-class`. Default:
    confidential."""
    region: NotRequired[Input[str]]
    """Region of everything. Default: the provider's. Changing it replaces everything."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them, and for the jobs. Default: only the component's
    own."""


class EphemeralCompute(Component):
    """AWS Batch on Fargate: a queue, one kind of job, and no capacity while nothing runs.

    Every attempt of a job is ended when its time is up, and a job that cannot start is cancelled.
    Spot capacity is used first and on-demand capacity after it, up to one ceiling. Jobs run in
    subnets without a way to the internet and without a public address (PCI DSS 4.0.1 1.3.2, 1.4.4),
    from an image named by digest (6.5.1), not as root, on a read-only file system (2.2.6), with a
    role that may do only what is listed (7.2.5).

    Every change of every job is recorded with image, command, environment, role, start, stop and
    result, for seven years, encrypted and protected against deletion (SOX 404). What jobs print is
    kept apart from that.

    Whoever submits may shorten or lengthen the end of a job, but not submit one without an end:
    Batch knows no permission that is narrower. Schedules made here do not.

    Deliberately absent: EC2 capacity, images outside ECR, GPU and multi-node jobs, and a customer
    key for Fargate's ephemeral storage, which Batch does not pass on; AWS encrypts it.
    """

    job_queue_arn: Output[str]
    """ARN of the queue."""
    job_definition_arn: Output[str]
    """ARN of the job definition's newest revision."""
    job_role_arn: Output[str]
    """ARN of the role that jobs act as, for the policies of what they use."""
    schedule_role_arn: Output[str]
    """ARN of the role by which schedules submit, such as a CostGuard of a non-production
    environment can freeze; empty without schedules."""
    security_group_id: Output[str]
    """Id of the security group of the jobs, for data stores that admit them. Its rules are
    exclusive: others are removed."""
    submit_policies: Output[dict[str, str]]
    """JSON policies for those who submit jobs, by share; `default` where there are no shares."""
    log_group_name: Output[str]
    """Name of the log group for what jobs print."""
    record_log_group_name: Output[str]
    """Name of the log group that holds the run record."""
    dead_letter_queue_arn: Output[str]
    """ARN of the queue for submissions and records that could not be delivered."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts logs, records and dead letters."""
    ceiling: Output[str]
    """JSON of what bounds the price: most vCPUs of each kind of capacity, minutes of an attempt,
    and attempts."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: EphemeralComputeArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the compute.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed. An image that is an output is checked when it is known, and then raises
                ValueError.
        """
        super().__init__(name, args, opts)
        data_class = DataClass(args.get("data_class", DataClass.CONFIDENTIAL))
        tags = {**args.get("tags", {}), "data-class": data_class.value}
        site = Site(self, name, args.get("region"), tags)
        account = account_of(self, site.region)
        key_arn = _key_arn(site, args, data_class)

        logs = make_log_group(
            site, "logs", key_arn=key_arn, days=int(args.get("log_retention_days", DEFAULT_DAYS))
        )
        job = make_job(site, args, account=account, log_group=logs)
        group = make_security_group(site, args["vpc_id"])
        groups = Output.all(args["security_group_ids"], group.id).apply(_together)
        environments = make_environments(site, args, groups)
        queue = make_queue(site, args, environments)
        record = make_record(
            site,
            queue,
            days=int(args.get("record_days", RECORD_DAYS)),
            key_arn=key_arn,
            account=account,
        )
        schedule_role_arn = Output.from_input("")
        if schedules := args.get("schedules"):
            schedule_role_arn = make_schedules(
                site,
                schedules,
                queue,
                job.definition,
                key_arn=key_arn,
                account=account,
                dead_letters=record.dead_letters,
            ).arn
        if (topic := args.get("alarm_topic_arn")) is not None:
            make_watch(site, queue, record.dead_letters, topic)

        self.publish(
            job_queue_arn=queue.arn,
            job_definition_arn=job.definition.arn,
            job_role_arn=job.role.arn,
            schedule_role_arn=schedule_role_arn,
            security_group_id=group.id,
            submit_policies=submit_policies(queue, job.definition, list(args.get("shares", {}))),
            log_group_name=logs.name,
            record_log_group_name=record.log_group.name,
            dead_letter_queue_arn=record.dead_letters.arn,
            kms_key_arn=key_arn,
            ceiling=_ceiling(args),
            evidence=evidence(_satisfied(environments[0], queue, job.definition, record)),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note sizes, ends, ceilings, shares, schedules and permissions that cannot be."""
        for path, reason in compute_problems(problems.name, args):
            problems.add(path, reason)


def _key_arn(site: Site, args: EphemeralComputeArgs, data_class: DataClass) -> Output[str]:
    """Return the ARN of the key that is given, or of one made for this compute."""
    if (given := args.get("kms_key_arn")) is not None:
        return Output.from_input(given)
    services = (KeyService.EVENTS, KeyService.LOGS, KeyService.SQS)
    wanted: EncryptionKeyArgs = {
        "description": f"Jobs of {site.name}: logs, records and dead letters",
        "services": [service.value for service in services],
        "data_class": data_class,
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if (topic := args.get("alarm_topic_arn")) is not None:
        wanted["alarm_topic_arn"] = topic
    return EncryptionKey(site.named("key"), wanted, opts=site.child()).arn


def _satisfied(
    compute: Resource, queue: Resource, job: Resource, record: Record
) -> dict[str, tuple[Resource, str]]:
    """Return which property of which resource satisfies which control."""
    return {
        "batch-compute-private": (compute, "computeResources"),
        "batch-compute-scales-to-zero": (compute, "computeResources"),
        "batch-job-image-pinned": (job, "containerProperties"),
        "batch-job-retries-narrow": (job, "retryStrategy"),
        "batch-job-timeout": (job, "timeout"),
        "batch-jobs-recorded": (record.rule, "eventPattern"),
        "batch-queue-unblocks": (queue, "jobStateTimeLimitActions"),
        "cloudwatch-log-group-retention": (record.log_group, "retentionInDays"),
    }


def _together(found: Sequence[Any]) -> list[str]:
    given, own = found
    return [*given, own]


def _ceiling(args: EphemeralComputeArgs) -> Output[str]:
    return Output.json_dumps(
        {
            "vcpus": ceilings(args),
            "attempt_minutes": int(args["job_ttl_minutes"]),
            "attempts": int(args.get("attempts", 3)),
        }
    )

"""ImmutableService: a Fargate service that is replaced as a whole, and goes back by itself."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions

from fintech_infra.components._account import account_of
from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._service.assembly import Service, make_whole
from fintech_infra.components._service.checks import service_problems
from fintech_infra.components._service.exposure import (
    Architecture,
    ServiceDestinationArgs,
    ServiceExposure,
    ServiceLedgerArgs,
    ServiceScalingArgs,
    ServiceSecretArgs,
)
from fintech_infra.components._service.gate import ServiceGateArgs
from fintech_infra.components._service.own import own_archive, own_key, own_log_bucket
from fintech_infra.components._service.rollout import ServiceRolloutArgs
from fintech_infra.components._site import Site


class ImmutableServiceArgs(TypedDict):
    """What an ImmutableService needs to know."""

    vpc_id: Input[str]
    """Id of the VPC. Changing it replaces groups and target groups, and with them the service."""
    subnet_ids: Input[list[str]]
    """Ids of private subnets of two or more zones for the tasks, such as a HardenedVpc's
    `app_subnet_ids`. Changing them starts a deployment."""
    image: Input[str]
    """Image in ECR, named by digest: `<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:...`.
    A tag is refused. Changing it starts a deployment. It must serve HTTPS, with any certificate:
    load balancers encrypt to their targets without verifying them."""
    certificate_arn: Input[str]
    """ARN of the certificate (ACM, same region) that the load balancer shows to clients."""
    hosts: list[str]
    """One to five host names that the service answers to, such as `pay.example.com` or
    `*.example.com`; requests for others get 404."""
    port: NotRequired[int]
    """TCP port on which the container serves HTTPS, 1024 to 65535. Default: 8443. Changing it
    replaces target groups."""
    health_path: NotRequired[str]
    """Path that answers 200 when a task is fit for traffic. Default: `/health`."""
    vcpus: NotRequired[float]
    """vCPUs of a task: 0.25, 0.5, 1, 2, 4, 8 or 16. Default: 0.5."""
    memory_mb: NotRequired[int]
    """MiB of memory of a task; Fargate offers certain amounts for each number of vCPUs. Default:
    1024."""
    architecture: NotRequired[Architecture]
    """What the image is built for: `x86_64` or `arm64`. Default: `x86_64`."""
    uid: NotRequired[int]
    """User and group id that the container runs as, not root's. Default: 10001."""
    writable_paths: NotRequired[list[str]]
    """Directories where the container may write; all else is read-only. They start empty. The image
    must declare each as a `VOLUME` that the user owns or everybody may write to. Default: none."""
    environment: NotRequired[dict[str, Input[str]]]
    """Environment variables. Whoever may describe the task reads them, so what is named or looks
    like a secret is refused."""
    secrets: NotRequired[dict[str, ServiceSecretArgs]]
    """Secrets, by the environment variable that the container finds each in. Read when a task
    starts: a rotated value arrives with the next one."""
    task_policies: NotRequired[dict[str, Input[str]]]
    """JSON policies of the tasks' role, by a short name for each, such as a LockedDownBucket's
    `read_policy`. Default: the tasks may do nothing in AWS."""
    exposure: NotRequired[ServiceExposure]
    """`internal` or `internet`. Default: `internal`. Changing it replaces the load balancer, which
    `protect` refuses."""
    load_balancer_subnet_ids: NotRequired[Input[list[str]]]
    """Ids of the load balancer's subnets. Required with `internet`: public ones, such as a
    HardenedVpc's `public_subnet_ids`. Default: `subnet_ids`."""
    client_security_group_ids: NotRequired[dict[str, Input[str]]]
    """Ids of the security groups that may call an `internal` service, by a short name of each
    client, which names the rule. Default: nobody may."""
    security_group_ids: NotRequired[list[Input[str]]]
    """Ids of up to four groups that tasks wear beside their own, such as a HardenedVpc's
    `app_security_group_id`, which leads to endpoints and data stores. Either these or
    `destinations` must lead to the endpoints of ECR, S3 and CloudWatch Logs."""
    destinations: NotRequired[dict[str, ServiceDestinationArgs]]
    """What else tasks open connections to, by a short name for each. Default: nothing."""
    web_acl_arn: NotRequired[Input[str]]
    """ARN of the web ACL in front, such as an EdgeShield's `web_acl_arn`; do not list the load
    balancer there, too. Required with `internet`. Default: none."""
    trust_store_arn: NotRequired[Input[str]]
    """ARN of a trust store (`lb.TrustStore`) that signs the certificates which clients must show
    (mutual TLS). Default: clients need none."""
    tls13_only: NotRequired[bool]
    """Whether TLS 1.2 is refused, too. Default: false."""
    content_security_policy: NotRequired[str]
    """Content-Security-Policy of every response, for pages in browsers (PCI DSS 4.0.1 6.4.3).
    Default: the container's."""
    rollout: NotRequired[ServiceRolloutArgs]
    """How a new version takes over. Default: a canary of 5 % for 15 minutes, then all traffic, with
    the old version kept for another 15."""
    gate: NotRequired[ServiceGateArgs]
    """When a deployment is rolled back. Default: 1 % errors, 1000 ms, or leaving the usual band."""
    scaling: NotRequired[ServiceScalingArgs]
    """How many tasks run. Default: 2 to 10, aiming at 60 % CPU."""
    signing_profile_arn: NotRequired[Input[str]]
    """ARN of the signing profile that ECR must have signed the image with, such as an
    ImageRepository's. Default: signatures are not checked; findings always are."""
    ledger: NotRequired[ServiceLedgerArgs]
    """Archive for the records of deployments. Default: a LockedDownBucket of its own, which locks
    them for seven years."""
    access_log_bucket: NotRequired[Input[str]]
    """Name of the bucket for access and connection logs, in the same region, that receives
    `load-balancer-logs`. Default: a LockedDownBucket of its own."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of a customer-managed key that lets `events`, `fargate`, `lambda`, `logs`, `s3` and `sqs`
    use it. Default: an EncryptionKey of its own."""
    log_retention_days: NotRequired[int]
    """Days that the container's log is kept: 365 or a longer period of CloudWatch Logs. Default:
    400. Shortening it deletes what is older."""
    data_class: NotRequired[DataClass]
    """How sensitive the data is that passes; becomes the tag `data-class`. Default:
    confidential."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears the gate's alarms, failed deployments, records that could not
    be written, and tampering with the key made here; its policy must let `cloudwatch` and `events`
    publish. Default: nobody is told."""
    region: NotRequired[Input[str]]
    """Region of everything. Default: the provider's. Changing it replaces everything."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them, and for the tasks. Default: only the component's
    own."""


class ImmutableService(Component):
    """A Fargate service behind a load balancer that speaks TLS only, deployed as a canary.

    The image is named by digest and never patched. Containers run with a read-only file system, as
    a user other than root, without capabilities and without a way to log in (PCI DSS 4.0.1 2.2.6),
    on disks encrypted with a customer-managed key, in private subnets without public addresses
    (1.4.4). Security groups admit other groups only, and tasks reach only what is named. Requests
    are encrypted to the container, logged, and refused where they are malformed.

    Before a new version starts, a hook sees that its image has no open CRITICAL finding (6.3.1)
    and, where a signing profile is given, is signed. At every shift of traffic it sees that the
    gate is quiet: alarms on errors and latency, each of the worse of both versions, with fixed
    limits and with a band learnt from the past. ECS watches them, too, and goes back by itself; the
    update of the stack then fails. With a canary in its gate, the hook also compares the metrics of
    both versions, by a rank test at a planned number of looks, before the new one takes the rest of
    the traffic. Every state of every deployment is recorded, with images, in an archive that nobody
    can change (SOX 404).

    The weights of the listener rule belong to ECS. Do not run `pulumi up` or `refresh` while a
    deployment is under way. `rolling` has no hook and no second version: a circuit breaker and the
    alarms roll it back.

    Load balancer, key, logs and buckets are protected: Pulumi refuses to delete or replace them
    until `pulumi state unprotect`.

    Deliberately absent: plain HTTP, sidecars, sessions in containers (ECS Exec), shared clusters,
    Spot capacity, a listener for test traffic, DNS records and paging beyond deployments, which
    belongs to observability.
    """

    service_arn: Output[str]
    """ARN of the ECS service."""
    service_name: Output[str]
    """Name of the ECS service."""
    cluster_arn: Output[str]
    """ARN of its cluster."""
    cluster_name: Output[str]
    """Name of its cluster."""
    task_definition_arn: Output[str]
    """ARN of the task definition, with its revision."""
    task_role_arn: Output[str]
    """ARN of the tasks' role."""
    task_role_name: Output[str]
    """Name of the tasks' role."""
    security_group_id: Output[str]
    """Id of the tasks' security group. Its rules are exclusive: others are removed."""
    load_balancer_arn: Output[str]
    """ARN of the load balancer."""
    load_balancer_arn_suffix: Output[str]
    """What CloudWatch calls the load balancer."""
    target_group_arn_suffixes: Output[list[str]]
    """What CloudWatch calls the target groups: two, or one with `rolling`."""
    dns_name: Output[str]
    """DNS name of the load balancer, for an alias record."""
    zone_id: Output[str]
    """Hosted zone of that name."""
    alarm_names: Output[list[str]]
    """Names of the gate's alarms."""
    log_group_name: Output[str]
    """Name of the log group of the container."""
    ledger_bucket: Output[str]
    """Name of the bucket with the records of deployments."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: ImmutableServiceArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the service.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed. Values that are outputs are checked when they are known, and then raise
                ValueError.
        """
        super().__init__(name, args, opts)
        data_class = DataClass(args.get("data_class", DataClass.CONFIDENTIAL))
        tags = {"data-class": data_class.value, **args.get("tags", {})}
        site = Site(self, name, args.get("region"), tags)

        key_arn = own_key(site, args, data_class)
        logs = own_log_bucket(site, args)
        archive = own_archive(site, args, key_arn, logs)
        days = int(args.get("log_retention_days", DEFAULT_DAYS))
        log_group = make_log_group(site, "logs", key_arn=key_arn, days=days)
        account = account_of(self, site.region)
        made = make_whole(site, args, account, key_arn, (log_group, logs, archive))

        groups = made.entrance.groups
        self.publish(
            service_arn=made.service.arn,
            service_name=made.service.name,
            cluster_arn=made.cluster.arn,
            cluster_name=made.cluster.name,
            task_definition_arn=made.task_definition.arn,
            task_role_arn=made.task_role.arn,
            task_role_name=made.task_role.name,
            security_group_id=made.access.tasks.id,
            load_balancer_arn=made.entrance.balancer.arn,
            load_balancer_arn_suffix=made.entrance.balancer.arn_suffix,
            target_group_arn_suffixes=Output.all(*(group.arn_suffix for group in groups)),
            dns_name=made.entrance.balancer.dns_name,
            zone_id=made.entrance.balancer.zone_id,
            alarm_names=made.alarm_names,
            log_group_name=log_group.name,
            ledger_bucket=Output.from_input(archive["bucket"]),
            evidence=evidence(
                {
                    **_satisfied(made),
                    "cloudwatch-log-group-retention": (log_group, "retentionInDays"),
                }
            ),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note images, sizes, ports, names, limits and periods that cannot be, and secrets."""
        for path, reason in service_problems(problems.name, args):
            problems.add(path, reason)


def _satisfied(made: Service) -> dict[str, tuple[Resource, str]]:
    """Return which property of which resource satisfies which control."""
    service, task, entrance = made.service, made.task_definition, made.entrance
    return {
        "ecs-capabilities-dropped": (task, "containerDefinitions"),
        "ecs-deployment-awaited": (service, "waitForSteadyState"),
        "ecs-deployment-rollback": (service, "alarms"),
        "ecs-ephemeral-storage-cmk": (made.cluster, "configuration"),
        "ecs-exec-controlled": (service, "enableExecuteCommand"),
        "ecs-image-pinned": (task, "containerDefinitions"),
        "ecs-no-environment-secrets": (task, "containerDefinitions"),
        "ecs-readonly-root-filesystem": (task, "containerDefinitions"),
        "ecs-service-no-public-ip": (service, "networkConfiguration"),
        "ecs-task-logging": (task, "containerDefinitions"),
        "ecs-task-not-privileged": (task, "containerDefinitions"),
        "lb-access-logs": (entrance.balancer, "accessLogs"),
        "lb-deletion-protection": (entrance.balancer, "enableDeletionProtection"),
        "lb-listener-modern-policy": (entrance.listener, "sslPolicy"),
        "lb-listener-tls": (entrance.listener, "protocol"),
        "lb-request-hardening": (entrance.balancer, "desyncMitigationMode"),
        "lb-target-tls": (entrance.groups[0], "protocol"),
    }

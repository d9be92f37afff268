"""Makes what a job is: its image, size, roles, end, and what is tried again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Output
from pulumi_aws import batch, cloudwatch, iam

from fintech_infra.components._compute.roles import make_execution_role, make_job_role
from fintech_infra.components._container.image import pinned
from fintech_infra.components._container.user import DEFAULT_UID
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site

SCRATCH: Final = "/tmp"  # noqa: S108 - a mount of the container's own
"""The only directory that a job can write to; it ends with the job."""

RETRIED: Final = (
    "Your Spot Task was interrupted*",
    "Timeout waiting for network interface provisioning to complete*",
)
"""How the status reasons begin of jobs that AWS ended, or never started: only these are repeated.
https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""

_MINUTE: Final = 60


@dataclass(frozen=True)
class Job:
    """What runs, and as whom."""

    definition: batch.JobDefinition
    role: iam.Role


def make_job(
    site: Site,
    args: Mapping[str, Any],
    *,
    account: Output[Account],
    log_group: cloudwatch.LogGroup,
) -> Job:
    """Make the job definition with the role of the job and the role that starts it."""
    role = make_job_role(site, args, account)
    execution = make_execution_role(site, args, account=account, log_group=log_group)
    found = Output.all(
        image=pinned(args["image"]),
        region=account.apply(lambda of: of.region),
        group=log_group.name,
        job_role=role.arn,
        execution_role=execution,
        environment=args.get("environment", {}),
        secrets={key: item["arn"] for key, item in args.get("secrets", {}).items()},
    )
    definition = batch.JobDefinition(
        site.name,
        type="container",
        platform_capabilities=["FARGATE"],
        container_properties=found.apply(lambda known: json.dumps(_container(args, known))),
        timeout=batch.JobDefinitionTimeoutArgs(
            attempt_duration_seconds=int(args["job_ttl_minutes"]) * _MINUTE
        ),
        retry_strategy=batch.JobDefinitionRetryStrategyArgs(
            attempts=int(args.get("attempts", 3)), evaluate_on_exits=_evaluation()
        ),
        propagate_tags=True,
        scheduling_priority=1 if args.get("shares") else None,
        # Only the newest revision can be run: what it replaced stays readable for 180 days.
        deregister_on_new_revision=True,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )
    return Job(definition, role)


def _evaluation() -> list[batch.JobDefinitionRetryStrategyEvaluateOnExitArgs]:
    """Repeat what AWS ended; leave what ended by itself. The first that matches decides."""
    repeated = [
        batch.JobDefinitionRetryStrategyEvaluateOnExitArgs(action="RETRY", on_status_reason=reason)
        for reason in RETRIED
    ]
    return [
        *repeated,
        batch.JobDefinitionRetryStrategyEvaluateOnExitArgs(action="EXIT", on_reason="*"),
    ]


def _container(args: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the container as Batch reads it, in the order in which Batch returns it sorted."""
    uid = int(args.get("uid", DEFAULT_UID))
    container: dict[str, Any] = {
        "command": args.get("command", []),
        "environment": [
            {"name": key, "value": value} for key, value in sorted(known["environment"].items())
        ],
        "executionRoleArn": known["execution_role"],
        "fargatePlatformConfiguration": {"platformVersion": "LATEST"},
        "image": known["image"],
        "jobRoleArn": known["job_role"],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": known["group"],
                "awslogs-region": known["region"],
                "awslogs-stream-prefix": "job",
            },
        },
        "mountPoints": [{"containerPath": SCRATCH, "readOnly": False, "sourceVolume": "scratch"}],
        "networkConfiguration": {"assignPublicIp": "DISABLED"},
        "privileged": False,
        "readonlyRootFilesystem": True,
        "resourceRequirements": [
            {"type": "VCPU", "value": f"{float(args.get('vcpus', 1)):g}"},
            {"type": "MEMORY", "value": f"{int(args.get('memory_mb', 2048))}"},
        ],
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "secrets": [
            {"name": key, "valueFrom": value} for key, value in sorted(known["secrets"].items())
        ],
        "user": f"{uid}:{uid}",
        "volumes": [{"name": "scratch"}],
    }
    if (storage := args.get("storage_gib")) is not None:
        container["ephemeralStorage"] = {"sizeInGiB": int(storage)}
    return container

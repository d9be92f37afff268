"""Makes what a service runs: its cluster and its task definition."""

from collections.abc import Mapping
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, ecs, iam

from fintech_infra.components._container.user import DEFAULT_UID
from fintech_infra.components._policy import Account
from fintech_infra.components._service.checks import (
    DEFAULT_MEMORY_MB,
    DEFAULT_PORT,
    DEFAULT_VCPUS,
)
from fintech_infra.components._service.container import (
    Container,
    container_definitions,
    volume_name,
)
from fintech_infra.components._service.exposure import Architecture
from fintech_infra.components._site import Site

_CPU_UNITS: Final = 1024
"""CPU units of a vCPU."""


def make_cluster(site: Site, key_arn: Input[str]) -> ecs.Cluster:
    """Make a cluster for this service alone, whose tasks' disks are encrypted with the key.

    Sessions in its containers would be encrypted, too, if there were any.
    """
    return ecs.Cluster(
        site.name,
        settings=[ecs.ClusterSettingArgs(name="containerInsights", value="enhanced")],
        configuration=ecs.ClusterConfigurationArgs(
            managed_storage_configuration=ecs.ClusterConfigurationManagedStorageConfigurationArgs(
                fargate_ephemeral_storage_kms_key_id=key_arn
            )
        ),
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def make_task_definition(
    site: Site,
    args: Mapping[str, Any],
    account: Output[Account],
    log_group: cloudwatch.LogGroup,
    roles: tuple[iam.Role, iam.Role],
) -> ecs.TaskDefinition:
    """Make the task definition, with the roles that start a task and that it has.

    Earlier revisions stay: a rollback needs them, and they show what ran.
    """
    execution, task = roles
    return ecs.TaskDefinition(
        site.name,
        family=site.name,
        container_definitions=_definitions(args, account, log_group),
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(int(float(args.get("vcpus", DEFAULT_VCPUS)) * _CPU_UNITS)),
        memory=str(int(args.get("memory_mb", DEFAULT_MEMORY_MB))),
        runtime_platform=ecs.TaskDefinitionRuntimePlatformArgs(
            operating_system_family="LINUX",
            cpu_architecture=Architecture(args.get("architecture", Architecture.X86_64)).upper(),
        ),
        volumes=[
            ecs.TaskDefinitionVolumeArgs(name=volume_name(path))
            for path in sorted(args.get("writable_paths", []))
        ],
        execution_role_arn=execution.arn,
        task_role_arn=task.arn,
        enable_fault_injection=False,
        skip_destroy=True,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def _definitions(
    args: Mapping[str, Any], account: Output[Account], log_group: cloudwatch.LogGroup
) -> Output[str]:
    resolved = Output.all(
        image=args["image"],
        log_group=log_group.name,
        account=account,
        environment=args.get("environment", {}),
        secrets={name: item["arn"] for name, item in args.get("secrets", {}).items()},
    )
    return resolved.apply(
        lambda found: container_definitions(
            Container(
                image=found["image"],
                port=int(args.get("port", DEFAULT_PORT)),
                uid=int(args.get("uid", DEFAULT_UID)),
                log_group=found["log_group"],
                region=found["account"].region,
                environment=found["environment"],
                secrets=found["secrets"],
                writable_paths=args.get("writable_paths", []),
            )
        )
    )

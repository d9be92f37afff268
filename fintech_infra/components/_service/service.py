"""Makes the ECS service itself: how it is deployed, and how it grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi import CustomTimeouts, Output, Resource
from pulumi_aws import appautoscaling, ec2, ecs

from fintech_infra.components._service.checks import (
    DEFAULT_CPU_PERCENT,
    DEFAULT_LEAST_TASKS,
    DEFAULT_MOST_TASKS,
    DEFAULT_PORT,
)
from fintech_infra.components._service.container import NAME
from fintech_infra.components._service.entrance import Entrance
from fintech_infra.components._service.hook import lifecycle_hooks
from fintech_infra.components._service.roles import Bearer
from fintech_infra.components._service.rollout import STRATEGIES, Rollout, RolloutStrategy
from fintech_infra.components._site import Site

_GRACE_SECONDS: Final = 60
_COOLDOWN_IN: Final = 300
_COOLDOWN_OUT: Final = 60
_DIMENSION: Final = "ecs:service:DesiredCount"
_NAMESPACE: Final = "ecs"


@dataclass(frozen=True)
class Shifting:
    """What ECS needs to shift traffic: the role for it, the hook, and the role to invoke it."""

    infrastructure: Bearer
    function_arn: Output[str]
    invocation: Bearer


@dataclass(frozen=True)
class Parts:
    """What a service is put together from. Without `shifting` it is deployed task by task."""

    cluster: ecs.Cluster
    task_definition: ecs.TaskDefinition
    access: ec2.SecurityGroup
    entrance: Entrance
    alarm_names: Output[list[str]]
    needed: Sequence[Resource]
    shifting: Shifting | None


def make_service(
    site: Site, args: Mapping[str, Any], rollout: Rollout, parts: Parts
) -> ecs.Service:
    """Make the service. An update waits until the new version runs, and fails if it does not.

    Otherwise a deployment that ECS rolled back would end in a green update, and the state would
    claim that the new version runs.
    """
    return ecs.Service(
        site.name,
        cluster=parts.cluster.arn,
        task_definition=parts.task_definition.arn,
        launch_type="FARGATE",
        platform_version="LATEST",
        desired_count=_least(args),
        scheduling_strategy="REPLICA",
        availability_zone_rebalancing="ENABLED",
        deployment_controller=ecs.ServiceDeploymentControllerArgs(type="ECS"),
        deployment_minimum_healthy_percent=100,
        deployment_maximum_percent=200,
        deployment_configuration=_deployment(rollout, parts.shifting),
        deployment_circuit_breaker=_circuit_breaker(rollout),
        alarms=ecs.ServiceAlarmsArgs(alarm_names=parts.alarm_names, enable=True, rollback=True),
        load_balancers=[_load_balancer(args, parts)],
        network_configuration=ecs.ServiceNetworkConfigurationArgs(
            subnets=args["subnet_ids"],
            security_groups=[parts.access.id, *args.get("security_group_ids", [])],
            assign_public_ip=False,
        ),
        health_check_grace_period_seconds=_GRACE_SECONDS,
        enable_execute_command=False,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        wait_for_steady_state=True,
        sigint_rollback=True,
        force_delete=False,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(
            depends_on=[*parts.needed, parts.entrance.rule],
            # The autoscaler's, from the first update on.
            ignore_changes=["desired_count"],
            custom_timeouts=CustomTimeouts(
                create=rollout.timeout, update=rollout.timeout, delete="60m"
            ),
        ),
    )


def _least(args: Mapping[str, Any]) -> int:
    return int(args.get("scaling", {}).get("least_tasks", DEFAULT_LEAST_TASKS))


def _deployment(
    rollout: Rollout, shifting: Shifting | None
) -> ecs.ServiceDeploymentConfigurationArgs:
    strategy = STRATEGIES[rollout.strategy]
    if shifting is None:
        return ecs.ServiceDeploymentConfigurationArgs(strategy=strategy)
    step = str(rollout.step_minutes)
    canary = ecs.ServiceDeploymentConfigurationCanaryConfigurationArgs(
        canary_percent=rollout.percent, canary_bake_time_in_minutes=step
    )
    linear = ecs.ServiceDeploymentConfigurationLinearConfigurationArgs(
        step_percent=rollout.percent, step_bake_time_in_minutes=step
    )
    return ecs.ServiceDeploymentConfigurationArgs(
        strategy=strategy,
        bake_time_in_minutes=str(rollout.bake_minutes),
        canary_configuration=canary if rollout.strategy is RolloutStrategy.CANARY else None,
        linear_configuration=linear if rollout.strategy is RolloutStrategy.LINEAR else None,
        lifecycle_hooks=lifecycle_hooks(
            rollout, shifting.function_arn, shifting.invocation.role.arn
        ),
    )


def _circuit_breaker(rollout: Rollout) -> ecs.ServiceDeploymentCircuitBreakerArgs | None:
    """The circuit breaker is for rolling updates only; elsewhere alarms and hooks do its work.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    """
    if rollout.shifts:
        return None
    return ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True)


def _load_balancer(args: Mapping[str, Any], parts: Parts) -> ecs.ServiceLoadBalancerArgs:
    entrance, shifting = parts.entrance, parts.shifting
    return ecs.ServiceLoadBalancerArgs(
        container_name=NAME,
        container_port=int(args.get("port", DEFAULT_PORT)),
        target_group_arn=entrance.groups[0].arn,
        advanced_configuration=None
        if shifting is None
        else ecs.ServiceLoadBalancerAdvancedConfigurationArgs(
            alternate_target_group_arn=entrance.groups[1].arn,
            production_listener_rule=entrance.rule.arn,
            role_arn=shifting.infrastructure.role.arn,
        ),
    )


def make_scaling(
    site: Site, args: Mapping[str, Any], cluster: ecs.Cluster, service: ecs.Service
) -> None:
    """Make the autoscaler, which aims at a mean CPU utilisation."""
    given = args.get("scaling", {})
    least = _least(args)
    target = appautoscaling.Target(
        site.name,
        min_capacity=least,
        max_capacity=int(given.get("most_tasks", max(DEFAULT_MOST_TASKS, least))),
        resource_id=Output.concat("service/", cluster.name, "/", service.name),
        scalable_dimension=_DIMENSION,
        service_namespace=_NAMESPACE,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )
    appautoscaling.Policy(
        site.named("cpu"),
        policy_type="TargetTrackingScaling",
        resource_id=target.resource_id,
        scalable_dimension=target.scalable_dimension,
        service_namespace=target.service_namespace,
        target_tracking_scaling_policy_configuration=_TRACKING(
            target_value=float(given.get("cpu_percent", DEFAULT_CPU_PERCENT)),
            predefined_metric_specification=_METRIC(
                predefined_metric_type="ECSServiceAverageCPUUtilization"
            ),
            scale_in_cooldown=_COOLDOWN_IN,
            scale_out_cooldown=_COOLDOWN_OUT,
        ),
        region=site.region,
        opts=site.child(),
    )


_TRACKING = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
_METRIC = (
    appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
)

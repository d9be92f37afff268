"""Puts the parts of a service together, in the order in which they need one another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Input, Output, Resource
from pulumi_aws import cloudwatch, ecs, iam

from fintech_infra.components._container.image import parse_image
from fintech_infra.components._policy import Account
from fintech_infra.components._service.access import Groups, make_groups
from fintech_infra.components._service.canary import plan_canary
from fintech_infra.components._service.entrance import Entrance, make_entrance
from fintech_infra.components._service.gate import alarm_names, make_gate, plan_gate
from fintech_infra.components._service.hook import make_hook
from fintech_infra.components._service.ledger import make_ledger
from fintech_infra.components._service.roles import (
    make_execution_role,
    make_infrastructure_role,
    make_task_role,
)
from fintech_infra.components._service.rollout import plan_rollout
from fintech_infra.components._service.service import (
    Parts,
    Shifting,
    make_scaling,
    make_service,
)
from fintech_infra.components._service.task import make_cluster, make_task_definition
from fintech_infra.components._service.watch import make_watch
from fintech_infra.components._site import Site

Destinations = tuple[
    cloudwatch.LogGroup, tuple[Input[str], list[Resource]], Mapping[str, Input[str]]
]
"""Where a service leaves what it has to say: log group, bucket for access logs, archive."""


@dataclass(frozen=True)
class Service:
    """A service and the parts of it that others refer to."""

    service: ecs.Service
    cluster: ecs.Cluster
    task_definition: ecs.TaskDefinition
    task_role: iam.Role
    access: Groups
    entrance: Entrance
    alarm_names: Output[list[str]]


def make_whole(
    site: Site,
    args: Mapping[str, Any],
    account: Output[Account],
    key_arn: Input[str],
    destinations: Destinations,
) -> Service:
    """Make the service with everything that it consists of."""
    log_group, logs, archive = destinations
    gate, topic = args.get("gate", {}), args.get("alarm_topic_arn")
    canary = plan_canary(gate)
    compared = 0 if canary is None else canary.minutes
    rollout = plan_rollout(args.get("rollout", {}), compared_minutes=compared)
    image = Output.from_input(args["image"]).apply(parse_image)

    access = make_groups(site, args)
    entrance = make_entrance(site, args, access.balancer, logs, shifts=rollout.shifts)
    alarms = make_gate(site, plan_gate(gate), entrance.balancer, entrance.groups, topic)
    names = alarm_names(alarms, gate.get("alarm_names", []))
    cluster = make_cluster(site, key_arn)
    execution = make_execution_role(site, args, account, image, log_group)
    task = make_task_role(site, args, account)
    roles = (execution.role, task.role)
    definition = make_task_definition(site, args, account, log_group, roles)
    shifting = None
    if rollout.shifts:
        facts = (image, cluster, names, entrance.balancer.arn_suffix)
        function_arn, invocation = make_hook(site, args, account, facts, key_arn)
        infrastructure = make_infrastructure_role(site, account, entrance)
        shifting = Shifting(infrastructure, function_arn, invocation)
    parts = Parts(
        cluster=cluster,
        task_definition=definition,
        access=access.tasks,
        entrance=entrance,
        alarm_names=names,
        needed=[*execution.policies, *task.policies, *_policies(shifting)],
        shifting=shifting,
    )
    service = make_service(site, args, rollout, parts)
    make_scaling(site, args, cluster, service)
    queues = make_ledger(site, account, (cluster, service), archive, key_arn)
    if topic is not None:
        make_watch(site, service, queues, topic)
    return Service(service, cluster, definition, task.role, access, entrance, names)


def _policies(shifting: Shifting | None) -> list[iam.RolePolicy]:
    if shifting is None:
        return []
    return [*shifting.infrastructure.policies, *shifting.invocation.policies]

"""Makes the roles of a service."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Input, Output
from pulumi_aws import cloudwatch, iam

from fintech_infra.components._container.image import Image
from fintech_infra.components._policy import ROLE_POLICY_LIMIT, Account, Statement, document
from fintech_infra.components._service import permissions
from fintech_infra.components._service.entrance import Entrance
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

TASKS = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True)
class Bearer:
    """A role, and the policies without which it is of no use."""

    role: iam.Role
    policies: list[iam.RolePolicy]


def make_execution_role(
    site: Site,
    args: Mapping[str, Any],
    account: Output[Account],
    image: Output[Image],
    log_group: cloudwatch.LogGroup,
) -> Bearer:
    """Make the role with which ECS starts tasks."""
    role = _make_task_role(site, "execution", account)
    secrets = list(args.get("secrets", {}).values())
    resolved = Output.all(account, image, log_group.arn, secrets)
    return _permitted(site, "execution", role, resolved, permissions.execution)


def make_task_role(site: Site, args: Mapping[str, Any], account: Output[Account]) -> Bearer:
    """Make the role that tasks have, with the policies that are given for it."""
    role = _make_task_role(site, "task", account)
    given: Mapping[str, Input[str]] = args.get("task_policies", {})
    return Bearer(
        role,
        [
            iam.RolePolicy(
                site.named(f"task-{name}"), role=role.id, policy=given[name], opts=site.child()
            )
            for name in sorted(given)
        ],
    )


def make_infrastructure_role(site: Site, account: Output[Account], entrance: Entrance) -> Bearer:
    """Make the role with which ECS shifts traffic."""
    role = _make_deployment_role(site, "infrastructure", account)
    resolved = Output.all(
        entrance.listener.arn,
        entrance.rule.arn,
        Output.all(*(group.arn for group in entrance.groups)),
    )
    return _permitted(site, "infrastructure", role, resolved, permissions.infrastructure)


def make_hook_role(site: Site, account: Output[Account], function_arn: Input[str]) -> Bearer:
    """Make the role with which ECS invokes the hook."""
    role = _make_deployment_role(site, "hook-invocation", account)
    resolved = Output.all(function_arn)
    return _permitted(site, "hook-invocation", role, resolved, permissions.invocation)


def _make_task_role(site: Site, role: str, account: Output[Account]) -> iam.Role:
    # Of all ECS resources only a pattern over the account's works here.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    sources = account.apply(lambda found: found.arn("ecs", "*"))
    return make_service_role(site, role, TASKS, account, sources)


def _make_deployment_role(site: Site, role: str, account: Output[Account]) -> iam.Role:
    # Not documented to say for what it assumes the role. Who can name the role in a service is
    # decided by iam:PassRole on it, in its own account.
    return make_service_role(site, role, permissions.ECS, account, None)


def _permitted(
    site: Site,
    name: str,
    role: iam.Role,
    resolved: Output[list[Any]],
    statements: Callable[..., list[Statement]],
) -> Bearer:
    policy = iam.RolePolicy(
        site.named(name),
        role=role.id,
        policy=resolved.apply(lambda found: document(statements(*found), ROLE_POLICY_LIMIT)),
        opts=site.child(),
    )
    return Bearer(role, [policy])

"""Makes the hook that lets a new version start and take traffic, or has it rolled back."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import ecs

from fintech_infra.components._container.image import Image
from fintech_infra.components._function import FunctionPlan, make_function
from fintech_infra.components._policy import Account
from fintech_infra.components._service import permissions
from fintech_infra.components._service.canary import hook_plan, plan_canary
from fintech_infra.components._service.roles import Bearer, make_hook_role
from fintech_infra.components._service.rollout import PATIENCE_MINUTES, Rollout
from fintech_infra.components._site import Site

PACKAGE: Final = "rollout"

JUDGED_STAGES: Final = (
    "PRE_SCALE_UP",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
"""Before the first task starts, the image is judged; at each shift and after the last, the gate."""

APPROVED_STAGE: Final = "POST_SCALE_UP"
"""The new version's tasks are healthy and have no traffic yet."""

_ARGS = ecs.ServiceDeploymentConfigurationLifecycleHookArgs
_TIMEOUT = ecs.ServiceDeploymentConfigurationLifecycleHookTimeoutConfigurationArgs


def make_hook(
    site: Site,
    args: Mapping[str, Any],
    account: Output[Account],
    facts: tuple[Output[Image], ecs.Cluster, Output[list[str]], Input[str]],
    key_arn: Input[str],
) -> tuple[Output[str], Bearer]:
    """Make the function that judges, and the role with which ECS invokes it.

    `facts` are the image, the cluster, the names of the alarms, and what CloudWatch calls the load
    balancer.
    """
    image, cluster, alarms, balancer = facts
    canary = plan_canary(args.get("gate", {}))
    resolved = Output.all(account, image, cluster.name)
    more = [] if canary is None else permissions.comparing()
    plan = FunctionPlan(
        package=PACKAGE,
        description=f"Judges deployments of {site.name}",
        permissions=resolved.apply(lambda found: [*permissions.judging(*found), *more]),
        environment={
            "ALARM_NAMES": Output.json_dumps(alarms),
            "PATIENCE_SECONDS": str(PATIENCE_MINUTES * 60),
            "SIGNING_PROFILE_ARN": args.get("signing_profile_arn", ""),
        },
    )
    plan = hook_plan(plan, canary, balancer)
    function = make_function(site, "hook", plan, key_arn=key_arn, account=account).function
    return function.arn, make_hook_role(site, account, function.arn)


def lifecycle_hooks(
    rollout: Rollout, function_arn: Input[str], role_arn: Input[str]
) -> Sequence[ecs.ServiceDeploymentConfigurationLifecycleHookArgs]:
    """Return the hooks of a deployment that shifts traffic."""
    found = [
        _ARGS(
            target_type="AWS_LAMBDA",
            hook_target_arn=function_arn,
            role_arn=role_arn,
            lifecycle_stages=list(JUDGED_STAGES),
        )
    ]
    if rollout.approval_minutes:
        timeout = _TIMEOUT(timeout_in_minutes=str(rollout.approval_minutes), action="ROLLBACK")
        found.append(
            _ARGS(
                target_type="PAUSE",
                lifecycle_stages=[APPROVED_STAGE],
                timeout_configuration=timeout,
            )
        )
    return found

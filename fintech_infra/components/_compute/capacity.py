"""Makes where jobs run: compute environments without idle capacity, and the queue before them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Input
from pulumi_aws import batch, ec2

from fintech_infra.components._site import Site

STUCK: Final = (
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
)
"""Why a job at the head blocks the queue, as far as Batch can tell and act.
https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_time_limit_actions.html"""

_TYPES: Final = {"spot": "FARGATE_SPOT", "on-demand": "FARGATE"}
_MINUTE: Final = 60


def ceilings(args: Mapping[str, Any]) -> dict[str, int]:
    """Return the most vCPUs of each kind of capacity, in the order in which the queue tries them.

    Together they are `max_vcpus`. Half of it, rounded up, is on demand where nothing else is said.
    """
    ceiling = int(args["max_vcpus"])
    if not args.get("interruptible", True):
        return {"on-demand": ceiling}
    on_demand = int(args.get("on_demand_vcpus", math.ceil(ceiling / 2)))
    return {"spot": ceiling - on_demand, "on-demand": on_demand}


def make_security_group(site: Site, vpc_id: Input[str]) -> ec2.SecurityGroup:
    """Make the group that says who a job is: data stores admit it, and it admits nothing itself.

    Its rules are exclusive, so that one added by hand is removed by the next update.
    """
    name = site.named("jobs")
    group = ec2.SecurityGroup(
        name,
        vpc_id=vpc_id,
        # A description cannot be changed: it would replace the group.
        description=f"Jobs of {site.name}",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    ec2.VpcSecurityGroupRulesExclusive(
        name,
        security_group_id=group.id,
        ingress_rule_ids=[],
        egress_rule_ids=[],
        region=site.region,
        opts=site.child(),
    )
    return group


def make_environments(
    site: Site, args: Mapping[str, Any], groups: Input[Sequence[Input[str]]]
) -> list[batch.ComputeEnvironment]:
    """Make the compute environments of every generation; return those of the newest, in order.

    Nothing that an argument changes replaces one. What does is given a new generation, because
    Batch refuses to delete an environment that a queue named a moment ago
    (pulumi/pulumi-aws#6233). Without a role of ours they use the one linked to the service, which
    cannot be deleted before they are.
    """
    newest: list[batch.ComputeEnvironment] = []
    for generation in args.get("generations", ["1"]):
        newest = [
            _environment(site, f"{kind}-{generation}", _resources(args, kind, most, groups))
            for kind, most in ceilings(args).items()
        ]
    return newest


def _resources(
    args: Mapping[str, Any], kind: str, most: int, groups: Input[Sequence[Input[str]]]
) -> batch.ComputeEnvironmentComputeResourcesArgs:
    return batch.ComputeEnvironmentComputeResourcesArgs(
        type=_TYPES[kind], max_vcpus=most, subnets=args["subnet_ids"], security_group_ids=groups
    )


def _environment(
    site: Site, role: str, resources: batch.ComputeEnvironmentComputeResourcesArgs
) -> batch.ComputeEnvironment:
    return batch.ComputeEnvironment(
        site.named(role),
        type="MANAGED",
        state="ENABLED",
        compute_resources=resources,
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(),
    )


def _make_shares(site: Site, shares: Mapping[str, float]) -> batch.SchedulingPolicy:
    """Make the policy by which shares of the queue take turns."""
    name = site.named("shares")
    return batch.SchedulingPolicy(
        name,
        fair_share_policy=batch.SchedulingPolicyFairSharePolicyArgs(
            share_distributions=[
                batch.SchedulingPolicyFairSharePolicyShareDistributionArgs(
                    share_identifier=key, weight_factor=float(shares[key])
                )
                for key in sorted(shares)
            ],
        ),
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def make_queue(
    site: Site, args: Mapping[str, Any], environments: Sequence[batch.ComputeEnvironment]
) -> batch.JobQueue:
    """Make the queue; a job that blocks it is cancelled after `stuck_minutes`."""
    shares = args.get("shares", {})
    return batch.JobQueue(
        site.name,
        state="ENABLED",
        priority=1,
        compute_environment_orders=[
            batch.JobQueueComputeEnvironmentOrderArgs(
                compute_environment=environment.arn, order=order
            )
            for order, environment in enumerate(environments, start=1)
        ],
        job_state_time_limit_actions=[
            batch.JobQueueJobStateTimeLimitActionArgs(
                action="CANCEL",
                max_time_seconds=int(args.get("stuck_minutes", 60)) * _MINUTE,
                reason=reason,
                state="RUNNABLE",
            )
            for reason in STUCK
        ],
        scheduling_policy_arn=_make_shares(site, shares).arn if shares else None,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )

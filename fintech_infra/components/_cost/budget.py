"""Makes the budget of an environment and, outside production, what it freezes."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Output
from pulumi_aws import budgets, iam

from fintech_infra.components._cost.checks import ACTUAL, FORECAST
from fintech_infra.components._cost.production import ENVIRONMENT_TAG
from fintech_infra.components._policy import (
    MANAGED_POLICY_LIMIT,
    ROLE_POLICY_LIMIT,
    Account,
    Statement,
    document,
    forbid,
    permit,
)
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

SPENDING: Final = (
    "autoscaling:CreateAutoScalingGroup",
    "autoscaling:SetDesiredCapacity",
    "autoscaling:UpdateAutoScalingGroup",
    "batch:SubmitJob",
    "ec2:CreateNatGateway",
    "ec2:RequestSpotFleet",
    "ec2:RunInstances",
    "ec2:StartInstances",
    "ecs:CreateService",
    "ecs:RunTask",
    "ecs:StartTask",
    "eks:CreateCluster",
    "eks:CreateNodegroup",
    "elasticmapreduce:RunJobFlow",
    "glue:StartJobRun",
    "rds:CreateDBCluster",
    "rds:CreateDBInstance",
    "rds:StartDBCluster",
    "rds:StartDBInstance",
    "redshift:CreateCluster",
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTrainingJob",
)
"""Calls that begin to cost by the hour. What runs keeps running, and can be removed."""

_MOVE: Final = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")


def make_budget(site: Site, args: Mapping[str, Any]) -> budgets.Budget:
    """Make the monthly budget in dollars, with a notification for each threshold."""
    only = None
    if args.get("only_tagged", False):
        only = [
            budgets.BudgetCostFilterArgs(
                name="TagKeyValue", values=[f"user:{ENVIRONMENT_TAG}${args['environment']}"]
            )
        ]
    return budgets.Budget(
        site.name,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(int(args["monthly_limit_usd"])),
        limit_unit="USD",
        cost_filters=only,
        notifications=[
            *_notifications(args, "ACTUAL", args.get("actual_percent", ACTUAL)),
            *_notifications(args, "FORECASTED", args.get("forecast_percent", FORECAST)),
        ],
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def _notifications(
    args: Mapping[str, Any], kind: str, percents: Sequence[int]
) -> list[budgets.BudgetNotificationArgs]:
    topic = args.get("alarm_topic_arn")
    return [
        budgets.BudgetNotificationArgs(
            comparison_operator="GREATER_THAN",
            notification_type=kind,
            threshold=float(percent),
            threshold_type="PERCENTAGE",
            subscriber_sns_topic_arns=[] if topic is None else [topic],
            subscriber_email_addresses=list(args.get("emails", [])),
        )
        for percent in sorted(percents)
    ]


def make_freeze(
    site: Site, args: Mapping[str, Any], budget: budgets.Budget, account: Output[Account]
) -> budgets.BudgetAction:
    """Make the action that keeps roles of a non-production environment from beginning to spend.

    The role that acts can attach this one policy, to these roles, while they carry the tag of the
    environment. Tagging a role of production otherwise is the only way to it, which IAM governs.
    """
    freeze: Mapping[str, Any] = args["freeze"]
    name = site.named("freeze")
    policy = iam.Policy(
        name,
        description=f"Keeps from beginning to spend while the budget of {site.name} is used up",
        policy=document([forbid("NoNewSpending", actions=SPENDING, on="*")], MANAGED_POLICY_LIMIT),
        tags=site.tagged(name),
        opts=site.child(),
    )
    actor, rights = _make_actor(site, args, policy, account)
    return budgets.BudgetAction(
        name,
        budget_name=budget.name,
        action_type="APPLY_IAM_POLICY",
        approval_model="AUTOMATIC",
        notification_type="ACTUAL",
        action_threshold=budgets.BudgetActionActionThresholdArgs(
            action_threshold_type="PERCENTAGE",
            action_threshold_value=float(freeze.get("at_percent", 100)),
        ),
        definition=budgets.BudgetActionDefinitionArgs(
            iam_action_definition=budgets.BudgetActionDefinitionIamActionDefinitionArgs(
                policy_arn=policy.arn, roles=Output.all(*freeze["role_arns"]).apply(_names)
            )
        ),
        execution_role_arn=actor.arn,
        subscribers=_subscribers(args),
        tags=site.tagged(name),
        opts=site.child(depends_on=[rights]),
    )


def _make_actor(
    site: Site, args: Mapping[str, Any], policy: iam.Policy, account: Output[Account]
) -> tuple[iam.Role, iam.RolePolicy]:
    # https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-action-role.html
    sources = account.apply(lambda of: f"arn:{of.partition}:budgets::{of.id}:budget/*")
    actor = make_service_role(site, "freeze", "budgets.amazonaws.com", account, sources)
    known = Output.all(policy.arn, args["freeze"]["role_arns"])
    rights = iam.RolePolicy(
        site.named("freeze"),
        role=actor.id,
        policy=known.apply(
            lambda both: document(
                _freezing(args["environment"], both[0], both[1]), ROLE_POLICY_LIMIT
            )
        ),
        opts=site.child(),
    )
    return actor, rights


def _names(arns: Sequence[str]) -> list[str]:
    return [arn.rpartition("/")[2] for arn in arns]


def _subscribers(args: Mapping[str, Any]) -> list[budgets.BudgetActionSubscriberArgs]:
    found = [("EMAIL", email) for email in args.get("emails", [])]
    if (topic := args.get("alarm_topic_arn")) is not None:
        found.append(("SNS", topic))
    return [
        budgets.BudgetActionSubscriberArgs(subscription_type=kind, address=address)
        for kind, address in found
    ]


def _freezing(environment: str, policy: str, roles: Sequence[str]) -> list[Statement]:
    ours = {"aws:ResourceTag/" + ENVIRONMENT_TAG: environment}
    return [
        permit(
            "FreezeOwnRoles",
            actions=_MOVE,
            on=sorted(roles),
            when={"ArnEquals": {"iam:PolicyARN": policy}, "StringEquals": ours},
        ),
        forbid("NothingElse", actions=_MOVE, on="*", when={"StringNotEquals": ours}),
    ]

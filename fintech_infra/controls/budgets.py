"""Controls over budgets, and over what stops things by itself: never production."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.evaluate import is_production
from fintech_infra.controls.iam import POLICY, ROLE
from fintech_infra.controls.policies import enumerated, hold_statements, read_policy
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import Condition, Statement, matches, resource_part
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

BUDGET: Final = "aws:budgets/budget:Budget"
BUDGET_ACTION: Final = "aws:budgets/budgetAction:BudgetAction"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ROLE_POLICY_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

ACTING: Final = (
    "ec2:StopInstances", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
    "organizations:AttachPolicy", "rds:StopDBInstance", "ssm:StartAutomationExecution",
)  # fmt: skip
"""What a budget action does with its role."""

STOPPING: Final = {
    "autoscaling:UpdateAutoScalingGroup": "autoScalingGroup:any:autoScalingGroupName/any",
    "batch:UpdateJobQueue": "job-queue/any",
    "ec2:StopInstances": "instance/any",
    "ec2:TerminateInstances": "instance/any",
    "ecs:DeleteService": "service/any/any",
    "ecs:UpdateService": "service/any/any",
    "rds:DeleteDBCluster": "cluster:any",
    "rds:DeleteDBInstance": "db:any",
    "rds:StopDBCluster": "cluster:any",
    "rds:StopDBInstance": "db:any",
}
"""What ends a workload, and the end of the ARN of any of them."""

_TAG_KEYS: Final = ("aws:resourcetag/", "ec2:resourcetag/", "iam:resourcetag/", "rds:cluster-tag/")
_EXACT: Final = ("stringequals", "stringequalsignorecase")


@control(
    on=[BUDGET],
    severity=Severity.MEDIUM,
    fix="Add notifications with a subscriber each; CostGuard asks for a topic or addresses.",
    source="AWS Cost Management user guide, Creating a budget",
    properties=["notifications"],
)
def budgets_told(budget: Resource) -> Iterator[Fault]:
    """Budgets tell somebody before their limit is passed.

    One that tells nobody, or only afterwards, is a number in a console; what uses it up may be
    somebody else's work in a stolen account.
    """
    early = False
    for path, notification in budget.entries("notifications"):
        found = [
            item
            for key in ("subscriberSnsTopicArns", "subscriberEmailAddresses")
            for _, item in budget.each(f"{path}.{key}")
        ]
        if not found:
            yield Fault(path, "nobody is told")
        elif notification.get("thresholdType") == "PERCENTAGE":
            early = early or (budget.number(f"{path}.threshold") or 0) <= 100  # noqa: PLR2004 - percent
        else:
            early = True
    if not early:
        yield Fault("notifications", "nobody is told before the limit is passed")


@control(
    on=[BUDGET_ACTION],
    severity=Severity.HIGH,
    fix="Remove the action from production stacks; elsewhere let its role act only on what carries "
    "the tag of a non-production environment, by a condition on aws:ResourceTag; CostGuard does.",
    source="DORA Art. 11; AWS Cost Management user guide, Configuring budget actions",
    properties=["executionRoleArn"],
)
def budgets_action_not_production(action: Resource, environment: Environment) -> Iterator[Fault]:
    """No budget action can act on production.

    A forecast that errs, or an attacker who spends, would otherwise stop payments.
    """
    if is_production(environment.stack):
        yield Fault("", "a production stack has a budget action")
        return
    path = "executionRoleArn"
    roles = [r for r in environment.references(action, path, ROLE) if not r.existing]
    if not roles:
        raise UndecidedError(path, "what the role may do is not in this program")
    for role in roles:
        refuse_if_hidden(environment, role, "role", ROLE_POLICY, ROLE_POLICY_ATTACHMENT)
        yield from decided_first(_unconfined(role, environment, path))


def _unconfined(role: Resource, environment: Environment, path: str) -> Iterator[Iterator[Fault]]:
    for policy in managed_companions(environment, role, "role", ROLE_POLICY):
        yield _loose(policy, path)
    for attachment in managed_companions(environment, role, "role", ROLE_POLICY_ATTACHMENT):
        policies = environment.references(attachment, "policyArn", POLICY)
        yield from (_loose(policy, path) for policy in policies)
        if not policies:
            yield _elsewhere(attachment, path)


def _loose(policy: Resource, path: str) -> Iterator[Fault]:
    with reading(policy.name, path):
        for statement in read_policy(policy, "policy").allowing:
            granted = [action for action in ACTING if statement.covers_action(action)]
            if granted and not any(map(_confines, statement.conditions)):
                yield Fault(path, f"its role may {enumerated(granted)} whatever the environment")


def _elsewhere(attachment: Resource, path: str) -> Iterator[Fault]:
    with reading(attachment.name, path):
        given = attachment.value("policyArn")
    yield Fault(path, f"what {given} allows is not in this program", undecided=True)


def _confines(condition: Condition) -> bool:
    """Whether a condition asks for the tag of an environment that is not production."""
    if condition.operator.lower() not in _EXACT or not _is_tag(condition):
        return False
    return bool(condition.values) and not any(map(is_production, condition.values))


def _is_tag(condition: Condition) -> bool:
    return condition.key.lower().startswith(_TAG_KEYS)


@control(
    on=[ROLE_POLICY],
    severity=Severity.MEDIUM,
    fix="Name what may be stopped, or ask for its tag by a condition on aws:ResourceTag; what "
    "CostGuard makes can stop one environment only.",
    source="NIST SP 800-53 AC-6; DORA Art. 11",
    properties=["policy"],
)
def iam_policy_stop_scoped(policy: Resource, environment: Environment) -> Iterator[Fault]:
    """Roles of services can end named or tagged workloads only.

    What acts by itself acts on its mistakes, too: a function that may stop every service of an
    account is one wrong filter away from stopping production.
    """
    for fault in hold_statements(policy, ["policy"], _stops_anything):
        if _acts_by_itself(policy, environment):
            yield fault


def _acts_by_itself(policy: Resource, environment: Environment) -> bool:
    roles = environment.references(policy, "role", ROLE)
    if not roles:
        raise UndecidedError("role", "who may assume the role is not in this program")
    return any(_assumed_by_service(role) for role in roles)


def _assumed_by_service(role: Resource) -> bool:
    with reading(role.name, "role"):
        return any(
            principal.kind == "Service"
            for statement in read_policy(role, "assumeRolePolicy").allowing
            for principal in statement.principals
        )


def _stops_anything(statement: Statement) -> Iterator[tuple[str, str]]:
    if not statement.allows or any(map(_is_tag, statement.conditions)):
        return
    granted = [
        action
        for action, target in STOPPING.items()
        if statement.covers_action(action) and _reaches(statement, target)
    ]
    if granted:
        yield "Resource", f"{enumerated(granted)} allowed on every workload"


def _reaches(statement: Statement, target: str) -> bool:
    if statement.not_resources:
        return True
    return any(matches(resource_part(pattern), target) for pattern in statement.resources)


CONTROLS: Final = (
    budgets_told,
    budgets_action_not_production,
    iam_policy_stop_scoped,
)

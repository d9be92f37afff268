"""Controls over roles that should not be one: a partner's or anybody's, of delivery or of work."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.iam import ROLE
from fintech_infra.controls.policies import enumerated, hold_statements, read_policy
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.access import account_of
from fintech_infra.environment.documents import Condition, Statement
from fintech_infra.environment.undecided import reading

PIPELINE: Final = "aws:codepipeline/pipeline:Pipeline"
PROJECT: Final = "aws:codebuild/project:Project"
FUNCTION: Final = "aws:lambda/function:Function"
TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"

_DELIVERS: Final = {PIPELINE: "roleArn", PROJECT: "serviceRole"}
_RUNS: Final = ((FUNCTION, "role"), (TASK, "taskRoleArn"), (TASK, "executionRoleArn"))
_DELIVERING: Final = ("cloudformation", "codebuild", "codedeploy", "codepipeline")
_RUNNING: Final = ("ec2", "ecs-tasks", "lambda", "tasks.apprunner")
_COMPARING: Final = ("stringequals", "stringequalsignorecase")
_WITHIN: Final = ("aws:principalorgid", "aws:principalorgpaths")


@control(
    on=[ROLE],
    severity=Severity.HIGH,
    fix="Compare sts:ExternalId with StringEquals to the id that the third party made for you.",
    source="AWS IAM user guide, Access to AWS accounts owned by third parties",
    properties=["assumeRolePolicy"],
)
def iam_role_trust_external_id(
    role: Resource,
    *,
    own_accounts: tuple[str, ...] = (),
    third_parties: tuple[str, ...] = ("464622532012", "754728514883"),
) -> Iterator[Fault]:
    """Roles that an account of a third party may assume ask for an external id.

    The third party acts for all its customers. Without an id of yours, another customer who names
    your role has it act on your account. Which accounts are whose is in no program: judged are
    third_parties (Datadog and New Relic, unless set), and every account but own_accounts where
    these are set.
    """

    def check(statement: Statement) -> Iterator[tuple[str, str]]:
        return _unidentified(statement, own_accounts, third_parties)

    yield from hold_statements(role, ["assumeRolePolicy"], check)


def _unidentified(
    statement: Statement, own: Collection[str], named: Collection[str]
) -> Iterator[tuple[str, str]]:
    if not statement.allows or not statement.covers_action("sts:AssumeRole"):
        return
    accounts = dict.fromkeys(account_of(item) for item in statement.principals)
    foreign = [it for it in accounts if it and (it in named or (own and it not in own))]
    if foreign and not any(map(_identifies, statement.conditions)):
        yield "Condition", f"account {enumerated(foreign)} needs no external id"


def _identifies(condition: Condition) -> bool:
    key, values = condition.key.lower(), condition.values
    if condition.operator.lower() not in _COMPARING:
        return False
    return key in _WITHIN or (key == "sts:externalid" and all(map(str.strip, values)))


@control(
    on=[PIPELINE, PROJECT, ROLE],
    severity=Severity.HIGH,
    fix="Give the pipeline and the workload a role each; DeployIdentity makes roles for delivery, "
    "ImmutableService its own for the task.",
    source="PCI DSS 4.0.1 6.5.4; NIST SP 800-53 AC-5",
    properties=["roleArn", "serviceRole", "assumeRolePolicy"],
)
def iam_delivery_role_not_runtime_role(
    resource: Resource, environment: Environment
) -> Iterator[Fault]:
    """The role that delivers a workload is not the role that it runs with.

    Whoever breaks into the workload could otherwise deliver, and whoever delivers could read its
    data. Compared are the roles of pipelines and build projects with those of functions and tasks;
    a role that services of both kinds may assume is both.
    """
    if resource.type == ROLE:
        yield from _serves_both(resource)
        return
    path = _DELIVERS[resource.type]
    own = _role_of(resource, path, environment)
    for type_, input_ in _RUNS:
        for work in environment.of_type(type_):
            if not work.existing and work.is_set(input_):
                yield from _same(path, own, work, input_, environment)


def _same(
    path: str, own: str, work: Resource, input_: str, environment: Environment
) -> Iterator[Fault]:
    if own in environment.by_urn and not environment.references(work, input_, ROLE):
        return  # the role is made here, so it would be known that the work has it
    with reading(work.name, path):
        other = _role_of(work, input_, environment)
    if own and own == other:
        yield Fault(path, f"{work.name} runs with the same role")


def _role_of(resource: Resource, path: str, environment: Environment) -> str:
    """What tells a role: its URN where the program has it, else its ARN."""
    found = environment.references(resource, path, ROLE)
    return found[0].urn if found else str(resource.value(path) or "")


def _serves_both(role: Resource) -> Iterator[Fault]:
    services = [
        item.value.partition(".amazonaws.com")[0]
        for statement in read_policy(role, "assumeRolePolicy").allowing
        for item in statement.principals
        if item.kind == "Service"
    ]
    delivering = [name for name in services if name in _DELIVERING]
    running = [name for name in services if name in _RUNNING]
    if delivering and running:
        message = f"{enumerated(delivering)} delivers and {enumerated(running)} runs with the role"
        yield Fault("assumeRolePolicy", message)


CONTROLS: Final = (iam_role_trust_external_id, iam_delivery_role_not_runtime_role)

"""Controls over VPC endpoints and endpoint services: who reaches what through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import hold_statements, read_policy, summary
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.access import is_anyone
from fintech_infra.environment.documents import Statement
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import decided_first

ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
ENDPOINT_POLICY: Final = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"
ENDPOINT_SERVICE: Final = "aws:ec2/vpcEndpointService:VpcEndpointService"

_WITH_POLICIES: Final = frozenset({"Gateway", "Interface"})
_PERIMETER: Final = ("aws:principal", "aws:resource", "aws:userid")
"""What the keys begin with that say whose principals or resources a request is about."""


@control(
    on=[ENDPOINT, ENDPOINT_POLICY, ENDPOINT_SERVICE],
    severity=Severity.MEDIUM,
    fix="Allow your own principals or resources only, by aws:PrincipalOrgID and aws:ResourceOrgID, "
    "and accept connections one by one; HardenedVpc gives every endpoint such a policy.",
    source="PCI DSS 4.0.1 1.3.2; AWS, Building a data perimeter on AWS",
    properties=["policy", "acceptanceRequired", "allowedPrincipals"],
)
def vpc_endpoint_policy_restricted(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Endpoint policies keep to known principals or resources, and endpoint services ask first.

    Through an endpoint without a policy of its own, a stolen credential of another account, or a
    bucket in one, takes data out of a network that has no route to the internet.
    """
    if resource.type == ENDPOINT_SERVICE:
        yield from decided_first((_acceptance_faults(resource), _principal_faults(resource)))
    elif resource.type == ENDPOINT_POLICY or resource.is_set("policy"):
        yield from _policy_faults(resource)
    elif _takes_policies(resource) and not companions(
        environment, resource, "vpcEndpointId", ENDPOINT_POLICY
    ):
        yield Fault("policy", "the endpoint has the policy that AWS gives it: anyone, anything")


def _takes_policies(endpoint: Resource) -> bool:
    """Whether the endpoint leads to a service of AWS, which takes policies; others' do not."""
    kind = endpoint.text("vpcEndpointType") or "Gateway"
    if kind not in _WITH_POLICIES:
        return False
    return ".vpce." not in f".{endpoint.value('serviceName') or ''}"


def _policy_faults(resource: Resource) -> Iterator[Fault]:
    if not any(_keeps_others_out(item) for item in read_policy(resource, "policy").denying):
        yield from hold_statements(resource, ["policy"], _openings)


def _openings(statement: Statement) -> Iterator[tuple[str, str]]:
    if statement.allows and _is_open(statement):
        yield "", f"anyone may reach anyone's resources: {summary(statement)}"


def _is_open(statement: Statement) -> bool:
    """Whether neither principals, resources nor conditions keep a statement to known ones."""
    anyone = bool(statement.not_principals) or any(map(is_anyone, statement.principals))
    anything = bool(statement.not_resources) or statement.covers_every_resource()
    return anyone and anything and not _is_confined(statement, negated=False)


def _keeps_others_out(statement: Statement) -> bool:
    """Whether a denial is for everybody and everything outside the perimeter."""
    return (
        statement.covers_every_action()
        and statement.covers_every_resource()
        and any(map(is_anyone, statement.principals))
        and _is_confined(statement, negated=True)
    )


def _is_confined(statement: Statement, *, negated: bool) -> bool:
    return any(
        condition.key.lower().startswith(_PERIMETER)
        and ("not" in condition.operator.lower()) is negated
        and (negated or not condition.operator.lower().endswith("ifexists"))
        and "*" not in condition.values
        for condition in statement.conditions
    )


def _acceptance_faults(service: Resource) -> Iterator[Fault]:
    if service.value("acceptanceRequired") is not True:
        yield Fault("acceptanceRequired", "connections to the service are accepted unseen")


def _principal_faults(service: Resource) -> Iterator[Fault]:
    for path, principal in service.each("allowedPrincipals"):
        if principal == "*":
            yield Fault(path, "anyone may ask to be connected to the service")


CONTROLS: Final = (vpc_endpoint_policy_restricted,)

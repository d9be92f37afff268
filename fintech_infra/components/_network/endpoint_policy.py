"""Compiles the policy that keeps a VPC endpoint inside the data perimeter, and names services.

A policy lets through requests of our own principals to our own resources, so that neither a
stolen foreign credential nor a foreign bucket is of use inside the network (AWS, "Building a data
perimeter on AWS"). What AWS itself owns and every workload needs is named, resource by resource.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from fintech_infra.components._policy import ANYONE, Account, Statement, allow, document

GATEWAYS: Final = ("dynamodb", "s3")
"""Services with a gateway endpoint: free, and reached through route tables."""

GUARDDUTY: Final = "guardduty-data"
"""Runtime monitoring. GuardDuty makes this endpoint by itself where it is missing, and a VPC with
an endpoint that nobody here owns cannot be deleted (hashicorp/terraform-provider-aws#46747)."""

DEFAULT_INTERFACES: Final = ("ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager", "ssm", "sts")
"""What a private container workload needs to start, log, and read its secrets."""

ENDPOINT_POLICY_LIMIT: Final = 20_480
"""Characters of an endpoint policy.
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"""

_PULL: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)
_READ_PARAMETERS: Final = ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath")
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
_SERVICE: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


def service_name(service: str, region: str) -> str:
    """Return the name by which AWS knows the endpoint service."""
    return f"com.amazonaws.{region}.{service}"


def endpoint_problems(services: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with a list of services to have interface endpoints."""
    for service in services:
        if service in GATEWAYS:
            yield f"{service!r} has a gateway endpoint already; leave it out"
        elif service == GUARDDUTY:
            yield f"{service!r} is always there; leave it out"
        elif not _SERVICE.fullmatch(service):
            yield f"{service!r} is not a service's short name; accepted are such as 'ecr.api'"
    for service in sorted({one for one in services if list(services).count(one) > 1}):
        yield f"{service!r} is repeated; name each service once"


def organization_problems(organization: str | None) -> Iterator[str]:
    """Yield what is wrong with the id of an organization; without one nothing is."""
    if organization is not None and not _ORGANIZATION.fullmatch(organization):
        yield f"is {organization!r}; accepted is the id of an AWS Organization: 'o-a1b2c3d4e5'"


def endpoint_policy(service: str, account: Account, organization: str | None) -> str:
    """Return the policy of one service's endpoint as JSON.

    Ours is what belongs to `organization`, or, without one, to the account itself.
    """
    return document(_statements(service, account, organization), ENDPOINT_POLICY_LIMIT)


def _statements(service: str, account: Account, organization: str | None) -> list[Statement]:
    what = "OrgID" if organization else "Account"
    value = organization or account.id
    ours = {f"aws:Principal{what}": value}
    if service == GUARDDUTY:
        # Telemetry goes to an account of GuardDuty's, so only the sender can be told.
        return [_sent_by(ours, "OwnPrincipals", [ANYONE], ANYONE)]
    inside = ours | {f"aws:Resource{what}": value}
    return [
        _sent_by(inside, "OwnPrincipalsToOwnResources", [ANYONE], ANYONE),
        *_owned_by_aws(service, account, ours),
    ]


def _owned_by_aws(service: str, account: Account, ours: dict[str, str]) -> Iterator[Statement]:
    """Yield what our principals may do with resources that AWS owns."""
    arn, region = f"arn:{account.partition}", account.region
    if service == "s3":
        # ECR keeps image layers there and hands out signed addresses to them.
        layers = f"{arn}:s3:::prod-{region}-starport-layer-bucket/*"
        yield allow("ImageLayers", who=ANYONE, actions=["s3:GetObject"], on=layers)
    elif service in {"ecr.api", "ecr.dkr"}:
        # The agent of runtime monitoring that GuardDuty adds to every Fargate task.
        agent = f"{arn}:ecr:{region}:*:repository/aws-guardduty-agent-fargate"
        yield _sent_by(ours, "RuntimeMonitoringAgent", _PULL, agent)
    elif service == "ssm":
        public = f"{arn}:ssm:{region}::parameter/aws/service/*"
        yield _sent_by(ours, "PublicParameters", _READ_PARAMETERS, public)


def _sent_by(senders: dict[str, str], sid: str, actions: Sequence[str], on: str) -> Statement:
    return allow(sid, who=ANYONE, actions=actions, on=on, when={"StringEquals": senders})

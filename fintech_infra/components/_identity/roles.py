"""Makes the two roles of a pipeline, each with exactly the policies that it should have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi import Input, Output
from pulumi_aws import iam

from fintech_infra.components._identity.boundary import PATH
from fintech_infra.components._identity.subjects import Jobs, trust
from fintech_infra.components._policy import Account, Statement, permit
from fintech_infra.components._site import Site

SESSION_SECONDS: Final = 3600
"""The shortest longest session that IAM lets a role have.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""

_READ_ONLY: Final = {"audit": "SecurityAudit", "view": "job-function/ViewOnlyAccess"}


@dataclass(frozen=True)
class Footing:
    """What both roles stand on."""

    account: Output[Account]
    provider_arn: Output[str]
    boundary_arn: Output[str]


@dataclass(frozen=True)
class RolePlan:
    """What one role is: `inline` and `attached` are policies by the end of their names."""

    role: str
    description: str
    jobs: Jobs
    inline: Mapping[str, Input[str]]
    attached: Mapping[str, Input[str]]


def make_role(site: Site, plan: RolePlan, footing: Footing) -> iam.Role:
    """Make the role of `plan`, within the boundary, for an hour at a time.

    Policies that somebody attaches by hand are removed by the next update.
    """
    name = site.named(plan.role)
    role = iam.Role(
        name,
        assume_role_policy=Output.all(footing.account, footing.provider_arn).apply(
            lambda found: trust(found[0], found[1], plan.jobs)
        ),
        description=plan.description,
        max_session_duration=SESSION_SECONDS,
        path=PATH,
        permissions_boundary=footing.boundary_arn,
        tags=site.tagged(name),
        opts=site.child(),
    )
    inline = [_inline(site, role, plan, end) for end in sorted(plan.inline)]
    attached = [_attach(site, role, plan, end) for end in sorted(plan.attached)]
    iam.RolePoliciesExclusive(
        name, role_name=role.name, policy_names=[item.name for item in inline], opts=site.child()
    )
    iam.RolePolicyAttachmentsExclusive(
        name,
        role_name=role.name,
        policy_arns=[item.policy_arn for item in attached],
        opts=site.child(),
    )
    return role


def _inline(site: Site, role: iam.Role, plan: RolePlan, end: str) -> iam.RolePolicy:
    return iam.RolePolicy(
        site.named(f"{plan.role}-{end}"), role=role.id, policy=plan.inline[end], opts=site.child()
    )


def _attach(site: Site, role: iam.Role, plan: RolePlan, end: str) -> iam.RolePolicyAttachment:
    return iam.RolePolicyAttachment(
        site.named(f"{plan.role}-{end}"),
        role=role.name,
        policy_arn=plan.attached[end],
        opts=site.child(),
    )


def state_access(bucket: str, key: str, *, writes: bool) -> list[Statement]:
    """Return what the state of Pulumi in the bucket with ARN `bucket` takes.

    `key` is the ARN of the key that encrypts the bucket or the secrets in the state, or empty.
    """
    objects = ["s3:GetObject"]
    if writes:
        objects += ["s3:DeleteObject", "s3:PutObject"]
    found = [
        permit("FindState", actions=["s3:GetBucketLocation", "s3:ListBucket"], on=bucket),
        permit("State", actions=sorted(objects), on=f"{bucket}/*"),
    ]
    if key:
        uses = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"] if writes else ["kms:Decrypt"]
        found.append(permit("StateKey", actions=uses, on=key))
    return found


def read_only(account: Output[Account]) -> dict[str, Output[str]]:
    """Managed policies of AWS that show how resources are configured, and no data in them."""
    return {
        end: account.apply(lambda found, name=name: f"arn:{found.partition}:iam::aws:policy/{name}")
        for end, name in _READ_ONLY.items()
    }

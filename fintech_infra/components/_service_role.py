"""Makes a role that one AWS service assumes for resources of this account, and nobody else."""

from pulumi import Output
from pulumi_aws import iam

from fintech_infra.components._policy import Account, Statement, document, service
from fintech_infra.components._site import Site

TRUST_POLICY_LIMIT = 2048
"""Characters of a trust policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def make_service_role(
    site: Site,
    role: str,
    principal: str,
    account: Output[Account],
    sources: Output[str] | None,
    *,
    says_account: bool = False,
) -> iam.Role:
    """Make the role that service `principal` assumes on behalf of resources like ARN `sources`.

    Naming the account and the resources keeps the service from being used as a confused deputy
    (IAM User Guide, "The confused deputy problem"). `sources` is None for a service that is not
    documented to say for what it assumes a role, such as Lambda, which takes roles of the
    function's own account only. `says_account` is for one that at least says for which account.
    """
    trust = Output.all(account, sources).apply(
        lambda both: _trust(principal, both[0], both[1], says_account=says_account)
    )
    return iam.Role(
        site.named(role),
        assume_role_policy=trust,
        description=f"Assumed by {principal} for {site.name}",
        tags=site.tagged(site.named(role)),
        opts=site.child(),
    )


def _trust(principal: str, account: Account, sources: str | None, *, says_account: bool) -> str:
    statement: Statement = {
        "Sid": "OwnResources",
        "Effect": "Allow",
        "Principal": service(principal),
        "Action": "sts:AssumeRole",
    }
    if sources is not None:
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": account.id},
            "ArnLike": {"aws:SourceArn": sources},
        }
    elif says_account:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": account.id}}
    return document([statement], TRUST_POLICY_LIMIT)

"""Makes the roles of jobs: the one a job acts as, and the one that starts it."""

from collections.abc import Mapping
from typing import Any

from pulumi import Output
from pulumi_aws import cloudwatch, iam

from fintech_infra.components._container.image import Image, parse_image, pinned
from fintech_infra.components._policy import (
    ROLE_POLICY_LIMIT,
    Account,
    Statement,
    document,
    permit,
)
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site

_PRINCIPAL = "ecs-tasks.amazonaws.com"


def make_job_role(site: Site, args: Mapping[str, Any], account: Output[Account]) -> iam.Role:
    """Make the role that a job acts as; it may do what `permissions` say, so usually little."""
    role = make_service_role(site, "job", _PRINCIPAL, account, _tasks(account))
    permissions = args.get("permissions", [])
    if permissions:
        iam.RolePolicy(
            site.named("job"),
            role=role.id,
            policy=Output.from_input(permissions).apply(_permitted),
            opts=site.child(),
        )
    return role


def make_execution_role(
    site: Site,
    args: Mapping[str, Any],
    *,
    account: Output[Account],
    log_group: cloudwatch.LogGroup,
) -> Output[str]:
    """Make the role that pulls the image, reads the secrets and writes the log.

    Returns its ARN, known once it may do so.
    """
    role = make_service_role(site, "execution", _PRINCIPAL, account, _tasks(account))
    found = Output.all(
        account,
        pinned(args["image"]).apply(parse_image),
        log_group.arn,
        list(args.get("secrets", {}).values()),
    )
    policy = iam.RolePolicy(
        site.named("execution"),
        role=role.id,
        policy=found.apply(lambda known: document(_starting(*known), ROLE_POLICY_LIMIT)),
        opts=site.child(),
    )
    return Output.all(role.arn, policy.id).apply(lambda both: both[0])


def _tasks(account: Output[Account]) -> Output[str]:
    # A narrower source than all of ECS in the region is not supported.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    return account.apply(lambda of: of.arn("ecs", "*"))


def _permitted(permissions: list[Mapping[str, Any]]) -> str:
    return document(
        [
            permit(f"Job{number}", actions=item["actions"], on=item["resources"])
            for number, item in enumerate(permissions, start=1)
        ],
        ROLE_POLICY_LIMIT,
    )


def _starting(
    account: Account, image: Image, group: str, secrets: list[Mapping[str, str]]
) -> list[Statement]:
    repository = (
        f"arn:{account.partition}:ecr:{image.region}:{image.account}:repository/{image.repository}"
    )
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    found = [
        permit("Image", actions=pull, on=repository),
        # A token is for the registry as a whole.
        permit("Registry", actions=["ecr:GetAuthorizationToken"], on="*"),
        permit("Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], on=f"{group}:*"),
    ]
    return found + (_reading(account, secrets) if secrets else [])


def _reading(account: Account, secrets: list[Mapping[str, str]]) -> list[Statement]:
    arns = sorted({item["arn"] for item in secrets})
    keys = sorted({item["kms_key_arn"] for item in secrets})
    through = f"secretsmanager.{account.region}.{account.dns_suffix}"
    return [
        permit("Secrets", actions=["secretsmanager:GetSecretValue"], on=arns),
        permit(
            "SecretKeys",
            actions=["kms:Decrypt"],
            on=keys,
            when={"StringEquals": {"kms:ViaService": through}},
        ),
    ]

"""What the roles of a service may do. Pure.

Four roles: one starts tasks (`execution`), one is theirs (`task`), with one ECS shifts traffic
(`infrastructure`), and with one it invokes the hook (`hook`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from fintech_infra.components._container.image import Image
from fintech_infra.components._policy import Account, Statement, permit

ECS: Final = "ecs.amazonaws.com"

_PULL: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)
_SECRET_PARTS: Final = 7
"""Parts of a secret's ARN; more of them name a key, stage and version of its value."""


def repository_arn(account: Account, image: Image) -> str:
    """Return the ARN of the repository that an image is in."""
    where = f"{image.region}:{image.account}"
    return f"arn:{account.partition}:ecr:{where}:repository/{image.repository}"


def execution(
    account: Account, image: Image, log_group: str, secrets: Sequence[Mapping[str, str]]
) -> list[Statement]:
    """Pull the image and GuardDuty's agent, write the log, read the secrets, nothing else."""
    agent = f"arn:{account.partition}:ecr:{account.region}:*:repository/aws-guardduty-agent-fargate"
    return [
        permit("SignIn", actions=["ecr:GetAuthorizationToken"], on="*"),
        permit("Pull", actions=_PULL, on=[repository_arn(account, image), agent]),
        permit("Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], on=f"{log_group}:*"),
        *_secrets(account, secrets),
    ]


def _secrets(account: Account, secrets: Sequence[Mapping[str, str]]) -> Iterator[Statement]:
    values = sorted({":".join(item["arn"].split(":")[:_SECRET_PARTS]) for item in secrets})
    for sid, action, mark in (
        ("Secrets", "secretsmanager:GetSecretValue", ":secretsmanager:"),
        ("Parameters", "ssm:GetParameters", ":ssm:"),
    ):
        if own := [arn for arn in values if mark in arn]:
            yield permit(sid, actions=[action], on=own)
    if keys := sorted({item["kms_key_arn"] for item in secrets}):
        through = [
            f"{it}.{account.region}.{account.dns_suffix}" for it in ("secretsmanager", "ssm")
        ]
        when = {"StringEquals": {"kms:ViaService": through}}
        yield permit("Keys", actions=["kms:Decrypt"], on=keys, when=when)


def infrastructure(listener: str, rule: str, groups: Sequence[str]) -> list[Statement]:
    """Shift traffic between these target groups, with this rule of this listener.

    What AWS's own AmazonECSInfrastructureRolePolicyForLoadBalancers allows on every load balancer.
    """
    look = ("Listeners", "Rules", "TargetGroups", "TargetHealth")
    return [
        permit("Look", actions=[f"elasticloadbalancing:Describe{what}" for what in look], on="*"),
        permit(
            "Shift",
            actions=["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"],
            on=[listener, rule],
        ),
        permit(
            "Register",
            actions=[
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:RegisterTargets",
            ],
            on=list(groups),
        ),
    ]


def invocation(function: str) -> list[Statement]:
    """Invoke the hook."""
    return [permit("Invoke", actions=["lambda:InvokeFunction"], on=function)]


def judging(account: Account, image: Image, cluster: str) -> list[Statement]:
    """Read what the judges of a deployment look at: its images, their scans, and alarms."""
    return [
        permit(
            "Revisions",
            actions=["ecs:DescribeServiceRevisions"],
            on=account.arn("ecs", f"service-revision/{cluster}/*"),
        ),
        # Neither of these can be limited to a resource.
        permit(
            "Findings",
            actions=[
                "ecs:DescribeTaskDefinition",
                "inspector2:ListCoverage",
                "inspector2:ListFindings",
            ],
            on="*",
        ),
        permit(
            "Images",
            actions=["ecr:DescribeImageScanFindings", "ecr:DescribeImageSigningStatus"],
            on=repository_arn(account, image),
        ),
        permit(
            "Alarms",
            actions=["cloudwatch:DescribeAlarms"],
            on=account.arn("cloudwatch", "alarm:*"),
        ),
    ]


def comparing() -> list[Statement]:
    """Read metrics, which cannot be limited to a resource or a namespace.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    """
    return [permit("Metrics", actions=["cloudwatch:GetMetricData"], on="*")]


def recording(account: Account, cluster: str) -> list[Statement]:
    """Read what the record of a deployment says."""
    services = account.arn("ecs", f"service/{cluster}/*")
    return [
        permit("Services", actions=["ecs:DescribeServices"], on=services),
        permit("Tasks", actions=["ecs:DescribeTaskDefinition"], on="*"),
    ]

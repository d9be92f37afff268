"""Compiles the policies around a repository. Pure: every ARN is resolved when it runs."""

import json
from collections.abc import Sequence
from typing import Any, Final

from fintech_infra.components._policy import (
    Account,
    Condition,
    Statement,
    allow,
    aws,
    deny,
    document,
    permit,
)

REPOSITORY_POLICY_LIMIT: Final = 10_240
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html"""

PULL: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
)
PUSH: Final = (
    *PULL,
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""

_LOGIN: Final = permit("Login", actions=["ecr:GetAuthorizationToken"], on="*")
"""Logging in is to a registry, which is no resource."""


def repository_policy(account: Account, pull_accounts: Sequence[str], org_id: str) -> str:
    """Return the policy of a repository: who pulls, and what nobody does.

    A tag that was deleted could be pushed again with other content, so nobody deletes images; they
    go when there are too many, by the repository's own lifecycle.
    """
    found = [
        deny("DenyDeletion", actions=["ecr:BatchDeleteImage"], on=None),
        deny("DenyMutableTags", actions=["ecr:PutImageTagMutability"], on=None),
    ]
    if pull_accounts:
        roots = [f"arn:{account.partition}:iam::{number}:root" for number in pull_accounts]
        own: Condition = {"StringEquals": {"aws:PrincipalOrgID": org_id}} if org_id else {}
        found.append(allow("PullByAccounts", who=aws(*roots), actions=PULL, on=None, when=own))
    return document([_without_resource(item) for item in found], REPOSITORY_POLICY_LIMIT)


def _without_resource(statement: Statement) -> Statement:
    # ECR refuses the element: a policy is about the repository that it is attached to.
    return {key: value for key, value in statement.items() if key != "Resource"}


def pulling(repository: str) -> list[Statement]:
    """Return what a role needs to pull from the repository with ARN `repository`."""
    return [_LOGIN, permit("Pull", actions=PULL, on=repository)]


def pushing(repository: str, profile: str) -> list[Statement]:
    """Return what a role needs to push, and to sign with the profile with ARN `profile`."""
    signing = permit("Sign", actions=["signer:SignPayload"], on=profile)
    return [_LOGIN, permit("Push", actions=PUSH, on=repository), signing]


def lifecycle_policy(keep: int) -> str:
    """Return the lifecycle that keeps the newest tagged images.

    Images without a tag stay: the parts of an image for several platforms and its signatures have
    none. ECR removes signatures with the image that they sign.
    """
    rule: dict[str, Any] = {
        "rulePriority": 1,
        "description": f"Keep the newest {keep} tagged images",
        "selection": {
            "tagStatus": "tagged",
            "tagPatternList": ["*"],
            "countType": "imageCountMoreThan",
            "countNumber": keep,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]})

"""Makes what tells the owners of a repository: critical findings in images, and tampering."""

import json
from typing import Final

from pulumi import Input, Output
from pulumi_aws import ecr

from fintech_infra.components._events import calls, report_events
from fintech_infra.components._site import Site

TAMPERING: Final = (
    "BatchDeleteImage",
    "DeleteLifecyclePolicy",
    "DeleteRepository",
    "DeleteRepositoryPolicy",
    "PutImageScanningConfiguration",
    "PutImageTagMutability",
    "PutLifecyclePolicy",
    "SetRepositoryPolicy",
)
"""Calls after which an image is gone, or a tag may come to mean another one."""


def watch(site: Site, repository: ecr.Repository, topic: Input[str]) -> None:
    """Tell `topic` of scans that find something critical, and of calls that weaken the repository.

    A call that is denied is reported, too.
    """
    found = Output.all(repository.name, repository.arn).apply(lambda it: _critical(it[0], it[1]))
    report_events(site, "findings", "Critical findings in images", found, topic)
    called = repository.name.apply(_tampered)
    report_events(site, "tampering", "Calls that weaken the repository", called, topic)


def _critical(name: str, arn: str) -> str:
    # Basic scanning calls the repository by its name, Inspector by its ARN.
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
    return json.dumps(
        {
            "source": ["aws.ecr", "aws.inspector2"],
            "detail-type": ["ECR Image Scan", "Inspector2 Scan"],
            "detail": {
                "repository-name": [name, arn],
                "finding-severity-counts": {"CRITICAL": [{"numeric": [">", 0]}]},
            },
        }
    )


def _tampered(name: str) -> str:
    return calls("ecr", TAMPERING, {"requestParameters": {"repositoryName": [name]}})

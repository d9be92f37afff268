"""Compiles the policy of a topic, and one for those who publish to it. Pure."""

from collections.abc import Sequence
from typing import Final

from fintech_infra.components._alarm_topic.publishers import Publisher, publication
from fintech_infra.components._policy import (
    MANAGED_POLICY_LIMIT,
    QUEUE_POLICY_LIMIT,
    Account,
    Condition,
    deny,
    document,
    permit,
)

ACTIONS: Final = (
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "sns:Publish",
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
)
"""What can be done to a topic. SNS refuses a wildcard, and any other action, in its policy.
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html"""


def topic_policy(account: Account, topic: str, publishers: Sequence[Publisher]) -> str:
    """Return the policy of the topic with this ARN, as JSON.

    Roles of the account publish and subscribe as IAM lets them, over TLS.
    """
    plaintext: Condition = {"Bool": {"aws:SecureTransport": "false"}}
    unencrypted: Condition = {"StringEquals": {"sns:Protocol": "http"}}
    statements = [
        deny("OnlyWithTls", actions=ACTIONS, on=topic, when=plaintext),
        deny("NoPlainHttp", actions=["sns:Subscribe"], on=topic, when=unencrypted),
    ]
    statements += [publication(account, topic, publisher) for publisher in publishers]
    return document(statements, QUEUE_POLICY_LIMIT)


def publishing(account: Account, topic: str, key_arn: str) -> str:
    """Return the policy for a role that publishes to a topic, use of its key included, as JSON."""
    through: Condition = {
        "StringEquals": {"kms:ViaService": f"sns.{account.region}.{account.dns_suffix}"}
    }
    statements = [
        permit("Publish", actions=["sns:Publish"], on=topic),
        permit("Key", actions=["kms:Decrypt", "kms:GenerateDataKey*"], on=key_arn, when=through),
    ]
    return document(statements, MANAGED_POLICY_LIMIT)

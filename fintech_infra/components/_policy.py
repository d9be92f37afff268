"""Builds policy documents from plain statements, without Pulumi and for any service.

A statement is a dict as AWS writes it. The compilers of key and bucket policies are pure functions
that end here; their components call them with `apply` when every ARN is known.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Statement = dict[str, Any]
Condition = Mapping[str, Mapping[str, Any]]

VERSION: Final = "2012-10-17"
"""The current policy language; the other one ignores policy variables."""

ANYONE: Final = "*"
"""Every principal. Only for statements that deny, or that a condition narrows."""

BUCKET_POLICY_LIMIT: Final = 20 * 1024
"""Bytes of a bucket policy. https://docs.aws.amazon.com/general/latest/gr/s3.html"""

KEY_POLICY_LIMIT: Final = 32 * 1024
"""Bytes of a key policy. https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""

LOG_POLICY_LIMIT: Final = 5120
"""Characters of a resource policy of CloudWatch Logs.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""

MANAGED_POLICY_LIMIT: Final = 6144
"""Characters of a managed policy, and so of a permissions boundary.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

ROLE_POLICY_LIMIT: Final = 10240
"""Characters of all inline policies of a role together. Same source."""

QUEUE_POLICY_LIMIT: Final = 30 * 1024
"""Characters of a topic's policy, and more than enough for a queue's.
https://docs.aws.amazon.com/general/latest/gr/sns.html"""


@dataclass(frozen=True)
class Account:
    """The account, partition and region that a policy is for; see `_account.account_of`.

    `partition` is `aws`, `aws-cn` or `aws-us-gov`; `dns_suffix` is what its service names end in.
    """

    id: str
    partition: str
    region: str
    dns_suffix: str

    @property
    def root(self) -> str:
        """ARN of the account itself; as a principal, everyone whom IAM in this account allows."""
        return f"arn:{self.partition}:iam::{self.id}:root"

    def arn(self, service: str, resource: str) -> str:
        """ARN (or pattern) of a resource of `service` in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"


def allow(
    sid: str, *, who: Any, actions: Sequence[str], on: Any, when: Condition | None = None
) -> Statement:
    """Return a statement that allows `actions` on the resources `on` to the principals `who`."""
    return _statement("Allow", sid, who, actions=actions, on=on, when=when)


def deny(
    sid: str, *, actions: Sequence[str], on: Any, when: Condition | None = None, who: Any = ANYONE
) -> Statement:
    """Return a statement that denies `actions` on the resources `on`, to everyone by default."""
    return _statement("Deny", sid, who, actions=actions, on=on, when=when)


def permit(
    sid: str, *, actions: Sequence[str], on: Any, when: Condition | None = None
) -> Statement:
    """Return a statement of an identity policy, which allows its bearer `actions` on `on`."""
    return _statement("Allow", sid, None, actions=actions, on=on, when=when)


def forbid(
    sid: str, *, actions: Sequence[str], on: Any, when: Condition | None = None
) -> Statement:
    """Return a statement of an identity policy, which denies its bearer `actions` on `on`."""
    return _statement("Deny", sid, None, actions=actions, on=on, when=when)


def _statement(
    effect: str, sid: str, who: Any, *, actions: Sequence[str], on: Any, when: Condition | None
) -> Statement:
    found: Statement = {"Sid": sid, "Effect": effect}
    if who is not None:
        found["Principal"] = who
    found["Action"] = actions[0] if len(actions) == 1 else list(actions)
    found["Resource"] = on
    if when:
        found["Condition"] = {operator: dict(keys) for operator, keys in when.items()}
    return found


def aws(*arns: str) -> dict[str, Any]:
    """The principals with these ARNs."""
    return {"AWS": arns[0] if len(arns) == 1 else list(arns)}


def service(*names: str) -> dict[str, Any]:
    """The AWS services with these principal names, such as `logging.s3.amazonaws.com`."""
    return {"Service": names[0] if len(names) == 1 else list(names)}


def both(first: Condition, second: Condition) -> Condition:
    """Return the condition that holds where both do.

    Raises:
        ValueError: both test the same key with the same operator, where one would be lost.
    """
    merged = {operator: dict(keys) for operator, keys in first.items()}
    for operator, keys in second.items():
        tested = merged.setdefault(operator, {})
        if lost := sorted(tested.keys() & keys.keys()):
            raise ValueError(f"{operator} tests {', '.join(lost)} twice")
        tested.update(keys)
    return merged


def document(statements: Sequence[Statement], limit: int) -> str:
    """Return the policy as JSON.

    Raises:
        ValueError: two statements have the same Sid, or the document is longer than `limit` bytes.
    """
    sids = [statement["Sid"] for statement in statements]
    if twice := sorted({sid for sid in sids if sids.count(sid) > 1}):
        raise ValueError(f"statements share a Sid: {', '.join(twice)}")
    text = json.dumps({"Version": VERSION, "Statement": statements}, separators=(",", ":"))
    if (size := len(text.encode())) > limit:
        raise ValueError(
            f"the policy has {size} bytes and AWS accepts {limit}; name fewer principals, or move "
            "their permissions into identity policies"
        )
    return text

"""What a caller may add to the policy of a bucket: its arguments, and what is refused."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input

from fintech_infra.components._policy import ANYONE, Statement, allow, aws, deny
from fintech_infra.components._shape import nearest


class StatementEffect(StrEnum):
    """Whether a statement allows or denies."""

    ALLOW = "Allow"
    """Allows reading or writing objects, to the named principals."""
    DENY = "Deny"
    """Denies, to the named principals or to everyone."""


class BucketStatementArgs(TypedDict):
    """A statement that is added to a bucket's policy; it takes none of the bucket's own away."""

    sid: str
    """Name of the statement, letters and digits, unique in the policy."""
    effect: StatementEffect
    """`Allow` or `Deny`."""
    principals: NotRequired[list[Input[str]]]
    """ARNs of roles or of account roots. Required for `Allow`, where everyone (`*`) is refused.
    Default for `Deny`: everyone."""
    actions: list[str]
    """S3 actions such as `s3:GetObject`. `Allow` accepts those that read and write objects, never
    those that configure the bucket; the account's own roles get these through IAM."""
    prefix: NotRequired[str]
    """Only objects whose key starts with this. Default: every object, and the bucket itself."""
    conditions: NotRequired[dict[str, dict[str, list[Input[str]]]]]
    """Conditions as AWS writes them: operator, key, values. Default: none."""


ALLOWED: Final = frozenset(
    f"s3:{verb}"
    for verb in (
        "AbortMultipartUpload",
        "DeleteObject",
        "GetBucketLocation",
        "GetObject",
        "GetObjectAttributes",
        "GetObjectLegalHold",
        "GetObjectRetention",
        "GetObjectTagging",
        "GetObjectVersion",
        "GetObjectVersionAttributes",
        "GetObjectVersionTagging",
        "ListBucket",
        "ListBucketMultipartUploads",
        "ListBucketVersions",
        "ListMultipartUploadParts",
        "PutObject",
        "PutObjectLegalHold",
        "PutObjectRetention",
        "PutObjectTagging",
        "ReplicateDelete",
        "ReplicateObject",
        "ReplicateTags",
        "RestoreObject",
    )
)
"""Actions that a caller's statement may allow: those of readers, writers and replication."""

_SID: Final = re.compile(r"[A-Za-z0-9]{1,100}")
_PRINCIPAL: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:(root|role/[\w+=,.@/-]+)")
_ACTION: Final = re.compile(r"s3:[A-Za-z]*\*?")


def statement_problems(given: list[Any], taken: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for what is wrong with a caller's statements.

    `taken` are the Sids of the bucket's own statements.
    """
    seen: set[str] = set()
    for index, item in enumerate(given):
        path = f"statements[{index}]"
        sid = item["sid"]
        if not _SID.fullmatch(sid):
            yield f"{path}.sid", f"is {sid!r}; accepted are 1 to 100 letters and digits"
        elif sid in seen | taken:
            yield f"{path}.sid", f"is {sid!r}, which another statement of this policy has"
        seen.add(sid)
        yield from _action_problems(item, f"{path}.actions")
        yield from _principal_problems(item, f"{path}.principals")


def _action_problems(item: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    if not item["actions"]:
        yield path, "is empty; name at least one action, such as 's3:GetObject'"
    for index, action in enumerate(item["actions"]):
        if item["effect"] == StatementEffect.ALLOW and action not in ALLOWED:
            yield (
                f"{path}[{index}]",
                f"is {action!r}, which cannot be allowed; {nearest(action, ALLOWED)}",
            )
        elif not _ACTION.fullmatch(action):
            yield (
                f"{path}[{index}]",
                f"is {action!r}; accepted are S3 actions, such as 's3:GetObject'",
            )


def _principal_problems(item: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    allows = item["effect"] == StatementEffect.ALLOW
    given = item.get("principals", [])
    if allows and not given:
        yield (
            path,
            "is required to allow; name the roles, such as 'arn:aws:iam::111122223333:role/app'",
        )
    for index, principal in enumerate(given):
        if isinstance(principal, str) and (reason := wrong_principal(principal)):
            yield f"{path}[{index}]", reason


def wrong_principal(principal: str) -> str:
    """Return why a principal is refused, empty if it is not."""
    if principal == ANYONE:
        return "is '*', which is everyone; name the roles, or the roots of accounts"
    if not _PRINCIPAL.fullmatch(principal):
        return (
            f"is {principal!r}; accepted are ARNs of roles and account roots, such as "
            "'arn:aws:iam::111122223333:role/app'"
        )
    return ""


def added_statements(bucket: str, given: list[Mapping[str, Any]]) -> list[Statement]:
    """Return a caller's statements for the bucket with ARN `bucket`, all values resolved.

    Raises:
        ValueError: a principal is everyone, or neither a role nor an account.
    """
    return [_statement(bucket, item) for item in given]


def _statement(bucket: str, item: Mapping[str, Any]) -> Statement:
    principals = item.get("principals", [])
    for principal in principals:
        if reason := wrong_principal(principal):
            raise ValueError(f"statement {item['sid']}: a principal {reason}")
    prefix = item.get("prefix", "")
    on = f"{bucket}/{prefix}*" if prefix else [bucket, f"{bucket}/*"]
    actions, when = item["actions"], item.get("conditions")
    if item["effect"] == StatementEffect.ALLOW:
        return allow(item["sid"], who=aws(*principals), actions=actions, on=on, when=when)
    who = aws(*principals) if principals else ANYONE
    return deny(item["sid"], who=who, actions=actions, on=on, when=when)

"""Documents inside inputs, such as policies: which of their keys and values are AWS's words."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from fintech_infra.operations.review.model.actions import action, principal

_LONGEST: Final = 200_000
"""Characters of a document that is looked into; no policy of AWS has as many."""
_KEYS: Final = frozenset({
    "Version", "Statement", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal",
    "NotPrincipal", "Condition", "AWS", "Service", "Federated", "CanonicalUser",
    # The definitions of containers.
    "image", "cpu", "memory", "memoryReservation", "essential", "privileged", "user", "environment",
    "secrets", "value", "valueFrom", "name", "portMappings", "containerPort", "hostPort",
    "protocol", "readonlyRootFilesystem", "logConfiguration", "logDriver", "options",
    "linuxParameters", "capabilities", "add", "drop", "initProcessEnabled", "mountPoints",
    "healthCheck", "interval", "retries", "timeout", "command", "entryPoint",
    # The patterns of events.
    "source", "detail-type", "detail", "resources", "eventSource", "eventName", "prefix",
    # The redriving of messages.
    "deadLetterTargetArn", "maxReceiveCount",
})  # fmt: skip
_OPERATOR: Final = re.compile(
    r"(?:For(?:All|Any)Values:)?(?:String(?:Not)?(?:Equals|Like)(?:IgnoreCase)?|Null|Bool"
    r"|Numeric(?:Not)?(?:Equals|LessThan(?:Equals)?|GreaterThan(?:Equals)?)"
    r"|Date(?:Not)?(?:Equals|LessThan(?:Equals)?|GreaterThan(?:Equals)?)|BinaryEquals"
    r"|(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like))(?:IfExists)?"
)
_CONDITIONS: Final = frozenset({
    "aws:CalledVia", "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalIsAWSService", "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths", "aws:PrincipalServiceName", "aws:PrincipalType",
    "aws:RequestedRegion", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn",
    "aws:SourceIp", "aws:SourceOrgID", "aws:SourceVpc", "aws:SourceVpce", "aws:TagKeys",
    "aws:TokenIssueTime", "aws:UserAgent", "aws:ViaAWSService", "aws:VpcSourceIp",
    "iam:PassedToService", "iam:PermissionsBoundary", "kms:CallerAccount",
    "kms:EncryptionContextKeys", "kms:GrantIsForAWSResource", "kms:ViaService", "s3:TlsVersion",
    "s3:x-amz-acl", "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id", "sts:ExternalId",
})  # fmt: skip
_SERVICES: Final = frozenset({
    "Service", "aws:CalledVia", "aws:PrincipalServiceName", "iam:PassedToService", "kms:ViaService",
})  # fmt: skip
_TEXTS: Final = frozenset({"Sid", "Id", "Comment", "comment", "description", "Description"})
_VALUES: Final = {
    "Effect": frozenset({"Allow", "Deny"}),
    "Version": frozenset({"2012-10-17", "2008-10-17"}),
    "AWS": frozenset({"*"}),
    "Principal": frozenset({"*"}),
    "NotPrincipal": frozenset({"*"}),
    "Resource": frozenset({"*"}),
    "NotResource": frozenset({"*"}),
    "protocol": frozenset({"tcp", "udp"}),
    "logDriver": frozenset({"awslogs", "awsfirelens", "json-file", "none"}),
    "user": frozenset({"0", "root"}),
    "add": frozenset({"ALL", "NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE"}),
    "drop": frozenset({"ALL"}),
}


def document(text: str) -> Any:
    """The object or list that a text is the JSON of, None where it is none."""
    if text[:1] not in "{[" or len(text) > _LONGEST or len(text) < len("{}"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def is_key(key: str) -> bool:
    """Whether a key of a document is a word of AWS's.

    >>> is_key("Statement"), is_key("StringEquals"), is_key("IgnoreAllRules")
    (True, True, False)
    """
    return key in _KEYS or key in _CONDITIONS or _OPERATOR.fullmatch(key) is not None


def is_free_text(key: str) -> bool:
    """Whether what stands at a key is for people only, and so is never sent."""
    return key in _TEXTS


def word(value: str, key: str) -> str:
    """A value in a document as far as it is AWS's word, empty where it is not; `key` is its key."""
    if key in ("Action", "NotAction"):
        return action(value)
    if key in _SERVICES:
        return principal(value)
    plain = value in _VALUES.get(key, ()) or value in ("true", "false")
    return value if plain else ""

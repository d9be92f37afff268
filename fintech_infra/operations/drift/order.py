"""Lists that a cloud keeps as sets: another order of theirs is no difference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from fintech_infra.environment import walk
from fintech_infra.environment.values import UNKNOWN

_SETS: Final = frozenset(
    {
        "Action",
        "AWS",
        "NotAction",
        "Principal",
        "Resource",
        "Service",
        "Statement",
        "attributes",
        "cidrBlocks",
        "egress",
        "ingress",
        "ipv6CidrBlocks",
        "managedPolicyArns",
        "prefixListIds",
        "securityGroupIds",
        "securityGroups",
        "subnetIds",
        "subnets",
        "vpcSecurityGroupIds",
    }
)
"""Names that are sets in the AWS provider's schema, or in the grammar of IAM policies. A list of
another name, such as `command`, keeps its order."""


def sorted_sets(value: Any, name: str = "") -> Any:
    """A value with its sets in one order; texts that are JSON objects as documents."""
    if isinstance(value, str):
        return _document(value, name)
    if isinstance(value, Mapping):
        given = cast("Mapping[str, Any]", value)
        return {key: sorted_sets(item, str(key)) for key, item in given.items()}
    if isinstance(value, list | tuple):
        items = [sorted_sets(item) for item in cast("list[Any]", value)]
        if name in _SETS and not any(leaf is UNKNOWN for _, leaf in walk(items)):
            items.sort(key=_key)
        return items
    return value


def _document(text: str, name: str) -> Any:
    if not text.lstrip().startswith("{"):
        return text
    try:
        return json.dumps(sorted_sets(json.loads(text), name))
    except (ValueError, RecursionError):
        return text


def _key(item: Any) -> str:
    return json.dumps(item, sort_keys=True, default=repr)

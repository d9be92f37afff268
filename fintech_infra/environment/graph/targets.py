"""What requests are about, and whether the resource patterns of a statement name it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, cast

from fintech_infra.environment.documents import ARN_PARTS, matches, resource_part
from fintech_infra.environment.graph.conditions import EVERY_TAG, TAG, Context
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.values import UNKNOWN

_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_SOMETHING: Final = "\N{WHITE SQUARE}"
"""Stands for the name of something below a target: only a wildcard is the same as that."""
_SERVICES: Final = {"sfn": "states"}
"""Modules of the provider that ARNs call otherwise."""
_NAMES: Final = ("name", "bucket", "functionName", "identifier")


@dataclass(frozen=True, slots=True)
class Target:
    """What an action is on: a resource, what lies below it, or any resource of one kind.

    `arn` is empty where it is not known; `names` are then what a pattern may know it by. `below`
    is what separates the ARN from those of its parts: `/` for the objects of a bucket. `part` says
    what the ARN of any resource of a kind ends with, such as `role/any`, and stands for no resource
    in particular.
    """

    service: str
    urn: str = ""
    arn: str = ""
    below: str = ""
    part: str = ""
    names: tuple[str, ...] = ()
    context: Context = field(default_factory=dict[str, str | None])


def target_of(resource: Resource, below: str = "") -> Target:
    """Return what requests about a resource, or about its parts, are about."""
    module = resource.type.partition(":")[2].partition("/")[0]
    names = (resource.inputs.get(key) for key in _NAMES)
    return Target(
        service=_SERVICES.get(module, module),
        urn=resource.urn,
        arn=arn_of(resource),
        below=below,
        names=tuple(item for item in names if isinstance(item, str) and item),
        context=_tags(resource),
    )


def arn_of(resource: Resource) -> str:
    """The ARN of a resource, nothing where it is not known."""
    found: Any = resource.outputs.get("arn")
    return found if isinstance(found, str) else ""


def account_in(arn: str) -> str:
    """The account that an ARN is of, nothing where it does not say.

    >>> account_in("arn:aws:iam::111122223333:role/app"), account_in("arn:aws:s3:::data")
    ('111122223333', '')
    """
    parts = arn.split(":", ARN_PARTS - 1)
    return parts[4] if len(parts) == ARN_PARTS and parts[4].isdigit() else ""


def account_of_resource(environment: Environment, resource: Resource) -> str:
    """The account of a resource: its ARN's, else the one that the program's ARNs all have."""
    return account_in(arn_of(resource)) or _only_account(environment)


@lru_cache(maxsize=4)
def _only_account(environment: Environment) -> str:
    found = {account_in(arn_of(item)) for item in environment.resources} - {""}
    return found.pop() if len(found) == 1 else ""


def overlaps(pattern: str, target: Target) -> bool | None:
    """Whether a pattern names the target or some of its parts; None where nobody can tell.

    The pattern has to be known. A variable in it stands for anything.
    """
    text = _VARIABLE.sub("*", pattern)
    if set(text) == {"*"}:
        return True
    if target.part:
        return _is_of(text, target.service) and matches(resource_part(text), target.part)
    if not target.arn:
        return _may_name(text, target)
    if not set(text) & {"*", "?"}:
        return text == target.arn or bool(target.below and text.startswith(_whole(target)))
    if not target.below:
        return matches(text, target.arn)
    whole = _whole(target)
    ends = (index + 1 for index, char in enumerate(text) if char in {"*", target.below})
    return any(matches(text[:end], whole) for end in ends)


def covers(pattern: str, target: Target) -> bool | None:
    """Whether a pattern names the target and all of its parts; None where nobody can tell."""
    if not target.below or not target.arn or "${" in pattern:
        found = overlaps(pattern, target)
        return None if found and "${" in pattern else found
    return matches(pattern, _whole(target) + _SOMETHING)


def unknown_may_name(depends: Collection[str], target: Target) -> bool:
    """Whether a pattern that is not known may name the target, given what it is made of."""
    return not depends or target.urn in depends


def is_unknown(value: Any) -> bool:
    """Whether a value is not known before deployment; safe where a comparison is not."""
    return value is UNKNOWN


def _whole(target: Target) -> str:
    return target.arn + target.below


def _may_name(pattern: str, target: Target) -> bool | None:
    named = any(name in pattern for name in target.names)
    wild = "*" in pattern and _is_of(pattern, target.service)
    return None if named or wild else False


def _is_of(pattern: str, service: str) -> bool:
    parts = pattern.split(":", ARN_PARTS - 1)
    return len(parts) <= len(("arn", "aws")) or matches(parts[2], service)


def _tags(resource: Resource) -> Context:
    """The tags of a resource as condition keys, and the mark that these are all."""
    found: dict[str, str | None] = {EVERY_TAG: None}
    for tags in (resource.outputs.get("tagsAll"), resource.inputs.get("tags")):
        if tags is UNKNOWN:
            return {}
        if isinstance(tags, Mapping):
            for key, value in cast("Mapping[str, Any]", tags).items():
                if value is UNKNOWN:
                    return {}
                found[f"{TAG}{key.lower()}"] = str(value)
    return found

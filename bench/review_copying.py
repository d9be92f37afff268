"""Copies of components: what a copy refers to outside itself is what the original refers to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from fintech_infra.environment import Environment, Resource, codec

_IDENTITIES = ("arn", "keyId", "url")


def subtree(environment: Environment, root: Resource) -> list[Resource]:
    """A component and everything below it."""
    found = [root]
    for item in found:
        found += environment.children(item.urn)
    return found


def clone(environment: Environment, root: Resource, name: str, random: Random) -> Environment:
    """The environment with one more component like `root`, under another name."""
    copied = subtree(environment, root)
    fresh = {value: _fresh(value, root.name, name, random) for value in _own(copied)}
    lone = replace(environment, resources=tuple(copied), outputs={}, diagnostics=())
    text = codec.dumps(lone)
    kept = {value: value for value in _elsewhere(environment, copied, root.name) if value in text}
    added = codec.loads(_renamed(text, kept | fresh, root.name, name)).resources
    known = environment.by_urn
    grown = tuple(item for item in added if item.urn not in known)
    return replace(environment, resources=(*environment.resources, *grown))


def _own(resources: Sequence[Resource]) -> dict[str, None]:
    """The identities of resources; an output that was given as an input is of something else."""
    return dict.fromkeys(value for item in resources for value in _identities(item))


def _identities(resource: Resource) -> Iterator[str]:
    given = [value for value in resource.inputs.values() if isinstance(value, str)]
    named = (resource.outputs.get(key) for key in _IDENTITIES)
    for value in (resource.id, *(value for value in named if value not in given)):
        if isinstance(value, str) and "-" in value:
            yield value


def _elsewhere(environment: Environment, copied: Sequence[Resource], name: str) -> dict[str, None]:
    """The identities and URNs of what is not copied, where the old name is a part of them."""
    inside = {item.urn for item in copied}
    others = [item for item in environment.resources if item.urn not in inside]
    found = (*_own(others), *(item.urn for item in others))
    return dict.fromkeys(value for value in found if name in value and value != name)


def _renamed(text: str, identities: dict[str, str], old: str, new: str) -> str:
    """A text in which identities and a name are others; of two that begin alike the longer counts.

    Every place is looked at once, so that nothing is renamed twice.
    """
    written = {_escaped(value): _escaped(instead) for value, instead in identities.items()}
    longest = sorted(written, key=len, reverse=True)
    whole = rf"(?<![a-zA-Z]){re.escape(old)}(?![a-zA-Z])"
    pattern = "|".join((*map(re.escape, longest), whole))
    return re.sub(pattern, lambda found: written.get(found[0], new), text)


def _escaped(value: str) -> str:
    return json.dumps(value)[1:-1]


def _fresh(value: str, old: str, new: str, random: Random) -> str:
    """An identity like another: under the new name, each run of hexadecimal digits drawn anew."""
    named = value.replace(old, new)
    return re.sub(
        r"(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{7,}(?![0-9a-z])",
        lambda found: found[0] if re.fullmatch(r"\d{12}", found[0])
        else f"{random.getrandbits(4 * len(found[0])):0{len(found[0])}x}",
        named,
    )  # fmt: skip

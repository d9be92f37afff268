"""Which resource of one environment is which of the next, and what its identities became."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from fintech_infra.environment import STACK_TYPE, Environment, Resource, walk

_IDENTITIES: Final = ("arn", "bucket", "name", "identifier", "clusterIdentifier", "keyId", "url")
_NUMBERED: Final = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f-]*[0-9])[0-9a-f]{8}")
_SHORTEST: Final = 4
"""Letters of the shortest identity that is looked for inside other texts."""

Pairs = Mapping[str, Resource]
"""By the URN of a resource after: what it was before."""

Filled = Mapping[str, Collection[str]]
"""Inputs that providers have filled in, by URN."""


def counts(resource: Resource) -> bool:
    """Whether a deployment changes a resource itself: a component only groups others."""
    if resource.type == STACK_TYPE or resource.existing:
        return False
    return resource.custom or resource.opaque


def stackless(urn: str) -> str:
    """A URN without its stack.

    >>> stackless("urn:pulumi:dev::shop::x:y:Z::logs")
    'shop::x:y:Z::logs'
    """
    return urn.partition("::")[2] or urn


def is_default_provider(resource: Resource) -> bool:
    """Whether a resource is the provider that Pulumi makes where a program names none."""
    return resource.type.startswith("pulumi:providers:") and resource.name.startswith("default")


def pairs(before: Environment, after: Environment) -> Pairs:
    """Pair the resources of two environments by URN, then by the aliases that `after` declares.

    A default provider is the same under another version.
    """
    left = {_key(item): item for item in before.resources if not item.existing}
    now = [item for item in after.resources if not item.existing]
    found: dict[str, Resource] = {}
    for resource in now:
        same = left.pop(_key(resource), None)
        if same is not None:
            found[resource.urn] = same
    for resource in now:
        for alias in resource.options.aliases if resource.urn not in found else ():
            was = left.pop(stackless(alias), None)
            if was is not None:
                found[resource.urn] = was
                break
    return found


def _key(resource: Resource) -> str:
    return resource.type if is_default_provider(resource) else stackless(resource.urn)


class Identities:
    """Calls an identity of a resource before what the same resource is called after.

    A state has the ids of the cloud and a preview those of the simulation: a reference from one
    resource to another has not changed because of that. Where the program itself names a resource,
    another name is a change, for it and for all that refers to it. `filled` are the inputs that
    providers have filled in, before and after, by URN.
    """

    def __init__(self, after: Environment, paired: Pairs, filled: tuple[Filled, Filled]) -> None:
        """Collect the identities that differ, and whose they are."""
        self._names: dict[str, tuple[str, str]] = {}
        ambiguous: set[str] = set()
        for urn, was in paired.items():
            for old, new in _renamed(was, after.by_urn[urn], filled):
                if self._names.setdefault(old, (new, urn))[0] != new:
                    ambiguous.add(old)
        for old in ambiguous:
            del self._names[old]
        longest_first = sorted(self._names, key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, longest_first))) if self._names else None

    def of(self, urn: str) -> Callable[[str], str]:
        """From a text in the inputs of a resource before to the same text after.

        Its own identities are left as they are.
        """

        def renamed(found: re.Match[str]) -> str:
            new, owner = self._names[found[0]]
            return found[0] if owner == urn else new

        return lambda text: self._any.sub(renamed, text) if self._any else text


def _renamed(
    was: Resource, now: Resource, filled: tuple[Filled, Filled]
) -> Iterator[tuple[str, str]]:
    """Yield each identity before and after, where the cloud has given it."""
    if not now.custom:
        return
    given = {*_given(was, filled[0]), *_given(now, filled[1])}
    known = list(_differing(zip(_identities(was), _identities(now), strict=True)))
    if any(old in given or new in given for old, new in known):
        return
    yield from known
    for old, new in _differing(_assigned(was, now)):
        if old not in given and new not in given:
            yield old, new


def _differing(found: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    return ((old, new) for old, new in found if new and old != new and len(old) >= _SHORTEST)


def _assigned(was: Resource, now: Resource) -> Iterator[tuple[str, str]]:
    """Yield other outputs before and after that look like something that a cloud has numbered.

    A version or a state of a resource is none: it may be another one because something changed.
    """
    after = dict(walk(now.outputs))
    for path, old in walk(was.outputs):
        new: Any = after.get(path)
        if _is_numbered(old) and _is_numbered(new):
            yield old, new


def _is_numbered(value: Any) -> bool:
    return isinstance(value, str) and bool(_NUMBERED.search(value))


def _given(resource: Resource, filled: Filled) -> Iterator[str]:
    """Yield the texts that the program gives a resource itself, at the top of its inputs."""
    by_default = filled.get(resource.urn, ())
    for key, value in resource.inputs.items():
        if isinstance(value, str) and key not in by_default:
            yield value


def _identities(resource: Resource) -> Iterator[str]:
    """Yield what others may name a resource by, empty where it has no such name."""
    for value in (resource.id, *map(resource.outputs.get, _IDENTITIES)):
        yield value if isinstance(value, str) else ""

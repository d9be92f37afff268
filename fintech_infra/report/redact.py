"""Keeping secrets out of reports.

A resource lists the paths of its secrets. What lies at them is never printed, and neither is its
text where it turns up elsewhere: in a message, in another resource's inputs, in a map's keys.
Texts of fewer than four characters are looked for nowhere else, because they occur in anything.
Identities (URNs, types, names, paths) are printed as they are: reports refer by them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from fintech_infra.environment import Environment, Resource, segments, walk

MASK: Final = "[secret]"
"""What is printed in a secret's place."""

_SHORTEST: Final = 4

_Path = tuple[str | int, ...]


class Redaction:
    """The secrets of one environment, and how its values and texts look without them."""

    def __init__(self, environment: Environment) -> None:
        """Collect the secrets of every resource and of the stack's own outputs."""
        words = sorted(set(_texts(environment)))
        self._words = re.compile(_any_of(words)) if words else None

    def inputs(self, resource: Resource) -> dict[str, Any]:
        """The inputs of a resource without secrets."""
        return self._top(resource.inputs, _below_root(resource.secrets, "inputs"))

    def outputs(self, resource: Resource) -> dict[str, Any]:
        """The outputs of a resource without secrets."""
        return self._top(resource.outputs, _below_root(resource.secrets, "outputs"))

    def exports(self, environment: Environment) -> dict[str, Any]:
        """The stack's own outputs without secrets."""
        return self._top(environment.outputs, environment.secret_outputs)

    def input(self, resource: Resource, path: str) -> Any:
        """One input of a resource without secrets, None where there is none at the path."""
        value: Any = self.inputs(resource)
        for key in segments(path):
            if value == MASK:
                return MASK
            value = _at(value, (key,))
        return value

    def value(self, value: Any) -> Any:
        """A value that is not of a resource, such as one that is proposed, without secrets."""
        return self._without(value, ())

    def text(self, text: str) -> str:
        """`text` with every secret in it replaced."""
        return self._words.sub(MASK, text) if self._words else text

    def _top(self, values: Mapping[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
        return self._without(values, [_resolved(values, path) for path in secrets])

    def _without(self, value: Any, paths: Sequence[_Path]) -> Any:
        if () in paths:
            return MASK
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): self._without(item, _below(paths, key))
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._without(item, _below(paths, at)) for at, item in enumerate(value)]
        return value


def _below(paths: Sequence[_Path], key: str | int) -> Sequence[_Path]:
    return [path[1:] for path in paths if path[0] == key] if paths else paths


def _below_root(secrets: Iterable[str], root: str) -> Iterator[str]:
    lead = f"{root}."
    return (path.removeprefix(lead) for path in secrets if path.startswith(lead))


def _resolved(values: Mapping[str, Any], path: str) -> _Path:
    """The keys that lead to a secret.

    A top-level name may have dots in it, as exports do. Where nothing is found at the path, all
    below its top-level name counts as secret: better too much than a secret misspelt.
    """
    keys = tuple(segments(path))
    if path not in values and keys and _at(values, keys) is not None:
        return keys
    leads = (key for key in values if path.startswith(key) and path[len(key) :][:1] in ".[")
    return (max(leads, key=len, default=path),)


def _texts(environment: Environment) -> Iterator[str]:
    """Yield every form in which a secret may show up in a text."""
    for resource in environment.resources:
        for root, values in (("inputs", resource.inputs), ("outputs", resource.outputs)):
            for path in _below_root(resource.secrets, root):
                yield from _forms(_at(values, _resolved(values, path)))
    for path in environment.secret_outputs:
        yield from _forms(_at(environment.outputs, _resolved(environment.outputs, path)))


def _at(value: Any, path: _Path) -> Any:
    """The value at a path, None where there is none; unlike `read`, says nothing of unknowns."""
    for key in path:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list | tuple) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _forms(secret: Any) -> Iterator[str]:
    for _, leaf in walk(secret):
        if isinstance(leaf, str | int | float) and not isinstance(leaf, bool):
            text = str(leaf)
            for form in (text, text.strip(), repr(text)[1:-1], json.dumps(text)[1:-1]):
                if len(form) >= _SHORTEST:
                    yield form


def _any_of(words: Sequence[str]) -> str:
    """An expression for any of `words` (sorted, unique), the longest that fits.

    Beginnings that words share are tried once, so that thousands of secrets cost a text little
    more than one.
    """
    shared = _shared(words[0], words[-1])
    rests = [word[len(shared) :] for word in words if word != shared]
    if not rests:
        return re.escape(shared)
    branches = "|".join(_any_of(list(group)) for _, group in groupby(rests, lambda rest: rest[0]))
    optional = "?" if len(rests) < len(words) else ""
    return f"{re.escape(shared)}(?:{branches}){optional}"


def _shared(first: str, last: str) -> str:
    """The beginning that two texts have in common."""
    differ = (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(differ, min(len(first), len(last)))]

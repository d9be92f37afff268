"""What is different between two versions of one resource, leaf by leaf."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Asset, Resource, join, segments
from fintech_infra.operations.change.model import Difference

Translate = Callable[[str], str]
"""From a text of the environment before to what it is called in the one after."""

_DECIDING: Final = ("protect", "retain_on_delete")
"""Options whose change is a change of the resource, though no input of it changes."""
_CAPITAL: Final = re.compile(r"_([a-z])")


def differences(
    before: Resource,
    after: Resource,
    translate: Translate = str,
    defaults: tuple[Collection[str], Collection[str]] = ((), ()),
) -> Iterator[Difference]:
    """Yield what is different in the inputs, and in the options that guard a resource.

    `defaults` are the paths that a provider has filled in, before and after: what one side has by
    default and the other leaves out is no difference. A value that is not known on one side is one,
    since it may be anything; so is one that is not known on both and depends on something else, or
    is secret. Inputs that are ignored (`ignore_changes`) are left out.
    """
    filled_before, filled_after = defaults
    secrets = {path.removeprefix("inputs.") for path in (*before.secrets, *after.secrets)}
    ignored = [camel(path) for path in after.options.ignore_changes]
    for path, old, new in _walk(before.inputs, after.inputs, "", translate):
        filled = (new is None and path in filled_before) or (old is None and path in filled_after)
        hidden = any(lies_in(path, place) for place in secrets)
        if filled or any(lies_in(path, place) for place in ignored):
            continue
        if old is UNKNOWN and new is UNKNOWN and not hidden and _same_roots(before, after, path):
            continue
        yield Difference(path, old, new, is_secret=hidden)
    for name in _DECIDING:
        old, new = getattr(before.options, name), getattr(after.options, name)
        if old != new:
            yield Difference(name, old, new, "options")


def camel(path: str) -> str:
    """A property path by the names that providers use.

    >>> camel("point_in_time_recovery.enabled")
    'pointInTimeRecovery.enabled'
    """
    return _CAPITAL.sub(lambda found: found[1].upper(), path)


def lies_in(path: str, place: str) -> bool:
    """Whether a path is a place or lies below it; `*` is every place."""
    if place == "*":
        return True
    here, there = segments(path), segments(place)
    return len(there) <= len(here) and all(
        part in ("*", own) for part, own in zip(there, here, strict=False)
    )


def _same_roots(before: Resource, after: Resource, path: str) -> bool:
    """Whether an input that is not known is made of the same resources before and after."""
    top = str(segments(path)[0])
    roots = (item.property_dependencies.get(top, ()) for item in (before, after))
    old, new = (sorted(urn.partition("::")[2] for urn in urns) for urns in roots)
    return old == new


def _walk(old: Any, new: Any, path: str, translate: Translate) -> Iterator[tuple[str, Any, Any]]:
    """Yield the path of every leaf that differs, with both values; None where one is absent."""
    if old is UNKNOWN or new is UNKNOWN:
        yield path, old, new
        return
    if isinstance(old, str) and isinstance(new, str) and translate(old) == new:
        return
    old, new = _parsed(old, new)
    if isinstance(old, Mapping) or isinstance(new, Mapping):
        yield from _mappings(old, new, path, translate)
    elif isinstance(old, list | tuple) or isinstance(new, list | tuple):
        yield from _lists(old, new, path, translate)
    elif not _equal(old, new, translate):
        yield path, old, new


def _mappings(old: Any, new: Any, path: str, translate: Translate) -> Iterator[Any]:
    if not (_is_like(old, Mapping) and _is_like(new, Mapping)):
        yield path, old, new
        return
    before, after = old or {}, new or {}
    for key in sorted({*before, *after}, key=str):
        yield from _walk(before.get(key), after.get(key), join(path, str(key)), translate)


def _lists(old: Any, new: Any, path: str, translate: Translate) -> Iterator[Any]:
    if not (_is_like(old, (list, tuple)) and _is_like(new, (list, tuple))):
        yield path, old, new
        return
    before, after = list(old or ()), list(new or ())
    for at in range(max(len(before), len(after))):
        was = before[at] if at < len(before) else None
        will = after[at] if at < len(after) else None
        yield from _walk(was, will, join(path, at), translate)


def _is_like(value: Any, kind: Any) -> bool:
    return value is None or isinstance(value, kind)


def _parsed(old: Any, new: Any) -> tuple[Any, Any]:
    """Both values, as documents where both are texts of JSON documents: policies and the like."""
    if isinstance(old, str) and isinstance(new, str) and old != new:
        documents = _document(old), _document(new)
        if None not in documents:
            return documents
    return old, new


def _document(text: str) -> Any:
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _equal(old: Any, new: Any, translate: Translate) -> bool:
    if isinstance(old, Asset) and isinstance(new, Asset):
        return old == new or bool(old.digest and old.digest == new.digest)
    if isinstance(old, str) and isinstance(new, str):
        return old == new or translate(old) == new
    if type(old) is type(new) or old is None or new is None:
        return bool(old == new)
    return _spelt(old) == _spelt(new)


def _spelt(value: Any) -> str:
    """A scalar as providers spell it: a number may be given as text."""
    return value if isinstance(value, str) else json.dumps(value, default=repr)

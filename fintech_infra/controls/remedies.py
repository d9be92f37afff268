"""Remedies: the inputs that mend a resource, and the resource with them.

A control has a remedy where a fix is safe and unique. Safe: it changes a live resource in place and
without an interruption, shuts out nothing but what the control forbids, deletes nothing, and costs
no more than what the control asks for. Unique: nobody has to choose, such as a key, or between two
ways. For a resource of which that is not true, and for what hangs on values that are not known
before deployment, a remedy returns nothing. It mends every fault that it can, not always all.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final, NamedTuple, cast

from fintech_infra.controls.control import NO_PARAMETERS, Control, Fault, Remedy
from fintech_infra.controls.evaluate import is_production
from fintech_infra.environment import UNKNOWN, Resource, UnknownValueError, segments, walk
from fintech_infra.environment.documents import DocumentError

_SID: Final = "DenyPlaintext"


class Change(NamedTuple):
    """One input before and after; None where it is absent, `UNKNOWN` where it is not known.

    Values are in the clear, as in the resource: what prints them goes through
    `fintech_infra.report`.
    """

    path: str
    old: Any
    new: Any


def remedy_of(
    control: Control, resource: Resource, parameters: Mapping[str, Any] = NO_PARAMETERS
) -> dict[str, Any]:
    """Return the inputs that mend a resource which violates `control`, by property path.

    None stands for an input to take away. Empty where the control has no remedy, or none for this
    resource. `parameters` are the values in force for the control, as `evaluate` takes them.
    """
    if control.remedy is None:
        return {}
    taken = inspect.signature(control.remedy).parameters
    chosen = {name: value for name, value in parameters.items() if name in taken}
    try:
        return dict(control.remedy(resource, **chosen))
    except (UnknownValueError, DocumentError):
        return {}


def mends(values: Mapping[str, Any], path: str) -> bool:
    """Whether a remedy's values are about the fault at `path`: one is at, above or below it.

    A remedy is applied whole or not at all; this tells beside which finding it belongs.

    >>> mends({"log.data": False}, "log"), mends({"log.data": False}, "log.level")
    (True, False)
    """
    fault = segments(path)
    return bool(fault) and any(
        all(one == other for one, other in zip(fault, segments(changed), strict=False))
        for changed in values
    )


def mended(resource: Resource, values: Mapping[str, Any]) -> Resource:
    """Return the resource with the inputs that a remedy gives; secret paths stay secret."""
    return replace(resource, inputs=patch(resource, values))


def patch(resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource's inputs with `values` put at their paths; the resource stays as it is.

    A mapping on the way that is not there is made; a list never is.

    Raises:
        UnknownValueError: what a path leads through is not known before deployment.
        ValueError: a path leads through something that is neither, or past the end of a list.
    """
    inputs = deepcopy(dict(resource.inputs))
    for path in sorted(values, key=lambda path: (values[path] is None, _from_the_end(path))):
        *way, last = segments(path)
        value = values[path]
        holder: Any = inputs
        for key in way:
            holder = _below(holder, key, path, create=value is not None)
        if holder is not None:
            _put(holder, last, deepcopy(value), path)
    return inputs


def _from_the_end(path: str) -> list[int]:
    """A key that sorts the last items of lists first, so that the others keep their places."""
    return [-part if isinstance(part, int) else 0 for part in segments(path)]


def _below(holder: Any, key: str | int, path: str, *, create: bool) -> Any:
    """What lies in a mapping or a list at a key; where nothing does, a new mapping if asked for."""
    if holder is None:
        return None
    _refuse_unless_fits(holder, key, path)
    if isinstance(holder, MutableSequence):
        found: Any = holder[cast("int", key)]
    else:
        found = holder.get(key)
        if found is None and create:
            found = holder[key] = {}
    if found is UNKNOWN:
        raise UnknownValueError(path)
    return found


def _put(holder: Any, key: str | int, value: Any, path: str) -> None:
    _refuse_unless_fits(holder, key, path)
    if value is not None:
        holder[key] = value
    elif isinstance(holder, MutableSequence):
        del holder[cast("int", key)]
    else:
        holder.pop(key, None)


def _refuse_unless_fits(holder: Any, key: str | int, path: str) -> None:
    if isinstance(holder, MutableSequence):
        fits = isinstance(key, int) and key < len(cast("MutableSequence[Any]", holder))
    else:
        fits = isinstance(holder, MutableMapping) and isinstance(key, str)
    if not fits:
        raise ValueError(f"{path} cannot be set: there is no place for {key!r}")


def changes(resource: Resource, values: Mapping[str, Any]) -> list[Change]:
    """Return what `values` change in a resource's inputs, in their order."""
    found = (Change(path, _current(resource, path), value) for path, value in values.items())
    return [change for change in found if change.old is UNKNOWN or change.old != change.new]


def _current(resource: Resource, path: str) -> Any:
    try:
        return resource.value(path)
    except UnknownValueError:
        return UNKNOWN


def differing(resource: Resource, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of `wanted` that the resource does not have; what is not known is left alone."""
    return {
        path: value
        for path, value in wanted.items()
        if (current := _current(resource, path)) is not UNKNOWN and current != value
    }


def setting(wanted: Mapping[str, Any], *types: str) -> Remedy:
    """Return the remedy that sets inputs, of resources of `types` only where some are given."""

    def remedy(resource: Resource) -> Mapping[str, Any]:
        return differing(resource, wanted) if resource.type in (types or [resource.type]) else {}

    return remedy


def decided(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults that come before a value that is not known ends the look for them."""
    found: list[Fault] = []
    with suppress(UnknownValueError):
        found.extend(faults)
    return found


def without(resource: Resource, path: str, unwanted: Iterable[Any]) -> dict[str, Any]:
    """Return a list input without some of its items, nothing where it has none of them.

    Raises:
        UnknownValueError: the list or an item of it is not known before deployment.
    """
    items = [item for _, item in resource.each(path)]
    kept = [item for item in items if item not in tuple(unwanted)]
    return {} if kept == items else {path: kept}


def in_production(resource: Resource) -> bool:
    """Whether a resource is one of a production stack, as its URN says."""
    return is_production(resource.urn.removeprefix("urn:pulumi:").partition("::")[0])


def denying_plaintext(action: str, *, room: int, inside: str = "", implied: bool = False) -> Remedy:
    """Return the remedy that has the input `policy` deny `action` to everyone without TLS.

    The new statement is about what the others are about: the one ARN that they name, or `*`, and
    where `inside` is given (`/*`) the ARN and all below it. Where they name none it names none, if
    that is `implied` for a policy of this kind. Nothing is added where they name several or another
    pattern, where a part of the document is not known, and where it would outgrow `room`, in bytes.
    A document that is text stays text.
    """

    def remedy(resource: Resource) -> Mapping[str, Any]:
        given = resource.inputs.get("policy")
        document = _document(given)
        statements = _listed(document.get("Statement"))
        named = set(_resources(statements))
        subject = _subject(named, inside[:1])
        if not statements or not (subject or (implied and not named)):
            return {}
        added = _denial(action, [subject, f"{subject}{inside}"] if inside else subject)
        there = any({**item, "Sid": ""} == {"Sid": "", **added} for item in statements)
        new = {**document, "Statement": [*statements, {"Sid": _free_sid(statements), **added}]}
        text = json.dumps(new)
        if there or len(text.encode()) > room:
            return {}
        return {"policy": text if isinstance(given, str) else new}

    return remedy


def _denial(action: str, subject: Any) -> dict[str, Any]:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": subject}
    if not subject:
        del statement["Resource"]
    return statement | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def _document(given: Any) -> Mapping[str, Any]:
    """A policy document that is known in full, otherwise an empty one."""
    if any(leaf is UNKNOWN for _, leaf in walk(given)):
        return {}
    try:
        found = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        return {}
    return cast("Mapping[str, Any]", found) if isinstance(found, Mapping) else {}


def _listed(value: Any) -> list[Any]:
    """A list, or a lone item as one, copied so that nobody shares it with the resource."""
    if value is None:
        return []
    return deepcopy(list(cast("list[Any]", value)) if isinstance(value, list | tuple) else [value])


def _subject(named: Iterable[str], below: str) -> str:
    """The one thing that patterns are about, without what follows `below`; nothing otherwise."""
    found = {text.partition(below)[0] if below else text for text in named}
    subject = found.pop() if len(found) == 1 else ""
    if subject == "*" and not below:
        return subject
    return subject if subject.startswith("arn:") and not set(subject) & {"*", "?"} else ""


def _resources(statements: Iterable[Any]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, Mapping):
            given = cast("Mapping[str, Any]", statement).get("Resource")
            yield from (str(item) for item in _listed(given))


def _free_sid(statements: Iterable[Any]) -> str:
    taken = {str(item.get("Sid")) for item in statements}
    names = (_SID if number == 1 else f"{_SID}{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)

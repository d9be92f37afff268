"""What can be observed of a resource: the choices that history counts.

Values, which properties are set, what policy statements say, what traffic a rule admits, which
types refer to the resource, which a component contains. Secrets are observed as being there, never
as values; a value that only a deployment can tell is noted and not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, cast

from fintech_infra.environment import STACK_TYPE, UNKNOWN, Asset, Environment, Resource, join
from fintech_infra.operations.review.statements import OF_TYPE, of_document
from fintech_infra.operations.review.tokens import is_identity, owner_of, tokens
from fintech_infra.operations.review.traffic import traffic
from fintech_infra.report.redact import MASK, Redaction

_OPTIONS: Final = ("protect", "retain_on_delete", "delete_before_replace", "ignore_changes")
_NAMED_BY: Final = ("name", "key")
_PARSED: Final = 200_000
"""Characters of the longest text that is looked into as JSON."""


class Kind(StrEnum):
    """What an observation is about."""

    VALUE = "value"
    KEYS = "keys"
    """The names that an object has, as one token; which are missing follows from it."""
    REFERRERS = "referrers"
    """The types that refer to a resource, as one token."""
    CHILDREN = "children"
    """The types that a component contains, as one token."""


Key = tuple[str, str, Kind]
"""Subject, place and kind: what choices are compared at. A subject is a type or a pool."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One choice: `token` at `key`, found at the property path `path` of a resource."""

    key: Key
    token: str
    path: str


@dataclass(frozen=True, slots=True)
class Observed:
    """All that was observed of one resource, and the paths of what is not known yet."""

    urn: str
    type: str
    choices: tuple[Observation, ...]
    unknown: tuple[str, ...] = ()


@dataclass(slots=True)
class _Notes:
    """What is written down while one resource is looked at."""

    resource: Resource
    environment: Environment
    choices: list[Observation] = field(default_factory=list[Observation])
    unknown: list[str] = field(default_factory=list[str])

    def add(self, subject: str, place: str, kind: Kind, token: str, path: str) -> None:
        self.choices.append(Observation((subject, place, kind), token, path))


def observe(environment: Environment) -> tuple[Observed, ...]:
    """Observe every resource that the environment manages."""
    redaction = Redaction(environment)
    referrers = _referrers(environment)
    return tuple(
        _observed(resource, environment, redaction, referrers.get(resource.urn, frozenset()))
        for resource in environment.resources
        if not resource.existing and resource.type != STACK_TYPE
    )


def _observed(
    resource: Resource, environment: Environment, redaction: Redaction, referrers: frozenset[str]
) -> Observed:
    notes = _Notes(resource, environment)
    if resource.custom:
        notes.add(resource.type, "", Kind.REFERRERS, keys_token(referrers), "")
        for name in _OPTIONS:
            text = json.dumps(getattr(resource.options, name))
            notes.add(resource.type, f"opts.{name}", Kind.VALUE, text, f"opts.{name}")
    elif not resource.opaque:
        children = {child.type for child in environment.children(resource.urn)}
        notes.add(resource.type, "", Kind.CHILDREN, keys_token(children), "")
    _walk(redaction.inputs(resource), "", "", notes)
    for path, place, words in traffic(resource):
        notes.add("pool:traffic", place, Kind.VALUE, words, path)
    return Observed(
        resource.urn,
        resource.type,
        tuple(dict.fromkeys(notes.choices)),
        tuple(dict.fromkeys(notes.unknown)),
    )


def keys_token(names: frozenset[str] | set[str]) -> str:
    """Several names as one token."""
    return json.dumps(sorted(names), separators=(",", ":"))


def names_of(token: str) -> frozenset[str]:
    """The names in a token that `keys_token` made."""
    return frozenset(json.loads(token))


def _walk(value: Any, path: str, place: str, notes: _Notes) -> None:
    if value is UNKNOWN:
        notes.unknown.append(path)
    elif isinstance(value, str):
        _text(value, path, place, notes)
    elif isinstance(value, Mapping):
        _object(cast("Mapping[str, Any]", value), path, place, notes)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(cast("list[Any]", value)):
            _walk(item, f"{path}[{index}]", f"{place}[{_name_of(item)}]", notes)
    elif isinstance(value, Asset):
        notes.add(notes.resource.type, place, Kind.VALUE, f"asset:{value.kind}", path)
    elif value is not None:
        _leaf(value, path, place, notes)


def _object(value: Mapping[str, Any], path: str, place: str, notes: _Notes) -> None:
    given = {key: item for key, item in value.items() if item is not None and MASK not in key}
    notes.add(notes.resource.type, place, Kind.KEYS, keys_token(set(given)), path)
    for key, item in given.items():
        _walk(item, join(path, key), join(place, key), notes)


def _name_of(item: Any) -> str:
    """What tells one entry of a list from another: its name, where it is a name and a value."""
    if isinstance(item, Mapping) and len(cast("Mapping[str, Any]", item)) <= len(_NAMED_BY) + 2:
        entry = cast("Mapping[str, Any]", item)
        named = next((entry[key] for key in _NAMED_BY if isinstance(entry.get(key), str)), "")
        if named and any(key.startswith("value") for key in entry):
            return named.replace(".", "_")
    return ""


def _text(text: str, path: str, place: str, notes: _Notes) -> None:
    if MASK in text:
        return  # a secret, or something made of one: that it is there is all there is to see
    parsed = _parsed(text)
    if parsed is None:
        _leaf(text, path, place, notes)
    elif isinstance(parsed, Mapping) and "Statement" in parsed:
        notes.add(notes.resource.type, place, Kind.VALUE, "a policy document", path)
        for said in of_document(cast("Mapping[str, Any]", parsed), place, notes.environment):
            at = join_below(path, said.path)
            notes.add(said.subject, said.place, Kind.VALUE, said.token, at)
            if said.place in OF_TYPE or said.place.startswith("conditions for"):
                place_of_type = f"{place}: {said.place}"
                notes.add(notes.resource.type, place_of_type, Kind.VALUE, said.token, at)
    else:
        _walk(parsed, path, place, notes)


def join_below(path: str, below: str) -> str:
    """The path of something below a property, in a document that is its text."""
    return f"{path}.{below}" if below else path


def _parsed(text: str) -> Any:
    """An object or a list that a text holds as JSON, None where it holds neither."""
    if text[:1] not in {"{", "["} or len(text) > _PARSED:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _leaf(value: Any, path: str, place: str, notes: _Notes) -> None:
    leaf = place.rpartition(".")[2]
    for token in tokens(value, leaf, notes.environment):
        if token.of:
            notes.add(f"pool:{token.of}", token.of, Kind.VALUE, token.text, path)
        else:
            subject = notes.resource.type
            notes.add(subject, f"{place}{token.place}", Kind.VALUE, token.text, path)


def _referrers(environment: Environment) -> dict[str, frozenset[str]]:
    """The types whose resources name a resource in an input of their own, by its URN."""
    found: dict[str, set[str]] = {}
    for resource in environment.resources:
        if not resource.custom or resource.existing:
            continue
        for target in set(_targets(resource, environment)) - {resource.urn}:
            found.setdefault(target, set()).add(resource.type)
    return {urn: frozenset(types) for urn, types in found.items()}


def _targets(resource: Resource, environment: Environment) -> Iterator[str]:
    """What a top-level input is the name of; where it is not known, what it is made of."""
    for key, value in resource.inputs.items():
        if value is UNKNOWN:
            yield from resource.property_dependencies.get(key, ())
        elif isinstance(value, str) and is_identity(value):
            owner = owner_of(value, environment)
            if owner:
                yield owner.urn

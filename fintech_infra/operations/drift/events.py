"""What a refresh says it found: the events of Pulumi's engine, or the summary of a preview.

The formats are `EngineEvent` of pulumi/pulumi (`sdk/go/common/apitype/events.go`) and
`PreviewDigest` (`sdk/pkg/display`). A summary is made of events from before each step; that of a
refresh can therefore have what was recorded on both sides (`ShowPreviewDigest` in
`pkg/backend/display/json.go`). One in which nothing differs says nothing, so it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fintech_infra.engine.errors import fail
from fintech_infra.engine.exported.fields import Fields
from fintech_infra.engine.exported.resources import Resources
from fintech_infra.environment import Diagnostic, Environment, Resource
from fintech_infra.operations.drift.pictures import Captured

_STREAMING: Final = (
    "write it with: PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi refresh --preview-only --json "
    "> refresh.jsonl, or export the state before and after a refresh"
)
_FOUND: Final = frozenset({"refresh", "same", "update", "delete"})
"""What the result of a refresh of one resource can be."""

Sides = tuple[Captured, Captured]


def is_stream(data: bytes) -> bool:
    """Whether data are engine events, one a line."""
    first = data.lstrip().partition(b"\n")[0]
    return first.startswith(b"{") and b'"sequence"' in first and _event(first) is not None


def read_stream(data: bytes, name: str) -> Sides:
    """Both sides of a refresh, from its events.

    Raises:
        PreviewError: they are cut off, have no refresh, or have mistakes; all are listed.
    """
    fields = Fields(name)
    events = list(_events(data, fields))
    fields.settle()
    if not any("summaryEvent" in event for _, event in events):
        raise fail("ends before the refresh did, so resources are missing", file=name)
    _refuse_errors(events, fields)
    refreshing: set[str] = set()
    steps: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for at, event in events:
        begun = _metadata(event, "resourcePreEvent", at, fields)
        ended = _metadata(event, "resOutputsEvent", at, fields)
        if begun.get("op") == "refresh":
            refreshing.add(str(begun.get("urn")))
        urn = str(ended.get("urn"))
        if urn in refreshing and ended.get("op") in _FOUND:
            steps.setdefault(urn, (f"{at}.resOutputsEvent.metadata", ended))
    fields.settle()
    if not steps:
        raise fail("has no event of a refresh", file=name, hint=_STREAMING)
    sides = [[(f"{at}.{key}", step.get(key)) for at, step in steps.values()] for key in _SIDES]
    return _captured(sides[0], fields), _captured(sides[1], fields)


_SIDES: Final = ("old", "new")


def read_digest(content: Mapping[str, Any], name: str) -> Sides:
    """Both sides of a refresh, from the summary of a preview.

    Raises:
        PreviewError: nothing differs in it, so that nobody can tell what the refresh found, or it
            has mistakes; all are listed.
    """
    fields = Fields(name)
    steps = [
        (at, step)
        for at, step in fields.objects(content, "steps", "")
        if step.get("op") == "refresh"
    ]
    if all(step.get("oldState") == step.get("newState") for _, step in steps):
        says = "has what was recorded only, and not what the refresh found"
        raise fail(says, file=name, hint=_STREAMING)
    sides = [[(f"{at}.{key}", step.get(key)) for at, step in steps] for key in _STATES]
    return _captured(sides[0], fields), _captured(sides[1], fields)


_STATES: Final = ("oldState", "newState")


def _captured(states: list[tuple[str, Any]], fields: Fields) -> Captured:
    resources = Resources(fields, masked=True)
    found: list[Resource] = []
    raw: dict[str, Mapping[str, Any]] = {}
    for at, state in states:
        if state is None:
            continue
        if not isinstance(state, Mapping):
            fields.note(at, "must be an object")
        elif resource := resources.resource(state, at):
            found.append(resource)
            raw[resource.urn] = state
    environment = resources.environment(found)
    fields.settle()
    hidden = sum(len(it.secrets) for it in found)
    return Captured(_noted(environment, hidden), raw, is_live=True)


def _noted(environment: Environment, hidden: int) -> Environment:
    if not hidden:
        return environment
    says = "Events have no value of a secret, so it cannot be seen whether one has drifted."
    return replace(environment, diagnostics=(Diagnostic("info", says),))


def _events(data: bytes, fields: Fields) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        event = _event(line)
        if event is None:
            fields.note(f"line {number}", "is no event: the file is cut off, or is none of events")
        else:
            yield f"line {number}", event


def _event(line: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _metadata(event: Mapping[str, Any], key: str, at: str, fields: Fields) -> Mapping[str, Any]:
    return fields.mapping(fields.mapping(event, key, at), "metadata", f"{at}.{key}")


def _refuse_errors(events: list[tuple[str, Mapping[str, Any]]], fields: Fields) -> None:
    """A refresh that failed for one resource has not looked at it."""
    for at, event in events:
        told = fields.mapping(event, "diagnosticEvent", at)
        if told.get("severity") == "error":
            fields.note(at, "the refresh failed, so what it found is not whole")
    fields.settle()

"""Reads what drift is judged from: states, environments, and what a refresh says it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fintech_infra.engine.exported.document import parse
from fintech_infra.engine.exported.kinds import read_content
from fintech_infra.operations.change import defaults_of
from fintech_infra.operations.drift.events import is_stream, read_digest, read_stream
from fintech_infra.operations.drift.pictures import Captured


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Both sides of a refresh, from one file."""

    before: Captured
    after: Captured


def read(data: bytes, name: str) -> Captured | Refreshed:
    """Read a state, an environment, or the events or the summary of a refresh.

    Raises:
        PreviewError: it is none of them, or has mistakes; all are listed.
    """
    if is_stream(data):
        return Refreshed(*read_stream(data, name))
    content = parse(data, name)
    if _is_refresh(content):
        return Refreshed(*read_digest(content, name))
    environment = read_content(content, name)
    raw = _raw(content)
    return Captured(environment, raw, bool(raw), defaults_of(content))


def _is_refresh(content: Any) -> bool:
    steps: Any = content.get("steps") if isinstance(content, Mapping) else None
    listed = steps if isinstance(steps, list) else []
    return any(isinstance(step, Mapping) and step.get("op") == "refresh" for step in listed)


def _raw(content: Any) -> dict[str, Mapping[str, Any]]:
    """The resources of a state as the file has them, by URN; nothing of another file."""
    if not isinstance(content, Mapping):
        return {}
    deployment: Any = content.get("deployment")
    checkpoint: Any = content.get("checkpoint")
    if deployment is None and isinstance(checkpoint, Mapping):
        deployment = checkpoint.get("latest")
    listed: Any = deployment.get("resources") if isinstance(deployment, Mapping) else None
    found = listed if isinstance(listed, list) else []
    return {
        str(it.get("urn")): it for it in found if isinstance(it, Mapping) and not it.get("delete")
    }

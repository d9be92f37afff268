"""An approval as the JSON that is signed, and back: exactly these members, nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.operations.gate.approvals.model import Approval
from fintech_infra.operations.moments import read_written, written

VERSION: Final = 1
_TEXTS: Final = ("approver", "group", "project", "stack", "reason")
_TIMES: Final = ("created", "expires")
_PATTERNS: Final = {
    "decision": re.compile(r"sha256:[0-9a-f]{64}"),
    "nonce": re.compile(r"[0-9a-f]{32}"),
}
_NAMES: Final = frozenset({"version", "override", *_TEXTS, *_TIMES, *_PATTERNS})


def payload_of(approval: Approval) -> dict[str, Any]:
    """The members of the signed JSON."""
    return {
        "version": VERSION,
        "approver": approval.approver,
        "group": approval.group,
        "decision": approval.decision,
        "project": approval.project,
        "stack": approval.stack,
        "override": approval.override,
        "reason": approval.reason,
        "created": written(approval.created),
        "expires": written(approval.expires),
        "nonce": approval.nonce,
    }


def read_payload(payload: bytes) -> Approval:
    """The approval that a payload says.

    Raises:
        ValueError: it is not one; the message lists all that is wrong.
    """
    try:
        values = json.loads(payload.decode("utf-8"), object_pairs_hook=_once)
    except RecursionError as error:
        raise ValueError("it is nested without end") from error
    if not isinstance(values, Mapping):
        raise ValueError("it is no object")  # noqa: TRY004 - what came from outside has no type
    wrong = [*_wrong(values)]
    if wrong:
        raise ValueError("; ".join(wrong))
    made, ends = (read_written(values[name]) for name in _TIMES)
    return Approval(
        **{name: values[name] for name in (*_TEXTS, "decision", "nonce", "override")},
        created=made,
        expires=ends,
    )


def _wrong(values: Mapping[str, Any]) -> list[str]:
    wrong = [f"it lacks {name!r}" for name in sorted(_NAMES - set(values))]
    wrong += [f"it has {name!r}, which no approval has" for name in sorted(set(values) - _NAMES)]
    wrong += [
        f"its {name} is {value!r}"
        for name, value in sorted(values.items())
        if name in _NAMES and not _is_fit(name, value)
    ]
    return wrong


def _is_fit(name: str, value: Any) -> bool:
    if name == "version":
        return type(value) is int and value == VERSION
    if name == "override":
        return isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if name in _TEXTS:
        return bool(value.strip()) and value.isprintable()
    return _is_time(value) if name in _TIMES else bool(_PATTERNS[name].fullmatch(value))


def _is_time(text: str) -> bool:
    try:
        read_written(text)
    except ValueError:
        return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of an object, each once: which of two would count is for nobody to choose."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it has a member twice")
    return found

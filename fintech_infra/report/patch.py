"""The patch of a finding: which inputs would mend it, where its control knows a safe fix."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.controls.remedies import mends, remedy_of
from fintech_infra.report.encoding import encode
from fintech_infra.report.redact import Redaction

_LONGEST: Final = 160
"""Characters of a value in a line; a policy document is not read in one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One input to change: its path, what it is and what it should be; None for absent."""

    path: str
    old: Any
    new: Any


def changes(finding: Finding, redaction: Redaction) -> tuple[Change, ...]:
    """Return what would mend a finding, whole and without secrets; nothing without a safe fix.

    A control that cannot tell, as when it needs a value that only a deployment knows, has none.
    """
    if finding.verdict is not Verdict.VIOLATED:
        return ()
    try:
        wanted = remedy_of(finding.control, finding.resource)
    except Exception:  # noqa: BLE001 - a fix that cannot be made must not cost the report
        return ()
    if not mends(wanted, finding.path):
        return ()
    found = (
        Change(path, redaction.input(finding.resource, path), redaction.value(value))
        for path, value in wanted.items()
    )
    return tuple(change for change in found if encode(change.old) != encode(change.new))


def change_line(change: Change) -> str:
    """A change in one line.

    >>> change_line(Change("storageEncrypted", None, True))
    'storageEncrypted: not set -> true'
    """
    return f"{change.path}: {shown(change.old)} -> {shown(change.new)}"


def shown(value: Any) -> str:
    """A value of a change in one line, cut where it is very long.

    >>> shown(None), shown({"a": [1]}), shown("b" * 200)[-4:]
    ('not set', '{"a": [1]}', 'bbb…')
    """
    if value is None:
        return "not set"
    text = json.dumps(encode(value), ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def encoded(change: Change) -> dict[str, Any]:
    """A change as JSON: `path`, `old`, `new`; null for absent."""
    return {"path": change.path, "old": encode(change.old), "new": encode(change.new)}

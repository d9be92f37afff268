"""Cases as JSON, in the form that `case_file` tells and reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fintech_infra.operations.diagnosis.case_file import SCHEMA
from fintech_infra.operations.diagnosis.model import Alarm, Case, Change, LogLine, Measured
from fintech_infra.operations.metrics import Sample
from fintech_infra.operations.moments import cut, written


def case_document(case: Case) -> dict[str, Any]:
    """A case as JSON, which `read_case` reads again."""
    incident = case.incident
    about = {
        "what": incident.what,
        "start": written(incident.start),
        "end": written(incident.end),
        "noticed": written(incident.noticed) if incident.noticed else None,
        "subjects": list(incident.subjects),
        "metrics": list(incident.metrics),
    }
    return {
        "schema": SCHEMA,
        "incident": _present(about),
        "changes": [change_document(it) for it in case.changes],
        "alarms": [_alarm(it) for it in case.alarms],
        "metrics": [_metric(it) for it in case.measured],
        "logs": [_line(it) for it in case.lines],
        "unread": [{"part": it.part.value, "what": it.what, "why": it.why} for it in case.unread],
        "tolerance": case.tolerance,
    }


def change_document(change: Change) -> dict[str, Any]:
    """A change as JSON."""
    return _present(
        {
            "time": written(change.time),
            "kind": change.kind.value,
            "subjects": list(change.subjects),
            "says": change.says,
            "source": change.source,
            "actor": change.actor,
            "rollback": change.rollback,
        }
    )


def _alarm(alarm: Alarm) -> dict[str, Any]:
    subjects = list(alarm.subjects)
    return _present(
        {"time": written(alarm.time), "name": alarm.name, "says": alarm.says, "subjects": subjects}
    )


def _line(line: LogLine) -> dict[str, Any]:
    return _present({"time": written(line.time), "subject": line.subject}) | {
        "group": line.group,
        "text": line.text,
    }


def _metric(measured: Measured) -> dict[str, Any]:
    return _present(
        {
            "name": measured.name,
            "subject": measured.subject,
            "role": measured.role.value if measured.role else "",
            "zone": measured.zone,
        }
    ) | {"samples": [_sample(it) for it in measured.samples]}


def _sample(sample: Sample) -> list[Any]:
    return [written(cut(sample.time)), sample.value if math.isfinite(sample.value) else None]


def _present(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What is not empty."""
    return {key: it for key, it in entry.items() if it not in ("", [], None)}

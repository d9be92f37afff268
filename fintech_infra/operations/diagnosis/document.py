"""The diagnosis as JSON.

- `schema`: 1. `outcome`: `one cause stands out`, `several causes, or a weak one`, `cannot say`;
  `why`: a sentence; `exitCode`: 0, 3 or 2.
- `incident`: `what`, `start`, `end`, `noticed` or null, `subjects`, `metrics`.
- `onset`: moment or null, `onsetFrom`: what shows it.
- `causes`, best first: `rank`, `score`, `says`, `for` and `against` (each `sign`, `weight`,
  `says`), `change` as a case has it or null, `condition` or null, `place`.
- `ruledOut`: changes after the onset, as `says` and `change`.
- `timeline`: `time`, `what`, `says`, `cause` (its rank, or 0).
- `steps`: `says`, `command` or an empty text.
- `shifts`: `metric`, `subject`, `zone`, `role`, `time`, `before`, `after`, `usual` or null,
  `pValue`, `harmful`, `gradual`.
- `patterns`: `group`, `template`, `example`, `time`, `count`, `earlier`.
- `unknown`: sentences. `wording`: null, or what a language model said of it, which decides nothing:
  `provider`, `model`, `sentences`, `failure`, `dropped`, `input`, `tokens`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.operations.diagnosis.answer import (
    Cause,
    Diagnosis,
    Evidence,
    Outcome,
    Pattern,
    Shift,
)
from fintech_infra.operations.diagnosis.case_document import change_document
from fintech_infra.operations.moments import written

EXIT_CODES: Final[Mapping[Outcome, int]] = {
    Outcome.STANDS_OUT: 0,
    Outcome.SEVERAL: 3,
    Outcome.UNKNOWN: 2,
}


def document(found: Diagnosis) -> dict[str, Any]:
    """Make the document."""
    incident = found.incident
    return {
        "schema": 1,
        "outcome": found.outcome.value,
        "why": found.why,
        "exitCode": EXIT_CODES[found.outcome],
        "incident": {
            "what": incident.what,
            "start": written(incident.start),
            "end": written(incident.end),
            "noticed": written(incident.noticed) if incident.noticed else None,
            "subjects": list(incident.subjects),
            "metrics": list(incident.metrics),
        },
        "onset": written(found.onset) if found.onset else None,
        "onsetFrom": found.onset_from,
        "causes": [_cause(it) for it in found.causes],
        "ruledOut": [
            {"says": it.says, "change": it.change and change_document(it.change)}
            for it in found.ruled_out
        ],
        "timeline": [
            {"time": written(it.time), "what": it.what, "says": it.says, "cause": it.cause}
            for it in found.timeline
        ],
        "steps": [{"says": it.says, "command": it.command} for it in found.steps],
        "shifts": [_shift(it) for it in found.shifts],
        "patterns": [_pattern(it) for it in found.patterns],
        "unknown": list(found.unknown),
        "wording": None,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "rank": cause.rank,
        "score": cause.score,
        "says": cause.says,
        "for": [_evidence(it) for it in cause.speaks_for],
        "against": [_evidence(it) for it in cause.speaks_against],
        "change": cause.change and change_document(cause.change),
        "condition": cause.condition and cause.condition.value,
        "place": cause.place,
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {"sign": evidence.sign.value, "weight": evidence.weight, "says": evidence.says}


def _shift(shift: Shift) -> dict[str, Any]:
    return {
        "metric": shift.measured.name,
        "subject": shift.measured.subject,
        "zone": shift.measured.zone,
        "role": shift.role.value,
        "time": written(shift.time),
        "before": shift.before,
        "after": shift.after,
        "usual": shift.usual,
        "pValue": shift.p_value,
        "harmful": shift.harmful,
        "gradual": shift.gradual,
    }


def _pattern(pattern: Pattern) -> dict[str, Any]:
    return {
        "group": pattern.group,
        "template": pattern.template,
        "example": pattern.example,
        "time": written(pattern.time),
        "count": pattern.count,
        "earlier": pattern.earlier,
    }

"""What caused an incident: ranked causes with the evidence for and against each.

`diagnose` is pure: a `Case` (the incident, changes, alarms, metrics, log lines, and what could not
be read of them) and an environment give a `Diagnosis`. `case_file` reads and writes cases; `shifts`
finds when behaviour changed, `patterns` which log lines are new, `nearness` how far a change is
from what suffers; `evidence` and `conditions` weigh, by `weights`; `document`, `say` and `pages`
report. SciPy, ruptures and drain3, of the extra `diagnose`, are imported when something is judged.
"""

from fintech_infra.operations.diagnosis.answer import (
    Cause,
    Condition,
    Diagnosis,
    Entry,
    Evidence,
    Outcome,
    Pattern,
    Shift,
    Sign,
    Step,
)
from fintech_infra.operations.diagnosis.decide import MissingLibraryError, diagnose
from fintech_infra.operations.diagnosis.model import (
    TOLERANCE,
    Alarm,
    Case,
    Change,
    ChangeKind,
    Incident,
    LogLine,
    Measured,
    Part,
    Role,
    Unread,
)

__all__ = [
    "TOLERANCE",
    "Alarm",
    "Case",
    "Cause",
    "Change",
    "ChangeKind",
    "Condition",
    "Diagnosis",
    "Entry",
    "Evidence",
    "Incident",
    "LogLine",
    "Measured",
    "MissingLibraryError",
    "Outcome",
    "Part",
    "Pattern",
    "Role",
    "Shift",
    "Sign",
    "Step",
    "Unread",
    "diagnose",
]

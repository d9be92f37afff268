"""Healing: the plan that a judgement of drift makes is carried out, within rails, and on record.

`tasks_of` turns a judgement into tasks, `decide` says purely what becomes of each, and a `Healer`
takes them one by one: it looks, decides, begins the act in a `Journal`, acts, looks again and
records what came of it. `Healed` is the report.
"""

from fintech_infra.operations.healing.acts import Act, Intent, Outcome, Result
from fintech_infra.operations.healing.contain import Container
from fintech_infra.operations.healing.decide import decide
from fintech_infra.operations.healing.history import View
from fintech_infra.operations.healing.journal import Journal
from fintech_infra.operations.healing.model import (
    BUDGET,
    LEASE,
    Case,
    Consent,
    Done,
    Fate,
    Look,
    Measure,
    Rails,
    Ruling,
    Task,
)
from fintech_infra.operations.healing.reapply import Pulumi
from fintech_infra.operations.healing.report import Healed, document, text
from fintech_infra.operations.healing.run import Healer
from fintech_infra.operations.healing.tasks import marks_of, tasks_of
from fintech_infra.operations.healing.verify import verify_acts

__all__ = [
    "BUDGET",
    "LEASE",
    "Act",
    "Case",
    "Consent",
    "Container",
    "Done",
    "Fate",
    "Healed",
    "Healer",
    "Intent",
    "Journal",
    "Look",
    "Measure",
    "Outcome",
    "Pulumi",
    "Rails",
    "Result",
    "Ruling",
    "Task",
    "View",
    "decide",
    "document",
    "marks_of",
    "tasks_of",
    "text",
    "verify_acts",
]

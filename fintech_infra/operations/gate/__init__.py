"""The gate: machines advise, people approve what carries systemic risk.

`facts_of` says what is true of a change, `decide` judges it by the rules, `document` writes the
decision down with a digest of exactly that change. Approvals of it are in `approvals`.
"""

from fintech_infra.operations.gate.decide import decide
from fintech_infra.operations.gate.document import FORMAT, digest_of, document, question
from fintech_infra.operations.gate.facts import Standard, context_of, facts_of
from fintech_infra.operations.gate.model import (
    Concern,
    Context,
    Decision,
    Fact,
    Level,
    Outcome,
    Reason,
    Row,
    Weight,
)
from fintech_infra.operations.gate.rules import SAFE, Rules

__all__ = [
    "FORMAT",
    "SAFE",
    "Concern",
    "Context",
    "Decision",
    "Fact",
    "Level",
    "Outcome",
    "Reason",
    "Row",
    "Rules",
    "Standard",
    "Weight",
    "context_of",
    "decide",
    "digest_of",
    "document",
    "facts_of",
    "question",
]

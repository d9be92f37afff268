"""Whether environments are functionally the same, and in what they are not.

`compare` finds in what two environments differ, `judge` takes away what the rules of a project
allow, `evaluation` makes findings of the rest. All three are pure. What each module does:
`matching` finds who plays the same role, `texts` puts values in words that both have, `values`,
`settings`, `relations` and `verdicts` compare, `rules` and `rules_file` are what may differ,
`findings` and `table` say it.
"""

from fintech_infra.operations.parity.compare import compare
from fintech_infra.operations.parity.findings import evaluation
from fintech_infra.operations.parity.matching import match
from fintech_infra.operations.parity.model import (
    ABSENT,
    Allowed,
    Aspect,
    Difference,
    Judged,
    Match,
    Pair,
)
from fintech_infra.operations.parity.rules import FILE_NAME, Kind, Rule, judge
from fintech_infra.operations.parity.rules_file import Rules, read_file, read_text
from fintech_infra.operations.parity.schema import schema

__all__ = [
    "ABSENT",
    "FILE_NAME",
    "Allowed",
    "Aspect",
    "Difference",
    "Judged",
    "Kind",
    "Match",
    "Pair",
    "Rule",
    "Rules",
    "compare",
    "evaluation",
    "judge",
    "match",
    "read_file",
    "read_text",
    "schema",
]

"""The second layer of a review: what a language model says about a change, as advice.

Off unless it is configured. `advise` sends the change without secrets and names, and keeps of the
answer what cites a property that changes. `shown` gives what would be sent, and sends nothing. Who
is asked, and how, is in `operations/language_model`.
"""

from fintech_infra.operations.review.model.advice import Advice, Claim, Fact, FactKind, Risk
from fintech_infra.operations.review.model.asking import advise, shown
from fintech_infra.operations.review.model.saying import as_json, lines, markdown

__all__ = [
    "Advice",
    "Claim",
    "Fact",
    "FactKind",
    "Risk",
    "advise",
    "as_json",
    "lines",
    "markdown",
    "shown",
]

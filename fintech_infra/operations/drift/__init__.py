"""Drift: what is there and not as recorded, what it means, and what should be done about it.

`read` takes states, environments and the events of a refresh; `pictures` compares both sides;
`decide` judges every difference. Nothing here changes anything, or looks at a cloud.
"""

from fintech_infra.operations.drift.collect import Refreshed, read
from fintech_infra.operations.drift.decide import decide
from fintech_infra.operations.drift.document import document, read_document
from fintech_infra.operations.drift.findings import Standard
from fintech_infra.operations.drift.model import (
    Cause,
    Drift,
    Item,
    Judgement,
    Kind,
    Step,
    Tier,
)
from fintech_infra.operations.drift.pictures import Captured, Pictures, pictures
from fintech_infra.operations.drift.say import markdown, text

__all__ = [
    "Captured",
    "Cause",
    "Drift",
    "Item",
    "Judgement",
    "Kind",
    "Pictures",
    "Refreshed",
    "Standard",
    "Step",
    "Tier",
    "decide",
    "document",
    "markdown",
    "pictures",
    "read",
    "read_document",
    "text",
]

"""What changes from one environment of a stack to the next; the ground of gate and review.

`between` compares two environments and says of each resource what a deployment does to it.
Whether an update in place becomes a replacement is certain where a plan says so; else it is judged
by a table of what providers document, and what the table does not know is `possible`.
"""

from fintech_infra.operations.change.between import between
from fintech_infra.operations.change.model import (
    Change,
    Difference,
    Op,
    Replacement,
    ResourceChange,
)
from fintech_infra.operations.change.plan import defaults_of, ops_of
from fintech_infra.operations.change.stateful import is_stateful

__all__ = [
    "Change",
    "Difference",
    "Op",
    "Replacement",
    "ResourceChange",
    "between",
    "defaults_of",
    "is_stateful",
    "ops_of",
]

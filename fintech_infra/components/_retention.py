"""How long logs are kept: the floor, the default, and what CloudWatch Logs can be set to."""

from collections.abc import Iterator
from typing import Final

DEFAULT_DAYS: Final = 400
"""A year, and the month in which the assessment of that year happens."""

ACCEPTED_DAYS: Final = (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""Periods of CloudWatch Logs that keep the twelve months of PCI DSS 4.0.1 10.5.1."""


def retention_problems(days: int) -> Iterator[str]:
    """Yield what is wrong with a retention period of log groups."""
    if days not in ACCEPTED_DAYS:
        accepted = ", ".join(str(accepted) for accepted in ACCEPTED_DAYS)
        yield f"is {days} days; accepted are {accepted} (PCI DSS 4.0.1 10.5.1 asks for 12 months)"

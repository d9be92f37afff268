"""Service level objectives: how fast a service may use up the failures that it is allowed.

A burn rate is how many times faster than allowed the budget is being used. An alarm takes two
windows: the long one says that it matters, the short one that it still goes on.
https://sre.google/workbook/alerting-on-slos/
"""

from dataclasses import dataclass
from typing import Final

_HOUR: Final = 3600
_ALL: Final = 100


@dataclass(frozen=True)
class Burn:
    """A speed of failing at which somebody is told.

    `share` is the part of the whole budget that is gone when the long window has passed. Windows
    are in seconds. `page` is whether it cannot wait for the morning.
    """

    key: str
    share: float
    long_window: int
    short_window: int
    page: bool

    def rate(self, window_days: int) -> float:
        """Return the burn rate, for a budget of `window_days`."""
        return self.share * window_days * 24 * _HOUR / self.long_window

    def threshold(self, target_percent: float, window_days: int) -> float:
        """Return the failures, in percent of all requests, that are this fast."""
        return round(self.rate(window_days) * (100 - target_percent), 4)


BURNS: Final = (
    Burn("fast-burn", 0.02, _HOUR, 300, page=True),
    Burn("steady-burn", 0.05, 6 * _HOUR, 1800, page=True),
    Burn("slow-burn", 0.10, 24 * _HOUR, 2 * _HOUR, page=False),
)
"""The speeds that the SRE workbook recommends; a fourth, over three days, is longer than an alarm
of CloudWatch looks back with one period."""

DEFAULT_TARGET: Final = 99.9
DEFAULT_WINDOW_DAYS: Final = 30


def impossible(target_percent: float, window_days: int) -> list[str]:
    """Return the keys of the burns that cannot happen: more would have to fail than there is."""
    return [item.key for item in BURNS if item.threshold(target_percent, window_days) >= _ALL]

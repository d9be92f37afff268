"""The load to come, from the load that was: a forecast with intervals, or why there can be none.

    forecast(history, horizon=timedelta(days=30), now=moment) -> Forecast | CannotSay

`forecast` is pure: the same samples and the same seed give the same forecast. Samples from
`now` on are not looked at. `history` is of one metric, in steps that divide a day (a minute to a
day), of values of zero or more; a sample that is absent or NaN is missing, which is not zero.

statsmodels, ruptures and NumPy, of the extra `rightsize`, are imported when something is forecast.
"""

from fintech_infra.operations.forecast.model import (
    LEVEL,
    Backtest,
    CannotSay,
    Forecast,
    MissingLibraryError,
    Season,
)
from fintech_infra.operations.forecast.predict import forecast

__all__ = [
    "LEVEL",
    "Backtest",
    "CannotSay",
    "Forecast",
    "MissingLibraryError",
    "Season",
    "forecast",
]

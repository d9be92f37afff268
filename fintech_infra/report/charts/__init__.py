"""Charts of values over time, as SVG to be put into an HTML page.

    from fintech_infra.report.charts import Band, Line, Mark, chart

    chart(
        [Line("old", times, values), Line("new", times, other, dashed=True)],
        title="Latency of payments",
        unit="ms",
        bands=[Band("expected", times, lower, upper)],
        marks=[Mark("deployment", time=moment), Mark("objective", value=250.0)],
    )

- `chart` returns `markupsafe.Markup`, so that a template does not escape it again; every text that
  it was given is escaped. It goes into a page of `report.operations_page`, whose style has the
  colours, light and dark; elsewhere the light ones show.
- Times know their offset and are drawn in UTC. A value of NaN is a gap; so is one that is
  infinite, or beyond 1e100.
- `unit` is what the values are in, as it should be read: `ms`, `requests per second`, or empty.
- `from_zero` lets the scale of values begin at zero.
- `description` is what a screen reader says; the default says what is drawn, by its figures.
- A chart that is twice on one page needs another `key` there, as ids are made of it.
- Colours are told apart by people who are colour-blind, and repeat after six lines with another
  dash. A band has the colour of the line of its name.

The same arguments give the same text; no style of the machine changes a chart. Matplotlib, of the
extras `canary`, `diagnose` and `rightsize`, is imported on use; `MissingChartsError` says how to
get it.
"""

from fintech_infra.report.charts.drawing import MissingChartsError, chart
from fintech_infra.report.charts.model import Band, Line, Mark

__all__ = ["Band", "Line", "Mark", "MissingChartsError", "chart"]

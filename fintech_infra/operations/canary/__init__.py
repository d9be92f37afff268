"""Whether a new version is as good as the old one, by the metrics of both: a canary judge.

`judge` is pure: the samples of both, a config as Kayenta has it and a plan of looks give a verdict.
`config_file` and `query` read what it is given, `collect` asks CloudWatch, `time_of_day` makes a
baseline of a file of the recent past, `rank_test` and `classify` judge one metric, `spending`
rations false alarms over the looks, `score` and `decide` make one verdict of all. `document`,
`sparkline`, `courses` and `html_report` are for reports; the last draws, and is imported by who
wants it. SciPy, of the extra `canary`, is imported when something is judged.

The judges of a deployment in `functions.rollout.judges` are others: they run in a Lambda function
and hold image scans, signatures and alarms to fixed rules. They say whether a new version may
begin, and whether an alarm rings; this one says whether it is worse than the old one.
`functions.rollout.canary` asks this judge in the same hook, where a component ships it.
"""

from fintech_infra.operations.canary.collect import (
    DAYS,
    STEP,
    Collected,
    Scope,
    Window,
    collect,
    forgotten,
)
from fintech_infra.operations.canary.config_file import read_config
from fintech_infra.operations.canary.decide import MissingLibraryError, judge
from fintech_infra.operations.canary.document import document
from fintech_infra.operations.canary.model import (
    CONFIDENCE,
    ENOUGH,
    TOLERANCE,
    CanaryConfig,
    Comparison,
    Direction,
    Effect,
    Grade,
    GroupScore,
    Judgement,
    Label,
    Measure,
    MetricResult,
    MetricRule,
    NanStrategy,
    OutlierStrategy,
    Plan,
    Score,
    Spending,
    Verdict,
)
from fintech_infra.operations.canary.query import (
    MetricQuery,
    read_queries,
    same_for_both,
    uses_location,
)
from fintech_infra.operations.canary.sparkline import sparklines
from fintech_infra.operations.canary.time_of_day import same_times

__all__ = [
    "CONFIDENCE",
    "DAYS",
    "ENOUGH",
    "STEP",
    "TOLERANCE",
    "CanaryConfig",
    "Collected",
    "Comparison",
    "Direction",
    "Effect",
    "Grade",
    "GroupScore",
    "Judgement",
    "Label",
    "Measure",
    "MetricQuery",
    "MetricResult",
    "MetricRule",
    "MissingLibraryError",
    "NanStrategy",
    "OutlierStrategy",
    "Plan",
    "Scope",
    "Score",
    "Spending",
    "Verdict",
    "Window",
    "collect",
    "document",
    "forgotten",
    "judge",
    "read_config",
    "read_queries",
    "same_for_both",
    "same_times",
    "sparklines",
    "uses_location",
]

"""What a canary is judged by, from, and as what. Nothing here needs a library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

CONFIDENCE: Final = 0.98
TOLERANCE: Final = 0.25
"""Both as Kayenta's NetflixACAJudge sets them; `TOLERANCE` is a part of the estimated shift."""

ENOUGH: Final = 50
"""Samples of a metric on either side; https://spinnaker.io/guides/user/canary/best-practices."""


class Direction(StrEnum):
    """Which way of a metric is harmful."""

    INCREASE = "increase"
    DECREASE = "decrease"
    EITHER = "either"


class NanStrategy(StrEnum):
    """What is done with a value that is missing: left out, or counted as zero."""

    REMOVE = "remove"
    REPLACE = "replace"


class OutlierStrategy(StrEnum):
    """What is done with outliers."""

    KEEP = "keep"
    REMOVE = "remove"


class Measure(StrEnum):
    """How large an effect is: ratio of the means, or share of pairs in which the canary is higher.

    The second is the common language effect size, 0.5 where nothing differs.
    """

    MEAN_RATIO = "meanRatio"
    CLES = "cles"


class Label(StrEnum):
    """Class of a metric. `NODATA_FAIL` has no data and must have some; `ERROR` defies ranking."""

    PASS = "Pass"  # noqa: S105 - a class, no password
    HIGH = "High"
    LOW = "Low"
    NODATA = "Nodata"
    NODATA_FAIL = "NodataFailMetric"
    ERROR = "Error"


class Grade(StrEnum):
    """Class of a score."""

    PASS = "Pass"  # noqa: S105 - a class, no password
    MARGINAL = "Marginal"
    FAIL = "Fail"


class Verdict(StrEnum):
    """What is to be done with the new version."""

    PROMOTE = "promote"
    ROLL_BACK = "roll back"
    UNDECIDED = "undecided"
    CONTINUE = "continue"


class Spending(StrEnum):
    """How the probability of a false alarm is spread over the looks."""

    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"


@dataclass(frozen=True, slots=True)
class Effect:
    """Thresholds of the effect: smaller ones do not count, or are not critical.

    The defaults of None are 1 for the ratio of the means and 0.5 for `CLES`: every effect counts.
    """

    measure: Measure = Measure.MEAN_RATIO
    allowed_increase: float | None = None
    allowed_decrease: float | None = None
    critical_increase: float | None = None
    critical_decrease: float | None = None


@dataclass(frozen=True, slots=True)
class MetricRule:
    """How one metric is judged."""

    name: str
    groups: tuple[str, ...]
    direction: Direction = Direction.EITHER
    nan: NanStrategy = NanStrategy.REMOVE
    outliers: OutlierStrategy = OutlierStrategy.KEEP
    outlier_factor: float = 3.0
    critical: bool = False
    must_have_data: bool = False
    muted: bool = False
    effect: Effect = Effect()


@dataclass(frozen=True, slots=True)
class CanaryConfig:
    """Metrics, weights of their groups in percent, and the scores that pass or are marginal."""

    metrics: tuple[MetricRule, ...]
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    pass_score: float = 95.0
    marginal_score: float = 75.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How often one looks while traffic grows, which look this is, and how alarms are rationed.

    Raises:
        ValueError: `look` is not one of `looks`.
    """

    looks: int = 1
    look: int = 1
    spending: Spending = Spending.OBRIEN_FLEMING
    confidence: float = CONFIDENCE
    enough: int = ENOUGH

    def __post_init__(self) -> None:
        """Refuse a look that the plan does not have."""
        if not 1 <= self.look <= self.looks:
            raise ValueError(f"look is {self.look}; accepted are 1 to {self.looks}, the looks")
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence is {self.confidence}; accepted is more than 0, below 1")

    @property
    def last(self) -> bool:
        """Whether no look follows."""
        return self.look == self.looks


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the test found: the shift is canary minus baseline, in the unit of the metric.

    `lower` and `upper` hold it with the confidence of the look. `ratio` and `effect` are NaN where
    they cannot be computed.
    """

    p_value: float
    shift: float
    lower: float
    upper: float
    ratio: float
    effect: float


@dataclass(frozen=True, slots=True)
class MetricResult:
    """Class of a metric and why; `critical` says that its failure alone fails the canary.

    `control` and `experiment` are the values that were compared, in the order of their times. What
    is `unread` has samples that were not told, so that nothing was compared.
    """

    rule: MetricRule
    label: Label
    why: str
    critical: bool = False
    comparison: Comparison | None = None
    control: tuple[float, ...] = ()
    experiment: tuple[float, ...] = ()
    unread: bool = False

    @property
    def missing(self) -> bool:
        """Whether there was nothing to judge."""
        return self.label in (Label.NODATA, Label.NODATA_FAIL)

    def enough(self, number: int) -> bool:
        """Whether both sides have so many samples, or missing ones are zero by the rule."""
        fewest = min(len(self.control), len(self.experiment))
        return fewest >= number or (fewest == 0 and self.rule.nan is NanStrategy.REPLACE)


@dataclass(frozen=True, slots=True)
class GroupScore:
    """Score of a group, 0 to 100, and its weight in percent; None where it has no data."""

    name: str
    score: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class Score:
    """Score of a canary, 0 to 100, and why it is not what its groups would give."""

    value: float
    grade: Grade
    groups: tuple[GroupScore, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, why, and all that it rests on. `level` is the confidence of this look."""

    verdict: Verdict
    why: tuple[str, ...]
    score: Score
    results: tuple[MetricResult, ...]
    plan: Plan
    level: float
    unjudged: tuple[str, ...] = ()

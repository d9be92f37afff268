"""What is wrong with the arguments of a ServiceObservability."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._observability.objectives import (
    DEFAULT_TARGET,
    DEFAULT_WINDOW_DAYS,
    impossible,
)

_KEY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY_MINUTES: Final = 24 * 60

_SHORT_PERIODS: Final = (10, 20, 30)
"""Seconds below a minute that a period can have; from a minute on, multiples of it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

_LONGEST_LOOK: Final = 24 * _HOUR
"""Seconds that an alarm looks back, all periods together, when a period is under an hour."""

_LONGEST_WEEK: Final = 7 * _LONGEST_LOOK
"""The same, with periods of an hour and more."""

_NAMED: Final = ("log_group_names", "unmasked_log_group_names", "heartbeats", "alarms", "mutes")
_TARGETS: Final = (90, 100)
_WINDOWS: Final = (7, 90)
_DEVIATIONS: Final = (1, 10)
_STATISTIC: Final = re.compile(r"Average|Maximum|Minimum|SampleCount|Sum")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SENTENCE: Final = re.compile(r"\S+\s+\S.*")


def observability_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for everything that is wrong with the values of `args`."""
    yield from _objective_problems(args)
    least, most = _DEVIATIONS
    deviations = args.get("anomaly_deviations", least)
    if not least <= deviations <= most:
        reason = f"is {deviations:g}; accepted are {least} to {most} standard deviations"
        yield "anomaly_deviations", reason
    yield from _name_problems(args)
    both = args.get("log_group_names", {}).keys() & args.get("unmasked_log_group_names", {}).keys()
    for key in sorted(both):
        yield f"unmasked_log_group_names.{key}", "is also in log_group_names; name it once"
    for key, beat in args.get("heartbeats", {}).items():
        yield from _heartbeat_problems(f"heartbeats.{key}", beat)
    for key, alarm in args.get("alarms", {}).items():
        yield from _alarm_problems(f"alarms.{key}", alarm)
    for key, mute in args.get("mutes", {}).items():
        yield from _mute_problems(f"mutes.{key}", mute)


def _name_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for group in _NAMED:
        for key in args.get(group, {}):
            if not _KEY.fullmatch(key):
                reason = "is not a short name; accepted are small letters, digits and '-'"
                yield f"{group}.{key}", reason


def _objective_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    target = args.get("target_percent", DEFAULT_TARGET)
    days = args.get("window_days", DEFAULT_WINDOW_DAYS)
    if not _TARGETS[0] <= target < _TARGETS[1]:
        yield "target_percent", f"is {target:g} %; accepted are 90 to less than 100"
    elif not _WINDOWS[0] <= days <= _WINDOWS[1]:
        yield "window_days", f"is {days} days; accepted are {_WINDOWS[0]} to {_WINDOWS[1]}"
    elif late := impossible(target, days):
        reason = (
            f"is {target:g} % in {days} days, of which {', '.join(late)} can never be reached: "
            "more than all requests would have to fail; raise the target or shorten the window"
        )
        yield "target_percent", reason


def _heartbeat_problems(path: str, beat: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    minutes = beat.get("within_minutes", 15)
    if not 1 <= minutes <= _DAY_MINUTES:
        yield f"{path}.within_minutes", f"is {minutes} minutes; accepted are 1 to {_DAY_MINUTES}"


def _alarm_problems(path: str, alarm: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    period, periods = int(alarm.get("period_seconds", 300)), int(alarm.get("periods", 1))
    if period not in _SHORT_PERIODS and (period < _MINUTE or period % _MINUTE):
        reason = f"is {period} seconds; accepted are 10, 20, 30 and multiples of 60"
        yield f"{path}.period_seconds", reason
    longest = _LONGEST_LOOK if period < _HOUR else _LONGEST_WEEK
    if periods < 1 or period * periods > longest:
        reason = f"is {periods}, of {period} seconds each; accepted are up to {longest // period}"
        yield f"{path}.periods", reason
    statistic = alarm.get("statistic", "Sum")
    if not _STATISTIC.fullmatch(statistic):
        reason = f"is {statistic!r}; accepted are Average, Maximum, Minimum, SampleCount and Sum"
        yield f"{path}.statistic", reason


def _mute_problems(path: str, mute: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not _DATE.fullmatch(mute["expires"]):
        yield f"{path}.expires", f"is {mute['expires']!r}; accepted is a day, such as '2027-01-31'"
    if not _SENTENCE.fullmatch(mute["reason"]):
        yield (
            f"{path}.reason",
            f"is {mute['reason']!r}; say why the alarms are muted, in a sentence",
        )

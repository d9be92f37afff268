"""What makes the arguments of a cost guard wrong together. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._cost.production import is_production
from fintech_infra.components._key.policy import ROLE

ACTUAL: Final = (50, 80, 100)
"""Percent of the limit that are told once they are spent."""

FORECAST: Final = (100,)
"""Percent of the limit that are told once they are expected by the end of the month."""

MOST_HOURS: Final = 14 * 24
"""Two weeks: what is needed for longer is not ephemeral."""

_ENVIRONMENT: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LONGEST_NAME: Final = 64 - len("-reaper-schedule") - len("-1a2b3c4")
"""Roles, functions and schedules have up to 64 characters, random end included."""
# https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html
_MOST_NOTIFICATIONS: Final = 5
_MOST_EMAILS: Final = 10
_MOST_PERCENT: Final = 1000
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_IamActionDefinition.html
_MOST_ROLES: Final = 100
_EMAIL: Final = re.compile(r"[\w.!#$%&'*+=?^{|}~-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_MONITOR: Final = re.compile(r"arn:[a-z-]+:ce::\d{12}:anomalymonitor/[\w-]+")
# https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
_TAG_KEY: Final = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}")

Problem = tuple[str, str]


def guard_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the guard called `name`."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        yield (
            "name",
            (
                f"is {name!r}; names of roles start with it: accepted are up to {_LONGEST_NAME} "
                "letters, digits and '-', starting with a letter"
            ),
        )
    environment = args.get("environment")
    if environment is not None and not _ENVIRONMENT.fullmatch(environment):
        yield "environment", f"is {environment!r}; accepted are such as 'dev' or 'pr-123'"
    for key in ("monthly_limit_usd", "anomaly_min_usd"):
        if args.get(key) is not None and args[key] < 1:
            yield key, f"is {args[key]:g}; accepted are whole dollars from 1"
    yield from _recipient_problems(args)
    yield from _threshold_problems(args)
    yield from _anomaly_problems(args)
    yield from _stopping_problems(args)


def _recipient_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    emails = args.get("emails", [])
    if not emails and args.get("alarm_topic_arn") is None:
        yield (
            "alarm_topic_arn, emails",
            "are both absent; a budget that tells nobody guards nothing",
        )
    if len(emails) > _MOST_EMAILS:
        yield "emails", f"has {len(emails)}; AWS accepts {_MOST_EMAILS}, beside a topic"
    for index, email in enumerate(emails):
        if isinstance(email, str) and not _EMAIL.fullmatch(email):
            yield f"emails[{index}]", f"is {email!r}, which is no address"


def _threshold_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = {"actual_percent": ACTUAL, "forecast_percent": FORECAST}
    given = {key: args.get(key, default) for key, default in kinds.items()}
    for key, percents in given.items():
        for index, percent in enumerate(percents):
            if not 1 <= percent <= _MOST_PERCENT:
                yield f"{key}[{index}]", f"is {percent:g}; accepted are 1 to {_MOST_PERCENT}"
        if len(set(percents)) < len(percents):
            yield key, "names a percentage twice"
        if not any(percent <= 100 for percent in percents):  # noqa: PLR2004 - percent
            yield key, "has none up to 100; somebody must hear before the limit is passed"
    if (total := sum(map(len, given.values()))) > _MOST_NOTIFICATIONS:
        reason = f"are {total} together; AWS accepts {_MOST_NOTIFICATIONS} for a budget"
        yield "actual_percent, forecast_percent", reason


def _anomaly_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    monitor = args.get("anomaly_monitor_arn")
    if isinstance(monitor, str) and not _MONITOR.fullmatch(monitor):
        accepted = "accepted are such as 'arn:aws:ce::111122223333:anomalymonitor/1a2b3c4d-...'"
        yield "anomaly_monitor_arn", f"is {monitor!r}; {accepted}"
    for index, key in enumerate(args.get("allocation_tags", [])):
        if not _TAG_KEY.fullmatch(key):
            yield f"allocation_tags[{index}]", f"is {key!r}, which is no key of a tag of yours"


def _stopping_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    environment = args.get("environment", "")
    for key in ("freeze", "ttl_hours"):
        if args.get(key) is not None and is_production(environment):
            yield key, f"is refused for {environment!r}: nothing stops production by itself"
    hours = args.get("ttl_hours")
    if hours is not None:
        if not 1 <= hours <= MOST_HOURS:
            yield "ttl_hours", f"is {hours:g}; accepted are 1 to {MOST_HOURS}"
        if args.get("alarm_topic_arn") is None:
            yield "alarm_topic_arn", "is required with ttl_hours: owners hear before their end"
    if args.get("freeze") is not None:
        yield from _freeze_problems(args["freeze"])


def _freeze_problems(freeze: Mapping[str, Any]) -> Iterator[Problem]:
    roles = freeze["role_arns"]
    if not 1 <= len(roles) <= _MOST_ROLES:
        yield "freeze.role_arns", f"has {len(roles)}; accepted are 1 to {_MOST_ROLES}"
    for index, arn in enumerate(roles):
        if isinstance(arn, str) and not ROLE.fullmatch(arn):
            accepted = "accepted are such as 'arn:aws:iam::111122223333:role/dev-batch'"
            yield f"freeze.role_arns[{index}]", f"is {arn!r}; {accepted}"
    percent = freeze.get("at_percent")
    if percent is not None and not 1 <= percent <= _MOST_PERCENT:
        yield "freeze.at_percent", f"is {percent:g}; accepted are 1 to {_MOST_PERCENT}"

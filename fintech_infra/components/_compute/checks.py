"""What makes the arguments of ephemeral compute wrong together. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._container.image import parse_image
from fintech_infra.components._container.plaintext import secret_name, secret_value
from fintech_infra.components._container.sizes import size_problems
from fintech_infra.components._container.user import UIDS
from fintech_infra.components._retention import retention_problems

LONGEST_TTL_MINUTES: Final = 24 * 60
"""A day: what has not ended by then is not a job but a service."""

RECORD_DAYS: Final = 2557
"""Seven years, as auditors keep their papers (17 CFR 210.2-06)."""

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LONGEST_KEY: Final = 20
_LONGEST_NAME: Final = 64 - len("-") - _LONGEST_KEY - len("-1a2b3c4")
"""Roles, schedules and their groups have up to 64 characters, random end included.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html"""
_KEY: Final = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{_LONGEST_KEY - 1}}}")
_ACCEPTED_KEY: Final = f"accepted are up to {_LONGEST_KEY} small letters, digits and '-'"
_SHARE: Final = re.compile(r"[A-Za-z0-9]{1,255}")
# https://docs.aws.amazon.com/batch/latest/APIReference/API_ShareAttributes.html
_WEIGHTS: Final = (0.0001, 999.9999)
_MOST_SHARES: Final = 500
# https://docs.aws.amazon.com/batch/latest/APIReference/API_RetryStrategy.html
_ATTEMPTS: Final = (1, 10)
# https://docs.aws.amazon.com/batch/latest/APIReference/API_JobStateTimeLimitAction.html
_STUCK_MINUTES: Final = (10, 24 * 60)
# https://docs.aws.amazon.com/batch/latest/APIReference/API_EphemeralStorage.html
_STORAGE_GIB: Final = (21, 200)
_SCHEDULE: Final = re.compile(r"(cron|rate|at)\(.+\)")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACTION: Final = re.compile(r"[a-z0-9-]+:[A-Za-z]+")
_ACTION_START: Final = re.compile(r"[a-z0-9-]+:[A-Z][A-Za-z]+\*")

Problem = tuple[str, str]


def compute_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for everything that is wrong with the values of `args`."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        yield (
            "name",
            (
                f"is {name!r}; names of roles and schedules start with it: accepted are up to "
                f"{_LONGEST_NAME} letters, digits and '-', starting with a letter"
            ),
        )
    yield from _image_problems(args)
    yield from _ranges(args)
    yield from _capacity_problems(args)
    yield from _generation_problems(args.get("generations", ["1"]))
    yield from _share_problems(args.get("shares", {}))
    yield from _schedule_problems(args)
    yield from _variable_problems(args)
    yield from _permission_problems(args.get("permissions", []))


def _image_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    image = args.get("image")
    if isinstance(image, str):
        try:
            parse_image(image)
        except ValueError as error:
            yield "image", str(error)


def _ranges(args: Mapping[str, Any]) -> Iterator[Problem]:
    limits = {
        "job_ttl_minutes": (1, LONGEST_TTL_MINUTES),
        "attempts": _ATTEMPTS,
        "stuck_minutes": _STUCK_MINUTES,
        "storage_gib": _STORAGE_GIB,
        "uid": UIDS,
    }
    for key, (fewest, most) in limits.items():
        given = args.get(key)
        if given is not None and not fewest <= given <= most:
            yield key, f"is {given:g}; accepted are {fewest} to {most}"
    for key in ("record_days", "log_retention_days"):
        if args.get(key) is not None:
            for reason in retention_problems(int(args[key])):
                yield key, reason


def _capacity_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    vcpus = float(args.get("vcpus", 1))
    yield from size_problems(vcpus, int(args.get("memory_mb", 2048)))
    ceiling = args.get("max_vcpus")
    if ceiling is None:
        return
    interruptible = args.get("interruptible", True)
    given = args.get("on_demand_vcpus")
    if given is not None and not interruptible:
        yield "on_demand_vcpus", "is for interruptible jobs; others have all of max_vcpus on demand"
        return
    least = max(1, round(vcpus + 0.4999)) * (2 if interruptible else 1)
    if ceiling < least:
        yield "max_vcpus", f"is {ceiling:g}; at least {least} are needed for one job of {vcpus:g}"
    elif given is not None and not vcpus <= given <= ceiling - vcpus:
        yield (
            "on_demand_vcpus",
            (
                f"is {given:g}; it must leave room for one job of {vcpus:g} vCPU on either side of "
                f"max_vcpus, which is {ceiling:g}"
            ),
        )


def _generation_problems(generations: list[str]) -> Iterator[Problem]:
    if not generations:
        yield "generations", "is empty; name at least one, such as '1'"
    for index, item in enumerate(generations):
        if not _KEY.fullmatch(item):
            yield f"generations[{index}]", f"is {item!r}; {_ACCEPTED_KEY}"
        elif item in generations[:index]:
            yield f"generations[{index}]", f"is {item!r} again; name each once, the newest last"


def _share_problems(shares: Mapping[str, float]) -> Iterator[Problem]:
    if len(shares) > _MOST_SHARES:
        yield "shares", f"has {len(shares)}; Batch accepts {_MOST_SHARES}"
    for key, weight in shares.items():
        if not _SHARE.fullmatch(key):
            yield f"shares.{key}", "is no share; accepted are up to 255 letters and digits"
        if not _WEIGHTS[0] <= weight <= _WEIGHTS[1]:
            yield f"shares.{key}", f"is {weight:g}; accepted are {_WEIGHTS[0]} to {_WEIGHTS[1]}"


def _schedule_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    shares = args.get("shares", {})
    for key, schedule in args.get("schedules", {}).items():
        path = f"schedules.{key}"
        if not _KEY.fullmatch(key):
            yield path, f"is named {key!r}; {_ACCEPTED_KEY}"
        expression = schedule["expression"]
        if not _SCHEDULE.fullmatch(expression):
            reason = "accepted are cron(...), rate(...) and at(...), such as 'cron(0 19 * * ? *)'"
            yield f"{path}.expression", f"is {expression!r}; {reason}"
        share = schedule.get("share")
        if shares and share is None:
            yield f"{path}.share", f"is required with shares; accepted are {', '.join(shares)}"
        elif share is not None and share not in shares:
            accepted = ", ".join(shares) or "none, as there are no shares"
            yield f"{path}.share", f"is {share!r}; accepted are {accepted}"


def _variable_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    plain, secrets = args.get("environment", {}), args.get("secrets", {})
    for group, given in (("environment", plain), ("secrets", secrets)):
        for key in given:
            if not _VARIABLE.fullmatch(key):
                reason = "is no name of a variable; accepted are such as 'BOOK_DATE'"
                yield f"{group}.{key}", reason
            elif key.startswith("AWS_BATCH"):
                yield f"{group}.{key}", "starts with 'AWS_BATCH', which Batch reserves"
            elif group == "environment" and (reason := _plain_problem(key, given[key], secrets)):
                yield f"environment.{key}", reason


def _plain_problem(key: str, value: Any, secrets: Mapping[str, Any]) -> str:
    if key in secrets:
        return "is given as a secret, too; give it once"
    if secret_name(key):
        return "is named like a secret; pass its ARN in `secrets` instead"
    kind = secret_value(value) if isinstance(value, str) else ""
    return f"looks like {kind}; pass its ARN in `secrets` instead" if kind else ""


def _permission_problems(permissions: list[Mapping[str, Any]]) -> Iterator[Problem]:
    for index, permission in enumerate(permissions):
        for key in ("actions", "resources"):
            if not permission[key]:
                yield f"permissions[{index}].{key}", "is empty; name at least one"
        for position, action in enumerate(permission["actions"]):
            if not _ACTION.fullmatch(action) and not _ACTION_START.fullmatch(action):
                yield (
                    f"permissions[{index}].actions[{position}]",
                    f"is {action!r}; accepted are such as 's3:GetObject' or 'kms:GenerateDataKey*'",
                )
        for position, resource in enumerate(permission["resources"]):
            if resource == "*":
                yield (
                    f"permissions[{index}].resources[{position}]",
                    "is '*'; name the ARNs that the job needs",
                )

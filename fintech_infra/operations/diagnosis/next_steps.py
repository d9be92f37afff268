"""What to do first, and what to look at next. Nothing here is carried out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final

from fintech_infra.operations.diagnosis.answer import Cause, Condition, Outcome, Step
from fintech_infra.operations.diagnosis.model import ChangeKind, Incident, Part, Unread
from fintech_infra.operations.moments import written

_KINDS: Final[Mapping[ChangeKind, str]] = {
    ChangeKind.DEPLOYMENT: "Hold the errors of the new version to those of the old one.",
    ChangeKind.CONFIGURATION: "Compare the setting with what it was.",
    ChangeKind.NETWORK: "Try the connection from where it fails, and look at flow logs.",
    ChangeKind.PERMISSION: "Find the denied call and its principal in CloudTrail.",
    ChangeKind.SECRET: "Check whether clients have read the new value of the secret.",
    ChangeKind.SCALING: "Compare what is running with what is wanted.",
    ChangeKind.FAILOVER: "Check which instance writes, and whether clients have found it.",
    ChangeKind.EXPIRY: "Renew it, and check when the others expire.",
    ChangeKind.OUTAGE: "Follow the provider's report; nothing here undoes it.",
    ChangeKind.CALL: "Read the call and its parameters in CloudTrail.",
}
_CONDITIONS: Final[Mapping[Condition, str]] = {
    Condition.TRAFFIC: "Find whose requests they are; add capacity, or limit them.",
    Condition.DEPENDENCY: "Look at what it depends on first, and at its provider's health page.",
    Condition.ZONE: "Look at AWS Health, and shift traffic away from the zone.",
    Condition.EXPIRED: "Find the certificate or credential in the log line, and renew it.",
    Condition.QUOTA: "Compare use with the limit in Service Quotas.",
    Condition.EXHAUSTION: "Restart what is full to gain time, then find what fills it.",
    Condition.UNRECORDED: "Ask who did something by hand, and read the log lines that are new.",
}
_MOST: Final = 3


def steps(
    outcome: Outcome, causes: Sequence[Cause], incident: Incident, unread: Sequence[Unread]
) -> tuple[Step, ...]:
    """The steps, in the order in which they should be taken."""
    return tuple(dict.fromkeys(_steps(outcome, causes, incident, unread)))


def _steps(
    outcome: Outcome, causes: Sequence[Cause], incident: Incident, unread: Sequence[Unread]
) -> Iterator[Step]:
    leading = list(takewhile(lambda it: it.condition is not Condition.UNRECORDED, causes))[:_MOST]
    leading = leading or list(causes[1:2])
    first = leading[0].change if leading else None
    if outcome is Outcome.STANDS_OUT and first and first.rollback:
        yield Step(f"Undo it: {first.says}.", first.rollback)
    for part in dict.fromkeys(it.part for it in unread):
        what = ", ".join(it.what for it in unread if it.part is part)
        yield Step(f"Read what could not be read of the {part}: {what}.")
    for cause in leading if outcome is not Outcome.STANDS_OUT else leading[:1]:
        yield _check(cause)
        if outcome is not Outcome.STANDS_OUT and cause.change and cause.change.rollback:
            yield Step(f"If that shows it, undo it: {cause.change.says}.", cause.change.rollback)
    if outcome is Outcome.UNKNOWN:
        yield Step(_CONDITIONS[Condition.UNRECORDED], _lookup(incident, unread))


def _check(cause: Cause) -> Step:
    if cause.change is not None:
        return Step(f"Check cause {cause.rank}: {_KINDS[cause.change.kind]}")
    if cause.condition is None:
        raise AssertionError
    return Step(f"Check cause {cause.rank}: {_CONDITIONS[cause.condition]}")


def _lookup(incident: Incident, unread: Sequence[Unread]) -> str:
    """The command that lists the calls of the window that changed something."""
    if any(it.part is Part.CHANGES for it in unread):
        return ""
    span = f"--start-time {written(incident.start)} --end-time {written(incident.end)}"
    chosen = shlex.quote("AttributeKey=ReadOnly,AttributeValue=false")
    return f"aws cloudtrail lookup-events {span} --lookup-attributes {chosen}"

"""Says to people what was decided, and what they can do. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.functions.remediation.case import Case
from fintech_infra.functions.remediation.decide import Decision, Verdict, reapply_command

SUBJECT_LIMIT: Final = 100
"""Characters of a subject of SNS: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

_HEADLINES: Final = {
    Verdict.ACT: "done",
    Verdict.ASK: "approval needed",
    Verdict.NOTHING: "nothing to do",
    Verdict.REAPPLY: "run pulumi up",
    Verdict.REFUSE: "NOT done",
    Verdict.REHEARSE: "dry run",
    Verdict.TELL: "look at this",
}
_APPROVE: Final = """\
To approve, as a role with the component's approval policy:
  aws stepfunctions send-task-success --task-token TOKEN --task-output '{"by": "YOUR NAME"}'
To reject:
  aws stepfunctions send-task-failure --task-token TOKEN --error Rejected"""


def headline(case: Case, verdict: Verdict) -> str:
    """Return the subject of the message, as short as SNS wants it."""
    return f"Self-healing: {_HEADLINES[verdict]}: {case.remediation.name}"[:SUBJECT_LIMIT]


def message(case: Case, decision: Decision) -> str:
    """Return the message about a decision."""
    return "\n".join(_lines(case, decision))


def _lines(case: Case, decision: Decision) -> Iterator[str]:
    happened = case.happened
    yield decision.reason
    yield ""
    yield f"Resource: {case.subject}"
    yield f"Event: {happened.name}, {happened.time}, {happened.region}, id {happened.id}"
    if happened.actor:
        yield f"Who: {happened.actor}"
    if decision.steps:
        yield "Calls:"
        yield from (f"  {step}" for step in decision.steps)
    urn = case.declared.urn if case.declared else ""
    if decision.verdict is Verdict.REAPPLY and urn:
        yield f"Restore it with: {reapply_command(urn)}"
    elif decision.verdict is Verdict.REAPPLY:
        yield "No URN is published for it; find it in the program and run pulumi up --refresh."
    if decision.verdict is Verdict.ASK:
        yield _APPROVE

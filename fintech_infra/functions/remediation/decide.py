"""Decides what becomes of a plan: done, asked for, told, or refused. Pure and total.

Nothing here knows AWS, the time or the environment, so that the same judgement can be made
anywhere, from live events or from a drift report, and replayed from the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fintech_infra.functions.remediation.model import Plan, Remedy, Step

ARMED = "armed"
"""The one value of the kill switch with which anything is changed; every other one stops it."""


class Risk(StrEnum):
    """Who decides whether a remediation is carried out."""

    AUTO = "auto"
    """The rails alone: kill switch, budget and rehearsal."""
    APPROVE = "approve"
    """A person, each time, within the rails."""
    NOTIFY = "notify"
    """Nobody: people are told and nothing is changed."""


class Verdict(StrEnum):
    """What becomes of a plan."""

    NOTHING = "nothing"
    """The resource is as declared."""
    ACT = "act"
    """Its steps are carried out."""
    ASK = "ask"
    """A person is asked to approve its steps."""
    REAPPLY = "reapply"
    """People and pipelines are asked to run `pulumi up` for the resource."""
    TELL = "tell"
    """People are told, and nothing is changed."""
    REHEARSE = "rehearse"
    """People are told what would have been done, were it not for the dry run."""
    REFUSE = "refuse"
    """A rail forbids it, and people are told which."""


@dataclass(frozen=True, slots=True)
class Rails:
    """What limits every remediation, whatever it is.

    `switch` is the value of the kill switch, None where it cannot be read. `budget_left` is how
    many more actions the hour allows.
    """

    dry_run: bool
    switch: str | None
    budget_left: int


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's consent to the steps with this digest. `by` is what they said of themselves."""

    digest: str
    by: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a plan, and why; `steps` are empty unless they are to be done or approved."""

    verdict: Verdict
    reason: str
    steps: tuple[Step, ...] = ()


def decide(
    plan: Plan, *, risk: Risk, sensitive: bool, rails: Rails, approval: Approval | None = None
) -> Decision:
    """Return what becomes of `plan`.

    Steps are carried out only if the switch is armed, the hour's budget is not used up, it is no
    dry run, and either the risk is `auto` or a person approved exactly these steps. A `sensitive`
    remediation is never automatic, whatever risk is configured.
    """
    if plan.remedy is Remedy.NONE:
        return Decision(Verdict.NOTHING, plan.reason)
    if plan.remedy is Remedy.REAPPLY:
        return Decision(Verdict.REAPPLY, plan.reason)
    if plan.remedy is Remedy.REPORT or risk is Risk.NOTIFY:
        return Decision(Verdict.TELL, plan.reason)
    if held := _held_back(plan, rails):
        return held
    if risk is Risk.AUTO and not sensitive:
        return Decision(Verdict.ACT, plan.reason, plan.steps)
    if approval is None:
        return Decision(Verdict.ASK, plan.reason, plan.steps)
    if approval.digest != plan.digest:
        return _refused(plan, "what was approved is not what would have to be done now")
    return Decision(Verdict.ACT, f"{plan.reason}; approved by {approval.by}", plan.steps)


def _held_back(plan: Plan, rails: Rails) -> Decision | None:
    """Return the decision of the first rail that holds the plan back, None if none does."""
    if rails.dry_run:
        return Decision(Verdict.REHEARSE, plan.reason, plan.steps)
    if rails.switch is None:
        return _refused(plan, "the kill switch cannot be read")
    if rails.switch != ARMED:
        return _refused(plan, f"the kill switch is {rails.switch!r}, not {ARMED!r}")
    if rails.budget_left <= 0:
        return _refused(plan, "the budget of actions per hour is used up")
    return None


def _refused(plan: Plan, why: str) -> Decision:
    return Decision(Verdict.REFUSE, f"{plan.reason}; not done: {why}")


def reapply_command(urn: str) -> str:
    """Return the command that makes Pulumi restore the resource with this URN.

    `--refresh` makes it look at what is there: without, it compares with what it remembers, and
    finds nothing to do. Children of a component are dependents of it.

    >>> reapply_command("urn:pulumi:prod::platform::aws:s3/bucket:Bucket::ledger")
    "pulumi up --refresh --stack prod --target 'urn:pulumi:prod::platform::aws:s3/bucket:Bucket::\
ledger' --target-dependents"
    """
    stack = urn.removeprefix("urn:pulumi:").partition("::")[0]
    # Names may hold anything, and somebody pastes this into a shell.
    quoted = urn.replace("'", "'\"'\"'")
    return f"pulumi up --refresh --stack {stack} --target '{quoted}' --target-dependents"

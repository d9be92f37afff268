"""Policies of packs as controls, and what they report as findings.

A policy decides by its own level: a violation of a mandatory one blocks whatever the threshold,
one of an advisory policy never does. Its severity is what it says itself; one that says nothing
counts as high where it is mandatory, and as low where it is advisory. What a policy cannot judge
for want of a value is undecided, not advisory as Pulumi has it.
"""

from __future__ import annotations

import re
from typing import Any, Final, NoReturn

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.engine.analyzer.policies import Diagnostic, Policy
from fintech_infra.environment import STACK_TYPE, Environment, Resource, UnknownValueError, join

_OURS: Final = {control.id: control for control in CONTROLS}
_UNKNOWN: Final = re.compile(r"value at \.(\S+) can't be known during preview")


def is_ours(policy: Policy) -> bool:
    """Whether a policy is one of our controls: by the same name, it says the same."""
    control = _OURS.get(policy.name)
    return control is not None and control.description == policy.description


def is_taken(name: str) -> bool:
    """Whether one of our controls has this name."""
    return name in _OURS


def control_of(policy: Policy, pack: str, version: str, id_: str) -> Control:
    """Return a policy as a control with the id `id_`, which only its pack can judge by."""
    return Control(
        id=id_,
        title=policy.title,
        why=_reason(policy) or f"The policy pack {pack} asks for it.",
        fix=policy.fix or _way_to_mend(policy, pack),
        severity=_severity(policy),
        on=(),
        check=_judged_elsewhere,
        source=" ".join(filter(None, (f"policy pack {pack}", version, policy.url))),
        blocks=policy.blocks,
    )


def finding_of(said: Diagnostic, policy: Policy, control: Control, where: Environment) -> Finding:
    """Return what a policy reports as a finding of its control."""
    resource = where.by_urn.get(said.urn) or _stack(where)
    if said.undecided:
        message = said.message.partition("during preview: ")[2] or said.message
        path = _path(message)
        if path:
            message = str(UnknownValueError(path))
        return Finding(control, resource, Verdict.UNDECIDED, path, message)
    message = said.message.removeprefix(policy.description).strip() or policy.title
    return Finding(control, resource, Verdict.VIOLATED, "", message)


def _severity(policy: Policy) -> Severity:
    if policy.severity:
        return Severity(policy.severity)
    return Severity.HIGH if policy.blocks else Severity.LOW


def _reason(policy: Policy) -> str:
    return " ".join(policy.description.removeprefix(policy.title).split())


def _way_to_mend(policy: Policy, pack: str) -> str:
    if policy.url:
        return f"See {policy.url}."
    return f"Change what the policy reports; the pack {pack} gives no remediation steps."


def _judged_elsewhere(*_: object, **__: Any) -> NoReturn:
    raise TypeError("a policy of a pack is judged by its pack, not by a function")


def _stack(environment: Environment) -> Resource:
    name = f"{environment.project}-{environment.stack}"
    urn = f"urn:pulumi:{environment.stack}::{environment.project}::{STACK_TYPE}::{name}"
    found = next(environment.of_type(STACK_TYPE), None)
    return found or Resource(urn, STACK_TYPE, name, custom=False)


def _path(message: str) -> str:
    """The property that is not known, as the policy SDK names it: keys and indices with dots."""
    found = _UNKNOWN.search(message)
    path = ""
    for part in found[1].split(".") if found else ():
        path = join(path, int(part) if part.isdecimal() else part)
    return path

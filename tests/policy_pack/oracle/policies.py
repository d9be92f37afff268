"""The controls as policies of the policy SDK: what our own servicer is held against.

This is how a pack is written by the book. It says the same and takes a hundred times as long, as
the SDK decodes a request anew for every policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import pulumi_policy
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_OBJECT_VALUE, UnknownValueError

from fintech_infra.controls.control import Control, Scope, Severity
from fintech_infra.controls.crossguard.settings import Undecided, schema, settings
from fintech_infra.controls.evaluate import Finding, Verdict, evaluate, is_production
from fintech_infra.controls.frameworks import load, requirements_of
from fintech_infra.controls.waivers.model import WAIVER_TYPE
from tests.policy_pack.oracle.reading import Reader

_LEVELS: Final[Mapping[Severity, EnforcementLevel]] = {
    Severity.CRITICAL: EnforcementLevel.MANDATORY,
    Severity.HIGH: EnforcementLevel.MANDATORY,
    Severity.MEDIUM: EnforcementLevel.MANDATORY,
    Severity.LOW: EnforcementLevel.ADVISORY,
}

_Check: TypeAlias = Callable[[Any, ReportViolation], None]


def enforcement(severity: Severity) -> EnforcementLevel:
    """Return the level at which violations of this severity are enforced unless configured.

    Everything that a framework asks for stops a deployment; good practice is only reported.
    """
    return _LEVELS[severity]


def policies(controls: Iterable[Control]) -> list[Policy]:
    """Return a policy for every control, all of one pack.

    Raises:
        TypeError: a control has a parameter that a configuration cannot give.
    """
    reader = Reader()
    return [_policy(control, reader) for control in controls]


def _policy(control: Control, reader: Reader) -> Policy:
    of_stack = control.relational or WAIVER_TYPE in control.on
    kind = StackValidationPolicy if of_stack else ResourceValidationPolicy
    return kind(
        name=control.id,
        description=control.description,
        validate=_check(control, reader),
        enforcement_level=enforcement(control.severity),
        config_schema=PolicyConfigSchema(schema(control)),
        display_name=control.title,
        severity=pulumi_policy.Severity(control.severity.value),
        framework=_framework(control),
        tags=[
            control.service,
            *(
                f"{framework}:{requirement}"
                for framework, requirement in requirements_of(control.id)
            ),
        ],
        remediation_steps=control.fix,
    )


def _framework(control: Control) -> PolicyComplianceFramework | None:
    """Return the first framework that asks for the control: a policy has one at most."""
    for framework in load():
        cited = [item for item in framework.requirements if control.id in item.controls]
        if cited:
            return PolicyComplianceFramework(
                name=framework.name,
                version=framework.version,
                reference=", ".join(item.id for item in cited),
                specification="; ".join(item.title for item in cited),
            )
    return None


def _check(control: Control, reader: Reader) -> _Check:
    def validate(
        args: ResourceValidationArgs | StackValidationArgs, report: ReportViolation
    ) -> None:
        chosen = settings(control, args.get_config())
        environment = reader.environment(args)
        if control.scope is Scope.PROD and not is_production(environment.stack):
            args.not_applicable("applies to production stacks only")
        evaluation = evaluate(environment, (control,), {control.id: chosen.parameters})
        _report(evaluation.findings, chosen.undecided, report)

    return validate


def _report(findings: Sequence[Finding], undecided: Undecided, report: ReportViolation) -> None:
    """Report findings; the SDK sends what an error of this one type says as an advisory."""
    spared: list[Finding] = []
    for finding in findings:
        if finding.verdict is Verdict.UNDECIDED and undecided is Undecided.REPORT:
            spared.append(finding)
        else:
            report(_message(finding), finding.resource.urn)
    if spared:
        error = UnknownValueError(UNKNOWN_OBJECT_VALUE, [])
        error.message = "\n".join(
            f"{finding.resource.type} {finding.resource.name!r} {_message(finding)}"
            for finding in spared
        )
        raise error


def _message(finding: Finding) -> str:
    # What says that a value is not known begins with its path.
    told = finding.message.startswith(finding.path)
    said = finding.message if told else f"{finding.path}: {finding.message}"
    if finding.verdict is Verdict.UNDECIDED:
        return f"is undecided, which is not compliant: {said}"
    if finding.verdict is Verdict.BROKEN:
        return f"{said}. This is a fault of the control, not of the resource."
    return f"{said}\nFix: {finding.control.fix}"

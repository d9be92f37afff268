"""What a pack says about itself and its policies: one policy for each control, under its own id.

Native configuration (levels, parameters) and native exceptions name policies, so no two controls
share one and no control has two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi.runtime.proto.analyzer_pb2 import (
    POLICY_TYPE_RESOURCE,
    POLICY_TYPE_STACK,
    AnalyzerInfo,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyInfo,
    PolicySeverity,
)

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.crossguard.rules import enforcement, of_stack
from fintech_infra.controls.crossguard.settings import schema
from fintech_infra.controls.frameworks import load, requirements_of


@dataclass(frozen=True, slots=True)
class Pack:
    """A policy pack of controls. The engine prefers the version in `PulumiPolicy.yaml`."""

    name: str
    controls: Sequence[Control]
    version: str = "0.0.1"
    description: str = ""
    display_name: str = ""
    readme: str = ""
    provider: str = ""


def analyzer_info(pack: Pack) -> AnalyzerInfo:
    """Return what the engine and Pulumi Cloud are told about a pack.

    Raises:
        TypeError: a control has a parameter that a configuration cannot give.
        ValueError: two controls have one id.
    """
    ids = [control.id for control in pack.controls]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise ValueError(f"two controls have one id, so one policy: {', '.join(twice)}")
    return AnalyzerInfo(
        name=pack.name,
        version=pack.version,
        supportsConfig=True,
        description=pack.description,
        displayName=pack.display_name,
        readme=pack.readme,
        provider=pack.provider,
        policies=[_policy(control) for control in pack.controls],
    )


def severity_of(severity: Severity) -> PolicySeverity.ValueType:
    """Return a severity as the protocol has it."""
    return PolicySeverity.Value(f"POLICY_SEVERITY_{severity.upper()}")


def _policy(control: Control) -> PolicyInfo:
    described = PolicyConfigSchema()
    described.properties.update(schema(control))
    cited = (f"{name}:{requirement}" for name, requirement in requirements_of(control.id))
    return PolicyInfo(
        name=control.id,
        displayName=control.title,
        description=control.description,
        enforcementLevel=enforcement(control.severity),
        configSchema=described,
        policy_type=POLICY_TYPE_STACK if of_stack(control) else POLICY_TYPE_RESOURCE,
        severity=severity_of(control.severity),
        framework=_framework(control),
        tags=[control.service, *cited],
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

"""Controls as they are in force in a pack: at which level, with which settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import json_format
from pulumi.runtime.proto.analyzer_pb2 import (
    ADVISORY,
    DISABLED,
    MANDATORY,
    REMEDIATE,
    ConfigureAnalyzerRequest,
    EnforcementLevel,
)

from fintech_infra.controls.control import Control, Scope, Severity
from fintech_infra.controls.crossguard.settings import Settings, settings
from fintech_infra.controls.waivers.model import WAIVER_TYPE
from fintech_infra.environment.model import ANY_TYPE

Level = EnforcementLevel.ValueType

_LEVELS: Final[Mapping[Severity, Level]] = {
    Severity.CRITICAL: MANDATORY,
    Severity.HIGH: MANDATORY,
    Severity.MEDIUM: MANDATORY,
    Severity.LOW: ADVISORY,
}


def enforcement(severity: Severity) -> Level:
    """Return the level at which violations of this severity are enforced unless configured.

    Everything that a framework asks for stops a deployment; good practice is only reported.
    """
    return _LEVELS[severity]


def of_stack(control: Control) -> bool:
    """Whether a control is judged when all resources are known, rather than for each."""
    return control.relational or WAIVER_TYPE in control.on


@dataclass(frozen=True, slots=True)
class Rule:
    """A control in force."""

    control: Control
    level: Level
    settings: Settings

    @property
    def for_production(self) -> bool:
        """Whether it says of other stacks that it does not apply."""
        return self.control.scope is Scope.PROD

    @property
    def reported(self) -> Level:
        """The level that violations are reported at: what no remediation has mended blocks."""
        return MANDATORY if self.level == REMEDIATE else self.level


class SettingsError(ValueError):
    """Raised when policies are configured with wrong settings; lists those of all policies."""


class Rules:
    """The rules of a pack that are not disabled, in the order of its controls."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Sort rules by what they are asked about."""
        enabled = [rule for rule in rules if rule.level != DISABLED]
        self.stack = tuple(rule for rule in enabled if of_stack(rule.control))
        self.resource = tuple(rule for rule in enabled if not of_stack(rule.control))
        self.remediating = tuple(rule for rule in self.resource if rule.level == REMEDIATE)
        self.elsewhere = tuple(rule for rule in self.resource if rule.for_production)
        """Those about a resource that do not apply outside of production."""
        self.parameters: Mapping[str, Mapping[str, Any]] = {
            rule.control.id: rule.settings.parameters for rule in enabled
        }
        self._of_type: dict[str, tuple[Rule, ...]] = {}

    def of_type(self, type_: str) -> tuple[Rule, ...]:
        """The rules that judge each resource of a type."""
        found = self._of_type.get(type_)
        if found is None:
            wanted = {type_, ANY_TYPE}
            found = tuple(rule for rule in self.resource if wanted & {*rule.control.on})
            self._of_type[type_] = found
        return found


def in_force(controls: Iterable[Control], request: ConfigureAnalyzerRequest) -> Rules:
    """Return the rules that a configuration results in.

    An entry replaces the level of its policy; without one, a policy has its own level. Entries for
    names that are no policy are left alone, as the engine leaves them.

    Raises:
        SettingsError: settings are wrong.
    """
    rules: list[Rule] = []
    problems: list[str] = []
    for name, entry in request.policyConfig.items():
        if entry.enforcementLevel not in EnforcementLevel.values():
            problems.append(f"policy {name!r} has the enforcement level {entry.enforcementLevel}")
    for control in controls:
        level, given = enforcement(control.severity), dict[str, Any]()
        if control.id in request.policyConfig:
            entry = request.policyConfig[control.id]
            level, given = entry.enforcementLevel, json_format.MessageToDict(entry.properties)
        if level == DISABLED:
            continue
        try:
            rules.append(Rule(control, level, settings(control, given)))
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise SettingsError("\n".join(problems))
    return Rules(rules)

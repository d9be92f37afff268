"""Mending resources: what policies that are set to remediate would change before a deployment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto.analyzer_pb2 import (
    PolicyNotApplicable,
    RemediateResponse,
    Remediation,
)

from fintech_infra.controls.crossguard.info import Pack
from fintech_infra.controls.crossguard.patch import patched
from fintech_infra.controls.crossguard.rules import Rule
from fintech_infra.controls.crossguard.said import cannot_run, inapplicable
from fintech_infra.controls.crossguard.wire import plain
from fintech_infra.controls.evaluate import Evaluation, Verdict, evaluate, is_production
from fintech_infra.controls.remedies import remedy_of
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.model import ANY_TYPE

Waive = Callable[[Evaluation, Environment], Evaluation]
"""Takes what is waived out of the findings."""

NO_REMEDY = "Policy does not implement remediate"
"""The policy SDK's words for a policy that only validates."""


class Remediator:
    """Mends one resource, policy by policy: each is given what those before it have left."""

    def __init__(
        self, pack: Pack, environment: Environment, properties: Struct, waive: Waive
    ) -> None:
        """Begin with the one resource of `environment` as the program has it."""
        self._pack = pack
        self._environment = environment
        self._properties = properties
        self._waive = waive
        self._response = RemediateResponse()

    def mend(self, rules: Sequence[Rule]) -> RemediateResponse:
        """Return the properties after each policy that changes them.

        A policy that cannot tell, or whose remedy fails, changes nothing and says so: the analysis
        that follows judges what is left.
        """
        for rule in rules:
            if rule.control.remedy is None:
                self._skip(PolicyNotApplicable(policy_name=rule.control.id, reason=NO_REMEDY))
            elif rule.for_production and not is_production(self._environment.stack):
                self._skip(inapplicable(rule))
            elif {self._resource.type, ANY_TYPE} & {*rule.control.on}:
                self._try(rule)
        return self._response

    @property
    def _resource(self) -> Resource:
        return self._environment.resources[0]

    def _try(self, rule: Rule) -> None:
        try:
            self._apply(rule)
        except UnknownValueError as error:
            self._report(rule, f"{cannot_run(self._pack, rule, what='remediation')}{error}")
        except Exception as error:  # noqa: BLE001 - a remedy that fails must not stop the judgement
            failed = f"{type(error).__name__}: {error}"
            self._report(
                rule,
                f"the remediation of policy '{rule.control.id}' failed and changes nothing, "
                f"which is a fault of the control: {failed}",
            )

    def _apply(self, rule: Rule) -> None:
        control = rule.control
        parameters = {control.id: rule.settings.parameters}
        evaluation = evaluate(self._environment, (control,), parameters)
        evaluation = self._waive(evaluation, self._environment)
        if not evaluation.of(Verdict.VIOLATED):
            for finding in evaluation.of(Verdict.UNDECIDED):
                raise UnknownValueError(finding.path)
            return
        wanted = remedy_of(control, self._resource, rule.settings.parameters)
        changed = patched(self._properties, wanted)
        if changed != self._properties:
            self._take(rule, changed)

    def _take(self, rule: Rule, changed: Struct) -> None:
        self._properties = changed
        resource = replace(self._resource, inputs=plain(changed))
        self._environment = replace(self._environment, resources=(resource,))
        self._response.remediations.append(self._remediation(rule, properties=changed))

    def _report(self, rule: Rule, words: str) -> None:
        self._response.remediations.append(self._remediation(rule, diagnostic=words))

    def _skip(self, reason: PolicyNotApplicable) -> None:
        self._response.not_applicable.append(reason)

    def _remediation(
        self, rule: Rule, *, properties: Struct | None = None, diagnostic: str = ""
    ) -> Remediation:
        return Remediation(
            policyName=rule.control.id,
            policyPackName=self._pack.name,
            policyPackVersion=self._pack.version,
            description=rule.control.description,
            properties=properties,
            diagnostic=diagnostic,
        )

"""Findings as what a pack answers: diagnostics with a message and a level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi.runtime.proto.analyzer_pb2 import ADVISORY, AnalyzeDiagnostic, PolicyNotApplicable

from fintech_infra.controls.crossguard.info import Pack, severity_of
from fintech_infra.controls.crossguard.rules import Level, Rule
from fintech_infra.controls.crossguard.settings import Undecided
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict, Waived
from fintech_infra.controls.waivers.model import WAIVER_TYPE


def inapplicable(rule: Rule) -> PolicyNotApplicable:
    """Say that a rule does not apply to the stack."""
    reason = "applies to production stacks only"
    return PolicyNotApplicable(policy_name=rule.control.id, reason=reason)


def diagnostics(
    pack: Pack, rules: Sequence[Rule], evaluation: Evaluation
) -> Iterator[AnalyzeDiagnostic]:
    """Yield what rules have to say, in their order: violations, then waived ones, then undecided.

    What is waived is said as advisory, with who answers for it. What is undecided is said once for
    each policy, as advisory, unless the policy is set to count it as a violation.
    """
    for rule in rules:
        id_ = rule.control.id
        found = [item for item in evaluation.findings if item.control.id == id_]
        spared = [item for item in found if _is_spared(item, rule)]
        for finding in found:
            if finding not in spared:
                yield _diagnostic(pack, rule, finding, said(finding), rule.reported)
        for waived in evaluation.waived:
            if waived.finding.control.id == id_:
                yield _diagnostic(pack, rule, waived.finding, _waived(waived), ADVISORY)
        if spared:
            yield _undecided(pack, rule, spared)


def cannot_run(pack: Pack, rule: Rule, *, what: str = "policy") -> str:
    """Return what the policy SDK puts in front of what is not known."""
    origin = f"policy pack '{pack.name}@v{pack.version}'"
    return f"can't run {what} '{rule.control.id}' from {origin} during preview: "


def said(finding: Finding) -> str:
    """Return what a policy says about one finding."""
    # What says that a value is not known begins with its path.
    told = finding.message.startswith(finding.path)
    words = finding.message if told else f"{finding.path}: {finding.message}"
    if finding.verdict is Verdict.UNDECIDED:
        return f"is undecided, which is not compliant: {words}"
    if finding.verdict is Verdict.BROKEN:
        return f"{words}. This is a fault of the control, not of the resource."
    return f"{words}\nFix: {finding.control.fix}"


def _is_spared(finding: Finding, rule: Rule) -> bool:
    report = rule.settings.undecided is Undecided.REPORT
    return report and finding.verdict is Verdict.UNDECIDED


def _waived(waived: Waived) -> str:
    waiver = waived.waiver
    words = said(waived.finding)
    who = f"Waived by {waiver.owner}, approved by {waiver.approver}, until {waiver.expires}"
    return f"{words}\n{who}: {waiver.reason}" + (f" ({waiver.origin})" if waiver.origin else "")


def _diagnostic(
    pack: Pack, rule: Rule, finding: Finding, words: str, level: Level
) -> AnalyzeDiagnostic:
    subject = finding.resource
    # A waiver is no resource of the stack, so the engine shows what is said of it at the stack.
    is_waiver = subject.type == WAIVER_TYPE
    about = f"{subject.source}: {subject.name}: " if is_waiver else ""
    return AnalyzeDiagnostic(
        policyName=rule.control.id,
        policyPackName=pack.name,
        policyPackVersion=pack.version,
        message=f"{rule.control.description}\n{about}{words}",
        urn="" if is_waiver else subject.urn,
        description=rule.control.description,
        enforcementLevel=level,
        severity=severity_of(rule.control.severity),
    )


def _undecided(pack: Pack, rule: Rule, spared: Sequence[Finding]) -> AnalyzeDiagnostic:
    lines = (f"{item.resource.type} {item.resource.name!r} {said(item)}" for item in spared)
    return AnalyzeDiagnostic(
        policyName=rule.control.id,
        policyPackName=pack.name,
        policyPackVersion=pack.version,
        message=cannot_run(pack, rule) + "\n".join(lines),
        description=rule.control.description,
        enforcementLevel=ADVISORY,
    )

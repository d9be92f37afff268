"""The SARIF 2.1.0 report: findings at the lines of the program that declare the resources.

A violation is a result of kind `fail` whose level follows the severity. What could not be judged,
for want of a value or because the control failed, is of kind `open`, "insufficient information to
decide" (SARIF 2.1.0 3.27.9), which requires the level `none` (3.27.10); the rule keeps its
`security-severity`. What the run itself has to say, and whatever hides its contents from a preview,
are notifications of the invocation.

A waived finding is a result with an accepted suppression (3.35). Where a baseline was given, what
it has is `unchanged` and the rest `new` (3.27.24). The path that proves a finding is a code flow.

Fingerprints are made of control, resource and property, so they survive moved lines, and two
resources declared in one line stay two alerts. The URN in them has the stack's name, and so has
the run's category: upload the reports of several stacks side by side.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from fintech_infra.controls.control import Control, Severity
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.environment import Diagnostic, Environment, Resource
from fintech_infra.report.encoding import document, own_version
from fintech_infra.report.naming import compact, label, names
from fintech_infra.report.patch import changes, encoded
from fintech_infra.report.redact import Redaction
from fintech_infra.report.sarif_flows import code_flows
from fintech_infra.report.sarif_places import location, physical
from fintech_infra.report.summary import Entry, Report, Section

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_LEVEL: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}

_SECURITY_SEVERITY: Final = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
"""A number within the band that code hosts show under the same word (CVSS: 9.0, 7.0, 4.0, 0.1)."""

_NOTIFICATION_LEVEL: Final = {"info": "note", "warning": "warning", "error": "error"}


def to_sarif(report: Report) -> str:
    """Render a report as SARIF; the module says what becomes what."""
    redaction = Redaction(report.environment)
    rules = {control.id: at for at, control in enumerate(report.controls)}
    run = {
        "tool": {"driver": _driver(report)},
        "automationDetails": {"id": _category(report.environment)},
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report, rules, redaction)],
        "results": _results(report, rules, redaction),
        "columnKind": "unicodeCodePoints",
    }
    return document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _category(environment: Environment) -> str:
    names = (environment.organization, environment.project, environment.stack)
    return "/".join(("fintech-infra", *names, ""))


def _driver(report: Report) -> dict[str, Any]:
    rules = [_rule(control, report) for control in report.controls]
    driver: dict[str, Any] = {"name": "fintech-infra", "rules": rules}
    if version := own_version():
        driver["version"] = version
    return driver


def _rule(control: Control, report: Report) -> dict[str, Any]:
    requirements = report.supports(control)
    supports = compact(requirements)
    lines = [control.why, f"Fix: {control.fix}"]
    lines += [f"Supports: {supports}"] if supports else []
    lines += [f"Source: {control.source}"] if control.source else []
    return {
        "id": control.id,
        "shortDescription": {"text": control.title},
        "fullDescription": {"text": control.why},
        "help": {"text": "\n".join(lines), "markdown": "\n\n".join(lines)},
        "defaultConfiguration": {"level": _LEVEL[control.severity]},
        "properties": {
            "security-severity": _SECURITY_SEVERITY[control.severity],
            "tags": ["security", "compliance", control.service],
            "requirements": [f"{framework} {item}" for framework, item in requirements],
        },
    }


def _results(report: Report, rules: dict[str, int], redaction: Redaction) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for entry in report.entries:
        finding = entry.finding
        identity = "\0".join((finding.control.id, finding.resource.urn, finding.path))
        seen[identity] += 1
        fingerprint = _digest(f"{identity}\0{seen[identity]}")
        result = _result(finding, report, redaction) | _standing(entry, report, redaction)
        result["ruleIndex"] = rules[finding.control.id]
        result["partialFingerprints"] = {"fintechInfra/v1": fingerprint}
        results.append(result)
    return results


def _standing(entry: Entry, report: Report, redaction: Redaction) -> dict[str, Any]:
    """How a finding stands to the baseline, and who answers for it."""
    told: dict[str, Any] = {}
    if report.has_baseline and entry.section is not Section.WAIVED:
        told["baselineState"] = "unchanged" if entry.section is Section.KNOWN else "new"
    if entry.waiver is not None:
        told["suppressions"] = [_suppression(entry.waiver, report, redaction)]
    return told


def _suppression(waiver: Waiver, report: Report, redaction: Redaction) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": "inSource" if waiver.origin.startswith("urn:") else "external",
        "status": "accepted",
        "justification": redaction.text(waiver.reason),
        "properties": {
            "owner": redaction.text(waiver.owner),
            "approver": redaction.text(waiver.approver),
            "created": waiver.created.isoformat(),
            "expires": waiver.expires.isoformat(),
            "origin": waiver.origin,
        },
    }
    if waiver.source is not None:
        told["location"] = {"physicalLocation": physical(waiver.source, report.root)}
    return told


def _result(finding: Finding, report: Report, redaction: Redaction) -> dict[str, Any]:
    violated = finding.verdict is Verdict.VIOLATED
    message = redaction.text(finding.message).rstrip(".")
    result: dict[str, Any] = {
        "ruleId": finding.control.id,
        "kind": "fail" if violated else "open",
        "level": _LEVEL[finding.severity] if violated else "none",
        "message": {"text": _sentence(finding, message)},
        "locations": [location(finding.resource, report.root)],
        "properties": {
            "verdict": finding.verdict,
            "severity": finding.severity,
            "stack": report.environment.stack,
            "path": finding.path,
        },
    }
    remedy = [encoded(change) for change in changes(finding, redaction)]
    if remedy:
        result["properties"]["remedy"] = remedy
    if finding.chain:
        result["codeFlows"] = code_flows(finding, report, redaction)
    return result


def _sentence(finding: Finding, message: str) -> str:
    """What stands beside the line in a pull request: the resource, the fault and the fix."""
    where = label(finding.resource)
    if finding.path and not names(message, finding.path):
        where += f", {finding.path}"
    said = f"{where}: {message}."
    if finding.verdict is Verdict.VIOLATED:
        return f"{said} {finding.control.fix}"
    return f"{said} Not judged: {finding.control.title}"


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _invocation(report: Report, rules: dict[str, int], redaction: Redaction) -> dict[str, Any]:
    broken = report.evaluation.of(Verdict.BROKEN)
    notifications = [
        *(_failure(item, rules[item.control.id], report.root, redaction) for item in broken),
        *(_unseen(item, report.root) for item in report.opaque),
        *_said(report.environment.diagnostics, report, redaction),
    ]
    return {
        "executionSuccessful": not broken and not report.failed,
        "exitCode": report.exit_code,
        "exitCodeDescription": report.outcome,
        "toolExecutionNotifications": notifications,
    }


def _failure(finding: Finding, rule: int, root: str, redaction: Redaction) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": redaction.text(finding.message)},
        "associatedRule": {"id": finding.control.id, "index": rule},
        "locations": [location(finding.resource, root)],
    }


def _unseen(resource: Resource, root: str) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": f"{label(resource)}: what it contains was not judged"},
        "locations": [location(resource, root)],
    }


def _said(
    diagnostics: Sequence[Diagnostic], report: Report, redaction: Redaction
) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    for item in diagnostics:
        notification: dict[str, Any] = {
            "level": _NOTIFICATION_LEVEL[item.severity],
            "message": {"text": redaction.text(item.message)},
        }
        about = report.environment.by_urn.get(item.urn)
        if about is not None:
            notification["locations"] = [location(about, report.root)]
        said.append(notification)
    return said

"""The JSON report.

Version 1 is an object of:

- `version`: 1. A field that is taken away or changes its meaning raises it; a new one does not.
- `environment`: `organization`, `project`, `stack`, and `outputs`, the stack's own.
- `outcome`: `clean`, `blocked` or `undecided`; `exit_code`: 0, 1, 2 (0 also for an undecided run
  that may be); `fail_on`: the least severity that blocks.
- `summary`: numbers of `resources` (what providers make or read; neither the stack nor default
  providers), `components`, `controls` and
  `judged` (pairs of control and resource); `violated`, `undecided` and `broken` by severity;
  `opaque`, the components whose contents were not judged.
- `findings`, worst first: `control`, `title`, `severity`, `verdict` (`violated`, `undecided`,
  `broken`), `decides` (whether it keeps the outcome from being clean), `urn`, `type`, `name`,
  `path`, `message`, `why`, `fix`, `requirements` (objects of `framework` and `id`), `file` and
  `line` (null where the declaration is not known).
- `diagnostics`: `severity`, `message`, `urn` (empty where none is meant).
- `resources`, in order of registration: `urn`, `type`, `name`, `id`, `component`, `existing`,
  `opaque`, `parent`, `provider`, `protect`, `source` (null or `file` and `line`), `inputs`,
  `outputs`, `dependencies`.

In inputs and outputs a secret is the string `[secret]`, a value that only a deployment can know is
`{"$unknown": true}`, and a file, text or archive is `{"$asset": {...}}`.
"""

from __future__ import annotations

from typing import Any, Final

from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.environment import Environment, Resource
from fintech_infra.report.encoding import document, encode
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Report, by_severity, is_component

VERSION: Final = 1


def to_json(report: Report) -> str:
    """Render a report as JSON; the module says what is in it."""
    redaction = Redaction(report.environment)
    environment, evaluation = report.environment, report.evaluation
    return document(
        {
            "version": VERSION,
            "environment": _environment(environment, redaction),
            "outcome": report.outcome,
            "exit_code": report.exit_code,
            "fail_on": report.fail_on,
            "summary": _summary(report),
            "findings": [_finding(item, report, redaction) for item in evaluation.findings],
            "diagnostics": [
                {
                    "severity": item.severity,
                    "message": redaction.text(item.message),
                    "urn": item.urn,
                }
                for item in environment.diagnostics
            ],
            "resources": [_resource(item, redaction) for item in environment.resources],
        }
    )


def _environment(environment: Environment, redaction: Redaction) -> dict[str, Any]:
    return {
        "organization": environment.organization,
        "project": environment.project,
        "stack": environment.stack,
        "outputs": encode(redaction.exports(environment)),
    }


def _summary(report: Report) -> dict[str, Any]:
    evaluation = report.evaluation
    return {
        "resources": len(report.resources),
        "components": len(report.components),
        "controls": len(evaluation.controls),
        "judged": evaluation.judged,
        **{str(verdict): by_severity(evaluation.of(verdict)) for verdict in Verdict},
        "opaque": len(report.opaque),
    }


def _finding(finding: Finding, report: Report, redaction: Redaction) -> dict[str, Any]:
    control, resource = finding.control, finding.resource
    source = resource.source
    return {
        "control": control.id,
        "title": control.title,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "decides": report.decides(finding),
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "path": finding.path,
        "message": redaction.text(finding.message),
        "why": control.why,
        "fix": control.fix,
        "requirements": [
            {"framework": framework, "id": item} for framework, item in report.supports(control)
        ],
        "file": source.file if source else None,
        "line": source.line if source else None,
    }


def _resource(resource: Resource, redaction: Redaction) -> dict[str, Any]:
    source = resource.source
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "id": redaction.text(resource.id),
        "component": is_component(resource),
        "existing": resource.existing,
        "opaque": resource.opaque,
        "parent": resource.parent,
        "provider": resource.provider,
        "protect": resource.options.protect,
        "source": {"file": source.file, "line": source.line} if source else None,
        "inputs": encode(redaction.inputs(resource)),
        "outputs": encode(redaction.outputs(resource)),
        "dependencies": list(resource.dependencies),
    }

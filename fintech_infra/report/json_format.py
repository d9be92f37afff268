"""The JSON report.

Version 1 is an object of:

- `version`: 1. A field that is taken away or changes its meaning raises it; a new one does not.
- `environment`: `organization`, `project`, `stack`, and `outputs`, the stack's own.
- `outcome`: `clean`, `blocked` or `undecided`; `exit_code`: 0, 1, 2 (0 also for an undecided run
  that may be); `fail_on`: the least severity that blocks.
- `summary`: numbers of `resources` (what providers make or read; neither the stack nor default
  providers), `components`, `controls` and
  `judged` (pairs of control and resource); `violated`, `undecided` and `broken` by severity;
  `opaque`, the components whose contents were not judged; `waived`, `known` and `fixed`.
- `findings`, worst first: `control`, `title`, `severity`, `verdict` (`violated`, `undecided`,
  `broken`), `decides` (whether it keeps the outcome from being clean), `urn`, `type`, `name`,
  `path`, `message`, `why`, `fix`, `requirements` (objects of `framework` and `id`), `file` and
  `line` (null where the declaration is not known), `chain` and `remedy`.
  `chain` is the path through the environment that proves the finding, empty where there is none:
  objects of `source` and `target` (a URN, or a word for what lies outside), `kind`, `why`, `urn`
  and `path` (what declares the step) and `certain`. `remedy` is a safe fix, empty where there is
  none: objects of `path`, `old` and `new`, null for absent.
- `waived`: findings that somebody answers for, each with `waiver`: `reason`, `owner`, `approver`,
  `created` and `expires` (days), `origin` (where it is written), `resource` (its pattern) and
  `ticket`. `known`: findings that the baseline has, too. Neither decides the outcome. `fixed`:
  violations that the baseline alone has, objects of `control`, `urn`, `path` and `message`.
- `diagnostics`: `severity`, `message`, `urn` (empty where none is meant).
- `resources`, in order of registration: `urn`, `type`, `name`, `id`, `component`, `existing`,
  `opaque`, `parent`, `provider`, `protect`, `source` (null or `file` and `line`), `inputs`,
  `outputs`, `dependencies`.

In inputs and outputs a secret is the string `[secret]`, a value that only a deployment can know is
`{"$unknown": true}`, and a file, text or archive is `{"$asset": {...}}`.
"""

from __future__ import annotations

from typing import Any, Final

from fintech_infra.controls.evaluate import Former, Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph import Edge
from fintech_infra.report.encoding import document, encode
from fintech_infra.report.patch import changes, encoded
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Entry, Report, Section, by_severity, is_component

VERSION: Final = 1


SCHEMA: Final = "report.schema.json"
"""The schema of the report, a file beside this module."""


def to_json(report: Report) -> str:
    """Render a report as JSON; the module says what is in it."""
    redaction = Redaction(report.environment)
    environment = report.environment
    entries: dict[Section, list[dict[str, Any]]] = {section: [] for section in Section}
    for entry in report.entries:
        entries[entry.section].append(_finding(entry, report, redaction))
    return document(
        {
            "version": VERSION,
            "environment": _environment(environment, redaction),
            "outcome": report.outcome,
            "exit_code": report.exit_code,
            "fail_on": report.fail_on,
            "summary": _summary(report),
            "findings": entries[Section.NEW],
            "waived": entries[Section.WAIVED],
            "known": entries[Section.KNOWN],
            "fixed": [_former(item, redaction) for item in report.evaluation.fixed],
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
        **report.settled,
    }


def _former(former: Former, redaction: Redaction) -> dict[str, Any]:
    return {
        "control": former.control,
        "urn": former.urn,
        "path": former.path,
        "message": redaction.text(former.message),
    }


def _waiver(waiver: Waiver, redaction: Redaction) -> dict[str, Any]:
    return {
        "reason": redaction.text(waiver.reason),
        "owner": redaction.text(waiver.owner),
        "approver": redaction.text(waiver.approver),
        "created": waiver.created.isoformat(),
        "expires": waiver.expires.isoformat(),
        "origin": waiver.origin,
        "resource": waiver.resource,
        "ticket": redaction.text(waiver.ticket),
    }


def _finding(entry: Entry, report: Report, redaction: Redaction) -> dict[str, Any]:
    finding = entry.finding
    control, resource = finding.control, finding.resource
    source = resource.source
    told: dict[str, Any] = {
        "control": control.id,
        "title": control.title,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "decides": entry.section is Section.NEW and report.decides(finding),
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
        "chain": [_edge(edge, redaction) for edge in finding.chain],
        "remedy": [encoded(change) for change in changes(finding, redaction)],
    }
    if entry.waiver is not None:
        told["waiver"] = _waiver(entry.waiver, redaction)
    return told


def _edge(edge: Edge, redaction: Redaction) -> dict[str, Any]:
    return {
        "source": edge.source,
        "kind": edge.kind,
        "target": edge.target,
        "why": redaction.text(edge.why),
        "urn": edge.urn,
        "path": edge.path,
        "certain": edge.certain,
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

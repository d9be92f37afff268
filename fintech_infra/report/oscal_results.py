"""The result of an OSCAL document: what was looked at, what was seen, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Verdict, subjects
from fintech_infra.environment import Resource
from fintech_infra.report.encoding import own_version
from fintech_infra.report.naming import counted, label
from fintech_infra.report.oscal_items import (
    Json,
    identity,
    inventory_item,
    moment,
    origin,
    props,
    subject,
    tool,
)
from fintech_infra.report.oscal_objectives import objective, requirements
from fintech_infra.report.oscal_risks import Key, by_risk, risk, risk_id
from fintech_infra.report.paths import chain_lines
from fintech_infra.report.plain import one_line
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Report

_HELD: Final = "held"


@dataclass(slots=True)
class Seen:
    """What one control saw: resources for which it holds, and findings by verdict."""

    control: Control
    held: list[Resource] = field(default_factory=list[Resource])
    findings: dict[Verdict, list[Finding]] = field(default_factory=dict[Verdict, list[Finding]])

    @property
    def anything(self) -> bool:
        """Whether there was a resource to judge."""
        return bool(self.held or self.findings)


def seen(report: Report) -> list[Seen]:
    """Return what each control saw, in order of the controls."""
    found = {control.id: Seen(control) for control in report.controls}
    faulty: dict[str, set[str]] = {}
    for finding in report.evaluation.every:
        of = found[finding.control.id]
        of.findings.setdefault(finding.verdict, []).append(finding)
        faulty.setdefault(finding.control.id, set()).add(finding.resource.urn)
    for id_, of in found.items():
        judged = subjects(of.control, report.environment)
        of.held = [item for item in judged if item.urn not in faulty.get(id_, set())]
    return list(found.values())


def result(
    report: Report, at: datetime, framework: str, saw: Sequence[Seen], redaction: Redaction
) -> Json:
    """The one result of a run."""
    environment = report.environment
    reviewed = requirements(report.controls, framework, report)
    resources = {item.urn: item for of in saw for item in _resources(of)}
    resources |= {item.urn: item for item in report.opaque}
    told: Json = {
        "uuid": identity("result", *_place(report), moment(at)),
        "title": one_line(f"{environment.project} / {environment.stack}"),
        "description": "An offline preview of the stack, held to compliance controls. It shows how "
        "the environment is built, not how the organisation works.",
        "start": moment(at),
        "end": moment(at),
        "props": props([("outcome", report.outcome), ("fail-on", report.fail_on)]),
        "local-definitions": _assets(resources.values()),
        "reviewed-controls": {
            "control-selections": [{"include-controls": [{"control-id": id_} for id_ in reviewed]}],
            "control-objective-selections": [
                {"include-objectives": [{"objective-id": objective(id_)} for id_ in reviewed]}
            ],
        },
    }
    risks = by_risk(report.entries)
    parts = {
        "observations": [
            *(part for of in saw for part in _observations(of, report, at, redaction)),
            *(_hidden(item, report, at) for item in report.opaque),
        ],
        "risks": [
            risk(key, found, _observed(key[0], Verdict.VIOLATED, report), report, redaction)
            for key, found in risks.items()
        ],
        "findings": list(_findings(report, framework, saw, risks)),
    }
    return told | {name: part for name, part in parts.items() if part}


def _place(report: Report) -> tuple[str, str, str]:
    environment = report.environment
    return environment.organization, environment.project, environment.stack


def _resources(of: Seen) -> Iterable[Resource]:
    yield from of.held
    for findings in of.findings.values():
        yield from (finding.resource for finding in findings)


def _assets(resources: Iterable[Resource]) -> Json:
    told: Json = {
        "assessment-assets": {
            "components": [
                {
                    "uuid": tool(),
                    "type": "software",
                    "title": "fintech-infra",
                    "description": "Runs a Pulumi program offline and holds it to controls.",
                    "props": [{"name": "version", "value": own_version() or "0"}],
                    "status": {"state": "operational"},
                }
            ],
            "assessment-platforms": [
                {
                    "uuid": identity("platform"),
                    "title": "Offline preview",
                    "uses-components": [{"component-uuid": tool()}],
                }
            ],
        }
    }
    items = [inventory_item(item) for item in resources]
    return told | ({"inventory-items": items} if items else {})


def _observed(control: str, verdict: str, report: Report) -> str:
    return identity("observation", *_place(report), control, verdict)


def _observations(of: Seen, report: Report, at: datetime, redaction: Redaction) -> Iterable[Json]:
    if of.held:
        yield _observation(of.control, _HELD, of.held, report, at)
    for verdict, findings in of.findings.items():
        told = _observation(of.control, verdict, [item.resource for item in findings], report, at)
        told["relevant-evidence"] = [_evidence(item, report, redaction) for item in findings]
        yield told


def _observation(
    control: Control, verdict: str, resources: Sequence[Resource], report: Report, at: datetime
) -> Json:
    facts = [("control", control.id), ("verdict", verdict), ("severity", control.severity)]
    return {
        "uuid": _observed(control.id, verdict, report),
        "title": one_line(control.title),
        "description": control.description,
        "props": props(facts),
        "methods": ["TEST"],
        "types": ["control-objective" if verdict == _HELD else "finding"],
        "origins": [origin()],
        "subjects": [subject(item) for item in {item.urn: item for item in resources}.values()],
        "collected": moment(at),
    }


def _evidence(finding: Finding, report: Report, redaction: Redaction) -> Json:
    said = redaction.text(finding.message)
    told: Json = {"description": one_line(f"{label(finding.resource)}: {said}")}
    source = finding.resource.source
    facts = props([("property", finding.path), ("source", str(source) if source else "")])
    if facts:
        told["props"] = facts
    chain = [redaction.text(line) for line in chain_lines(finding.chain, report.environment)]
    if chain:
        told["remarks"] = "\n".join(one_line(line) for line in chain)
    return told


def _hidden(resource: Resource, report: Report, at: datetime) -> Json:
    return {
        "uuid": identity("hidden", *_place(report), resource.urn),
        "title": "Contents that a preview cannot see",
        "description": one_line(f"{label(resource)}: what it contains was not judged."),
        "methods": ["TEST"],
        "types": ["discovery"],
        "origins": [origin()],
        "subjects": [subject(resource)],
        "collected": moment(at),
    }


def _findings(
    report: Report, framework: str, saw: Sequence[Seen], risks: dict[Key, list[Finding]]
) -> Iterable[Json]:
    """Yield a finding for each requirement of which something was seen."""
    supporting: dict[str, list[Seen]] = {}
    for of in saw:
        if of.anything:
            for id_ in requirements([of.control], framework, report):
                supporting.setdefault(id_, []).append(of)
    names = requirements(report.controls, framework, report)
    for id_, found in sorted(supporting.items(), key=lambda item: names[item[0]]):
        yield _finding(id_, names[id_], found, report, risks)


def _finding(
    id_: str, name: str, found: Sequence[Seen], report: Report, risks: dict[Key, list[Finding]]
) -> Json:
    ids = {of.control.id for of in found}
    observations = [
        _observed(of.control.id, verdict, report)
        for of in found
        for verdict in ([_HELD] if of.held else []) + list(of.findings)
    ]
    related = [risk_id(key, report) for key in risks if key[0] in ids]
    told: Json = {
        "uuid": identity("finding", *_place(report), id_),
        "title": f"{name}: what a preview can decide",
        "description": f"{counted(len(found), 'control')} that support {name} saw something to "
        "judge. They support the requirement and do not fulfil it.",
        "origins": [origin()],
        "target": {
            "type": "objective-id",
            "target-id": objective(id_),
            "status": _status(found, report),
        },
        "related-observations": [{"observation-uuid": item} for item in observations],
    }
    if related:
        told["related-risks"] = [{"risk-uuid": item} for item in related]
    return told


def _status(found: Sequence[Seen], report: Report) -> Json:
    """Satisfied only where everything was seen and all of it holds."""
    verdicts = {verdict for of in found for verdict in of.findings}
    if Verdict.VIOLATED in verdicts:
        return {"state": "not-satisfied", "reason": "fail"}
    unknown = [item for item in Verdict if item in verdicts]
    if unknown or report.opaque or report.failed:
        why = ", ".join(unknown) or "parts of the environment were not seen"
        return {"state": "not-satisfied", "reason": "other", "remarks": f"Not decided: {why}."}
    return {"state": "satisfied", "reason": "pass"}

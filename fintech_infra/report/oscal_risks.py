"""Risks of an OSCAL document: what is violated, how to mend it, and who lets it stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.report.naming import label
from fintech_infra.report.oscal_items import Json, day, identity, moment, origin, prop, props
from fintech_infra.report.patch import change_line, changes
from fintech_infra.report.plain import one_line
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Entry, Report, Section

_OSCAL: Final = "http://csrc.nist.gov/ns/oscal"

Key = tuple[str, Section, Waiver | None]
"""Control, section and waiver: what one risk is about."""


def by_risk(entries: Iterable[Entry]) -> dict[Key, list[Finding]]:
    """Return violations by the risk that they are part of, in order."""
    risks: dict[Key, list[Finding]] = {}
    for entry in entries:
        if entry.finding.verdict is Verdict.VIOLATED:
            key = (entry.finding.control.id, entry.section, entry.waiver)
            risks.setdefault(key, []).append(entry.finding)
    return risks


def risk_id(key: Key, report: Report) -> str:
    """The id of a risk, the same in every run of the stack."""
    control, section, waiver = key
    environment = report.environment
    place = (environment.organization, environment.project, environment.stack)
    by = (waiver.origin, waiver.resource, waiver.created.isoformat()) if waiver else ()
    return identity("risk", *place, control, section, *by)


def risk(
    key: Key, findings: list[Finding], observation: str, report: Report, redaction: Redaction
) -> Json:
    """One control that is violated, with its findings of one section."""
    _, section, waiver = key
    control, id_ = findings[0].control, risk_id(key, report)
    listed = "; ".join(_said(finding, redaction) for finding in findings)
    told: Json = {
        "uuid": id_,
        "title": f"{one_line(control.id)} is violated",
        "description": f"Does not hold: {control.title} Found: {listed}",
        "statement": control.why,
        "props": props([("control", control.id), ("section", section)]),
        "status": "deviation-approved" if waiver else "open",
        "origins": [origin()],
        "characterizations": [
            {
                "origin": origin(),
                "facets": [{"name": "severity", "system": _OSCAL, "value": control.severity}],
            }
        ],
        "remediations": [_fix(id_, findings, redaction)],
        "related-observations": [{"observation-uuid": observation}],
    }
    if waiver is not None:
        told["deadline"] = day(waiver.expires, end=True)
        told["remediations"].append(_acceptance(id_, waiver, redaction))
        told["risk-log"] = {"entries": [_approval(id_, waiver, redaction)]}
    elif report.at is not None:
        told["risk-log"] = {"entries": [_opened(id_, report.at)]}
    return told


def _said(finding: Finding, redaction: Redaction) -> str:
    path = f", {finding.path}" if finding.path else ""
    return one_line(f"{label(finding.resource)}{path}: {redaction.text(finding.message)}")


def _fix(risk: str, findings: list[Finding], redaction: Redaction) -> Json:
    told: Json = {
        "uuid": identity("fix", risk),
        "lifecycle": "recommendation",
        "title": "Fix",
        "description": findings[0].control.fix,
        "props": [{"name": "type", "value": "mitigate"}],
    }
    lines = [
        f"{label(finding.resource)}: {change_line(change)}"
        for finding in findings
        for change in changes(finding, redaction)
    ]
    if lines:
        told["remarks"] = "\n".join(dict.fromkeys(one_line(line) for line in lines))
    return told


def _acceptance(risk: str, waiver: Waiver, redaction: Redaction) -> Json:
    return {
        "uuid": identity("waiver", risk),
        "lifecycle": "completed",
        "title": "Waiver",
        "description": redaction.text(waiver.reason) or "-",
        "props": [{"name": "type", "value": "accept"}, *_terms(waiver, redaction)],
    }


def _approval(risk: str, waiver: Waiver, redaction: Redaction) -> Json:
    return {
        "uuid": identity("approval", risk),
        "title": "Waived",
        "description": redaction.text(waiver.reason) or "-",
        "start": day(waiver.created),
        "end": day(waiver.expires, end=True),
        "props": [{"name": "type", "value": "dr-approved"}, *_terms(waiver, redaction)],
        "status-change": "deviation-approved",
        "related-responses": [{"response-uuid": identity("waiver", risk)}],
    }


def _terms(waiver: Waiver, redaction: Redaction) -> list[Json]:
    facts = (
        ("owner", redaction.text(waiver.owner)),
        ("approver", redaction.text(waiver.approver)),
        ("ticket", redaction.text(waiver.ticket)),
        ("resource", waiver.resource),
        ("origin", waiver.origin),
    )
    return props(facts)


def _opened(risk: str, at: datetime) -> Json:
    return {
        "uuid": identity("opened", risk),
        "title": "Found",
        "start": moment(at),
        "props": [prop("event", "found by the run")],
        "status-change": "open",
    }

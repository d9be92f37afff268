"""The JUnit report, for CI systems that show tests.

Something is red exactly where the exit code is not 0:

- A control is a test suite, a finding a test case.
- A violation at the threshold is a `failure`; what could not be judged, for want of a value or
  because the control failed, an `error`, so that it never looks like a pass.
- A finding below the threshold is `skipped` with its message: seen, but not red. So is what a
  preview cannot know, where the run allows that, what is waived and what the baseline has, too.
- A control without findings is one passing case, named by what holds; it passes, too, where the
  environment has nothing that it judges.
- Components whose contents a preview cannot see, and errors of the run itself, are suites of
  their own with an `error` each.

Times are written as 0, since the same input gives the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Verdict
from fintech_infra.controls.waivers import Waiver
from fintech_infra.environment import Resource
from fintech_infra.report.naming import compact, label
from fintech_infra.report.patch import change_line, changes
from fintech_infra.report.paths import chain_lines
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Entry, Report, Section

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write, escaped or not."""


def to_junit(report: Report) -> str:
    """Render a report as JUnit XML, to be written as UTF-8; the module says what becomes what."""
    environment = report.environment
    root = Element("testsuites", name=_clean(f"{environment.project}/{environment.stack}"))
    redaction = Redaction(environment)
    found: dict[str, list[Entry]] = {}
    for entry in report.entries:
        found.setdefault(entry.finding.control.id, []).append(entry)
    for control in report.controls:
        _control(root, control, found.get(control.id, []), report, redaction)
    _unseen(root, report)
    _errors(root, report, redaction)
    _count(root)
    for suite in root:
        _count(suite)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _control(
    root: Element, control: Control, entries: list[Entry], report: Report, redaction: Redaction
) -> None:
    suite = SubElement(root, "testsuite", name=control.id)
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="severity", value=control.severity)
    supports = _clean(compact(report.supports(control)))
    if supports:
        SubElement(properties, "property", name="supports", value=supports)
    if not entries:
        _case(suite, control.title)
    names: Counter[str] = Counter()
    for entry in entries:
        name = _name(entry.finding)
        names[name] += 1
        numbered = name if names[name] == 1 else f"{name} #{names[name]}"
        case = _case(suite, numbered, entry.finding.resource)
        _verdict(case, entry, supports, report, redaction)


def _name(finding: Finding) -> str:
    where = label(finding.resource)
    return f"{where}: {finding.path}" if finding.path else where


def _case(suite: Element, name: str, resource: Resource | None = None) -> Element:
    case = SubElement(
        suite, "testcase", classname=suite.get("name", ""), name=_clean(name), time="0"
    )
    if resource is not None and resource.source is not None:
        case.set("file", _clean(resource.source.file))
        case.set("line", str(resource.source.line))
    return case


def _verdict(
    case: Element, entry: Entry, supports: str, report: Report, redaction: Redaction
) -> None:
    finding = entry.finding
    message = _clean(redaction.text(finding.message))
    excuse = _clean(redaction.text(_excuse(entry, report)))
    if excuse:
        SubElement(case, "skipped", message=f"{finding.severity}, {excuse}: {message}")
        return
    tag = "failure" if finding.verdict is Verdict.VIOLATED else "error"
    outcome = SubElement(case, tag, message=message, type=f"{finding.severity} {finding.verdict}")
    lines = [
        message,
        f"resource: {finding.resource.urn}",
        f"property: {finding.path}" if finding.path else "",
        f"source: {finding.resource.source}" if finding.resource.source else "",
        *_path(finding, report, redaction),
        f"why: {finding.control.why}",
        f"fix: {finding.control.fix}",
        *(f"patch: {change_line(change)}" for change in changes(finding, redaction)),
        f"supports: {supports}" if supports else "",
    ]
    outcome.text = _clean("\n".join(line for line in lines if line))


def _path(finding: Finding, report: Report, redaction: Redaction) -> list[str]:
    lines = chain_lines(finding.chain, report.environment)
    return [f"path: {redaction.text(line)}" for line in lines]


def _excuse(entry: Entry, report: Report) -> str:
    """Why a finding is not red; empty where it is."""
    finding = entry.finding
    if entry.waiver is not None:
        return _waived(entry.waiver)
    if entry.section is Section.KNOWN:
        return "known, the baseline has it"
    excuse = report.excuse(finding)
    if excuse:
        return excuse
    if finding.verdict is Verdict.UNDECIDED and report.allow_undecided:
        return "undecided and allowed to be"
    return ""


def _waived(waiver: Waiver) -> str:
    return (
        f"waived until {waiver.expires} by {waiver.owner}, approved by {waiver.approver}, "
        f"since {waiver.created}, {waiver.origin}, because: {waiver.reason.rstrip('.')}"
    )


def _unseen(root: Element, report: Report) -> None:
    if report.opaque:
        suite = SubElement(root, "testsuite", name="contents a preview cannot see")
        for resource in report.opaque:
            case = _case(suite, label(resource), resource)
            if report.allow_undecided:
                SubElement(case, "skipped", message="what it contains was not judged")
            else:
                SubElement(case, "error", message="what it contains was not judged", type="opaque")


def _errors(root: Element, report: Report, redaction: Redaction) -> None:
    errors = [item for item in report.environment.diagnostics if item.severity == "error"]
    if errors:
        suite = SubElement(root, "testsuite", name="run")
        for at, item in enumerate(errors, start=1):
            case = _case(suite, f"error {at}", report.environment.by_urn.get(item.urn))
            message = _clean(redaction.text(item.message))
            SubElement(case, "error", message=message, type="diagnostic")


def _count(element: Element) -> None:
    """Say how many cases there are below an element, and how many of each kind."""
    counted = (("tests", "testcase"), ("failures", "failure"), ("errors", "error"))
    for name, tag in (*counted, ("skipped", "skipped")):
        element.set(name, str(sum(1 for _ in element.iter(tag))))
    element.set("time", "0")

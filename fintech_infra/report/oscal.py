"""OSCAL assessment results, for tools of governance, risk and compliance.

A requirement of NIST SP 800-53 is a finding. Its target is not the whole requirement but a local
objective, what a preview can decide of it, made of the facts of the controls that support it:
`satisfied` claims no more than that. What is violated is not satisfied, waived or not; what could
not be decided is not satisfied either, with the reason `other`. An observation says what one
control saw and of which resources, those for which it holds included. What is violated is a risk
as well, `deviation-approved` where it is waived, with the waiver in its log.

OSCAL wants to know the assessment plan. There is none for an automated check, so the document
points to a resource of its own that says what was planned.

All ids are UUIDs of version 5 of what they stand for; the document's is one of its content. Times
are `Report.at`. The library that OSCAL's maintainers keep for Python, `compliance-trestle`, has the
last word on the form; it comes with `fintech_infra[oscal]`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import datetime
from importlib.util import find_spec
from typing import Final

from fintech_infra.report.encoding import document
from fintech_infra.report.errors import FormatError
from fintech_infra.report.oscal_items import Json, identity, moment
from fintech_infra.report.oscal_objectives import objectives, requirements
from fintech_infra.report.oscal_results import result, seen
from fintech_infra.report.plain import one_line
from fintech_infra.report.redact import Redaction
from fintech_infra.report.summary import Report

FRAMEWORK: Final = "NIST 800-53"
"""The framework whose requirements OSCAL has ids for, as `Report.requirements` names it."""

_PLAN: Final = (
    "No assessment plan in OSCAL governs this run. The program of the stack was run offline, every "
    "output was simulated, and each resource was held to each control that names its type. The "
    "controls and the requirements that they support are the local objectives of this document.\n"
)


def check_library() -> None:
    """Say whether OSCAL documents can be written.

    Raises:
        FormatError: the library for OSCAL is not installed.
    """
    if find_spec("trestle") is None:
        raise FormatError(
            "the format oscal needs the library compliance-trestle, which is not installed; "
            "install it with: pip install 'fintech_infra[oscal]'"
        )


def to_oscal(report: Report) -> str:
    """Render a report as OSCAL assessment results in JSON; the module says what becomes what.

    Raises:
        FormatError: the library is not installed, `Report.at` has no time with a zone, or no
            control of the run supports a requirement of NIST SP 800-53.
    """
    check_library()
    at = report.at
    if at is None or at.tzinfo is None:
        given = "none" if at is None else f"{at.isoformat()} without a time zone"
        raise FormatError(f"the format oscal needs the time of the run, given is {given}")
    if not requirements(report.controls, FRAMEWORK, report):
        raise FormatError(
            f"the format oscal is about requirements of {FRAMEWORK}, and none of the "
            f"{len(report.controls)} controls of this run supports one: choose more controls, or "
            "another format"
        )
    return _checked(_results(report, at))


def _results(report: Report, at: datetime) -> Json:
    environment, redaction = report.environment, Redaction(report.environment)
    saw = seen(report)
    plan = identity("plan")
    told: Json = {
        "metadata": {
            "title": one_line(f"Controls of {environment.project} / {environment.stack}"),
            "last-modified": moment(at),
            "version": moment(at),
            "oscal-version": _oscal_version(),
        },
        "import-ap": {"href": f"#{plan}"},
        "local-definitions": {"objectives-and-methods": objectives(FRAMEWORK, report)},
        "results": [result(report, at, FRAMEWORK, saw, redaction)],
        "back-matter": {"resources": [_plan(plan)]},
    }
    return {"uuid": identity(json.dumps(told)), **told}


def _oscal_version() -> str:
    from trestle.oscal import OSCAL_VERSION

    return OSCAL_VERSION


def _plan(id_: str) -> Json:
    return {
        "uuid": id_,
        "title": "Assessment plan",
        "description": _PLAN,
        "base64": {
            "filename": "plan.txt",
            "media-type": "text/plain",
            "value": b64encode(_PLAN.encode()).decode(),
        },
    }


def _checked(results: Json) -> str:
    """Let the library read the document, and write what it has read."""
    from trestle.oscal.assessment_results import AssessmentResults

    read = AssessmentResults.model_validate(results)
    return document(json.loads(read.oscal_serialize_json()))

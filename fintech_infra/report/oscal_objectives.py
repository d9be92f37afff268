"""Local objectives of an OSCAL document: of each requirement, what a preview can decide.

The form is that of NIST's catalogue: an objective names its method, and a method what it is
applied to.
"""

from __future__ import annotations

from collections.abc import Iterable

from fintech_infra.controls.control import Control
from fintech_infra.report.oscal_items import Json, control_id, token
from fintech_infra.report.summary import Report


def requirements(controls: Iterable[Control], framework: str, report: Report) -> dict[str, str]:
    """Return the ids of a framework's requirements that `controls` support, by OSCAL's id."""
    named = (
        item for control in controls for name, item in report.supports(control) if name == framework
    )
    return {control_id(item): item for item in sorted(named)}


def objective(requirement: str) -> str:
    """The id of what previews can decide of a requirement: a local objective, not all of it."""
    return f"{requirement}_obj.preview"


def objectives(framework: str, report: Report) -> list[Json]:
    """Return for each requirement what previews can decide of it: the facts of our controls."""
    found: dict[str, list[Control]] = {}
    for control in report.controls:
        for id_ in requirements([control], framework, report):
            found.setdefault(id_, []).append(control)
    return [
        {"control-id": id_, "parts": [_objective(id_, controls), _method(id_)]}
        for id_, controls in sorted(found.items())
    ]


def _objective(requirement: str, controls: list[Control]) -> Json:
    id_ = objective(requirement)
    return {
        "id": id_,
        "name": "assessment-objective",
        "props": [{"name": "method-id", "value": _method_id(requirement)}],
        "prose": "What a preview can decide of it.",
        "parts": [
            {
                "id": f"{id_}.{token(control.id)}",
                "name": "assessment-objective",
                "prose": control.title,
            }
            for control in controls
        ],
    }


def _method_id(requirement: str) -> str:
    return f"{requirement}_asm.preview"


def _method(requirement: str) -> Json:
    id_ = _method_id(requirement)
    return {
        "id": id_,
        "name": "assessment-method",
        "props": [{"name": "method", "value": "TEST"}],
        "parts": [
            {
                "id": f"{id_}.objects",
                "name": "assessment-objects",
                "prose": "The resources that the program of the stack declares.",
            }
        ],
    }

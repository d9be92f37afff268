"""The path that proves a finding, as a SARIF code flow: one location a step."""

from __future__ import annotations

from typing import Any

from fintech_infra.controls.evaluate import Finding
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.graph import Edge
from fintech_infra.report.paths import node_label
from fintech_infra.report.redact import Redaction
from fintech_infra.report.sarif_places import location, physical
from fintech_infra.report.summary import Report


def code_flows(finding: Finding, report: Report, redaction: Redaction) -> list[dict[str, Any]]:
    """Return one flow: where the path starts, and each step at the line that declares it.

    What lies outside of the program, such as the internet, stands where the program lets it in.
    """
    environment, first = report.environment, finding.chain[0]
    steps = [_step(node_label(first.source, environment), _declarer(first, environment), report)]
    for edge in finding.chain:
        doubt = "" if edge.certain else " (not certain before deployment)"
        said = f"{node_label(edge.target, environment)}: {edge.why}{doubt}"
        step = _step(redaction.text(said), _declarer(edge, environment), report)
        step["kinds"] = [edge.kind]
        steps.append(step)
    return [{"threadFlows": [{"locations": steps}]}]


def _declarer(edge: Edge, environment: Environment) -> Resource | None:
    """The resource whose declaration makes the step."""
    found = (environment.by_urn.get(urn) for urn in (edge.urn, edge.target, edge.source))
    return next((resource for resource in found if resource is not None), None)


def _step(text: str, resource: Resource | None, report: Report) -> dict[str, Any]:
    place = (
        location(resource, report.root)
        if resource is not None
        else {"physicalLocation": physical(None, report.root)}
    )
    return {"location": {**place, "message": {"text": text}}}

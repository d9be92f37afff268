"""Where things are, as SARIF says it: a line of the program, and a resource by its URN."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from fintech_infra.environment import Resource, Source
from fintech_infra.report.summary import Report

_PROJECT_FILE: Final = "Pulumi.yaml"
"""Stands in for the source of a resource whose declaration is not known: code hosts refuse a
whole report for one result without a file."""


def location(resource: Resource, root: str) -> dict[str, Any]:
    """The place of a resource; `root` is where the project lies in its repository."""
    return {
        "physicalLocation": physical(resource.source, root),
        "logicalLocations": [
            {"name": resource.name, "fullyQualifiedName": resource.urn, "kind": "resource"}
        ],
    }


def physical(source: Source | None, root: str) -> dict[str, Any]:
    """A line of a file of the repository, or of one outside of it."""
    file = (source.file if source else _PROJECT_FILE).replace("\\", "/")
    if file.startswith("/") or file[1:3] == ":/":
        artifact = {"uri": f"file:///{_quoted(file.lstrip('/'), '/:')}"}
    else:
        within = f"{root.strip('/')}/{file}".lstrip("/")
        artifact = {"uri": _quoted(within, "/"), "uriBaseId": "SRCROOT"}
    place: dict[str, Any] = {"artifactLocation": artifact}
    if source and source.line > 0:
        place["region"] = {"startLine": source.line}
    return place


def _quoted(path: str, kept: str) -> str:
    return quote(path, safe=kept, errors="backslashreplace")


def address(resource: Resource, report: Report) -> str:
    """Where the line that declares a resource can be read on a code host; empty if not known."""
    source, browse = resource.source, report.browse
    if source is None or not browse.startswith(("https://", "http://")):
        return ""
    artifact = physical(source, report.root)["artifactLocation"]
    base = quote(browse.rstrip("/"), safe=":/~%@+,;=-._")
    return f"{base}/{artifact['uri']}#L{source.line}" if "uriBaseId" in artifact else ""

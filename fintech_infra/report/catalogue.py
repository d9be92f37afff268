"""The catalogue of controls: the list, one control explained, and both for machines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.controls.control import Control, Scope, Severity
from fintech_infra.report.encoding import document, encode
from fintech_infra.report.naming import compact, counted, short_type
from fintech_infra.report.summary import Requirements

if TYPE_CHECKING:
    from rich.console import Console

    from fintech_infra.report.page import Page

VERSION: Final = 1
"""Of the JSON catalogue; raised when a field is taken away or changes its meaning."""

_TITLE_ROOM: Final = 40
"""Titles stand beside the ids where they have this many columns, otherwise below them."""

_REMEDY: Final = "there is one: inputs changed in place, where that is safe and needs no decision"

_SCOPE: Final = {Scope.ALL: "every environment", Scope.PROD: "production environments only"}


def controls_table(controls: Sequence[Control], console: Console) -> None:
    """Print the controls by service: severity, id, title."""
    from fintech_infra.report.page import SEVERITY_STYLE, Page, Part

    page = Page(console)
    words = max((len(severity) for severity in Severity), default=0)
    ids = max((len(control.id) for control in controls), default=0)
    beside = page.width - words - ids - 6 >= _TITLE_ROOM
    for service, found in groupby(sorted(controls, key=_order), lambda item: item.service):
        page.line((service, "bold"))
        for control in found:
            severity: Part = (control.severity.ljust(words), SEVERITY_STYLE[control.severity])
            if beside:
                lead: tuple[Part, ...] = ("  ", severity, "  ", control.id.ljust(ids), "  ")
                page.prose(control.title, lead=lead, style="dim")
            else:
                page.line("  ", severity, "  ", control.id)
                page.prose(control.title, lead=(" " * (words + 4),), style="dim")
        page.gap()
    _print_total(page, controls)
    page.finish()


def _order(control: Control) -> tuple[str, int, str]:
    return (control.service, control.severity.rank, control.id)


def _print_total(page: Page, controls: Sequence[Control]) -> None:
    severities = [item.severity for item in controls]
    counts = [f"{severities.count(word)} {word}" for word in Severity if word in severities]
    listed = f": {', '.join(counts)}" if counts else ""
    page.line(f"{counted(len(controls), 'control')}{listed}")


def control_page(control: Control, requirements: Requirements, console: Console) -> None:
    """Print all there is to know about one control."""
    from fintech_infra.report.page import SEVERITY_STYLE, Page

    page = Page(console)
    page.line((control.id, "bold"), "  ", (control.severity, SEVERITY_STYLE[control.severity]))
    page.prose(control.title)
    page.gap()
    for name, text in _fields(control, requirements, page.glyphs.dot):
        page.prose(text, lead=((name.ljust(12), "dim"),))
    page.finish()


def _fields(
    control: Control, requirements: Requirements, separator: str
) -> Iterable[tuple[str, str]]:
    yield "why", control.why
    yield "fix", control.fix
    if control.remedy is not None:
        yield "remedy", _REMEDY
    yield "judges", ", ".join(short_type(type_) for type_ in control.on)
    if control.properties:
        yield "reads", ", ".join(control.properties)
    yield "applies to", _SCOPE[control.scope]
    for parameter in control.parameters:
        yield "parameter", f"{parameter.name} ({parameter.type.__name__}): {parameter.default!r}"
    supports = compact(requirements.get(control.id, ()), separator)
    if supports:
        yield "supports", supports
    if control.source:
        yield "source", control.source


def controls_json(controls: Sequence[Control], requirements: Requirements) -> str:
    """Render controls as JSON: `version` 1 and `controls`, in the order given.

    A control is an object of `id`, `title`, `severity`, `scope`, `why`, `fix`, `types`,
    `properties`, `relational` (whether it looks at other resources, too), `remediable` (whether
    there is a safe change of inputs that mends violations, or some of them), `parameters` (objects
    of `name`, `type`, `default`), `requirements` (objects of `framework`, `id`) and `source`.
    """
    listed = [_control(control, requirements) for control in controls]
    return document({"version": VERSION, "controls": listed})


def _control(control: Control, requirements: Requirements) -> dict[str, Any]:
    return {
        "id": control.id,
        "title": control.title,
        "severity": control.severity,
        "scope": control.scope,
        "why": control.why,
        "fix": control.fix,
        "types": list(control.on),
        "properties": list(control.properties),
        "relational": control.relational,
        "remediable": control.remedy is not None,
        "parameters": [
            {"name": item.name, "type": item.type.__name__, "default": encode(item.default)}
            for item in control.parameters
        ],
        "requirements": [
            {"framework": framework, "id": item}
            for framework, item in requirements.get(control.id, ())
        ],
        "source": control.source,
    }

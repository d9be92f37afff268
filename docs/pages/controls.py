"""The page of the controls."""

from __future__ import annotations

from typing import Final

from pages.form import NOTE, page

_REMEDY: Final = (
    "a change of the resource's inputs that is made in place, shuts out nothing but what the "
    "control forbids, and leaves nobody a choice. It mends what can be mended so, which may be a "
    "part of what is found."
)


def controls_page() -> str:
    """Controls by service: what holds, why, the fix, the requirements."""
    from fintech_infra.controls import CONTROLS
    from fintech_infra.controls.frameworks import requirements

    mapped = requirements()
    lines = ["# Controls", "", NOTE, ""]
    lines += [f"{len(CONTROLS)} controls. Requirement ids say what a control supports.", ""]
    remedies = sum(item.remedy is not None for item in CONTROLS)
    lines += [f"{remedies} have a remedy: {_REMEDY}", ""]
    for item in sorted(CONTROLS, key=lambda control: control.id):
        cited = ", ".join(f"{name} {requirement}" for name, requirement in mapped.get(item.id, ()))
        lines += [f"## {item.id}", "", f"{item.title} {item.why}", ""]
        lines += [f"- severity: {item.severity}", f"- fix: {item.fix}"]
        lines += ["- remedy: yes"] if item.remedy is not None else []
        if item.parameters:
            values = ", ".join(f"`{p.name}` = {p.default!r}" for p in item.parameters)
            lines.append(f"- parameters: {values}")
        lines += [f"- judges: {', '.join(f'`{type_}`' for type_ in item.on)}"]
        lines += [f"- supports: {cited}", ""]
    return page(lines)

"""The page of the controls."""

from __future__ import annotations

from pages.form import NOTE, page


def controls_page() -> str:
    """Controls by service: what holds, why, the fix, the requirements."""
    from fintech_infra.controls import CONTROLS
    from fintech_infra.controls.frameworks import requirements

    mapped = requirements()
    lines = ["# Controls", "", NOTE, ""]
    lines += [f"{len(CONTROLS)} controls. Requirement ids say what a control supports.", ""]
    for item in sorted(CONTROLS, key=lambda control: control.id):
        cited = ", ".join(f"{name} {requirement}" for name, requirement in mapped.get(item.id, ()))
        lines += [f"## {item.id}", "", f"{item.title} {item.why}", ""]
        lines += [f"- severity: {item.severity}", f"- fix: {item.fix}"]
        if item.parameters:
            values = ", ".join(f"`{p.name}` = {p.default!r}" for p in item.parameters)
            lines.append(f"- parameters: {values}")
        lines += [f"- judges: {', '.join(f'`{type_}`' for type_ in item.on)}"]
        lines += [f"- supports: {cited}", ""]
    return page(lines)

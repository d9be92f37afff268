"""Write the reference pages from the code that they describe; `--check` finds stale ones.

Each page is a function from nothing to text, so a page and its check cannot differ.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

DOCS = Path(__file__).resolve().parent
NOTE = "<!-- Generated from the code by `make docs`; edit the code instead. -->\n\n"


def components_page() -> str:
    """Components: what each is, its arguments and outputs, from the published schema."""
    from pulumi import ComponentResource
    from pulumi.provider.experimental.analyzer import Analyzer, PropertyDefinition

    import fintech_infra

    exported = [getattr(fintech_infra, name) for name in fintech_infra.__all__]
    classes = [
        item for item in exported if isinstance(item, type) and issubclass(item, ComponentResource)
    ]
    found = Analyzer("fintech_infra").analyze(classes)
    types = found["type_definitions"]

    def rows(
        properties: Mapping[str, PropertyDefinition], names: Mapping[str, str]
    ) -> Iterator[str]:
        for key, item in properties.items():
            optional = "" if item.optional else ", required"
            yield f"- `{names.get(key, key)}` ({_type(item)}{optional}): {_flat(item.description)}"

    lines = ["# Components", "", NOTE.strip(), ""]
    for name, component in sorted(found["component_definitions"].items()):
        lines += [f"## {name}", "", _flat(component.description), "", "Arguments:", ""]
        lines += rows(component.inputs, component.inputs_mapping)
        lines += ["", "Outputs:", "", *rows(component.outputs, component.outputs_mapping), ""]
    if types:
        lines += ["## Types", ""]
    for name, item in sorted(types.items()):
        lines += [f"### {name}", "", _flat(item.description), ""]
        lines += rows(item.properties, item.properties_mapping)
        lines += [f"- `{value.value}`: {_flat(value.description)}" for value in item.enum or []]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _type(item: object) -> str:
    from pulumi.provider.experimental.analyzer import PropertyDefinition

    assert isinstance(item, PropertyDefinition)
    if item.ref:
        return item.ref.rpartition(":")[2].rpartition("/")[2]
    if item.items:
        return f"list of {_type(item.items)}"
    if item.additional_properties:
        return f"map of {_type(item.additional_properties)}"
    return item.type.value if item.type else "any"


def controls_page() -> str:
    """Controls by service: what holds, why, the fix, the requirements."""
    from fintech_infra.controls import CONTROLS
    from fintech_infra.controls.frameworks import requirements

    mapped = requirements()
    lines = ["# Controls", "", NOTE.strip(), ""]
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
    return "\n".join(lines).rstrip() + "\n"


def command_page() -> str:
    """The command line, as its own help prints it."""
    os.environ["COLUMNS"] = "100"
    from fintech_infra.cli.main import VERBS, parser

    def shown(*words: str) -> str:
        page = io.StringIO()
        with contextlib.redirect_stdout(page), contextlib.suppress(SystemExit):
            parser().parse_args([*words, "--help"])
        return page.getvalue().rstrip()

    lines = ["# Command line", "", NOTE.strip(), "", "```", shown(), "```", ""]
    for verb in VERBS:
        lines += [f"## {verb}", "", "```", shown(verb), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def picture() -> str:
    """A preview of `docs/example` as a terminal shows it."""
    from rich.console import Console

    from fintech_infra.controls import CONTROLS, evaluate
    from fintech_infra.controls.control import Severity
    from fintech_infra.controls.frameworks import requirements
    from fintech_infra.engine import preview
    from fintech_infra.report.summary import Report
    from fintech_infra.report.terminal import print_report

    environment = preview(DOCS / "example", "dev").environment
    evaluation = evaluate(environment, CONTROLS)
    report = Report(environment, evaluation, Severity.MEDIUM, requirements())
    console = Console(
        record=True, width=88, file=io.StringIO(), force_terminal=True, color_system="truecolor",
        legacy_windows=False, highlight=False,
    )  # fmt: skip
    print_report(report, console, tree=False)
    svg = console.export_svg(title="fintech-infra preview", unique_id="preview")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # fetches from elsewhere


PAGES: Mapping[str, Callable[[], str]] = {
    "preview.generated.svg": picture,
    "components.generated.md": components_page,
    "controls.generated.md": controls_page,
    "command.generated.md": command_page,
}


def _flat(text: str | None) -> str:
    return " ".join((text or "").split())


def stale(pages: Mapping[str, str]) -> Iterable[str]:
    """The names of pages whose file differs from what the code gives."""
    for name, text in pages.items():
        file = DOCS / name
        if not file.exists() or file.read_text("utf-8") != text:
            yield name


def main() -> int:
    """Write the pages, or with `--check` only name the stale ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    check = parser.parse_args().check
    pages = {name: make() for name, make in PAGES.items()}
    old = list(stale(pages))
    for name in old:
        if check:
            print(f"docs/{name} is stale; run: make docs", file=sys.stderr)
        else:
            (DOCS / name).write_text(pages[name], "utf-8")
            print(f"wrote docs/{name}")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())

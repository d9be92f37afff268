"""The page of the command, and the picture of what it prints."""

from __future__ import annotations

import contextlib
import io
import os
import re

from pages.form import DOCS, NOTE, page


def command_page() -> str:
    """The command line, as its own help prints it."""
    os.environ["COLUMNS"] = "100"
    from fintech_infra.cli.main import VERBS, parser

    def shown(*words: str) -> str:
        text = io.StringIO()
        with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
            parser().parse_args([*words, "--help"])
        return text.getvalue().rstrip()

    lines = ["# Command line", "", NOTE, "", "```", shown(), "```", ""]
    for verb in VERBS:
        lines += [f"## {verb}", "", "```", shown(verb), "```", ""]
    return page(lines)


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

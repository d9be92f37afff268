"""`fintech-infra controls`: the catalogue, and what one control asks for."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import Problem


def add_to(verbs: Any) -> None:
    """Add the verb to the command line."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "controls",
        help="list the controls, or explain one with its fix and requirements",
        description="List the controls, or explain one: why, how to fix it, which requirements.",
    )
    verb.add_argument("id", nargs="?", help="control to explain; a pattern such as 's3-*' lists")
    verb.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    verb.add_argument("--debug", action="store_true", help="show stack traces of errors")
    verb.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the catalogue or one page of it."""
    from fintech_infra.controls import CONTROLS
    from fintech_infra.controls.evaluate import select
    from fintech_infra.controls.frameworks import requirements

    try:
        chosen = select(CONTROLS, [options.id]) if options.id else tuple(CONTROLS)
    except ValueError as error:
        raise Failure([Problem(str(error), hint="fintech-infra controls lists them")]) from error
    from fintech_infra.report import catalogue as pages

    if options.format == "json":
        sys.stdout.write(pages.controls_json(chosen, requirements()))
        return 0
    from rich.console import Console

    console = Console(highlight=False)
    if options.id and len(chosen) == 1:
        pages.control_page(chosen[0], requirements(), console)
    else:
        pages.controls_table(chosen, console)
    return 0

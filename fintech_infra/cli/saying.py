"""How a report is said: the options, and the report on standard output or in a file."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from fintech_infra.cli.failure import Attempts, Failure
from fintech_infra.cli.writing import check_writable, write_whole
from fintech_infra.engine.errors import Problem
from fintech_infra.report import FORMATS, FormatError, check_format

if TYPE_CHECKING:
    from fintech_infra.report.summary import Report


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the group of options that say how a report is said."""
    said = verb.add_argument_group("how it is said")
    said.add_argument("--format", choices=("text", *FORMATS), default="text", help="default: text")
    said.add_argument(
        "--output",
        metavar="FILE",
        default="",
        help="write the report to a file, whole or not at all",
    )
    said.add_argument(
        "--save",
        metavar="FILE",
        default="",
        help="write the environment without its secrets to a file, for check and --baseline",
    )
    said.add_argument(
        "--tree", action="store_true", help="list every resource, not only components"
    )
    said.add_argument("--show", action="store_true", help="list resolved inputs of every resource")
    said.add_argument("--debug", action="store_true", help="show stack traces of errors")


def check_options(options: argparse.Namespace) -> None:
    """Fail before the work rather than after it, where nothing could be said.

    Raises:
        Failure: a file cannot be written, or the format needs what is not there; all are named.
    """
    attempts = Attempts()
    attempts.of(lambda: check_writable(options.output))
    attempts.of(lambda: check_writable(options.save, "--save"))
    attempts.of(lambda: _check_format(options.format))
    attempts.settle()


def _check_format(form: str) -> None:
    try:
        check_format(form)
    except FormatError as error:
        raise Failure([Problem(str(error))]) from error


def say(report: Report, options: argparse.Namespace) -> None:
    """Print a report, or write it to the file that the options name.

    Raises:
        Failure: the file cannot be written, or the format has no word for the report; a file
            that was there stays.
    """
    if options.format != "text":
        try:
            text = FORMATS[options.format](report)
        except FormatError as error:
            raise Failure([Problem(str(error))]) from error
        if options.output:
            _write(report, options.output, text)
        else:
            sys.stdout.write(text)
        return
    from rich.console import Console

    from fintech_infra.report.terminal import print_report

    if options.output:
        import io

        page = io.StringIO()
        print_report(report, Console(file=page, width=100), tree=options.tree, verbose=options.show)
        _write(report, options.output, page.getvalue())
    else:
        console = Console(highlight=False)
        print_report(report, console, tree=options.tree, verbose=options.show)


def import_reporting(form: str) -> None:
    """Import what a report in a form needs, while something else goes on."""
    modules = ["controls.frameworks", "report.summary"]
    if form == "text":
        modules.append("report.terminal")
    for module in modules:
        import_module(f"fintech_infra.{module}")


def _write(report: Report, path: str, text: str) -> None:
    """Write a report to a file, and tell whoever waits for it how the run ended."""
    write_whole(path, text)
    number = len(report.evaluation.findings)
    findings = f"{number or 'no'} finding{'' if number == 1 else 's'}"
    print(f"{report.outcome}, {findings}: wrote {path}", file=sys.stderr)

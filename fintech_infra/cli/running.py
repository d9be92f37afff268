"""What is previewed: the options that say so, and the program's run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fintech_infra.cli.failure import Failure
from fintech_infra.engine.errors import PreviewError

if TYPE_CHECKING:
    from fintech_infra.engine import Preview

Outputs = Mapping[str, Mapping[str, Any]]
"""Outputs of other stacks, by stack."""


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the group of options that say what is previewed."""
    what = verb.add_argument_group("what is previewed")
    what.add_argument(
        "--cwd", metavar="DIR", default=".", help="folder of the project (default: .)"
    )
    what.add_argument(
        "--config",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set or override a configuration value; repeatable",
    )
    what.add_argument(
        "--organization", metavar="NAME", default="organization", help="organization of the stack"
    )
    what.add_argument(
        "--answers",
        metavar="FILE",
        default="",
        help="YAML file with the account, the region and answers for data sources",
    )
    what.add_argument(
        "--stack-output",
        metavar="STACK:KEY=VALUE",
        action="append",
        default=[],
        help="an output of another stack that the program refers to; repeatable",
    )
    what.add_argument(
        "--project",
        metavar="DIR",
        action="append",
        default=[],
        help="project whose stacks the program refers to; previewed as well; repeatable",
    )
    what.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_positive,
        default=300.0,
        help="time after which the program or a policy pack counts as hanging (default: 300)",
    )
    what.add_argument(
        "--allow-network", action="store_true", help="let the program reach other machines"
    )


def run_program(options: argparse.Namespace, outputs: Outputs) -> Preview:
    """Preview the program that the options name.

    Raises:
        Failure: the project, its configuration or its program has mistakes; all are listed.
    """
    from fintech_infra.engine import preview

    name = options.stack or "the stack"
    try:
        with progress(f"running the program of {name} offline"):
            return preview(
                options.cwd,
                options.stack,
                config=options.config,
                organization=options.organization,
                answers=options.answers,
                stack_outputs=outputs,
                projects=options.project,
                time_limit=options.timeout,
                allow_network=options.allow_network,
            )
    except PreviewError as error:
        raise Failure(error.problems) from error


@contextmanager
def progress(doing: str) -> Generator[None]:
    """Show on a terminal that something goes on; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(doing):
        yield


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of seconds")
    return value

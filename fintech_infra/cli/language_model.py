"""What verbs with an optional language model share: its two options, and reading its settings."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.subjects import read_file, shown
from fintech_infra.engine.errors import Problem

if TYPE_CHECKING:
    from fintech_infra.operations.language_model import Settings


def add_options(verb: argparse.ArgumentParser, title: str, what: str) -> None:
    """Add the options; `what` is what the model is asked to do, as in "to ask for advice"."""
    model = verb.add_argument_group(title)
    model.add_argument("--model", metavar="FILE", default="", help=f"settings of the model {what}")
    model.add_argument(
        "--show-model-input",
        action="store_true",
        help="print exactly what would be sent to the model, and send nothing",
    )


def read_settings(options: argparse.Namespace) -> Settings | None:
    """The settings in the file that is named, None where none is.

    Raises:
        Failure: they cannot be read, or have mistakes; all are listed.
    """
    path: str = options.model
    if not path:
        if options.show_model_input:
            hint = "name the file with the settings of the model"
            raise Failure([Problem("--show-model-input needs --model FILE", hint=hint)])
        return None
    from fintech_infra.operations.language_model import SettingsError, loads

    try:
        content = read_file(path)
    except Failure as failure:
        hint = "write provider and model below `model` into a file, as docs/review-model.md tells"
        raise Failure(replace(it, hint=hint) for it in failure.problems) from failure
    try:
        return loads(content.decode("utf-8", "replace"), shown(path))
    except SettingsError as error:
        raise Failure(error.problems) from error

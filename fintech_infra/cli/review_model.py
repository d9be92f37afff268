"""The optional language model of `fintech-infra review`: its options, and asking it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from fintech_infra.cli.failure import Failure
from fintech_infra.cli.subjects import read_file, shown

if TYPE_CHECKING:
    from fintech_infra.operations.change import Change
    from fintech_infra.operations.review import Review
    from fintech_infra.operations.review.model import Fact, Settings


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the second layer."""
    model = verb.add_argument_group("a language model as a second layer, off without them")
    model.add_argument(
        "--model", metavar="FILE", default="", help="settings of the model to ask for advice"
    )
    model.add_argument(
        "--show-model-input",
        action="store_true",
        help="print exactly what would be sent to the model, and send nothing",
    )


def read_settings(path: str) -> Settings | None:
    """The settings in a file, None where no file is named.

    Raises:
        Failure: they cannot be read, or have mistakes; all are listed.
    """
    if not path:
        return None
    from fintech_infra.operations.review.model.settings import SettingsError, loads

    try:
        return loads(read_file(path).decode("utf-8", "replace"), shown(path))
    except SettingsError as error:
        raise Failure(error.problems) from error


def sent(change: Change, review: Review, settings: Settings) -> str:
    """What would be sent to the model."""
    from fintech_infra.operations.review.model import client_for, shown

    return shown(change, _facts(review), settings, client_for(settings)) + "\n"


def with_advice(said: str, form: str, change: Change, review: Review, settings: Settings) -> str:
    """A page of the built-in layer with what the model says below it."""
    from fintech_infra.operations.review.model import (
        advise,
        as_json,
        client_for,
        lines,
        markdown,
    )

    advice = advise(change, _facts(review), settings, client_for(settings))
    if form == "json":
        content: dict[str, Any] = json.loads(said)
        return json.dumps({**content, "advice": as_json(advice)}, indent=2) + "\n"
    if form == "markdown":
        return f"{said}\n{markdown(advice)}\n"
    return "\n".join((said, *lines(advice), ""))


def _facts(review: Review) -> tuple[Fact, ...]:
    """What the built-in layer found, for the model: where, and how surprising."""
    from fintech_infra.operations.review.model import Fact, FactKind

    return tuple(
        Fact(FactKind.SURPRISING, item.urn, item.path, weight=round(item.bits, 1))
        for item in review.surprises
    )

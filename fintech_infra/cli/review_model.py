"""The optional language model of `fintech-infra review`: its options, and asking it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fintech_infra.cli import language_model

if TYPE_CHECKING:
    from fintech_infra.operations.change import Change
    from fintech_infra.operations.language_model import Settings
    from fintech_infra.operations.review import Review
    from fintech_infra.operations.review.graph_facts import GraphFacts
    from fintech_infra.operations.review.model import Fact


def add_options(verb: argparse.ArgumentParser) -> None:
    """Add the options of the second layer."""
    title = "a language model as a second layer, off without them"
    language_model.add_options(verb, title, "to ask for advice")


def sent(change: Change, facts: Sequence[Fact], settings: Settings) -> str:
    """What would be sent to the model."""
    from fintech_infra.operations.language_model import client_for
    from fintech_infra.operations.review.model import shown

    return shown(change, facts, settings, client_for(settings)) + "\n"


def with_advice(
    said: str, form: str, change: Change, facts: Sequence[Fact], settings: Settings
) -> str:
    """A page of the built-in layer with what the model says below it."""
    from fintech_infra.operations.language_model import client_for
    from fintech_infra.operations.review.model import advise, as_json, lines, markdown

    advice = advise(change, facts, settings, client_for(settings))
    if form == "json":
        content: dict[str, Any] = json.loads(said)
        return json.dumps({**content, "advice": as_json(advice)}, indent=2) + "\n"
    if form == "markdown":
        return f"{said}\n{markdown(advice)}\n"
    return "\n".join((said, *lines(advice), ""))


def facts_of(change: Change, review: Review, graph: GraphFacts) -> tuple[Fact, ...]:
    """What is known of a change, for the model: what the graph says, and what is surprising.

    A fact about a resource that does not change is told of those that bring it about.
    """
    from fintech_infra.operations.gate import Concern
    from fintech_infra.operations.review.graph_facts import brought_about
    from fintech_infra.operations.review.model import Fact, FactKind

    kinds = {
        Concern.EXPOSURE: FactKind.EXPOSED,
        Concern.REACH: FactKind.EXPOSED,
        Concern.ADMINISTRATOR: FactKind.PERMISSION,
        Concern.PERMISSION: FactKind.PERMISSION,
    }
    known = (
        Fact(kinds[found.concern], urn, other=_other(change, urn, found.subject))
        for found in graph.found
        for urn in brought_about(change, found)
    )
    surprising = (
        Fact(FactKind.SURPRISING, item.urn, item.path, weight=round(item.bits, 1))
        for item in review.surprises
    )
    return (*dict.fromkeys(known), *surprising)


def _other(change: Change, urn: str, subject: str) -> str:
    """The resource that a fact leads to from another one; what is outside has no URN."""
    return subject if subject != urn and subject in change.after.by_urn else ""

"""What the graph says of a change, for whoever reads its surprises: exposure and permissions."""

from __future__ import annotations

from collections.abc import Iterator

from fintech_infra.environment import UnknownValueError
from fintech_infra.environment.documents import DocumentError
from fintech_infra.operations.change import Change
from fintech_infra.operations.gate import Fact
from fintech_infra.operations.gate.facts.exposure import exposure_facts
from fintech_infra.operations.gate.facts.permissions import permission_facts
from fintech_infra.operations.gate.facts.wording import Words


def graph_facts(change: Change) -> dict[str, tuple[str, ...]]:
    """Sentences by URN: what can reach or be reached anew, and who may do more than before.

    Where the graph cannot be followed, the empty URN says so.
    """
    found: dict[str, list[str]] = {}
    words = Words(change)
    names = {item.was: item.urn for item in change.resources if item.is_renamed}
    for gather in (exposure_facts, permission_facts):
        try:
            for fact in _sorted(gather(change, words, names)):
                found.setdefault(fact.subject, []).append(fact.says)
        except (UnknownValueError, DocumentError) as error:
            found.setdefault("", []).append(f"the graph is not known in full: {error}")
    return {urn: tuple(dict.fromkeys(said)) for urn, said in sorted(found.items())}


def _sorted(facts: Iterator[Fact]) -> list[Fact]:
    return sorted(facts)

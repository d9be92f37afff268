"""The healing plan: what is proposed, in which order, and what repetition makes of it."""

from __future__ import annotations

import subprocess
from datetime import timedelta

import pytest

from fintech_infra.engine.errors import PreviewError
from fintech_infra.functions.remediation.remedies import REMEDIATIONS
from fintech_infra.operations.drift import Kind, Tier, document, read_document
from fintech_infra.operations.drift.healing import CONTAINS, SENSITIVE, quoted
from fintech_infra.operations.moments import written
from tests.operations.drift.refreshed import GROUP, NOW, WORLD_SSH, judged, resource, shop, tampered

BEFORE = shop(resource(GROUP, "db", {"description": "Orders", "ingress": [], "tags": {}}))
AFTER = tampered(BEFORE, "db", ingress=[WORLD_SSH])


def report(days: float = 1) -> str:
    found = judged(BEFORE, AFTER)
    moment = written(NOW - timedelta(days=days))
    return document(found).replace(found.at, moment)


def test_every_remediation_that_a_plan_names_exists_with_its_risk() -> None:
    assert set(CONTAINS.values()) <= REMEDIATIONS.keys()
    named = {name for name in CONTAINS.values() if REMEDIATIONS[name].sensitive}
    assert named == SENSITIVE


def test_drift_that_comes_back_needs_a_higher_tier() -> None:
    history = [read_document(report(days).encode(), "old.json") for days in (1, 2, 2, 31, -1)]
    (item,) = judged(BEFORE, AFTER, history).items
    assert item.seen == 2  # two of one moment are one; the others are too old, or yet to come
    assert [(it.kind, it.tier) for it in item.steps] == [
        (Kind.CONTAIN, Tier.APPROVE),
        (Kind.ASK, Tier.PERSON),
        (Kind.REAPPLY, Tier.PERSON),
    ]


def test_history_of_another_stack_or_property_does_not_count() -> None:
    other = report().replace('"stack": "prod"', '"stack": "dev"')
    (item,) = judged(BEFORE, AFTER, [read_document(other.encode(), "old.json")]).items
    assert item.seen == 0
    tags = tampered(BEFORE, "db", tags={"a": "b"})
    (item,) = judged(BEFORE, tags, [read_document(report().encode(), "old.json")]).items
    assert item.seen == 0


def test_a_report_that_is_none_is_refused_with_all_its_mistakes() -> None:
    with pytest.raises(PreviewError, match="no report of drift"):
        read_document(b"{}", "old.json")
    broken = report().replace('"stack": "prod"', '"stack": 7').replace('"urn":', '"nru":')
    with pytest.raises(PreviewError) as caught:
        read_document(broken.encode(), "old.json")
    assert [it.message.partition(":")[0] for it in caught.value.problems] == [
        "stack",
        "items[0].urn",
    ]


@pytest.mark.parametrize("text", ["prod", "a$b", "it's", "`id`", "$(id)", 'say "no"', "a b", "é"])
def test_what_is_quoted_reaches_a_command_as_it_is(text: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"printf %s {quoted(text)}"], capture_output=True, check=True
    )
    assert done.stdout.decode() == text

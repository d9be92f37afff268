"""Both sides of a refresh from one file, in the formats of Pulumi's engine and its command line."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from typing import Any

import pytest

from fintech_infra.engine.errors import PreviewError
from fintech_infra.operations.drift import read
from tests.operations.drift.refreshed import (
    GROUP,
    TABLE,
    WORLD_SSH,
    State,
    found,
    judged,
    judged_refresh,
    resource,
    shop,
    tampered,
    without,
)

BEFORE = shop(
    resource(GROUP, "db", {"description": "Orders", "ingress": []}),
    resource(TABLE, "orders", {"hashKey": "id"}),
)


def events(before: State, after: State, *, ends: bool = True) -> bytes:
    """What `pulumi refresh --preview-only --json` streams."""
    lines: list[dict[str, Any]] = [{"preludeEvent": {"config": {}}}]
    there = {it["urn"]: it for it in after["deployment"]["resources"]}
    for old in before["deployment"]["resources"]:
        urn, new = old["urn"], there.get(old["urn"])
        op = "delete" if new is None else "same" if new == old else "update"
        told = {"urn": urn, "type": old["type"], "old": old}
        lines += [
            {"resourcePreEvent": {"metadata": {**told, "op": "refresh", "new": old}}},
            {"resOutputsEvent": {"metadata": {**told, "op": op, "new": new}}},
        ]
    if ends:
        lines.append({"summaryEvent": {"resourceChanges": {"same": 1}}})
    return written(lines)


def written(lines: Iterable[dict[str, Any]]) -> bytes:
    numbered = [{"sequence": at, "timestamp": 1, **line} for at, line in enumerate(lines)]
    return "\n".join(json.dumps(line) for line in numbered).encode()


@pytest.mark.parametrize(
    "after",
    [
        copy.deepcopy(BEFORE),
        tampered(BEFORE, "db", ingress=[WORLD_SSH]),
        without(BEFORE, "orders"),
    ],
)
def test_events_say_what_states_say(after: State) -> None:
    assert judged_refresh(events(BEFORE, after)).items == judged(BEFORE, after).items


def test_steps_of_the_program_after_the_refresh_do_not_count() -> None:
    lines = [json.loads(line) for line in events(BEFORE, BEFORE, ends=False).splitlines()]
    one = found(BEFORE, "orders")
    later = {"urn": one["urn"], "op": "update", "old": one, "new": {**one, "inputs": {}}}
    lines += [{"resourcePreEvent": {"metadata": later}}, {"resOutputsEvent": {"metadata": later}}]
    lines.append({"summaryEvent": {}})
    assert judged_refresh(written(lines)).items == ()


def digest(before: State, after: State) -> bytes:
    steps = [
        {"op": "refresh", "urn": old["urn"], "oldState": old, "newState": new}
        for old, new in zip(
            before["deployment"]["resources"], after["deployment"]["resources"], strict=True
        )
    ]
    return json.dumps({"steps": steps, "changeSummary": {"refresh": len(steps)}}).encode()


def test_a_summary_is_read_where_it_says_what_was_found() -> None:
    after = tampered(BEFORE, "db", ingress=[WORLD_SSH])
    assert judged_refresh(digest(BEFORE, after)).items == judged(BEFORE, after).items


def test_a_summary_that_repeats_what_was_recorded_is_refused() -> None:
    with pytest.raises(PreviewError, match="not what the refresh found") as caught:
        read(digest(BEFORE, BEFORE), "plan.json")
    assert "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true" in caught.value.problems[0].hint


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (events(BEFORE, BEFORE, ends=False), "ends before the refresh did"),
        (events(BEFORE, BEFORE)[:-9], "the file is cut off"),
        (written([{"summaryEvent": {}}]), "has no event of a refresh"),
        (
            written([{"diagnosticEvent": {"severity": "error"}}, {"summaryEvent": {}}]),
            "the refresh failed",
        ),
        (written([{"resOutputsEvent": 7}, {"summaryEvent": {}}]), "must be an object"),
    ],
)
def test_events_that_are_not_whole_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(PreviewError, match=words):
        read(data, "refresh.jsonl")


def test_masked_secrets_are_told_of() -> None:
    masked = tampered(BEFORE, "orders", streamArn="[secret]")
    drifted = judged_refresh(events(masked, masked))
    assert drifted.items == ()
    assert any("no value of a secret" in note for note in drifted.notes)

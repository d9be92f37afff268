"""What holds of every judgement, whatever drifted."""

from __future__ import annotations

import copy
import json
from functools import cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.operations.drift import Drift, Judgement, document, markdown, text
from tests.operations.drift.refreshed import (
    GROUP,
    TABLE,
    WORLD_SSH,
    State,
    changed,
    found,
    judged,
    resource,
    shop,
)

SECRET = "hunter2-and-more"
DATABASE = "aws:rds/instance:Instance"
HARM = {"ingress": [WORLD_SSH]}


@cache
def deployed() -> State:
    return shop(
        resource(GROUP, "db", {"description": "Orders", "ingress": [], "tags": {}}),
        resource(GROUP, "web", {"description": "Web", "ingress": [], "tags": {}}),
        resource(TABLE, "orders", {"hashKey": "id", "readCapacity": 5, "tags": {}}),
    )


EDITS = st.dictionaries(
    st.sampled_from(
        [
            ("db", "tags"),
            ("db", "description"),
            ("orders", "tags"),
            ("orders", "readCapacity"),
            ("orders", "hashKey"),
            ("orders", "deletionProtectionEnabled"),
            ("orders", "neverHeardOf"),
        ]
    ),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(0, 9),
        st.text(max_size=5),
        st.lists(st.text(max_size=3), max_size=2),
        st.dictionaries(st.sampled_from(["owner", "data-class"]), st.text(max_size=3)),
    ),
    max_size=4,
)


def edited(edits: dict[tuple[str, str], object]) -> State:
    state = deployed()
    for (name, key), value in edits.items():
        state = changed(state, name, {key: value})
    return state


def worst(drift: Drift) -> int:
    return min((it.judgement.rank for it in drift.items), default=len(Judgement))


@settings(max_examples=30)
@given(EDITS)
def test_a_state_has_not_drifted_from_itself(edits: dict[tuple[str, str], object]) -> None:
    state = edited(edits)
    drifted = judged(state, copy.deepcopy(state))
    assert drifted.items == ()
    assert drifted.exit_code == 0


@settings(max_examples=25)
@given(EDITS, st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_matter(
    edits: dict[tuple[str, str], object], random: Random
) -> None:
    after = edited(edits)
    shuffled = copy.deepcopy(after)
    random.shuffle(shuffled["deployment"]["resources"])
    assert judged(deployed(), shuffled).items == judged(deployed(), after).items


@settings(max_examples=25)
@given(EDITS)
def test_one_more_danger_makes_it_dangerous_whatever_else_drifted(
    edits: dict[tuple[str, str], object],
) -> None:
    after = edited(edits)
    less = judged(deployed(), after)
    more = judged(deployed(), changed(after, "web", HARM))
    assert worst(more) <= worst(less)
    assert more.exit_code == 1
    assert {(it.urn, it.path) for it in less.items} < {(it.urn, it.path) for it in more.items}


@settings(max_examples=20)
@given(st.sampled_from(["dbName", "tags", "description", "password", "engineVersion"]))
def test_a_secret_is_in_no_report(key: str) -> None:
    def state(password: str, **more: object) -> State:
        inputs = {"password": password, "engine": "postgres", "tags": {"a": "b"}, **more}
        hidden = ("inputs.password", "outputs.password")
        one = resource(DATABASE, "orders", inputs, secrets=hidden)
        written = shop(one)
        for part in ("inputs", "outputs"):
            sealed = found(written, "orders")[part]["password"]
            del sealed["ciphertext"]
            sealed["plaintext"] = json.dumps(password)
        return written

    leak: object = {SECRET: f"x {SECRET}"} if key == "tags" else f"see {SECRET}"
    leaking = {} if key == "password" else {key: leak}
    drifted = judged(state("old-" + SECRET, engine="x"), state(SECRET, **leaking))
    assert drifted.items
    for say in (text, markdown, document):
        assert SECRET not in say(drifted)
    assert any(it.path == "password" for it in drifted.items)


def test_a_secret_that_is_encrypted_differently_is_undecided() -> None:
    hidden = ("inputs.password", "outputs.password")
    before = shop(resource(DATABASE, "orders", {"password": SECRET}, secrets=hidden))
    assert judged(before, copy.deepcopy(before)).items == ()
    after = copy.deepcopy(before)
    for part in ("inputs", "outputs"):
        found(after, "orders")[part]["password"]["ciphertext"] = "v1:CCCC:DDDD"
    drifted = judged(before, after)
    assert (drifted.outcome, drifted.exit_code) == ("undecided", 2)
    assert SECRET not in document(drifted)

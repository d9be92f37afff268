"""`--save`: environments as files, which tell no secret."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.cli.saving import without_secrets
from fintech_infra.engine.exported import read
from fintech_infra.environment import UNKNOWN, Asset, Diagnostic, Environment, Options, Resource
from fintech_infra.environment.codec import FORMAT, dumps

WORD = "hunter22"

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from([WORD, f"x{WORD}y"])
    | st.sampled_from(["unknown", "remote", "archive", "file"]).map(lambda kind: {
        "unknown": UNKNOWN,
        "remote": Asset("remote", f"https://a?{WORD}"),
        "archive": Asset("archive", "", "00", ("a", WORD)),
        "file": Asset("file", "a", "00"),
    }[kind])
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4) | st.sampled_from([WORD, "[secret]", "$fintech_infra"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
INPUTS = st.dictionaries(st.sampled_from(["a", "b", "c.d"]), VALUES, max_size=3)


def environment(inputs: dict[str, Any], outputs: dict[str, Any]) -> Environment:
    resource = Resource(
        "urn:pulumi:prod::shop::t::x",
        "t",
        "x",
        {**inputs, "password": WORD},
        outputs,
        id=f"id-{WORD}",
        options=Options(import_id=WORD, aliases=("urn:a",), custom_timeouts=(("create", "5s"),)),
        secrets=("inputs.password", "inputs.gone.x"),
    )
    return Environment(
        "shop",
        "prod",
        resources=(resource,),
        outputs=outputs,
        secret_outputs=("a",),
        diagnostics=(Diagnostic("warning", f"said {WORD}", resource.urn),),
    )


@given(INPUTS, INPUTS)
def test_a_saved_environment_reads_back_and_tells_no_secret(
    inputs: dict[str, Any], outputs: dict[str, Any]
) -> None:
    cleared = without_secrets(environment(inputs, outputs))
    text = dumps(cleared, format=FORMAT)
    assert WORD not in text
    again = read(text.encode(), "saved.json")
    assert dumps(again, format=FORMAT) == text
    assert again.resources[0].inputs["password"] is UNKNOWN
    assert "inputs.password" in again.resources[0].secrets


def test_what_a_secret_is_part_of_is_a_secret_that_is_not_known() -> None:
    told = environment({"url": f"https://app:{WORD}@db", "list": ["x", {"y": WORD}]}, {"a": "s"})
    cleared = without_secrets(told)
    (resource,) = cleared.resources
    assert resource.inputs == {"url": UNKNOWN, "list": ["x", {"y": UNKNOWN}], "password": UNKNOWN}
    assert set(resource.secrets) >= {"inputs.url", "inputs.list[1].y", "inputs.password"}
    assert (resource.id, cleared.outputs) == ("", {"a": UNKNOWN})
    assert cleared.diagnostics[0].message == "said [secret]"


def test_without_secrets_nothing_changes() -> None:
    plain = Environment("shop", "prod", resources=(Resource("urn:x", "t", "x", {"a": [1, "b"]}),))
    assert dumps(without_secrets(plain)) == dumps(plain)
    assert json.loads(dumps(plain))["version"] == 1

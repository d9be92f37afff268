"""Telling files apart, and never taking one for what it is not, however it was damaged."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fintech_infra.controls import CONTROLS, evaluate, select
from fintech_infra.engine import PreviewError
from fintech_infra.engine.exported import ACCEPTED, read
from fintech_infra.environment import Environment
from fintech_infra.environment.codec import FORMAT, dumps
from tests.exports import SECRET, SIGNATURE, UNKNOWN_TEXT, plan_of, state_of

Refused = Callable[[Any], list[str]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"{", "is cut off: it ends in the middle of a value (line 1, column 2)"),
        (b'{"version": 3, "d', "is cut off: it ends in the middle of a value (line 1, column 16)"),
        (b"Updating (prod)", "is not JSON: Expecting value (line 1, column 1)"),
        (b"[]", "holds no object at the top"),
        (b"\xff\xff\xfe", "holds bytes that are no text in any Unicode encoding"),
        (b'{"a": NaN}', "is not valid JSON: NaN is no JSON number"),
        (b'{"deployment": "\\ud800"}', "holds bytes that are no text in any Unicode encoding"),
        (b"{}", "is JSON of another kind, with nothing at the top"),
        (b'{"name": 1, "version": 2}', "is JSON of another kind, with name, version at the top"),
        (b'{"version": 4, "terraform_version": "1.9"}', "is a state or a plan of Terraform"),
        (b'{"AWSTemplateFormatVersion": "2010-09-09"}', "is a CloudFormation template"),
        (
            b'{"version": 1, "outcome": "clean", "findings": [], "environment": {}}',
            "is a JSON report of this command, which serves as a --baseline only",
        ),
    ],
)  # fmt: skip
def test_foreign_files_are_named(refused: Refused, content: bytes, message: str) -> None:
    assert refused(content) == [message]


def test_what_is_accepted_is_said() -> None:
    with pytest.raises(PreviewError) as caught:
        read(b"{}", "x")
    assert caught.value.problems[0].hint == ACCEPTED


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_every_unicode_encoding_is_read(shop: Environment, encoding: str) -> None:
    text = json.dumps(state_of(shop), ensure_ascii=False)
    assert len(read(text.encode(encoding), "x").resources) == len(shop.resources)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from([UNKNOWN_TEXT, "[secret]", "urn:pulumi:a::b::c::d", 1e400]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from([SIGNATURE, "plaintext", "ciphertext", "$fintech_infra", "of", "a"]),
        inner | st.just(SECRET),
        max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip


def damaged(draw: st.DrawFn, document: Any) -> Any:
    """A copy of a document with one to three places taken away or replaced."""
    found = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 3))):
        place: Any = None
        key: Any = None
        inner = found
        while (
            isinstance(inner, dict | list) and inner and (place is None or draw(st.integers(0, 4)))
        ):
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            place, key = inner, draw(st.sampled_from(keys))
            inner = place[key]
        if place is None:
            continue
        if draw(st.booleans()):
            place[key] = draw(JSON)
        else:
            del place[key]
    return found


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    shop: Environment, data: st.DataObject
) -> None:
    saved = json.loads(dumps(shop, format=FORMAT))
    document = data.draw(st.sampled_from([state_of(shop), plan_of(shop), saved]))
    broken = data.draw(st.composite(damaged)(document))
    try:
        found = read(json.dumps(broken).encode(), "file.json")
    except PreviewError:
        return
    assert found.resources
    said = evaluate(found, select(CONTROLS, ["s3-*", "iam-policy-*", "ec2-sg-*"])).findings
    assert all(item.message for item in said)
    json.loads(dumps(found))


@settings(max_examples=60)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0a', max_size=40).map(str.encode))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PreviewError):
        read(data, "file.json")

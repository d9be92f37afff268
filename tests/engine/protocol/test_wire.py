"""Values on the wire: what the SDK sends is what the model holds, and back."""

import hashlib
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.engine.protocol.wire import (
    SIGNATURE,
    UNKNOWN_TEXT,
    Decoder,
    encode,
    fill,
    mark_secret,
)
from fintech_infra.environment import UNKNOWN, Asset

_SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}
_OUTPUT = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}
_REFERENCE = {SIGNATURE: "5cf8f73096256a8f31e491e813e4eb8e"}
_ASSET = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17"}
_ARCHIVE = {SIGNATURE: "0def7320c3a5731c473e5ecbe6d01bc7"}


def _decoder(folder: Path = Path("/nowhere")) -> Decoder:
    return Decoder(lambda urn, identity: identity or f"id of {urn}", folder)


def _decode(content: dict[str, Any], decoder: Decoder | None = None) -> dict[str, Any]:
    message = json_format.ParseDict(content, struct_pb2.Struct())
    return (decoder or _decoder()).properties(message)


_values = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(min_size=1), _values, max_size=4))
def test_what_is_encoded_and_decoded_is_the_same(values: dict[str, Any]) -> None:
    message = struct_pb2.Struct()
    fill(message, values)
    assert _decoder().properties(message) == values


def test_nulls_at_the_top_are_left_out_and_numbers_that_are_whole_are_integers() -> None:
    decoded = _decode({"a": None, "b": 3.0, "c": 2.5, "d": [None], "e": {"f": None}})
    assert decoded == {"b": 3, "c": 2.5, "d": [None], "e": {"f": None}}
    assert type(decoded["b"]) is int


def test_keys_come_in_one_order_whatever_the_message_says() -> None:
    assert list(_decode({"b": 1, "a": {"d": 1, "c": 2}})) == ["a", "b"]


def test_secrets_are_in_the_clear_with_their_paths_noted() -> None:
    decoder = _decoder()
    decoded = _decode(
        {
            "plain": "x",
            "whole": {**_SECRET, "value": {"user": "u"}},
            "deep": {"list": [1, {**_SECRET, "value": "hush"}]},
            "output": {**_OUTPUT, "value": 3, "secret": True},
            "dotted": {"a.b": {**_SECRET, "value": 1}},
        },
        decoder,
    )
    assert decoded == {
        "plain": "x",
        "whole": {"user": "u"},
        "deep": {"list": [1, "hush"]},
        "output": 3,
        "dotted": {"a.b": 1},
    }
    assert sorted(decoder.secrets) == ["deep.list[1]", 'dotted["a.b"]', "output", "whole"]


def test_every_spelling_of_unknown_is_the_unknown_value() -> None:
    decoded = _decode(
        {
            "text": UNKNOWN_TEXT,
            "number": "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
            "output": dict(_OUTPUT),
            "uuid": "5b46a59a-0e3d-4c3e-88ba-912e7cbb98f1",
        }
    )
    assert decoded["text"] is UNKNOWN
    assert decoded["number"] is UNKNOWN
    assert decoded["output"] is UNKNOWN
    assert decoded["uuid"] == "5b46a59a-0e3d-4c3e-88ba-912e7cbb98f1"
    assert encode(UNKNOWN).string_value == UNKNOWN_TEXT


def test_a_reference_to_a_resource_stands_for_its_id() -> None:
    decoded = _decode(
        {"a": {**_REFERENCE, "urn": "U", "id": "vpc-1"}, "b": {**_REFERENCE, "urn": "U"}}
    )
    assert decoded == {"a": "vpc-1", "b": "id of U"}


def test_assets_are_told_apart_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/a.py").write_text("pass\n")
    digest = hashlib.sha256(b"pass\n").hexdigest()
    decoder = _decoder(tmp_path)
    decoded = _decode(
        {
            "file": {**_ASSET, "path": "./app/a.py"},
            "absolute": {**_ASSET, "path": str(tmp_path / "app/a.py")},
            "text": {**_ASSET, "text": "pass\n"},
            "remote": {**_ASSET, "uri": "https://example.com/a.zip"},
            "folder": {**_ARCHIVE, "path": "app"},
            "parts": {**_ARCHIVE, "assets": {"b": {**_ASSET, "text": "x"}, "a": {**_ASSET}}},
            "gone": {**_ASSET, "path": "app/b.py"},
        },
        decoder,
    )
    assert decoded["file"] == decoded["absolute"] == Asset("file", "app/a.py", digest)
    assert decoded["text"] == Asset("text", digest=digest)
    assert decoded["remote"] == Asset("remote", "https://example.com/a.zip")
    assert (decoded["folder"].kind, decoded["folder"].location) == ("archive", "app")
    assert decoded["parts"].members == ("a", "b")
    assert decoder.missing == [("gone", "app/b.py")]
    before = decoded["folder"].digest
    (tmp_path / "app/a.py").write_text("pass  # changed\n")
    assert _decode({"folder": {**_ARCHIVE, "path": "app"}}, decoder)["folder"].digest != before


def test_a_property_is_marked_secret_once() -> None:
    message = struct_pb2.Struct()
    fill(message, {"a": {"b": 1}, "c": 2})
    for key in ("a", "a", "absent"):
        mark_secret(message, key)
    decoder = _decoder()
    assert decoder.properties(message) == {"a": {"b": 1}, "c": 2}
    assert decoder.secrets == ["a"]

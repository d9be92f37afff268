"""Canonical JSON and digests: what counts, what does not, and that secrets never show."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.engine.exported import read
from fintech_infra.environment import UNKNOWN, Asset, Environment, Options, Resource
from fintech_infra.environment.model import Diagnostic, Source
from fintech_infra.operations.digest import (
    canonical,
    digest,
    environment_digest,
    environment_document,
    file_digest,
    folder_digest,
)

SECRET = "hunter2-hunter2"
BUCKET = "urn:pulumi:prod::pay::aws:s3/bucket:Bucket::b"
KEY = "urn:pulumi:prod::pay::aws:kms/key:Key::k"


def environment(**changes: Any) -> Environment:
    bucket = Resource(
        BUCKET,
        "aws:s3/bucket:Bucket",
        "b",
        inputs={"bucket": "data", "count": 3, "password": SECRET, "key": UNKNOWN},
        outputs={"arn": "arn:aws:s3:::data"},
        dependencies=(KEY, "urn:other"),
        property_dependencies={"key": (KEY, "urn:other")},
        secrets=("inputs.password",),
        options=Options(ignore_changes=("tags", "acl")),
        source=Source("main.py", 3),
    )
    key = Resource(KEY, "aws:kms/key:Key", "k", inputs={"code": Asset("file", "a.zip", "ab", ())})
    return Environment("pay", "prod", resources=(replace(bucket, **changes), key))


def test_the_order_of_things_and_where_they_were_written_do_not_count() -> None:
    one = environment()
    other = environment(
        inputs=dict(reversed(list(one.resources[0].inputs.items()))),
        dependencies=("urn:other", KEY),
        property_dependencies={"key": ("urn:other", KEY, KEY)},
        options=Options(ignore_changes=("acl", "tags")),
        source=None,
    )
    other = replace(
        other,
        resources=other.resources[::-1],
        diagnostics=(Diagnostic("info", "hello"),),
    )

    assert environment_digest(one) == environment_digest(other)


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": {"bucket": "other", "count": 3, "password": SECRET, "key": UNKNOWN}},
        {"inputs": {"bucket": "data", "count": 4, "password": SECRET, "key": UNKNOWN}},
        {"inputs": {"bucket": "data", "count": 3, "password": SECRET, "key": None}},
        {"secrets": ()},
        {"options": Options(protect=True)},
        {"outputs": {"arn": "arn:aws:s3:::other"}},
        {"parent": KEY},
        {"existing": True},
    ],
)
def test_what_a_deployment_brings_about_counts(changes: dict[str, Any]) -> None:
    assert environment_digest(environment()) != environment_digest(environment(**changes))


def test_secrets_show_neither_in_the_document_nor_in_the_digest() -> None:
    told = environment(outputs={"note": f"the password is {SECRET}"})
    other = environment(
        inputs={"bucket": "data", "count": 3, "password": "another one", "key": UNKNOWN}
    )

    assert SECRET.encode() not in environment_document(told)
    assert environment_digest(environment()) == environment_digest(other)


def test_the_document_reads_back_as_the_same_environment() -> None:
    document = environment_document(environment())
    found = read(document, "document")

    assert environment_document(found) == document
    assert found.by_urn[BUCKET].inputs["key"] is UNKNOWN
    assert found.by_urn[KEY].inputs["code"] == Asset("file", "a.zip", "ab", ())


def test_the_example_of_the_standard_is_written_as_there() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }

    assert canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_is_json_and_settled(value: Any) -> None:
    text = canonical(value)

    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


def test_numbers_are_doubles() -> None:
    assert canonical([2**53 + 1, 10**20, 1.0]) == b"[9007199254740992,100000000000000000000,1]"


@pytest.mark.parametrize("value", [math.nan, math.inf, 10**400, "\ud800", {1: 2}, object()])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


def test_a_folder_is_its_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.py").write_text("a")
    before = folder_digest(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("b")

    assert folder_digest(tmp_path) == before
    (tmp_path / "sub" / "a.py").rename(tmp_path / "a.py")
    assert folder_digest(tmp_path) != before
    assert file_digest(tmp_path / "a.py") == digest(b"a")
    with pytest.raises(NotADirectoryError):
        folder_digest(tmp_path / "absent")

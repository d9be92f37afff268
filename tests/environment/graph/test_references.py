"""References: by what was passed, by what was written down, and not by words that look alike."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment import Environment
from fintech_infra.environment.graph import Kind, graph_of, impact

KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
FUNCTION = "aws:lambda/function:Function"
ARN = "arn:aws:kms:eu-west-1:123456789012:key/k"


def found(environment: Environment) -> list[tuple[str, str, str]]:
    edges = graph_of(environment).of(Kind.REFERENCES)
    return [(edge.source, edge.path, edge.target) for edge in edges]


KEY_ROW: Any = (KEY, "key", {}, {"outputs": {"arn": ARN}})

CASES: list[tuple[str, Any, Any, list[tuple[str, str, str]]]] = [
    ("an id", {"kmsKeyId": "key-id"}, {}, [("it", "kmsKeyId", "key")]),
    ("an ARN in a list", {"keys": [{"arn": ARN}]}, {}, [("it", "keys[0].arn", "key")]),
    ("an ARN anywhere", {"environment": {"KEY": ARN}}, {}, [("it", "environment.KEY", "key")]),
    ("not known yet", {"policy": "?key"}, {}, [("it", "policy", "key")]),
    ("within a text", {"policy": f'{{"Resource": "{ARN}"}}'},
     {"property_dependencies": {"policy": ("key",)}}, [("it", "policy", "key")]),
    ("a word in a tag", {"tags": {"Name": "key-id"}}, {}, []),
    ("its own name", {"name": "key-id"}, {}, []),
    ("a word in an input that names nothing", {"mode": "key-id"}, {}, []),
    ("taken away by a transform", {}, {"property_dependencies": {"policy": ("key",)}}, []),
    ("something outside of the program", {"kmsKeyId": "other"},
     {"property_dependencies": {"kmsKeyId": ("gone",)}}, []),
]  # fmt: skip


@pytest.mark.parametrize(("case", "inputs", "more", "expected"), CASES)
def test_inputs_refer_to_what_they_are_made_of(
    case: str, inputs: Any, more: Any, expected: list[tuple[str, str, str]], program: Any
) -> None:
    assert found(program([KEY_ROW, (BUCKET, "it", inputs, more)])) == expected


def test_the_reason_completes_a_sentence(program: Any) -> None:
    environment = program([KEY_ROW, (BUCKET, "it", {"kmsKeyId": ARN, "policy": "?key"})])
    reasons = [edge.why for edge in graph_of(environment).of(Kind.REFERENCES)]
    assert reasons == ["is its kmsKeyId", "is used for its policy"]


def test_a_change_reaches_whoever_refers_to_it_and_on(program: Any) -> None:
    environment = program(
        [
            KEY_ROW,
            (BUCKET, "bucket", {"kmsKeyId": "key-id"}),
            ("aws:s3/bucketPolicy:BucketPolicy", "policy", {"bucket": "bucket-id"}),
            (FUNCTION, "function", {"environment": {"BUCKET": "?bucket"}}),
            (FUNCTION, "other", {}),
        ]
    )
    reached = impact(environment, "key")
    assert {urn: [edge.target for edge in chain] for urn, chain in reached.items()} == {
        "bucket": ["key"],
        "policy": ["bucket", "key"],
        "function": ["bucket", "key"],
    }
    assert impact(environment, "other") == {}


def test_a_change_reaches_itself_never(program: Any) -> None:
    rows = [(KEY, "a", {"policy": "?b"}), (KEY, "b", {"policy": "?a"})]
    assert list(impact(program(rows), "a")) == ["b"]


def test_a_name_belongs_to_the_resource_and_not_to_what_configures_it(program: Any) -> None:
    called = {"outputs": {"bucket": "data"}}
    versioning = "aws:s3/bucketVersioning:BucketVersioning"
    policy = "aws:s3/bucketPolicy:BucketPolicy"
    environment = program(
        [
            (BUCKET, "bucket", {"bucket": "data"}, called),
            (versioning, "versioning", {"bucket": "data"}, called),
            (policy, "policy", {"bucket": "data"}, called),
        ]
    )
    expected = {("versioning", "bucket", "bucket"), ("policy", "bucket", "bucket")}
    assert set(found(environment)) == expected
    attached = graph_of(environment).of(Kind.ATTACHED)
    assert {(edge.source, edge.path, edge.target) for edge in attached} == expected

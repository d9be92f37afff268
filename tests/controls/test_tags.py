"""Controls over tags, case by case."""

from __future__ import annotations

from typing import Any

import pytest

PROVIDER = "pulumi:providers:aws"
BUCKET = "aws:s3/bucket:Bucket"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
VOLUME = "aws:ebs/volume:Volume"
SNAPSHOT = "aws:ebs/snapshot:Snapshot"
GROUP = "aws:autoscaling/group:Group"
KEY = "data-class"


def classified(type_: str, name: str, class_: Any, **inputs: Any) -> Any:
    return (type_, name, inputs | ({"tags": {KEY: class_}} if class_ else {}))


def snapshot(of: Any, class_: Any) -> list[Any]:
    return [classified(VOLUME, "v", of), classified(SNAPSHOT, "s", class_, volumeId="v-id")]


def replicated(source: Any, copy: Any) -> list[Any]:
    rules = [{"destination": {"bucket": "arn:aws:s3:::copy"}}]
    return [
        classified(BUCKET, "source", source),
        classified(BUCKET, "copy", copy),
        (REPLICATION, "r", {"bucket": "source-id", "rules": rules}),
    ]


COPIES: list[tuple[str, list[Any], list[str]]] = [
    ("alike", snapshot("pii", "pii"), []),
    ("higher", snapshot("internal", "cardholder"), []),
    ("of no class", snapshot(None, None), []),
    ("lower", snapshot("cardholder", "internal"), ["violated s tags"]),
    ("forgotten", snapshot("pii", None), ["violated s tags"]),
    ("not known", snapshot("?", "internal"), ["undecided s volumeId"]),
    ("replicas alike", replicated("pii", "PII"), []),
    (
        "replicas lower",
        replicated("pii", "public"),
        ["violated r rules[0].destination.bucket"],
    ),
    ("replicas not known", replicated("pii", "?"), ["undecided r rules[0].destination.bucket"]),
]
SETTING = {"keys": ("owner",), "vocabulary": ("env=prod", "env=dev")}
MANDATORY: list[tuple[str, list[Any], list[str]]] = [
    ("both", [(BUCKET, "b", {"tags": {"owner": "ledger", "env": "prod"}})], []),
    ("neither", [(BUCKET, "b", {})], ["violated b tags", "violated b tags"]),
    (
        "a value of nobody",
        [(BUCKET, "b", {"tags": {"owner": "ledger", "env": "moon"}})],
        ["violated b tags"],
    ),
    (
        "a value not known",
        [(BUCKET, "b", {"tags": {"owner": "?", "env": "prod"}})],
        ['undecided b tags["owner"]'],
    ),
    ("tags not known", [(BUCKET, "b", {"tags": "?"})], ["undecided b tags"]),
    ("nothing to tag", [("aws:ec2/route:Route", "r", {})], []),
    (
        "a list",
        [(GROUP, "g", {"tags": [{"key": "owner", "value": "x"}, {"key": "env", "value": "dev"}]})],
        [],
    ),
    (
        "of every resource",
        [(BUCKET, "b", {}, {"outputs": {"tagsAll": {"owner": "ledger", "env": "Prod"}}})],
        [],
    ),
    (
        "of the provider",
        [
            (PROVIDER, "p", {"defaultTags": {"tags": {"owner": "ledger", "env": "prod"}}}),
            (BUCKET, "b", {}, {"provider": "urn:pulumi:prod::project::x:y:Z::p"}),
        ],
        [],
    ),
]
CASES: list[tuple[str, str, list[Any], dict[str, Any], list[str]]] = [
    ("tags-mandatory-present", "no key is named", [(BUCKET, "b", {})], {}, []),
    *(("tags-mandatory-present", name, it, SETTING, out) for name, it, out in MANDATORY),
    *(("tags-classification-consistent", name, it, {}, out) for name, it, out in COPIES),
]


@pytest.mark.parametrize(
    ("control", "resources", "parameters", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_a_resource_is_judged(
    control: str,
    resources: list[Any],
    parameters: dict[str, Any],
    expected: list[str],
    judged: Any,
) -> None:
    assert judged(control, resources, **parameters) == sorted(expected)

"""Controls over where Lambda functions run and whose code, case by case."""

from __future__ import annotations

from typing import Any

import pytest

FUNCTION = "aws:lambda/function:Function"
SIGNING = "aws:lambda/codeSigningConfig:CodeSigningConfig"
ENFORCE = {"policies": {"untrustedArtifactOnDeployment": "Enforce"}}
PATH = "policies.untrustedArtifactOnDeployment"


def function(label: str, **inputs: Any) -> list[Any]:
    return [(FUNCTION, "f", {"tags": {"data-class": label}} | inputs)]


PLACES: list[tuple[str, list[Any], list[str]]] = [
    ("two subnets", function("pii", vpcConfig={"subnetIds": ["?", "?"]}), []),
    ("no VPC, which nobody asked for", function("cardholder"), []),
    ("one", function("pii", vpcConfig={"subnetIds": ["s"]}), ["violated f vpcConfig.subnetIds"]),
    ("not known", function("pii", vpcConfig="?"), ["undecided f vpcConfig.subnetIds"]),
]

SIGNED: list[tuple[str, list[Any], list[str]]] = [
    ("unsigned, which nobody forbade", function("cardholder"), []),
    ("enforced", [(SIGNING, "s", ENFORCE)], []),
    ("only warned of", [(SIGNING, "s", {})], [f"violated s {PATH}"]),
    ("not known", [(SIGNING, "s", {"policies": "?"})], [f"undecided s {PATH}"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("lambda-in-vpc", *row) for row in PLACES),
    *(("lambda-code-signed", *row) for row in SIGNED),
]


def test_classes_that_ask_for_a_vpc_are_a_parameter(judged: Any) -> None:
    table = [
        (FUNCTION, "bare", {"tags": {"data-class": "pii"}}),
        (
            FUNCTION,
            "placed",
            {"tags": {"data-class": "pii"}, "vpcConfig": {"subnetIds": ["?"] * 2}},
        ),
        (FUNCTION, "other", {"tags": {"data-class": "internal"}}),
        (FUNCTION, "unknown", {"tags": "?"}),
    ]

    assert judged("lambda-in-vpc", table, classes=("pii",)) == [
        'undecided unknown tags["data-class"]',
        "violated bare vpcConfig.subnetIds",
    ]


def test_classes_that_ask_for_signed_code_are_a_parameter(judged: Any) -> None:
    table = [
        (FUNCTION, "bare", {"tags": {"data-class": "pii"}}),
        (FUNCTION, "signed", {"tags": {"data-class": "pii"}, "codeSigningConfigArn": "?"}),
        (FUNCTION, "image", {"tags": {"data-class": "pii"}, "packageType": "Image"}),
        (FUNCTION, "other", {"tags": {"data-class": "internal"}}),
        (FUNCTION, "unknown", {"tags": "?"}),
    ]

    assert judged("lambda-code-signed", table, classes=("pii",)) == [
        'undecided unknown tags["data-class"]',
        "violated bare codeSigningConfigArn",
    ]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

"""Controls over image repositories, case by case; what ECR itself would refuse is not tested."""

from __future__ import annotations

import json
from typing import Any

import pytest

REPOSITORY = "aws:ecr/repository:Repository"
POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
REGISTRY_POLICY = "aws:ecr/registryPolicy:RegistryPolicy"
SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"

R = (REPOSITORY, "r", {}, {"outputs": {"name": "pay/api"}})
FILTERS = "imageTagMutabilityExclusionFilters"
ON_PUSH = "imageScanningConfiguration.scanOnPush"
ENCRYPTED = "encryptionConfigurations"


def repository(**inputs: Any) -> Any:
    return (REPOSITORY, "r", inputs, {"outputs": {"name": "pay/api"}})


def excluding(*filters: str) -> Any:
    entries = [{"filter": item, "filterType": "WILDCARD"} for item in filters]
    return repository(imageTagMutability="IMMUTABLE_WITH_EXCLUSION", **{FILTERS: entries})


def scanning(pattern: str, frequency: str = "SCAN_ON_PUSH") -> Any:
    rule = {
        "scanFrequency": frequency,
        "repositoryFilters": [{"filter": pattern, "filterType": "WILDCARD"}],
    }
    return (SCANNING, "registry", {"scanType": "ENHANCED", "rules": [rule]})


def encrypted(**configuration: str) -> Any:
    return repository(**{ENCRYPTED: [configuration]})


def policy(principal: Any, type_: str = POLICY) -> Any:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"}
    return (type_, "p", {"policy": json.dumps({"Statement": [statement]})})


TAGGED: list[tuple[str, list[Any], list[str]]] = [
    ("never moved", [repository(imageTagMutability="IMMUTABLE")], []),
    ("by default", [R], ["violated r imageTagMutability"]),
    ("moved", [repository(imageTagMutability="MUTABLE")], ["violated r imageTagMutability"]),
    (
        "moved with exceptions",
        [repository(imageTagMutability="MUTABLE_WITH_EXCLUSION")],
        ["violated r imageTagMutability"],
    ),
    ("moved where excluded", [excluding("latest")], [f"violated r {FILTERS}[0].filter"]),
    ("not known", [repository(imageTagMutability="?")], ["undecided r imageTagMutability"]),
    ("excluded, not known", [excluding("?")], [f"undecided r {FILTERS}[0].filter"]),
]

SCANNED: list[tuple[str, list[Any], list[str]]] = [
    ("on push", [repository(imageScanningConfiguration={"scanOnPush": True})], []),
    ("by nobody", [R], [f"violated r {ON_PUSH}"]),
    (
        "on demand",
        [repository(imageScanningConfiguration={"scanOnPush": False})],
        [f"violated r {ON_PUSH}"],
    ),
    ("not known", [repository(imageScanningConfiguration="?")], [f"undecided r {ON_PUSH}"]),
    ("by the registry", [R, scanning("*", "CONTINUOUS_SCAN")], []),
    ("by the registry, by a wildcard", [R, scanning("pay/*")], []),
    ("by the registry, by a part of the name", [R, scanning("api")], []),
    ("by the registry, others", [R, scanning("web*")], [f"violated r {ON_PUSH}"]),
    ("by the registry on demand", [R, scanning("*", "MANUAL")], [f"violated r {ON_PUSH}"]),
    ("by the registry, not known", [R, scanning("?")], ["undecided r imageScanningConfiguration"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ecr-tag-immutable", *case) for case in TAGGED),
    *(("ecr-image-scanning", *case) for case in SCANNED),
    ("ecr-policy-not-public", "an account", [policy({"AWS": "444455556666"})], []),
    (
        "ecr-policy-not-public",
        "anyone",
        [policy("*")],
        ["violated p policy.Statement[0].Principal"],
    ),
    (
        "ecr-policy-not-public",
        "anyone, in the registry",
        [policy({"AWS": "*"}, REGISTRY_POLICY)],
        ["violated p policy.Statement[0].Principal"],
    ),
    (
        "ecr-policy-not-public",
        "not known",
        [(POLICY, "p", {"policy": "?"})],
        ["undecided p policy"],
    ),
    ("ecr-encryption-cmk", "with a key", [encrypted(encryptionType="KMS", kmsKey=KEY)], []),
    ("ecr-encryption-cmk", "twice", [encrypted(encryptionType="KMS_DSSE", kmsKey="?")], []),
    ("ecr-encryption-cmk", "by default", [R], [f"violated r {ENCRYPTED}"]),
    (
        "ecr-encryption-cmk",
        "by S3",
        [encrypted(encryptionType="AES256")],
        [f"violated r {ENCRYPTED}[0].encryptionType"],
    ),
    (
        "ecr-encryption-cmk",
        "by AWS's key",
        [encrypted(encryptionType="KMS")],
        [f"violated r {ENCRYPTED}[0].kmsKey"],
    ),
    (
        "ecr-encryption-cmk",
        "not known",
        [repository(**{ENCRYPTED: "?"})],
        [f"undecided r {ENCRYPTED}"],
    ),
    ("ecr-force-delete-disabled", "not given", [R], []),
    (
        "ecr-force-delete-disabled",
        "on",
        [repository(forceDelete=True)],
        ["violated r forceDelete"],
    ),
    (
        "ecr-force-delete-disabled",
        "not known",
        [repository(forceDelete="?")],
        ["undecided r forceDelete"],
    ),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_repository_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_filters_of_mutable_tags_can_be_accepted(judged: Any) -> None:
    program = [excluding("buildcache-*", "latest")]

    assert judged("ecr-tag-immutable", program, mutable_tags=["buildcache-*"]) == [
        f"violated r {FILTERS}[1].filter"
    ]


def test_foreign_accounts_are_strangers_once_the_trusted_are_named(judged: Any) -> None:
    program = [policy({"AWS": "444455556666"})]

    assert judged("ecr-policy-not-public", program, trusted_accounts=["111122223333"]) == [
        "violated p policy.Statement[0].Principal"
    ]


def test_messages_say_what_is_wrong_with_this_repository(messages: Any) -> None:
    assert messages("ecr-tag-immutable", [R]) == ["tags are MUTABLE, which is the default"]
    assert messages("ecr-encryption-cmk", [encrypted(encryptionType="AES256")]) == [
        "encrypts with AES256, not a KMS key"
    ]

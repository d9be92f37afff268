"""Controls over file systems, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

SYSTEM = "aws:efs/fileSystem:FileSystem"
POLICY = "aws:efs/fileSystemPolicy:FileSystemPolicy"
POINT = "aws:efs/accessPoint:AccessPoint"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
WINDOWS = "aws:fsx/windowsFileSystem:WindowsFileSystem"
PII = {"data-class": "pii"}
ROLE = {"AWS": "arn:aws:iam::111122223333:role/files"}
NO_PLAINTEXT = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
MOUNTED = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
PINNED = {"posixUser": {"uid": 1000, "gid": 1000}, "rootDirectory": {"path": "/data"}}


def one(type_: str, **inputs: Any) -> list[Any]:
    return [(type_, "f", inputs)]


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "elasticfilesystem:ClientMount",
        **more,
    }


def policy(*statements: Any) -> list[Any]:
    return one(POLICY, policy=json.dumps({"Statement": list(statements)}))


def mounted(**mount: Any) -> list[Any]:
    return one(TASK, volumes=[{"name": "scratch"}, {"efsVolumeConfiguration": mount}])


ENCRYPTED: list[tuple[str, list[Any], list[str]]] = [
    ("encrypted", one(SYSTEM, encrypted=True), []),
    ("not given", one(SYSTEM), ["violated f encrypted"]),
    ("classified, a key", one(SYSTEM, encrypted=True, tags=PII, kmsKeyId="?"), []),
    ("classified, no key", one(SYSTEM, encrypted=True, tags=PII), ["violated f kmsKeyId"]),
    (
        "classified by the provider's default tags",
        [(SYSTEM, "f", {"encrypted": True}, {"outputs": {"tagsAll": PII}})],
        ["violated f kmsKeyId"],
    ),
    ("FSx", one(WINDOWS), []),
    ("FSx, classified, no key", one(WINDOWS, tags=PII), ["violated f kmsKeyId"]),
    ("not known", one(SYSTEM, encrypted="?"), ["undecided f encrypted"]),
    ("tags not known", one(SYSTEM, encrypted=True, tags="?"), ['undecided f tags["data-class"]']),
]

RESTRICTED: list[tuple[str, list[Any], list[str]]] = [
    ("a named role over TLS", policy(allow(ROLE), NO_PLAINTEXT), []),
    ("clients of the mount targets", policy(allow("*", Condition=MOUNTED), NO_PLAINTEXT), []),
    ("plain connections", policy(allow(ROLE)), ["violated f policy"]),
    (
        "everyone",
        policy(allow("*"), NO_PLAINTEXT),
        ["violated f policy.Statement[0].Principal"],
    ),
    ("policy not known", one(POLICY, policy="?"), ["undecided f policy"]),
    ("a system without a policy", one(SYSTEM), ["violated f"]),
    ("a system with one", [*one(SYSTEM), (POLICY, "p", {"fileSystemId": "?f", "policy": "?"})],
     ["undecided p policy"]),
    ("a pinned access point", one(POINT, **PINNED), []),
    ("an open access point", one(POINT), ["violated f posixUser", "violated f rootDirectory"]),
    (
        "an access point for root",
        one(POINT, **PINNED | {"posixUser": {"uid": 0, "gid": 0}}),
        ["violated f posixUser.uid"],
    ),
    (
        "an access point that is not known",
        one(POINT, **PINNED | {"rootDirectory": "?"}),
        ["undecided f rootDirectory.path"],
    ),
    ("a task over TLS", mounted(transitEncryption="ENABLED"), []),
    (
        "a task in the clear",
        mounted(fileSystemId="?"),
        ["violated f volumes[1].efsVolumeConfiguration.transitEncryption"],
    ),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("efs-encrypted", *case) for case in ENCRYPTED),
    *(("efs-access-restricted", *case) for case in RESTRICTED),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_file_system_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_foreign_accounts_are_strangers_once_the_trusted_are_named(judged: Any) -> None:
    subject = policy(allow({"AWS": "444455556666"}), NO_PLAINTEXT)

    assert judged("efs-access-restricted", subject) == []
    assert judged("efs-access-restricted", subject, trusted_accounts=["111122223333"]) == [
        "violated f policy.Statement[0].Principal"
    ]

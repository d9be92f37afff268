"""Controls over backup vaults, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

VAULT = "aws:backup/vault:Vault"
AIR_GAPPED = "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
POLICY = "aws:backup/vaultPolicy:VaultPolicy"
KEY = "aws:kms/key:Key"
CLUSTER = "aws:rds/cluster:Cluster"
TABLE = "aws:dynamodb/table:Table"
ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234"
DELETIONS = [
    "backup:DeleteRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
    "backup:DeleteBackupVaultLockConfiguration",
]


def vault(type_: str = VAULT, name: str = "v", **inputs: Any) -> Any:
    return (type_, name, inputs)


def key(name: str = "k") -> Any:
    return (KEY, name, {})


def lock(named: str = "v-id", name: str = "l", **inputs: Any) -> Any:
    return (LOCK, name, {"backupVaultName": named, "minRetentionDays": 35} | inputs)


def policy(*actions: str, name: str = "p", **statement: Any) -> Any:
    denial = {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": "*"} | statement
    document = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    return (POLICY, name, {"backupVaultName": "v-id", "policy": document})


def excepting(operator: str, key: str, value: str) -> Any:
    return policy(*DELETIONS, Condition={operator: {key: value}})


KEYS: list[tuple[str, list[Any], list[str]]] = [
    ("a key of this program", [vault(kmsKeyArn="k-id"), key()], []),
    ("one that is made with it", [vault(kmsKeyArn="?k"), key()], []),
    ("one of elsewhere", [vault(kmsKeyArn=ARN)], []),
    ("of an air-gapped vault", [vault(AIR_GAPPED, encryptionKeyArn=ARN)], []),
    ("beside data with another key", [vault(kmsKeyArn=ARN), (CLUSTER, "d", {"kmsKeyId": "a"})], []),
    (
        "beside data with a key of this program, not known yet",
        [vault(kmsKeyArn=ARN), key(), (CLUSTER, "d", {"kmsKeyId": "?k"})],
        [],
    ),
    (
        "beside data whose key is not known",
        [vault(kmsKeyArn=ARN), (CLUSTER, "d", {"kmsKeyId": "?"})],
        ["undecided v kmsKeyArn"],
    ),
    ("none", [vault()], ["violated v kmsKeyArn"]),
    ("none of an air-gapped vault", [vault(AIR_GAPPED)], ["violated v encryptionKeyArn"]),
    (
        "the one that AWS manages",
        [vault(kmsKeyArn="arn:aws:kms:eu-west-1:111122223333:alias/aws/backup")],
        ["violated v kmsKeyArn"],
    ),
    (
        "that of the data",
        [vault(kmsKeyArn="k-id"), key(), (CLUSTER, "d", {"kmsKeyId": "k-id"})],
        ["violated v kmsKeyArn"],
    ),
    (
        "that of the data, from elsewhere",
        [vault(kmsKeyArn=ARN), (TABLE, "t", {"serverSideEncryption": {"kmsKeyArn": ARN}})],
        ["violated v kmsKeyArn"],
    ),
    ("not known", [vault(kmsKeyArn="?")], ["undecided v kmsKeyArn"]),
]

LOCKS: list[tuple[str, list[Any], list[str]]] = [
    ("locked", [vault(), lock()], []),
    ("locked for ever", [vault(), lock(changeableForDays=14)], []),
    ("not locked", [vault()], ["violated v"]),
    ("another one is", [vault(), vault(name="w"), lock("w-id")], ["violated v"]),
    (
        "its namesake in another region is",
        [
            (VAULT, "v", {"region": "eu-west-1"}, {"id": "same"}),
            (VAULT, "w", {"region": "eu-central-1"}, {"id": "same"}),
            lock("same", region="eu-central-1"),
        ],
        ["violated v"],
    ),
    ("for too short", [vault(), lock(minRetentionDays=7)], ["violated v"]),
    ("without a least retention", [vault(), lock(minRetentionDays=None)], ["violated v"]),
    ("vault of a lock not known", [vault(), lock("?")], ["undecided v"]),
    ("retention not known", [vault(), lock(minRetentionDays="?")], ["undecided v"]),
]

POLICIES: list[tuple[str, list[Any], list[str]]] = [
    ("denied", [vault(), policy(*DELETIONS)], []),
    ("everything denied", [vault(), policy("backup:*")], []),
    (
        "denied to all but a role",
        [vault(), excepting("ArnNotEquals", "aws:PrincipalArn", "arn:aws:iam::1:role/glass")],
        [],
    ),
    ("no policy", [vault()], ["violated v"]),
    ("not all denied", [vault(), policy(DELETIONS[0])], ["violated v"]),
    ("allowed instead", [vault(), policy(*DELETIONS, Effect="Allow")], ["violated v"]),
    (
        "denied to one role",
        [vault(), policy(*DELETIONS, Principal={"AWS": "arn:aws:iam::111122223333:role/app"})],
        ["violated v"],
    ),
    (
        "denied from elsewhere",
        [vault(), excepting("NotIpAddress", "aws:SourceIp", "10.0.0.0/8")],
        ["violated v"],
    ),
    (
        "not known",
        [vault(), (POLICY, "p", {"backupVaultName": "v-id", "policy": "?"})],
        ["undecided v"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("backup-vault-cmk", *case) for case in KEYS),
    *(("backup-vault-locked", *case) for case in LOCKS),
    *(("backup-vault-policy-denies-delete", *case) for case in POLICIES),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_backup_vault_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    found = [line for line in judged(control, resources) if not line.endswith(" w")]
    assert found == sorted(expected)


@pytest.mark.parametrize("control", ["backup-vault-locked", "backup-vault-policy-denies-delete"])
def test_vaults_outside_production_need_no_guard(control: str, judged: Any) -> None:
    assert judged(control, [vault()], stack="dev") == []


def test_a_mode_that_a_role_can_take_off_may_not_be_enough(judged: Any) -> None:
    strict = {"modes": ("compliance",)}

    assert judged("backup-vault-locked", [vault(), lock()], **strict) == ["violated v"]
    assert judged("backup-vault-locked", [vault(), lock(changeableForDays=3)], **strict) == []


def test_the_days_that_a_lock_keeps_can_be_set(judged: Any) -> None:
    assert judged("backup-vault-locked", [vault(), lock()], minimum_days=90) == ["violated v"]

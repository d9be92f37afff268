"""Controls over caches, case by case."""

from __future__ import annotations

from typing import Any

import pytest

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
CLUSTER = "aws:elasticache/cluster:Cluster"
SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache"
USER = "aws:elasticache/user:User"
MEMORYDB = "aws:memorydb/cluster:Cluster"
SAFE: dict[str, Any] = {"atRestEncryptionEnabled": True, "transitEncryptionEnabled": True}
STEADY: dict[str, Any] = {
    "multiAzEnabled": True,
    "automaticFailoverEnabled": True,
    "snapshotRetentionLimit": 7,
}


def cache(type_: str = GROUP, **inputs: Any) -> list[Any]:
    return [(type_, "c", inputs)]


ENCRYPTED: list[tuple[str, list[Any], list[str]]] = [
    ("storage and transport", cache(**SAFE, transitEncryptionMode="required"), []),
    (
        "neither, of Redis",
        cache(engine="redis"),
        ["violated c atRestEncryptionEnabled", "violated c transitEncryptionEnabled"],
    ),
    ("storage by default, of Valkey", cache(engine="valkey", transitEncryptionEnabled=True), []),
    (
        "storage switched off, of Valkey",
        cache(engine="valkey", transitEncryptionEnabled=True, atRestEncryptionEnabled=False),
        ["violated c atRestEncryptionEnabled"],
    ),
    (
        "plain connections as well",
        cache(**SAFE, transitEncryptionMode="preferred"),
        ["violated c transitEncryptionMode"],
    ),
    ("as its primary", cache(globalReplicationGroupId="g"), []),
    (
        "one known, one not",
        cache(transitEncryptionEnabled="?"),
        ["undecided c transitEncryptionEnabled", "violated c atRestEncryptionEnabled"],
    ),
    ("Memcached with TLS", cache(CLUSTER, engine="memcached", transitEncryptionEnabled=True), []),
    (
        "Memcached without",
        cache(CLUSTER, engine="memcached"),
        ["violated c transitEncryptionEnabled"],
    ),
    ("Redis on its own", cache(CLUSTER, engine="redis"), ["violated c engine"]),
    ("a member of a group", cache(CLUSTER, replicationGroupId="?"), []),
    ("MemoryDB by default", cache(MEMORYDB), []),
    ("MemoryDB without TLS", cache(MEMORYDB, tlsEnabled=False), ["violated c tlsEnabled"]),
    ("MemoryDB, not known", cache(MEMORYDB, tlsEnabled="?"), ["undecided c tlsEnabled"]),
]

AUTHENTICATED: list[tuple[str, list[Any], list[str]]] = [
    ("a token that is not known", cache(authToken="?"), []),
    ("a write-only token", cache(authTokenWo="not-a-real-token"), []),
    ("user groups", cache(userGroupIds=["?"]), []),
    ("nothing", cache(), ["violated c userGroupIds"]),
    ("as its primary", cache(globalReplicationGroupId="?"), []),
    ("serverless, a group", cache(SERVERLESS, engine="valkey", userGroupId="?"), []),
    ("serverless, nothing", cache(SERVERLESS, engine="valkey"), ["violated c userGroupId"]),
    ("serverless, one that cannot", cache(SERVERLESS, engine="memcached"), []),
    ("serverless, engine not known", cache(SERVERLESS, engine="?"), ["undecided c engine"]),
    ("a user with a password", cache(USER, accessString="on ~* +@all", passwords=["?"]), []),
    (
        "a user without",
        cache(USER, accessString="on ~* +@all", noPasswordRequired=True),
        ["violated c noPasswordRequired"],
    ),
    (
        "a user without, in the other form",
        cache(USER, authenticationMode={"type": "no-password-required"}),
        ["violated c authenticationMode.type"],
    ),
    (
        "a user without, switched off",
        cache(USER, accessString="off ~keys* -@all", noPasswordRequired=True),
        [],
    ),
    ("MemoryDB, an ACL of one's own", cache(MEMORYDB, aclName="payments"), []),
    ("MemoryDB, open", cache(MEMORYDB, aclName="open-access"), ["violated c aclName"]),
    ("MemoryDB, not known", cache(MEMORYDB, aclName="?"), ["undecided c aclName"]),
]

RESILIENT: list[tuple[str, list[Any], list[str]]] = [
    ("steady", cache(**STEADY), []),
    (
        "nothing of it",
        cache(),
        [
            "violated c automaticFailoverEnabled",
            "violated c multiAzEnabled",
            "violated c snapshotRetentionLimit",
        ],
    ),
    (
        "upgrades declined, of a major version",
        cache(**STEADY, autoMinorVersionUpgrade="false", engineVersion="7"),
        ["violated c autoMinorVersionUpgrade"],
    ),
    (
        "upgrades declined, of a named version",
        cache(**STEADY, autoMinorVersionUpgrade=False, engineVersion="7.1"),
        [],
    ),
    ("as its primary", cache(globalReplicationGroupId="g"), []),
    (
        "not known",
        cache(**STEADY | {"multiAzEnabled": "?"}),
        ["undecided c multiAzEnabled"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("elasticache-encrypted", *case) for case in ENCRYPTED),
    *(("elasticache-authenticated", *case) for case in AUTHENTICATED),
    *(("elasticache-resilient", *case) for case in RESILIENT),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_cache_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_caches_outside_production_may_fail(judged: Any) -> None:
    assert judged("elasticache-resilient", cache(), stack="dev") == []


def test_the_days_that_snapshots_are_kept_can_be_set(judged: Any) -> None:
    assert judged("elasticache-resilient", cache(**STEADY), minimum_days=14) == [
        "violated c snapshotRetentionLimit"
    ]

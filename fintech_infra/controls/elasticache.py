"""Controls over caches: ElastiCache and MemoryDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.environment import Resource
from fintech_infra.environment.undecided import decided_first

REPLICATION_GROUP: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
CACHE_CLUSTER: Final = "aws:elasticache/cluster:Cluster"
SERVERLESS_CACHE: Final = "aws:elasticache/serverlessCache:ServerlessCache"
USER: Final = "aws:elasticache/user:User"
MEMORYDB_CLUSTER: Final = "aws:memorydb/cluster:Cluster"

_LONGEST_RETENTION: Final = 35
_MEMCACHED: Final = "memcached"
_CREDENTIALS: Final = ("authToken", "authTokenWo", "userGroupIds")


def _is_secondary(group: Resource) -> bool:
    """Whether a replication group takes its settings from the primary of a global one."""
    return group.is_set("globalReplicationGroupId")


@control(
    on=[REPLICATION_GROUP, CACHE_CLUSTER, MEMORYDB_CLUSTER],
    severity=Severity.HIGH,
    fix="Set atRestEncryptionEnabled and transitEncryptionEnabled with transitEncryptionMode "
    "required on a ReplicationGroup; leave tlsEnabled of MemoryDB on.",
    source="Amazon ElastiCache user guide, Data security; FSBP ElastiCache.4, ElastiCache.5",
    properties=[
        "atRestEncryptionEnabled",
        "transitEncryptionEnabled",
        "transitEncryptionMode",
        "tlsEnabled",
    ],
)
def elasticache_encrypted(cache: Resource) -> Iterator[Fault]:
    """Caches encrypt what they keep and what they send.

    A cache holds the hottest part of the data, sessions and tokens among it, and swaps and saves
    it to disk. In transit mode preferred, plain connections still work. Serverless caches always
    encrypt both, so they are not judged.
    """
    if cache.type == MEMORYDB_CLUSTER:
        if cache.value("tlsEnabled") is False:
            yield Fault("tlsEnabled", "clients talk to the cluster in the clear")
    elif cache.type == CACHE_CLUSTER:
        yield from _cluster_faults(cache)
    else:
        yield from decided_first((_storage_faults(cache), _transit_faults(cache)))


def _cluster_faults(cluster: Resource) -> Iterator[Fault]:
    if cluster.is_set("replicationGroupId"):
        return
    if cluster.value("engine") not in (None, _MEMCACHED):
        yield Fault("engine", "a cluster outside a replication group cannot be encrypted")
    elif cluster.value("transitEncryptionEnabled") is not True:
        yield Fault("transitEncryptionEnabled", "clients talk to the cluster in the clear")


def _storage_faults(group: Resource) -> Iterator[Fault]:
    given = group.value("atRestEncryptionEnabled")
    if given is None and (_is_secondary(group) or group.value("engine") == "valkey"):
        return
    if given is not True:
        note = " by default" if given is None else ""
        yield Fault("atRestEncryptionEnabled", f"what the cache keeps is not encrypted{note}")


def _transit_faults(group: Resource) -> Iterator[Fault]:
    given = group.value("transitEncryptionEnabled")
    if given is not True and not (given is None and _is_secondary(group)):
        yield Fault("transitEncryptionEnabled", "clients talk to the cache in the clear")
    elif group.value("transitEncryptionMode") == "preferred":
        yield Fault("transitEncryptionMode", "plain connections still work")


@control(
    on=[REPLICATION_GROUP, SERVERLESS_CACHE, USER, MEMORYDB_CLUSTER],
    severity=Severity.HIGH,
    fix="Set userGroupIds (userGroupId of a serverless cache) or authTokenWo; give every user a "
    "password or IAM authentication, and a MemoryDB cluster an ACL other than open-access.",
    source="Amazon ElastiCache user guide, Authentication and authorization; FSBP ElastiCache.6",
    properties=[
        "authToken",
        "authTokenWo",
        "userGroupIds",
        "userGroupId",
        "noPasswordRequired",
        "authenticationMode",
        "accessString",
        "aclName",
    ],
)
def elasticache_authenticated(resource: Resource) -> Iterator[Fault]:
    """Caches ask their clients who they are, and no user gets in without a password.

    Without that, whatever runs in the network reads every session that is kept there. Users that
    are switched off may be without a password; Memcached without a replication group cannot
    authenticate, so it is not judged.
    """
    if resource.type == USER:
        yield from _user_faults(resource)
    elif resource.type == MEMORYDB_CLUSTER:
        if resource.value("aclName") == "open-access":
            yield Fault("aclName", "the ACL open-access lets in everyone without a password")
    elif resource.type == SERVERLESS_CACHE:
        if resource.value("engine") != _MEMCACHED and not resource.is_set("userGroupId"):
            yield Fault("userGroupId", "clients need not say who they are")
    elif not _is_secondary(resource) and not any(map(resource.is_set, _CREDENTIALS)):
        yield Fault("userGroupIds", "clients need not say who they are")


def _user_faults(user: Resource) -> Iterator[Fault]:
    if str(user.value("accessString") or "").split(" ")[0] == "off":
        return
    if user.value("noPasswordRequired") is True:
        yield Fault("noPasswordRequired", "the user gets in without a password")
    elif user.value("authenticationMode.type") == "no-password-required":
        yield Fault("authenticationMode.type", "the user gets in without a password")


def _kept(group: Resource, *, minimum_days: int) -> Mapping[str, Any]:
    faults = _snapshot_faults(group, minimum_days)
    return {fault.path: minimum_days for fault in faults if minimum_days <= _LONGEST_RETENTION}


@control(
    on=[REPLICATION_GROUP],
    severity=Severity.MEDIUM,
    fix="Set multiAzEnabled, automaticFailoverEnabled and snapshotRetentionLimit, and leave "
    "autoMinorVersionUpgrade on.",
    source="FSBP ElastiCache.1, ElastiCache.2, ElastiCache.3",
    scope=Scope.PROD,
    properties=[
        "multiAzEnabled",
        "automaticFailoverEnabled",
        "snapshotRetentionLimit",
        "autoMinorVersionUpgrade",
        "engineVersion",
    ],
    remedy=_kept,
)
def elasticache_resilient(group: Resource, *, minimum_days: int = 1) -> Iterator[Fault]:
    """Production caches fail over between zones, keep snapshots and take minor upgrades.

    When the cache is gone, the database behind it takes the whole load at once, which it was not
    made for. Upgrades may be declined where the program names the minor version itself.
    """
    yield from decided_first(
        (
            _switch_faults(group, "multiAzEnabled", "the cache does not span zones"),
            _switch_faults(group, "automaticFailoverEnabled", "nothing takes over from a node"),
            _snapshot_faults(group, minimum_days),
            _upgrade_faults(group),
        )
    )


def _switch_faults(group: Resource, path: str, message: str) -> Iterator[Fault]:
    given = group.value(path)
    if given is not True and not (given is None and _is_secondary(group)):
        yield Fault(path, message)


def _snapshot_faults(group: Resource, minimum_days: int) -> Iterator[Fault]:
    kept = group.number("snapshotRetentionLimit") or 0
    if kept < minimum_days and not _is_secondary(group):
        message = f"snapshots are kept for {kept} days; at least {minimum_days} are needed"
        yield Fault("snapshotRetentionLimit", message)


def _upgrade_faults(group: Resource) -> Iterator[Fault]:
    if str(group.value("autoMinorVersionUpgrade")).lower() != "false":
        return
    version = str(group.value("engineVersion") or "")
    if not version.partition(".")[2].isdigit():
        yield Fault("autoMinorVersionUpgrade", "upgrades are declined, and no version is named")


CONTROLS: Final = (elasticache_encrypted, elasticache_authenticated, elasticache_resilient)

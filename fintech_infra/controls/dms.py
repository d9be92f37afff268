"""Controls over database migration: replication instances and endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource
from fintech_infra.environment.undecided import decided_first

REPLICATION_INSTANCE: Final = "aws:dms/replicationInstance:ReplicationInstance"
ENDPOINT: Final = "aws:dms/endpoint:Endpoint"

_ENCRYPTED: Final = ("require", "verify-ca", "verify-full")
# Endpoints of these have no setting: they are reached over HTTPS, or over TLS in any case.
_ALWAYS_TLS: Final = frozenset({
    "dynamodb", "elasticsearch", "kinesis", "neptune", "opensearch", "redshift",
    "redshift-serverless", "s3",
})  # fmt: skip
# Where engines without an SSL mode keep their setting, and what means plain text there; None is
# the value that is not given.
_SETTINGS: Final[Mapping[str, tuple[str, tuple[str | None, ...]]]] = {
    "kafka": ("kafkaSettings.securityProtocol", (None, "plaintext")),
    "redis": ("redisSettings.sslSecurityProtocol", ("plaintext",)),
}


@control(
    on=[REPLICATION_INSTANCE, ENDPOINT],
    severity=Severity.HIGH,
    fix="Leave publiclyAccessible off and set kmsKeyArn; set sslMode to verify-full, verify-ca or "
    "require on endpoints.",
    source="AWS DMS user guide, Using SSL with AWS Database Migration Service; FSBP DMS.1, DMS.9",
    properties=["publiclyAccessible", "kmsKeyArn", "sslMode", "engineName"],
)
def dms_private_encrypted(resource: Resource) -> Iterator[Fault]:
    """Replication instances are private and use a key of one's own; endpoints use TLS.

    A migration carries a whole database, with the passwords of both its ends, across the network.
    """
    if resource.type == ENDPOINT:
        yield from _endpoint_faults(resource)
    else:
        yield from decided_first((_address_faults(resource), _storage_faults(resource)))


def _address_faults(instance: Resource) -> Iterator[Fault]:
    if instance.value("publiclyAccessible") is True:
        yield Fault("publiclyAccessible", "the instance gets a public address")


def _storage_faults(instance: Resource) -> Iterator[Fault]:
    if not instance.is_set("kmsKeyArn"):
        yield Fault("kmsKeyArn", "storage is encrypted with a key of AWS's")


def _endpoint_faults(endpoint: Resource) -> Iterator[Fault]:
    engine = endpoint.text("engineName")
    if engine in _ALWAYS_TLS:
        return
    if engine in _SETTINGS:
        path, plain = _SETTINGS[engine]
        if endpoint.value(path) in plain:
            yield Fault(path, "data crosses the network in the clear")
        return
    mode = endpoint.value("sslMode")
    if mode not in _ENCRYPTED:
        yield Fault(
            "sslMode", f"data crosses the network in the clear: sslMode is {mode or 'none'}"
        )


CONTROLS: Final = (dms_private_encrypted,)

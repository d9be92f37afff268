"""Controls over streams and brokers: Kinesis, Firehose, MSK and Amazon MQ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource
from fintech_infra.environment.undecided import decided_first

STREAM: Final = "aws:kinesis/stream:Stream"
DELIVERY_STREAM: Final = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
MSK_CLUSTER: Final = "aws:msk/cluster:Cluster"
CONNECTOR: Final = "aws:mskconnect/connector:Connector"
MQ_BROKER: Final = "aws:mq/broker:Broker"

_PUBLIC: Final = "brokerNodeGroupInfo.connectivityInfo.publicAccess.type"
_IN_TRANSIT: Final = "encryptionInfo.encryptionInTransit"
_STORAGE_KEY: Final = "encryptionInfo.encryptionAtRestKmsKeyArn"
_CLIENTS: Final = "clientAuthentication"


def _encrypted(stream: Resource) -> Mapping[str, Any]:
    # A key, given or AWS's own, shuts out who reads a stream and may not use the key. A delivery
    # stream without a key of the customer has one that everybody may use, who may use the stream.
    own = stream.value("serverSideEncryption.keyType") == "CUSTOMER_MANAGED_CMK"
    if stream.type != DELIVERY_STREAM or own:
        return {}
    return {"serverSideEncryption.enabled": True}


@control(
    on=[STREAM, DELIVERY_STREAM],
    severity=Severity.MEDIUM,
    fix="Set encryptionType KMS with kmsKeyId on a stream, and serverSideEncryption.enabled on a "
    "delivery stream.",
    source="Amazon Kinesis Data Streams developer guide, Data protection; FSBP Kinesis.1",
    properties=["encryptionType", "kmsKeyId", "serverSideEncryption", "kinesisSourceConfiguration"],
    remedy=_encrypted,
)
def kinesis_stream_encrypted(stream: Resource) -> Iterator[Fault]:
    """Streams and delivery streams encrypt what they hold.

    A stream keeps every event for a day at least, and is not encrypted unless it is told to.
    Delivery streams that read from another stream are not judged: they keep nothing themselves.
    """
    if stream.type == DELIVERY_STREAM:
        yield from _delivery_faults(stream)
    elif stream.value("encryptionType") != "KMS":
        yield Fault("encryptionType", "records are not encrypted at rest")
    elif not stream.is_set("kmsKeyId"):
        yield Fault("kmsKeyId", "no key is given, so records are not encrypted at rest")


def _delivery_faults(stream: Resource) -> Iterator[Fault]:
    if stream.is_set("kinesisSourceConfiguration") or stream.is_set("mskSourceConfiguration"):
        return
    if stream.value("serverSideEncryption.enabled") is not True:
        yield Fault("serverSideEncryption.enabled", "records are not encrypted at rest")


@control(
    on=[MSK_CLUSTER, CONNECTOR, MQ_BROKER],
    severity=Severity.HIGH,
    fix="Leave public access off; give encryptionInfo a key and clientBroker TLS, "
    "clientAuthentication a kind, and encryptionOptions of Amazon MQ a kmsKeyId.",
    source="Amazon MSK developer guide, Security; FSBP MSK.1, MSK.3, MSK.4, MSK.6",
    properties=[
        "brokerNodeGroupInfo",
        "encryptionInfo",
        "clientAuthentication",
        "kafkaClusterEncryptionInTransit",
        "publiclyAccessible",
        "encryptionOptions",
    ],
)
def msk_private_encrypted_authenticated(broker: Resource) -> Iterator[Fault]:
    """Brokers are private, encrypt storage and transport, and know their clients.

    What is published is what every consumer believes: whoever may write to a topic of payments
    makes payments. Storage needs a key of one's own; a broker takes one of AWS's if none is given.
    """
    if broker.type == CONNECTOR:
        path = "kafkaClusterEncryptionInTransit.encryptionType"
        if broker.value(path) != "TLS":
            yield Fault(path, "the connector talks to the brokers in the clear")
    elif broker.type == MQ_BROKER:
        yield from decided_first((_mq_address_faults(broker), _mq_storage_faults(broker)))
    else:
        parts = (_address_faults, _client_faults, _transit_faults, _storage_faults)
        yield from decided_first(part(broker) for part in parts)


def _mq_address_faults(broker: Resource) -> Iterator[Fault]:
    if broker.value("publiclyAccessible") is True:
        yield Fault("publiclyAccessible", "the broker gets a public address")


def _mq_storage_faults(broker: Resource) -> Iterator[Fault]:
    if not broker.is_set("encryptionOptions.kmsKeyId"):
        yield Fault("encryptionOptions.kmsKeyId", "storage is encrypted with a key of AWS's")
    elif broker.value("encryptionOptions.useAwsOwnedKey") is not False:
        yield Fault("encryptionOptions.useAwsOwnedKey", "the key is given and not used")


def _address_faults(cluster: Resource) -> Iterator[Fault]:
    if cluster.value(_PUBLIC) not in (None, "DISABLED"):
        yield Fault(_PUBLIC, "the brokers get public addresses")


def _client_faults(cluster: Resource) -> Iterator[Fault]:
    if cluster.value(f"{_CLIENTS}.unauthenticated") is True:
        yield Fault(f"{_CLIENTS}.unauthenticated", "clients need not say who they are")
    elif not _knows_clients(cluster):
        yield Fault(_CLIENTS, "clients need not say who they are, which is the default")


def _knows_clients(cluster: Resource) -> bool:
    signed = (f"{_CLIENTS}.sasl.iam", f"{_CLIENTS}.sasl.scram")
    return any(cluster.value(path) is True for path in signed) or cluster.is_set(f"{_CLIENTS}.tls")


def _transit_faults(cluster: Resource) -> Iterator[Fault]:
    allowed = cluster.value(f"{_IN_TRANSIT}.clientBroker")
    if allowed not in (None, "TLS"):
        yield Fault(f"{_IN_TRANSIT}.clientBroker", f"clients may connect with {allowed}")
    if cluster.value(f"{_IN_TRANSIT}.inCluster") is False:
        yield Fault(f"{_IN_TRANSIT}.inCluster", "brokers talk to each other in the clear")


def _storage_faults(cluster: Resource) -> Iterator[Fault]:
    if not cluster.is_set(_STORAGE_KEY):
        yield Fault(_STORAGE_KEY, "storage is encrypted with a key of AWS's")


CONTROLS: Final = (kinesis_stream_encrypted, msk_private_encrypted_authenticated)

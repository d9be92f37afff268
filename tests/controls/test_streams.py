"""Controls over streams and brokers, case by case."""

from __future__ import annotations

from typing import Any

import pytest

STREAM = "aws:kinesis/stream:Stream"
DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
KAFKA = "aws:msk/cluster:Cluster"
CONNECTOR = "aws:mskconnect/connector:Connector"
BROKER = "aws:mq/broker:Broker"
SAFE: dict[str, Any] = {
    "encryptionInfo": {"encryptionAtRestKmsKeyArn": "?"},
    "clientAuthentication": {"sasl": {"iam": True}},
}
IN_TRANSIT = "encryptionInfo.encryptionInTransit"
PUBLIC = "brokerNodeGroupInfo.connectivityInfo.publicAccess.type"


def one(type_: str, **inputs: Any) -> list[Any]:
    return [(type_, "s", inputs)]


def transit(**settings: Any) -> list[Any]:
    info = {"encryptionAtRestKmsKeyArn": "?", "encryptionInTransit": settings}
    return one(KAFKA, **SAFE | {"encryptionInfo": info})


def access(kind: str) -> list[Any]:
    return one(
        KAFKA, **SAFE, brokerNodeGroupInfo={"connectivityInfo": {"publicAccess": {"type": kind}}}
    )


ENCRYPTED: list[tuple[str, list[Any], list[str]]] = [
    ("a key", one(STREAM, encryptionType="KMS", kmsKeyId="?"), []),
    ("not given", one(STREAM), ["violated s encryptionType"]),
    ("off", one(STREAM, encryptionType="NONE"), ["violated s encryptionType"]),
    ("no key", one(STREAM, encryptionType="KMS"), ["violated s kmsKeyId"]),
    ("not known", one(STREAM, encryptionType="?"), ["undecided s encryptionType"]),
    ("delivery, on", one(DELIVERY, serverSideEncryption={"enabled": True}), []),
    ("delivery, not given", one(DELIVERY), ["violated s serverSideEncryption.enabled"]),
    ("delivery, from a stream", one(DELIVERY, kinesisSourceConfiguration={"roleArn": "?"}), []),
    ("delivery, from Kafka", one(DELIVERY, mskSourceConfiguration="?"), []),
    (
        "delivery, not known",
        one(DELIVERY, serverSideEncryption="?"),
        ["undecided s serverSideEncryption.enabled"],
    ),
]

PRIVATE: list[tuple[str, list[Any], list[str]]] = [
    ("safe, by its defaults", one(KAFKA, **SAFE), []),
    ("safe, as it says", transit(clientBroker="TLS", inCluster=True), []),
    ("certificates", one(KAFKA, **SAFE | {"clientAuthentication": {"tls": {}}}), []),
    (
        "nothing given",
        one(KAFKA),
        ["violated s clientAuthentication", "violated s encryptionInfo.encryptionAtRestKmsKeyArn"],
    ),
    (
        "strangers as well",
        one(
            KAFKA,
            **SAFE | {"clientAuthentication": {"sasl": {"iam": True}, "unauthenticated": True}},
        ),
        ["violated s clientAuthentication.unauthenticated"],
    ),
    (
        "plain connections",
        transit(clientBroker="TLS_PLAINTEXT", inCluster=False),
        [f"violated s {IN_TRANSIT}.clientBroker", f"violated s {IN_TRANSIT}.inCluster"],
    ),
    ("private", access("DISABLED"), []),
    ("public", access("SERVICE_PROVIDED_EIPS"), [f"violated s {PUBLIC}"]),
    ("not known", access("?"), [f"undecided s {PUBLIC}"]),
    (
        "a connector over TLS",
        one(CONNECTOR, kafkaClusterEncryptionInTransit={"encryptionType": "TLS"}),
        [],
    ),
    (
        "a connector in the clear",
        one(CONNECTOR),
        ["violated s kafkaClusterEncryptionInTransit.encryptionType"],
    ),
    (
        "a broker with a key",
        one(BROKER, encryptionOptions={"kmsKeyId": "?", "useAwsOwnedKey": False}),
        [],
    ),
    (
        "a public broker without",
        one(BROKER, publiclyAccessible=True),
        ["violated s encryptionOptions.kmsKeyId", "violated s publiclyAccessible"],
    ),
    (
        "a broker that does not use its key",
        one(BROKER, encryptionOptions={"kmsKeyId": "?"}),
        ["violated s encryptionOptions.useAwsOwnedKey"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("kinesis-stream-encrypted", *case) for case in ENCRYPTED),
    *(("msk-private-encrypted-authenticated", *case) for case in PRIVATE),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_stream_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)

"""Controls over database migration, case by case."""

from __future__ import annotations

from typing import Any

import pytest

INSTANCE = "aws:dms/replicationInstance:ReplicationInstance"
ENDPOINT = "aws:dms/endpoint:Endpoint"


def instance(**inputs: Any) -> list[Any]:
    return [(INSTANCE, "m", inputs)]


def endpoint(engine: str, **inputs: Any) -> list[Any]:
    return [(ENDPOINT, "m", {"engineName": engine, **inputs})]


PRIVATE: list[tuple[str, list[Any], list[str]]] = [
    ("a key", instance(kmsKeyArn="?"), []),
    ("no key, public", instance(publiclyAccessible=True), [
        "violated m kmsKeyArn", "violated m publiclyAccessible",
    ]),
    ("not known", instance(kmsKeyArn="?", publiclyAccessible="?"), [
        "undecided m publiclyAccessible",
    ]),
    ("TLS", endpoint("postgres", sslMode="verify-full"), []),
    ("no mode", endpoint("mysql"), ["violated m sslMode"]),
    ("mode none", endpoint("oracle", sslMode="none"), ["violated m sslMode"]),
    ("mode not known", endpoint("oracle", sslMode="?"), ["undecided m sslMode"]),
    ("an engine over HTTPS", endpoint("s3"), []),
    ("Kafka, TLS", endpoint("kafka", kafkaSettings={"securityProtocol": "sasl-ssl"}), []),
    ("Kafka, by default", endpoint("kafka"), ["violated m kafkaSettings.securityProtocol"]),
    ("Redis, by default", endpoint("redis"), []),
    ("Redis, plain", endpoint("redis", redisSettings={"sslSecurityProtocol": "plaintext"}), [
        "violated m redisSettings.sslSecurityProtocol",
    ]),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("dms-private-encrypted", *case) for case in PRIVATE
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_migration_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)

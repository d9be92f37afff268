"""Controls over file transfer, case by case."""

from __future__ import annotations

from typing import Any

import pytest

SERVER = "aws:transfer/server:Server"
SAFE: dict[str, Any] = {
    "securityPolicyName": "TransferSecurityPolicy-2025-03",
    "endpointType": "VPC",
    "structuredLogDestinations": ["arn:aws:logs:eu-west-1:111122223333:log-group:transfer"],
}


def server(**changes: Any) -> list[Any]:
    return [(SERVER, "t", {**SAFE, **changes})]


def policed(name: str) -> list[Any]:
    return server(securityPolicyName=f"TransferSecurityPolicy-{name}")


TRANSFER: list[tuple[str, list[Any], list[str]]] = [
    ("safe", server(), []),
    ("two safe protocols", server(protocols=["SFTP", "FTPS"]), []),
    ("FTP", server(protocols=["SFTP", "FTP"]), ["violated t protocols[1]"]),
    ("no policy", server(securityPolicyName=None), ["violated t securityPolicyName"]),
    ("a FIPS policy", policed("FIPS-2024-05"), []),
    ("an old restricted policy", policed("Restricted-2020-06"), ["violated t securityPolicyName"]),
    (
        "an experiment",
        policed("PQ-SSH-Experimental-2023-04"),
        ["violated t securityPolicyName"],
    ),
    ("by default on the internet", server(endpointType=None), ["violated t endpointType"]),
    ("on the internet", server(endpointType="PUBLIC"), ["violated t endpointType"]),
    (
        "no logs",
        server(structuredLogDestinations=[]),
        ["violated t structuredLogDestinations"],
    ),
    ("logs by a role", server(structuredLogDestinations=None, loggingRole="?"), []),
    (
        "one known, one not",
        server(securityPolicyName="?", endpointType="PUBLIC"),
        ["undecided t securityPolicyName", "violated t endpointType"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("transfer-secure-protocols", *case) for case in TRANSFER
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_transfer_server_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_the_year_of_the_oldest_policy_can_be_set(judged: Any) -> None:
    subject = policed("2023-05")

    assert judged("transfer-secure-protocols", subject) == []
    assert judged("transfer-secure-protocols", subject, oldest_year=2024) == [
        "violated t securityPolicyName"
    ]

"""Controls over who reaches an API, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

REST_API = "aws:apigateway/restApi:RestApi"
API = "aws:apigatewayv2/api:Api"
REST_DOMAIN = "aws:apigateway/domainName:DomainName"
DOMAIN = "aws:apigatewayv2/domainName:DomainName"
BASE_PATH = "aws:apigateway/basePathMapping:BasePathMapping"
MAPPING = "aws:apigatewayv2/apiMapping:ApiMapping"
SIDECAR = "aws:apigateway/restApiPolicy:RestApiPolicy"
CLIENTS = {"mutualTlsAuthentication": {"truststoreUri": "s3://b/trust.pem"}}
PRIVATE = {"endpointConfiguration": {"types": "PRIVATE"}}
POLICY = "SecurityPolicy_TLS13_1_3_2025_09"


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    given = {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    return given | elements


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def outside(operator: str, key: str, value: Any, **elements: Any) -> dict[str, Any]:
    return statement("Deny", Condition={operator: {key: value}}, **elements)


def private(*statements: dict[str, Any]) -> list[Any]:
    return [(REST_API, "a", PRIVATE | {"policy": json.dumps(document(*statements))})]


FENCE = outside("StringNotEquals", "aws:SourceVpce", "vpce-1")
OPEN = "policy.Statement[0].Principal"

TLS: list[tuple[str, list[Any], list[str]]] = [
    ("1.2", [(REST_DOMAIN, "d", {"securityPolicy": "TLS_1_2"})], []),
    ("1.3", [(REST_DOMAIN, "d", {"securityPolicy": POLICY})], []),
    ("of HTTP", [(DOMAIN, "d", {"domainNameConfiguration": {"securityPolicy": "TLS_1_2"}})], []),
    ("1.0", [(REST_DOMAIN, "d", {"securityPolicy": "TLS_1_0"})], ["violated d securityPolicy"]),
    ("none", [(REST_DOMAIN, "d", {})], ["violated d securityPolicy"]),
    (
        "not known",
        [(DOMAIN, "d", {"domainNameConfiguration": "?"})],
        ["undecided d domainNameConfiguration.securityPolicy"],
    ),
]

PARTNERS: list[tuple[str, list[Any], list[str]]] = [
    (
        "no way around",
        [
            (DOMAIN, "d", CLIENTS),
            (MAPPING, "m", {"apiId": "a-id", "domainName": "d-id"}),
            (API, "a", {"disableExecuteApiEndpoint": True}),
        ],
        [],
    ),
    (
        "a domain without certificates",
        [
            (DOMAIN, "d", {}),
            (MAPPING, "m", {"apiId": "a-id", "domainName": "d-id"}),
            (API, "a", {}),
        ],
        [],
    ),
    ("no domain", [(API, "a", {}), (REST_API, "b", {})], []),
    (
        "a way around",
        [
            (DOMAIN, "d", CLIENTS),
            (MAPPING, "m", {"apiId": "a-id", "domainName": "d-id"}),
            (API, "a", {}),
            (REST_DOMAIN, "e", CLIENTS),
            (BASE_PATH, "n", {"restApi": "b-id", "domainName": "e-id"}),
            (REST_API, "b", {"disableExecuteApiEndpoint": False}),
        ],
        ["violated a disableExecuteApiEndpoint", "violated b disableExecuteApiEndpoint"],
    ),
    (
        "a REST API at a domain of the second generation",
        [
            (DOMAIN, "d", CLIENTS),
            (MAPPING, "m", {"apiId": "b-id", "domainName": "d-id"}),
            (REST_API, "b", {}),
        ],
        ["violated b disableExecuteApiEndpoint"],
    ),
    (
        "not known",
        [
            (DOMAIN, "d", {"mutualTlsAuthentication": "?"}),
            (MAPPING, "m", {"apiId": "a-id", "domainName": "d-id"}),
            (API, "a", {}),
            (REST_API, "b", {"disableExecuteApiEndpoint": "?"}),
        ],
        ["undecided a", "undecided b disableExecuteApiEndpoint"],
    ),
    ("perhaps", [(API, "a", {}), (MAPPING, "m", {"apiId": "?"})], ["undecided a"]),
]

POLICIES: list[tuple[str, list[Any], list[str]]] = [
    (
        "public by design",
        [(REST_API, "a", {"policy": document(statement())})],
        [],
    ),
    ("none, which lets nobody in", [(REST_API, "a", PRIVATE)], []),
    ("a fence", private(statement(), FENCE), []),
    (
        "a condition",
        private(statement(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),
        [],
    ),
    ("an account", private(statement(Principal={"AWS": "111122223333"})), []),
    ("open", private(statement()), [f"violated a {OPEN}"]),
    (
        "fences with gaps",
        private(
            statement(),
            outside("StringNotEquals", "aws:SourceVpce", "*"),
            outside("StringNotEquals", "aws:UserAgent", "curl"),
            outside("StringEquals", "aws:SourceVpce", "vpce-1"),
            outside("StringNotEquals", "aws:SourceVpce", "vpce-1", Action="s3:GetObject"),
            outside("StringNotEquals", "aws:SourceVpce", "vpce-1", Principal={"AWS": "1"}),
        ),
        [f"violated a {OPEN}"],
    ),
    (
        "beside the API",
        [
            (REST_API, "a", PRIVATE),
            (SIDECAR, "p", {"restApiId": "a-id", "policy": document(statement())}),
        ],
        [f"violated p {OPEN}"],
    ),
    (
        "of an API elsewhere",
        [(SIDECAR, "p", {"restApiId": "x", "policy": document(statement())})],
        ["undecided p restApiId"],
    ),
    ("not known", [(REST_API, "a", PRIVATE | {"policy": "?"})], ["undecided a policy"]),
    (
        "a fence that is not known",
        [(REST_API, "a", PRIVATE | {
            "policy": document(statement(), outside("StringNotEquals", "aws:SourceVpce", "?"))
        })],
        ["undecided a policy"],
    ),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("apigateway-domain-tls", *row) for row in TLS),
    *(("apigateway-partner-mtls", *row) for row in PARTNERS),
    *(("apigateway-policy-not-public", *row) for row in POLICIES),
]


def test_domains_of_partners_are_named_in_a_parameter(judged: Any) -> None:
    table = [
        (DOMAIN, "d", {"domainName": "psd2.example.com"}),
        (DOMAIN, "e", {"domainName": "psd2.example.com"} | CLIENTS),
        (REST_DOMAIN, "f", {"domainName": "www.example.com"}),
    ]

    assert judged("apigateway-partner-mtls", table, partner_domains=("psd2.*",)) == [
        "violated d mutualTlsAuthentication"
    ]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

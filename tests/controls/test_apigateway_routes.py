"""The control that no route of an API is open, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

METHOD = "aws:apigateway/method:Method"
ROUTE = "aws:apigatewayv2/route:Route"
REST_API = "aws:apigateway/restApi:RestApi"
API = "aws:apigatewayv2/api:Api"
ID = "apigateway-route-authorized"
SCHEME = {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}}
SCHEMES = {"components": {"securitySchemes": {"jwt": SCHEME, "key": {"type": "apiKey"}}}}
YAML = """
openapi: 3.0.1
paths:
  /pay:
    post: {responses: {}}
    options: {responses: {}}
"""


def method(authorization: str, verb: str = "GET", **inputs: Any) -> list[Any]:
    return [(METHOD, "m", {"authorization": authorization, "httpMethod": verb} | inputs)]


def route(key: str, kind: str | None = None, **inputs: Any) -> list[Any]:
    return [(ROUTE, "r", {"routeKey": key, "authorizationType": kind, "apiId": "a-id"} | inputs)]


def body(operation: Any, **document: Any) -> dict[str, Any]:
    return {"body": json.dumps(SCHEMES | {"paths": {"/pay": {"post": operation}}} | document)}


CASES: list[tuple[str, str, list[Any], list[str]]] = [
    (ID, "IAM", method("AWS_IAM"), []),
    (ID, "an authorizer", method("COGNITO_USER_POOLS", authorizerId="?"), []),
    (ID, "preflight", method("NONE", "OPTIONS"), []),
    (ID, "open", method("NONE", apiKeyRequired=True), ["violated m authorization"]),
    (ID, "no authorizer", method("CUSTOM"), ["violated m authorizerId"]),
    (ID, "not known", method("?"), ["undecided m authorization"]),
    (ID, "JWT", route("GET /pay", "JWT", authorizerId="?"), []),
    (ID, "preflight of HTTP", route("OPTIONS /pay"), []),
    (ID, "open over HTTP", route("GET /pay"), ["violated r authorizationType"]),
    (ID, "connecting", route("$connect", "NONE"), ["violated r authorizationType"]),
    (ID, "connected", route("send"), []),
    (
        ID,
        "the rest of WebSocket",
        [*route("$default"), (API, "a", {"protocolType": "WEBSOCKET"})],
        [],
    ),
    (
        ID,
        "the rest of HTTP",
        [*route("$default"), (API, "a", {"protocolType": "HTTP"})],
        ["violated r authorizationType"],
    ),
    (ID, "the rest of who knows what", route("$default"), ["undecided r apiId"]),
    (ID, "a quick route", [(API, "a", {"target": "?"})], ["violated a target"]),
    (ID, "a document", [(REST_API, "a", body({"security": [{"jwt": []}]}))], []),
    (ID, "a document for all", [(API, "a", body({}, security=[{"jwt": []}]))], []),
    (
        ID,
        "a document with IAM",
        [(REST_API, "a", body({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}))],
        [],
    ),
    (ID, "a document that is open", [(API, "a", body({}))], ["violated a body"]),
    (
        ID,
        "a document with an exception, a choice and a key",
        [
            (API, "a", body({"security": []}, security=[{"jwt": []}])),
            (API, "b", body({"security": [{"jwt": []}, {}]})),
            (API, "c", body({"security": [{"key": []}]})),
        ],
        ["violated a body", "violated b body", "violated c body"],
    ),
    (ID, "a document in YAML", [(API, "a", {"body": YAML})], ["violated a body"]),
    (ID, "not a document", [(API, "a", {"body": "{"})], ["undecided a body"]),
    (ID, "a document that is not known", [(API, "a", {"body": "?"})], ["undecided a body"]),
    (
        ID,
        "a document with a path that is not known",
        [(API, "a", {"body": {"paths": {"/pay": "?"}}})],
        ["undecided a body"],
    ),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

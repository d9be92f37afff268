"""The control that no route of an API is open: methods, routes, and routes of OpenAPI documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

import yaml

from fintech_infra.controls.apigateway import REST_API
from fintech_infra.controls.apigateway_access import API
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import UNKNOWN, Environment, Resource, UnknownValueError
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

METHOD: Final = "aws:apigateway/method:Method"
ROUTE: Final = "aws:apigatewayv2/route:Route"

_NEEDS_AUTHORIZER: Final = ("CUSTOM", "COGNITO_USER_POOLS", "JWT")
_OPERATIONS: Final = frozenset({
    "get", "put", "post", "delete", "patch", "head", "trace", "x-amazon-apigateway-any-method",
})  # fmt: skip
_AUTHORIZERS: Final = ("x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype")

Document = Mapping[str, Any]


@control(
    on=[METHOD, ROUTE, REST_API, API],
    severity=Severity.CRITICAL,
    fix="Set authorization (authorizationType of a Route) to AWS_IAM, or to the kind of an "
    "authorizer that authorizerId names; in an OpenAPI body give each operation a security "
    "requirement.",
    source="PCI DSS 4.0.1 7.2.1, 8.3.1; FSBP APIGateway.8",
    properties=["authorization", "authorizationType", "authorizerId", "httpMethod", "routeKey"],
)
def apigateway_route_authorized(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Each route other than preflight names an authorizer or asks for IAM.

    What a route without one does, it does for anybody who finds its address. An API key does not
    count: it says which application calls, and every copy of the application holds it. Of a
    WebSocket API only the route that connects can ask.
    """
    if resource.type == METHOD:
        if resource.value("httpMethod") != "OPTIONS":
            yield from _authorization(resource, "authorization")
    elif resource.type == ROUTE:
        if _is_judged(resource, environment):
            yield from _authorization(resource, "authorizationType")
    else:
        yield from decided_first((_quick_route(resource), _document_routes(resource)))


def _authorization(route: Resource, path: str) -> Iterator[Fault]:
    kind = route.value(path) or "NONE"
    if kind == "NONE":
        yield Fault(path, "anyone can call it")
    elif kind in _NEEDS_AUTHORIZER and not route.is_set("authorizerId"):
        yield Fault("authorizerId", "no authorizer is named")


def _is_judged(route: Resource, environment: Environment) -> bool:
    """HTTP routes have a method; of WebSocket routes, `$connect` decides for the connection."""
    key = str(route.value("routeKey"))
    if key != "$default":
        return key == "$connect" or (" " in key and not key.startswith("OPTIONS "))
    apis = environment.references(route, "apiId", API)
    if not apis or apis[0].existing:
        raise UndecidedError("apiId", "the API is not in this program")
    with reading(apis[0].name, "apiId"):
        return apis[0].value("protocolType") == "HTTP"


def _quick_route(api: Resource) -> Iterator[Fault]:
    if api.type == API and api.is_set("target"):
        yield Fault("target", "the route that is made for the target is open to anyone")


def _document_routes(api: Resource) -> Iterator[Fault]:
    document = _read(api.value("body"))
    shared: Any = document.get("security")
    schemes = _schemes(document)
    for path, item in _entries(document.get("paths")):
        for name, operation in _entries(item):
            if name.lower() not in _OPERATIONS:
                continue
            required: Any = operation.get("security", shared)
            if not (_asks_iam(operation) or _asks(required, schemes)):
                yield Fault("body", f"anyone can call {name.upper()} {path}")


def _read(body: Any) -> Document:
    """An OpenAPI document from JSON or YAML text, or from a mapping."""
    try:
        found: Any = yaml.safe_load(body) if isinstance(body, str) else body
    except yaml.YAMLError:
        raise UndecidedError("body", "the OpenAPI document cannot be read") from None
    return cast("Document", found) if isinstance(found, Mapping) else {}


def _entries(value: Any) -> Iterator[tuple[str, Document]]:
    if value is UNKNOWN:
        raise UnknownValueError("body")
    if isinstance(value, Mapping):
        for name, item in cast("Document", value).items():
            if item is UNKNOWN:
                raise UnknownValueError("body")
            if isinstance(item, Mapping):
                yield str(name), cast("Document", item)


def _schemes(document: Document) -> frozenset[str]:
    """Names of the security schemes that API Gateway enforces."""
    components: Any = document.get("components") or {}
    found: Any = document.get("securityDefinitions") or components.get("securitySchemes")
    return frozenset(
        name for name, scheme in _entries(found) if any(key in scheme for key in _AUTHORIZERS)
    )


def _asks_iam(operation: Document) -> bool:
    auth: Any = operation.get("x-amazon-apigateway-auth") or {}
    return str(auth.get("type")).upper() == "AWS_IAM"


def _asks(required: Any, schemes: frozenset[str]) -> bool:
    """Whether every alternative of a security requirement names an enforced scheme."""
    alternatives = cast("list[Document]", required or [])
    return bool(alternatives) and all(schemes & set(entry) for entry in alternatives)


CONTROLS: Final = (apigateway_route_authorized,)

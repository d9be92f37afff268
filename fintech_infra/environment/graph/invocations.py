"""Public services that call what a program puts behind them: function URLs, APIs, edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.environment.graph.endpoints import expanded
from fintech_infra.environment.graph.model import INTERNET, Edge, Kind
from fintech_infra.environment.graph.shapes import BALANCERS, COMPUTE
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.values import UnknownValueError

FUNCTION: Final = "aws:lambda/function:Function"
_ALIAS: Final = "aws:lambda/alias:Alias"
_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
_APP_RUNNER: Final = "aws:apprunner/service:Service"
_HTTP_API: Final = "aws:apigatewayv2/api:Api"
_ROUTE: Final = "aws:apigatewayv2/route:Route"
_HTTP_INTEGRATION: Final = "aws:apigatewayv2/integration:Integration"
_REST_API: Final = "aws:apigateway/restApi:RestApi"
_METHOD: Final = "aws:apigateway/method:Method"
_REST_INTEGRATION: Final = "aws:apigateway/integration:Integration"
_REST_LINK: Final = "aws:apigateway/vpcLink:VpcLink"
_DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
_VPC_ORIGIN: Final = "aws:cloudfront/vpcOrigin:VpcOrigin"
_ACCELERATED: Final = "aws:globalaccelerator/endpointGroup:EndpointGroup"
_LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
_BEHIND: Final = (*COMPUTE, *BALANCERS, _URL, _HTTP_API, _REST_API)
_SIGNED: Final = "AWS_IAM"


def invocations(environment: Environment) -> Iterator[Edge]:
    """Yield the edges from the internet to what AWS itself serves to it, and on to the program's.

    Callers that have to sign requests with AWS credentials are no part of the internet.
    """
    yield from _urls(environment)
    yield from _app_runner(environment)
    yield from _http_apis(environment)
    yield from _rest_apis(environment)
    yield from _edges(environment)


def _urls(environment: Environment) -> Iterator[Edge]:
    for url in environment.of_type(_URL):
        given = _text(url, "authorizationType")
        if given == _SIGNED:
            continue
        why = "takes requests from anybody: authorizationType is NONE"
        missing = "may take requests from anybody: authorizationType is not known"
        yield Edge(
            INTERNET, Kind.REACHES, url.urn, missing if given is None else why, url.urn,
            "authorizationType", certain=given is not None,
        )  # fmt: skip
        for function in _functions(url, "functionName", environment):
            why = f"is invoked by function URL {url.name}"
            yield Edge(url.urn, Kind.REACHES, function.urn, why, url.urn, "functionName")


def _functions(resource: Resource, path: str, environment: Environment) -> Iterator[Resource]:
    """The functions that an input names, by themselves, by an alias or inside of an address."""
    for found in environment.references(resource, path):
        if found.type == FUNCTION:
            yield found
        elif found.type == _ALIAS:
            yield from environment.references(found, "functionName", FUNCTION)
    _, marked, rest = (_text(resource, path) or "").partition("/functions/")
    if marked:
        arn = rest.removesuffix("/invocations")
        yield from (item for item in environment.named(arn) if item.type == FUNCTION)


def _app_runner(environment: Environment) -> Iterator[Edge]:
    path = "networkConfiguration.ingressConfiguration.isPubliclyAccessible"
    for service in environment.of_type(_APP_RUNNER):
        given = _text(service, path)
        if given == "False":
            continue
        why = "has a public address" if given is not None else f"may be public: {path} is not known"
        yield Edge(
            INTERNET, Kind.REACHES, service.urn, why, service.urn, path, certain=given is not None
        )


def _http_apis(environment: Environment) -> Iterator[Edge]:
    for api in environment.of_type(_HTTP_API):
        yield Edge(INTERNET, Kind.REACHES, api.urn, "has a public address", api.urn)
        for target in _functions(api, "target", environment):
            yield Edge(api.urn, Kind.REACHES, target.urn, "is what it calls", api.urn, "target")
        for item in environment.referrers(api, _HTTP_INTEGRATION, "apiId"):
            if not _is_signed(_routes_to(item, api, environment), "authorizationType"):
                yield from _integrated(api, item, ("integrationUri",), environment)


def _routes_to(
    integration: Resource, api: Resource, environment: Environment
) -> Iterator[Resource]:
    """The routes of an API that lead to an integration, all of them where it cannot be told."""
    for route in environment.referrers(api, _ROUTE, "apiId"):
        target = _text(route, "target") or ""
        named = target.rpartition("/")[2]
        if not target or not integration.id or named == integration.id:
            yield route


def _rest_apis(environment: Environment) -> Iterator[Edge]:
    for api in environment.of_type(_REST_API):
        types = _text(api, "endpointConfiguration.types") or ""
        if "PRIVATE" in types:
            continue
        yield Edge(INTERNET, Kind.REACHES, api.urn, "has a public address", api.urn)
        methods = environment.referrers(api, _METHOD, "restApi")
        for item in environment.referrers(api, _REST_INTEGRATION, "restApi"):
            same = (m for m in methods if _is_same_method(m, item, environment))
            if not _is_signed(same, "authorization"):
                yield from _integrated(api, item, ("uri", "connectionId"), environment)


def _is_same_method(method: Resource, item: Resource, environment: Environment) -> bool:
    left, right = (environment.references(one, "resourceId") for one in (method, item))
    same_place = not left or not right or left == right
    return same_place and _text(method, "httpMethod") == _text(item, "httpMethod")


def _is_signed(entries: Iterator[Resource], path: str) -> bool:
    """Whether all callers have to sign; not so where there are no entries to tell it."""
    found = [_text(entry, path) for entry in entries]
    return bool(found) and all(item == _SIGNED for item in found)


def _integrated(
    api: Resource, integration: Resource, paths: tuple[str, ...], environment: Environment
) -> Iterator[Edge]:
    why = f"is what API {api.name} calls"
    for path in paths:
        for target in _targets(integration, path, environment):
            yield Edge(api.urn, Kind.REACHES, target.urn, why, integration.urn, path)


def _targets(resource: Resource, path: str, environment: Environment) -> Iterator[Resource]:
    yield from _functions(resource, path, environment)
    for found in environment.references(resource, path):
        if found.type in _BEHIND and found.type != FUNCTION:
            yield found
        elif found.type in _LISTENERS:
            yield from environment.references(found, "loadBalancerArn", *BALANCERS)
        elif found.type == _REST_LINK:
            yield from environment.references(found, "targetArn", *BALANCERS)


def _edges(environment: Environment) -> Iterator[Edge]:
    """Distributions and accelerators, which serve the internet by what they are for."""
    for distribution in environment.of_type(_DISTRIBUTION):
        yield Edge(INTERNET, Kind.REACHES, distribution.urn, "has a public address",
                   distribution.urn)  # fmt: skip
        yield from _origins(distribution, environment)
    for group in environment.of_type(_ACCELERATED):
        yield Edge(INTERNET, Kind.REACHES, group.urn, "has static public addresses", group.urn)
        for path in expanded(group, "endpointConfigurations[].endpointId"):
            for target in environment.references(group, path, *_BEHIND):
                yield Edge(group.urn, Kind.REACHES, target.urn, "is an endpoint of it", group.urn,
                           path)  # fmt: skip


def _origins(distribution: Resource, environment: Environment) -> Iterator[Edge]:
    for path in expanded(distribution, "origins[].domainName"):
        for target in environment.references(distribution, path):
            if target.type in _BEHIND:
                yield Edge(distribution.urn, Kind.REACHES, target.urn, "is an origin of it",
                           distribution.urn, path)  # fmt: skip
    for path in expanded(distribution, "origins[].vpcOriginConfig.vpcOriginId"):
        for origin in environment.references(distribution, path, _VPC_ORIGIN):
            at = "vpcOriginEndpointConfig.arn"
            for target in environment.references(origin, at, *_BEHIND):
                yield Edge(distribution.urn, Kind.REACHES, target.urn, "is an origin of it",
                           origin.urn, at)  # fmt: skip


def _text(resource: Resource, path: str) -> str | None:
    """An input as text, empty where it is absent; None where it is not known."""
    try:
        found = resource.value(path)
    except UnknownValueError:
        return None
    return "" if found is None else str(found)

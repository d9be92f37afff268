"""Controls over who reaches an API: TLS and client certificates of domains, resource policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

from fintech_infra.controls.apigateway import REST_API, is_private
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import hold_statements, read_policy, strangers
from fintech_infra.controls.remedies import setting
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.access import is_anyone, is_confined
from fintech_infra.environment.documents import Condition, Statement
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import UndecidedError, reading

API: Final = "aws:apigatewayv2/api:Api"
REST_DOMAIN: Final = "aws:apigateway/domainName:DomainName"
DOMAIN: Final = "aws:apigatewayv2/domainName:DomainName"
BASE_PATH_MAPPING: Final = "aws:apigateway/basePathMapping:BasePathMapping"
API_MAPPING: Final = "aws:apigatewayv2/apiMapping:ApiMapping"
REST_API_POLICY: Final = "aws:apigateway/restApiPolicy:RestApiPolicy"

# What refuses a request that is outside, by what lets in one that is inside.
_OUTSIDE: Final = {
    "stringnotequals": "StringEquals",
    "stringnotequalsignorecase": "StringEqualsIgnoreCase",
    "stringnotlike": "StringLike",
    "arnnotequals": "ArnEquals",
    "arnnotlike": "ArnLike",
    "notipaddress": "IpAddress",
}
_INVOKE: Final = "execute-api:Invoke"


def _modern(domain: Resource) -> Mapping[str, Any]:
    prefix = "domainNameConfiguration." if domain.type == DOMAIN else ""
    return {f"{prefix}securityPolicy": "TLS_1_2"}


@control(
    on=[REST_DOMAIN, DOMAIN],
    severity=Severity.MEDIUM,
    fix="Set securityPolicy to TLS_1_2, or for REST to one of the SecurityPolicy_ family.",
    source="PCI DSS 4.0.1 4.2.1; Amazon API Gateway developer guide, Security policies",
    properties=["securityPolicy", "domainNameConfiguration"],
    remedy=_modern,
)
def apigateway_domain_tls(domain: Resource) -> Iterator[Fault]:
    """Custom domains of APIs negotiate TLS 1.2 or later.

    TLS 1.0 and 1.1 break with known attacks. A REST domain without a policy keeps the one that it
    has, whichever that is.
    """
    prefix = "domainNameConfiguration." if domain.type == DOMAIN else ""
    policy = domain.value(f"{prefix}securityPolicy")
    if policy is None:
        yield Fault(f"{prefix}securityPolicy", "no policy is named")
    elif policy == "TLS_1_0":
        yield Fault(f"{prefix}securityPolicy", "clients may negotiate TLS 1.0")


@control(
    on=[REST_DOMAIN, DOMAIN, REST_API, API],
    severity=Severity.HIGH,
    fix="Set disableExecuteApiEndpoint on the API, and mutualTlsAuthentication with a truststore "
    "on the domain.",
    source="Amazon API Gateway developer guide, Mutual TLS; RFC 8705, OAuth 2.0 mutual TLS",
    properties=["mutualTlsAuthentication", "disableExecuteApiEndpoint", "domainName"],
    remedy=setting({"disableExecuteApiEndpoint": True}, REST_API, API),
)
def apigateway_partner_mtls(
    resource: Resource, environment: Environment, *, partner_domains: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Partner domains require client certificates, and nothing leads around a domain that does.

    The default endpoint of an API asks nobody for a certificate. Which domains are for partners is
    not in a program: `partner_domains` has their names, in which `*` stands for any text.
    """
    if resource.type in {REST_DOMAIN, DOMAIN}:
        yield from _partner(resource, partner_domains)
    elif resource.value("disableExecuteApiEndpoint") is not True:
        yield from _bypasses(resource, environment)


def _partner(domain: Resource, patterns: tuple[str, ...]) -> Iterator[Fault]:
    if not patterns or domain.value("mutualTlsAuthentication"):
        return
    name = str(domain.value("domainName"))
    if any(fnmatchcase(name, pattern) for pattern in patterns):
        yield Fault("mutualTlsAuthentication", f"{name} asks partners for no certificate")


def _bypasses(api: Resource, environment: Environment) -> Iterator[Fault]:
    mappings = [*companions(environment, api, "apiId", API_MAPPING)]
    if api.type == REST_API:
        mappings += companions(environment, api, "restApi", BASE_PATH_MAPPING)
    for mapping in mappings:
        for domain in environment.references(mapping, "domainName", REST_DOMAIN, DOMAIN):
            with reading(domain.name, ""):
                asked = domain.value("mutualTlsAuthentication")
            if asked:
                message = f"the default endpoint leads around the certificates of {domain.name}"
                yield Fault("disableExecuteApiEndpoint", message)


@control(
    on=[REST_API, REST_API_POLICY],
    severity=Severity.HIGH,
    fix="Name the callers in the policy, or confine its statements with aws:SourceVpce to the "
    "endpoints that may call.",
    source="Amazon API Gateway developer guide, Private REST APIs; NIST SP 800-53 AC-3",
    properties=["policy", "endpointConfiguration", "restApiId"],
)
def apigateway_policy_not_public(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Private APIs are open to named endpoints, networks or accounts only.

    Private means that calls come through an endpoint of a VPC: of any customer's VPC, unless the
    policy says which. Regional and edge-optimized APIs are public by design, and are not judged.
    """
    if resource.type == REST_API:
        private = is_private(resource)
    else:
        apis = environment.references(resource, "restApiId", REST_API)
        if not apis or apis[0].existing:
            raise UndecidedError("restApiId", "the API is not in this program")
        with reading(apis[0].name, "restApiId"):
            private = is_private(apis[0])
    if private:
        yield from _openings(resource)


def _openings(resource: Resource) -> Iterator[Fault]:
    faults = list(hold_statements(resource, ["policy"], strangers((), "the API")))
    try:
        fenced = any(map(_fences, read_policy(resource, "policy").denying))
    except UnknownValueError:
        raise UnknownValueError("policy") from None
    if not fenced:
        yield from faults


def _fences(statement: Statement) -> bool:
    """Whether a statement denies everyone's calls that do not come from fixed places."""
    if len(statement.conditions) != 1 or not any(map(is_anyone, statement.principals)):
        return False
    condition = statement.conditions[0]
    inside = _OUTSIDE.get(condition.operator.lower())
    if inside is None or not statement.covers_action(_INVOKE):
        return False
    return is_confined(
        replace(statement, conditions=(Condition(inside, condition.key, condition.values),))
    )


CONTROLS: Final = (apigateway_domain_tls, apigateway_partner_mtls, apigateway_policy_not_public)

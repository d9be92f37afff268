"""Controls over search: OpenSearch and Elasticsearch domains, OpenSearch Serverless."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import hold_statements, strangers
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

DOMAINS: Final = ("aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain")
DOMAIN_POLICIES: Final = (
    "aws:opensearch/domainPolicy:DomainPolicy",
    "aws:elasticsearch/domainPolicy:DomainPolicy",
)
SERVERLESS_POLICY: Final = "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy"

_RECOMMENDED: Final = "Policy-Min-TLS-1-2-PFS-2023-10"
_STRONG_TLS: Final = ("Policy-Min-TLS-1-2", "Policy-Min-TLS-1-3")


@control(
    on=DOMAINS,
    severity=Severity.HIGH,
    fix="Set encryptAtRest.enabled and nodeToNodeEncryption.enabled.",
    source="FSBP OpenSearch.1, OpenSearch.3, ES.1, ES.3",
    properties=["encryptAtRest", "nodeToNodeEncryption"],
)
def opensearch_encrypted(domain: Resource) -> Iterator[Fault]:
    """Search domains encrypt their storage and the traffic between their nodes.

    An index repeats the data it was made from. Both are off where they are not asked for, and
    storage encryption of old domains cannot be added later without a move.
    """
    yield from decided_first(
        (
            _switch_faults(domain, "encryptAtRest.enabled", "the index is not encrypted"),
            _switch_faults(domain, "nodeToNodeEncryption.enabled", "nodes talk in the clear"),
        )
    )


def _switch_faults(domain: Resource, path: str, message: str) -> Iterator[Fault]:
    if domain.value(path) is not True:
        yield Fault(path, message)


def _encrypted_only(domain: Resource) -> Mapping[str, Any]:
    options = "domainEndpointOptions"
    wanted = {f"{options}.enforceHttps": True} if not domain.value(options) else {}
    wanted |= {fault.path: True for fault in _https_faults(domain, options)}
    versions = {fault.path: _RECOMMENDED for fault in _version_faults(domain, options)}
    return {**wanted, **versions}


@control(
    on=DOMAINS,
    severity=Severity.HIGH,
    fix=f"Set domainEndpointOptions with enforceHttps and tlsSecurityPolicy {_RECOMMENDED}.",
    source="Amazon OpenSearch Service API reference, DomainEndpointOptions; FSBP OpenSearch.8, "
    "ES.8",
    properties=["domainEndpointOptions"],
    remedy=_encrypted_only,
)
def opensearch_tls_policy(domain: Resource) -> Iterator[Fault]:
    """Search domains answer over HTTPS only, with TLS 1.2 or later.

    Without options a domain answers plain HTTP, and TLS 1.0, whose ciphers are broken.
    """
    options = "domainEndpointOptions"
    if domain.value(options) is None:
        yield Fault(options, "the domain answers plain HTTP, and TLS 1.0")
        return
    yield from decided_first((_https_faults(domain, options), _version_faults(domain, options)))


def _https_faults(domain: Resource, options: str) -> Iterator[Fault]:
    if domain.value(f"{options}.enforceHttps") is False:
        yield Fault(f"{options}.enforceHttps", "the domain answers plain HTTP")


def _version_faults(domain: Resource, options: str) -> Iterator[Fault]:
    policy = domain.value(f"{options}.tlsSecurityPolicy")
    if not str(policy).startswith(_STRONG_TLS):
        what = "not given, which means TLS 1.0" if policy is None else policy
        yield Fault(f"{options}.tlsSecurityPolicy", f"the TLS policy is {what}")


@control(
    on=[*DOMAINS, *DOMAIN_POLICIES, SERVERLESS_POLICY],
    severity=Severity.CRITICAL,
    fix="Put the domain in a VPC with vpcOptions and name principals in accessPolicies; keep "
    "collections off the internet with SourceVPCEs.",
    source="Amazon OpenSearch Service developer guide, VPC support; FSBP OpenSearch.2, ES.2",
    properties=["vpcOptions", "accessPolicies", "policy", "type"],
)
def opensearch_not_public(
    resource: Resource, environment: Environment, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Search domains sit in a VPC and admit named principals; collections are not public.

    Open clusters are found by scanners within hours. A policy for everyone is accepted where the
    network and fine-grained access control stand in front of the data: users of the domain's own
    database can sign in no other way.
    """
    if resource.type == SERVERLESS_POLICY:
        yield from _network_policy_faults(resource)
        return
    within = (
        _vpc_faults(resource) if resource.type in DOMAINS else (),
        _policy_faults(resource, environment, trusted_accounts),
    )
    yield from decided_first(within)


def _vpc_faults(domain: Resource) -> Iterator[Fault]:
    if not domain.is_set("vpcOptions.subnetIds"):
        yield Fault("vpcOptions", "the endpoint of the domain is on the internet")


def _policy_faults(
    resource: Resource, environment: Environment, trusted_accounts: tuple[str, ...]
) -> Iterator[Fault]:
    check = strangers(trusted_accounts, "the domain")
    faults = list(hold_statements(resource, ["accessPolicies"], check))
    if faults and not _stands_guard(resource, environment):
        yield from faults


def _stands_guard(resource: Resource, environment: Environment) -> bool:
    domains = [resource] if resource.type in DOMAINS else _domains_of(resource, environment)
    return bool(domains) and all(map(_is_guarded, domains))


def _domains_of(policy: Resource, environment: Environment) -> list[Resource]:
    found = list(environment.references(policy, "domainName", *DOMAINS))
    if not found:
        name = policy.value("domainName")
        found = [domain for domain in environment.of_type(*DOMAINS) if _is_named(domain, str(name))]
    return [domain for domain in found if not domain.existing]


def _is_named(domain: Resource, name: str) -> bool:
    with reading(domain.name, "domainName"):
        return domain.value("domainName") == name


def _is_guarded(domain: Resource) -> bool:
    options = "advancedSecurityOptions"
    with reading(domain.name, "accessPolicies"):
        return (
            domain.is_set("vpcOptions.subnetIds")
            and domain.value(f"{options}.enabled") is True
            and domain.value(f"{options}.anonymousAuthEnabled") is not True
        )


def _network_policy_faults(policy: Resource) -> Iterator[Fault]:
    if policy.value("type") != "network":
        return
    given: Any = policy.value("policy")
    try:
        blocks: Any = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        yield Fault("policy", "the network policy is not JSON")
        return
    for block in _listed(blocks):
        if not isinstance(block, Mapping):
            yield Fault("policy", "the network policy is not a list of blocks")
            continue
        open_: Any = cast("Mapping[str, Any]", block).get("AllowFromPublic")
        if open_ is None or isinstance(open_, bool):
            if open_:
                yield Fault("policy", "AllowFromPublic puts the collections on the internet")
        else:
            raise UndecidedError("policy", "whether AllowFromPublic is on is not known")


def _listed(value: Any) -> Iterable[Any]:
    return cast("Iterable[Any]", value) if isinstance(value, list | tuple) else [value]


@control(
    on=DOMAINS,
    severity=Severity.HIGH,
    fix="Set advancedSecurityOptions.enabled and add a logPublishingOptions of type AUDIT_LOGS.",
    source="FSBP OpenSearch.5, OpenSearch.7, ES.5",
    properties=["advancedSecurityOptions", "logPublishingOptions"],
)
def opensearch_access_audited(domain: Resource) -> Iterator[Fault]:
    """Search domains have fine-grained access control, and publish who read what.

    Without it, who may use the domain at all may read every index, and nothing is written down.
    """
    yield from decided_first((_control_faults(domain), _log_faults(domain)))


def _control_faults(domain: Resource) -> Iterator[Fault]:
    path = "advancedSecurityOptions.enabled"
    yield from _switch_faults(domain, path, "access is all or nothing: to every index, or to none")


def _log_faults(domain: Resource) -> Iterator[Fault]:
    for path, _ in domain.each("logPublishingOptions"):
        if domain.value(f"{path}.logType") == "AUDIT_LOGS":
            if domain.value(f"{path}.enabled") is not False:
                return
            yield Fault(f"{path}.enabled", "audit logs are switched off")
            return
    yield Fault("logPublishingOptions", "audit logs are not published")


CONTROLS: Final = (
    opensearch_encrypted,
    opensearch_tls_policy,
    opensearch_not_public,
    opensearch_access_audited,
)

"""Controls over search domains and collections, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

DOMAIN = "aws:opensearch/domain:Domain"
OLD_DOMAIN = "aws:elasticsearch/domain:Domain"
POLICY = "aws:opensearch/domainPolicy:DomainPolicy"
OLD_POLICY = "aws:elasticsearch/domainPolicy:DomainPolicy"
COLLECTIONS = "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy"
ON = {"enabled": True}
STRONG = "Policy-Min-TLS-1-2-PFS-2023-10"
INSIDE: dict[str, Any] = {"vpcOptions": {"subnetIds": ["?"]}}
GUARDED: dict[str, Any] = {**INSIDE, "advancedSecurityOptions": ON}
ROLE = {"AWS": "arn:aws:iam::111122223333:role/search"}


def domain(type_: str = DOMAIN, **inputs: Any) -> list[Any]:
    return [(type_, "d", inputs)]


def policy(principal: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "es:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def collections(**inputs: Any) -> list[Any]:
    return [(COLLECTIONS, "n", inputs)]


def network(*, public: Any) -> list[Any]:
    return [{"Rules": [], "AllowFromPublic": public}]


ENCRYPTED: list[tuple[str, list[Any], list[str]]] = [
    ("both", domain(encryptAtRest=ON, nodeToNodeEncryption=ON), []),
    (
        "neither",
        domain(OLD_DOMAIN),
        ["violated d encryptAtRest.enabled", "violated d nodeToNodeEncryption.enabled"],
    ),
    (
        "one switched off, one not known",
        domain(encryptAtRest={"enabled": False}, nodeToNodeEncryption="?"),
        ["undecided d nodeToNodeEncryption.enabled", "violated d encryptAtRest.enabled"],
    ),
]

TLS: list[tuple[str, list[Any], list[str]]] = [
    (
        "strong",
        domain(domainEndpointOptions={"enforceHttps": True, "tlsSecurityPolicy": STRONG}),
        [],
    ),
    (
        "HTTPS by default of the options",
        domain(domainEndpointOptions={"tlsSecurityPolicy": STRONG}),
        [],
    ),
    ("no options", domain(OLD_DOMAIN), ["violated d domainEndpointOptions"]),
    (
        "plain HTTP, old policy",
        domain(
            domainEndpointOptions={
                "enforceHttps": False,
                "tlsSecurityPolicy": "Policy-Min-TLS-1-0-2019-07",
            }
        ),
        [
            "violated d domainEndpointOptions.enforceHttps",
            "violated d domainEndpointOptions.tlsSecurityPolicy",
        ],
    ),
    (
        "no policy",
        domain(domainEndpointOptions={"enforceHttps": True}),
        ["violated d domainEndpointOptions.tlsSecurityPolicy"],
    ),
    (
        "not known",
        domain(domainEndpointOptions={"enforceHttps": "?", "tlsSecurityPolicy": STRONG}),
        ["undecided d domainEndpointOptions.enforceHttps"],
    ),
]

PUBLIC: list[tuple[str, list[Any], list[str]]] = [
    ("inside, a named role", domain(**INSIDE, accessPolicies=policy(ROLE)), []),
    ("inside, no policy", domain(**INSIDE), []),
    ("on the internet", domain(OLD_DOMAIN), ["violated d vpcOptions"]),
    (
        "inside, everyone",
        domain(**INSIDE, accessPolicies=policy("*")),
        ["violated d accessPolicies.Statement[0].Principal"],
    ),
    ("inside, everyone that signs in", domain(**GUARDED, accessPolicies=policy("*")), []),
    (
        "inside, everyone, signed in or not",
        domain(
            **INSIDE,
            advancedSecurityOptions={"enabled": True, "anonymousAuthEnabled": True},
            accessPolicies=policy("*"),
        ),
        ["violated d accessPolicies.Statement[0].Principal"],
    ),
    ("policy not known", domain(**INSIDE, accessPolicies="?"), ["undecided d accessPolicies"]),
    (
        "a policy of its own, for everyone",
        [(OLD_POLICY, "p", {"domainName": "elsewhere", "accessPolicies": policy("*")})],
        ["violated p accessPolicies.Statement[0].Principal"],
    ),
    (
        "a policy of its own, in front of a guarded domain",
        [*domain(**GUARDED), (POLICY, "p", {"domainName": "?d", "accessPolicies": policy("*")})],
        [],
    ),
    (
        "a policy of its own, by name",
        [
            *domain(**GUARDED, domainName="ledger"),
            (POLICY, "p", {"domainName": "ledger", "accessPolicies": policy("*")}),
        ],
        [],
    ),
    ("collections inside", collections(type="network", policy=network(public=False)), []),
    (
        "collections on the internet",
        collections(type="network", policy=json.dumps(network(public=True))),
        ["violated n policy"],
    ),
    ("collections, by endpoint", collections(type="network", policy='[{"SourceVPCEs": []}]'), []),
    ("collections, not JSON", collections(type="network", policy="{"), ["violated n policy"]),
    ("collections, not blocks", collections(type="network", policy="[1]"), ["violated n policy"]),
    (
        "collections, not known",
        collections(type="network", policy=network(public="?")),
        ["undecided n policy"],
    ),
    ("a policy about encryption", collections(type="encryption", policy="?"), []),
]

AUDITED: list[tuple[str, list[Any], list[str]]] = [
    (
        "both",
        domain(
            advancedSecurityOptions=ON,
            logPublishingOptions=[{"logType": "INDEX_SLOW_LOGS"}, {"logType": "AUDIT_LOGS"}],
        ),
        [],
    ),
    (
        "neither",
        domain(),
        ["violated d advancedSecurityOptions.enabled", "violated d logPublishingOptions"],
    ),
    (
        "logs switched off",
        domain(
            advancedSecurityOptions=ON,
            logPublishingOptions=[{"logType": "AUDIT_LOGS", "enabled": False}],
        ),
        ["violated d logPublishingOptions[0].enabled"],
    ),
    (
        "not known",
        domain(advancedSecurityOptions=ON, logPublishingOptions="?"),
        ["undecided d logPublishingOptions"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("opensearch-encrypted", *case) for case in ENCRYPTED),
    *(("opensearch-tls-policy", *case) for case in TLS),
    *(("opensearch-not-public", *case) for case in PUBLIC),
    *(("opensearch-access-audited", *case) for case in AUDITED),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_a_search_domain_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_foreign_accounts_are_strangers_once_the_trusted_are_named(judged: Any) -> None:
    subject = domain(**INSIDE, accessPolicies=policy({"AWS": "444455556666"}))

    assert judged("opensearch-not-public", subject, trusted_accounts=["111122223333"]) == [
        "violated d accessPolicies.Statement[0].Principal"
    ]

"""Controls over Cognito, case by case."""

from __future__ import annotations

from typing import Any

import pytest

POOL = "aws:cognito/userPool:UserPool"
CLIENT = "aws:cognito/userPoolClient:UserPoolClient"
MANAGED = "aws:cognito/managedUserPoolClient:ManagedUserPoolClient"
IDENTITIES = "aws:cognito/identityPool:IdentityPool"
PASSWORD = {"minimumLength": 12, "requireNumbers": True, "requireLowercase": True}
THREATS = "userPoolAddOns.advancedSecurityMode"


def pool(**inputs: Any) -> list[Any]:
    strong = {
        "mfaConfiguration": "ON",
        "passwordPolicy": PASSWORD,
        "userPoolAddOns": {"advancedSecurityMode": "ENFORCED"},
        "deletionProtection": "ACTIVE",
    }
    return [(POOL, "p", strong | inputs)]


def client(type_: str = CLIENT, **inputs: Any) -> list[Any]:
    return [(type_, "c", {"preventUserExistenceErrors": "ENABLED"} | inputs)]


POOLS: list[tuple[str, list[Any], list[str]]] = [
    ("strong", pool(), []),
    (
        "nothing set",
        [(POOL, "p", {})],
        [
            "violated p deletionProtection",
            "violated p mfaConfiguration",
            "violated p passwordPolicy.minimumLength",
            f"violated p {THREATS}",
        ],
    ),
    (
        "half of it",
        pool(mfaConfiguration="OPTIONAL", userPoolAddOns={"advancedSecurityMode": "AUDIT"}),
        ["violated p mfaConfiguration", f"violated p {THREATS}"],
    ),
    (
        "weak passwords",
        pool(passwordPolicy={"minimumLength": 11}),
        [
            "violated p passwordPolicy.minimumLength",
            "violated p passwordPolicy.requireLowercase",
            "violated p passwordPolicy.requireNumbers",
        ],
    ),
    (
        "not known",
        pool(mfaConfiguration="?", deletionProtection="INACTIVE"),
        ["undecided p mfaConfiguration", "violated p deletionProtection"],
    ),
]

CLIENTS: list[tuple[str, list[Any], list[str]]] = [
    ("safe", client(allowedOauthFlows=["code"], explicitAuthFlows=["ALLOW_USER_SRP_AUTH"]), []),
    (
        "tokens of an hour and a day",
        client(
            accessTokenValidity=60,
            refreshTokenValidity=24,
            tokenValidityUnits={"accessToken": "minutes", "refreshToken": "hours"},
        ),
        [],
    ),
    ("the default, written as zero", client(accessTokenValidity=0, refreshTokenValidity=0), []),
    (
        "flows",
        client(
            allowedOauthFlows=["code", "implicit"], explicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
        ),
        ["violated c allowedOauthFlows[1]", "violated c explicitAuthFlows[0]"],
    ),
    ("nothing set", [(CLIENT, "c", {})], ["violated c preventUserExistenceErrors"]),
    (
        "for ever",
        client(
            MANAGED, accessTokenValidity=2, refreshTokenValidity=31, enableTokenRevocation=False
        ),
        [
            "violated c accessTokenValidity",
            "violated c enableTokenRevocation",
            "violated c refreshTokenValidity",
        ],
    ),
    (
        "not known",
        client(accessTokenValidity="?", allowedOauthFlows=["implicit"]),
        ["undecided c accessTokenValidity", "violated c allowedOauthFlows[0]"],
    ),
]

GUESTS: list[tuple[str, list[Any], list[str]]] = [
    ("none", [(IDENTITIES, "i", {"allowUnauthenticatedIdentities": False})], []),
    ("by default", [(IDENTITIES, "i", {})], []),
    (
        "guests",
        [(IDENTITIES, "i", {"allowUnauthenticatedIdentities": True, "allowClassicFlow": True})],
        ["violated i allowClassicFlow", "violated i allowUnauthenticatedIdentities"],
    ),
    (
        "not known",
        [(IDENTITIES, "i", {"allowUnauthenticatedIdentities": "?"})],
        ["undecided i allowUnauthenticatedIdentities"],
    ),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("cognito-user-pool-strong-auth", *row) for row in POOLS),
    *(("cognito-client-hardened", *row) for row in CLIENTS),
    *(("cognito-no-guest-access", *row) for row in GUESTS),
]


def test_a_pool_outside_of_production_may_be_deleted(judged: Any) -> None:
    table = pool(deletionProtection="INACTIVE")

    assert judged("cognito-user-pool-strong-auth", table, stack="dev") == []


def test_limits_can_be_set(judged: Any) -> None:
    assert judged("cognito-user-pool-strong-auth", pool(), minimum_length=14) == [
        "violated p passwordPolicy.minimumLength"
    ]
    assert judged(
        "cognito-client-hardened", client(refreshTokenValidity=2), refresh_token_days=1
    ) == ["violated c refreshTokenValidity"]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

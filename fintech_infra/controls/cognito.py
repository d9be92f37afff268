"""Controls over Cognito user pools, their clients, and identity pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.evaluate import is_production
from fintech_infra.controls.remedies import decided, differing, in_production
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import decided_first
from fintech_infra.environment.values import WrongKindError

USER_POOL: Final = "aws:cognito/userPool:UserPool"
CLIENTS: Final = (
    "aws:cognito/userPoolClient:UserPoolClient",
    "aws:cognito/managedUserPoolClient:ManagedUserPoolClient",
)
IDENTITY_POOL: Final = "aws:cognito/identityPool:IdentityPool"

# What Cognito asks of a password where the pool has no policy.
_DEFAULT_LENGTH: Final = 8
_LENGTH: Final = "passwordPolicy.minimumLength"
_CLASSES: Final = ("requireLowercase", "requireNumbers", "requireSymbols", "requireUppercase")
_RAW_PASSWORD: Final = ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH")
_SECONDS: Final = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def _stronger(pool: Resource, *, minimum_length: int) -> Mapping[str, Any]:
    # A second factor shuts out who has none yet, and looking for threats is paid for by the user.
    faults = decided(_password(pool, minimum_length))
    if faults and not pool.value("passwordPolicy"):
        # What Cognito asks for by itself ends where a policy begins.
        found: dict[str, Any] = {f"passwordPolicy.{name}": True for name in _CLASSES}
    else:
        found = {fault.path: True for fault in faults}
    if any(fault.path == _LENGTH for fault in faults):
        found[_LENGTH] = minimum_length
    if in_production(pool):
        found |= differing(pool, {"deletionProtection": "ACTIVE"})
    return found


@control(
    on=[USER_POOL],
    severity=Severity.HIGH,
    fix="Set mfaConfiguration to ON, passwordPolicy with twelve characters, letters and numbers, "
    "userPoolAddOns.advancedSecurityMode to ENFORCED, and in production deletionProtection to "
    "ACTIVE.",
    source="PCI DSS 4.0.1 8.3.6, 8.4.2; FSBP Cognito.1; Amazon Cognito developer guide, MFA",
    properties=["mfaConfiguration", "passwordPolicy", "userPoolAddOns", "deletionProtection"],
    remedy=_stronger,
)
def cognito_user_pool_strong_auth(
    pool: Resource, environment: Environment, *, minimum_length: int = 12
) -> Iterator[Fault]:
    """User pools require MFA and strong passwords, block threats, and resist deletion.

    Customers use one password in many places, and what leaks in one of them is tried in all. A
    pool that is deleted takes all accounts with it: passwords cannot be exported.
    """
    yield from decided_first(
        (
            _second_factor(pool),
            _password(pool, minimum_length),
            _threats(pool),
            _deletion(pool, environment),
        )
    )


def _second_factor(pool: Resource) -> Iterator[Fault]:
    mode = pool.value("mfaConfiguration") or "OFF"
    if mode != "ON":
        why = "users may leave it out" if mode == "OPTIONAL" else "there is none"
        yield Fault("mfaConfiguration", f"a second factor is not required: {why}")


def _password(pool: Resource, minimum_length: int) -> Iterator[Fault]:
    policy = pool.value("passwordPolicy")
    length = pool.number(_LENGTH) or _DEFAULT_LENGTH
    if length < minimum_length:
        yield Fault(_LENGTH, f"passwords may have {length} characters")
    if policy is None:
        return
    if not pool.value("passwordPolicy.requireNumbers"):
        yield Fault("passwordPolicy.requireNumbers", "passwords need no number")
    if not any(pool.value(f"passwordPolicy.require{case}case") for case in ("Lower", "Upper")):
        yield Fault("passwordPolicy.requireLowercase", "passwords need no letter")


def _threats(pool: Resource) -> Iterator[Fault]:
    path = "userPoolAddOns.advancedSecurityMode"
    mode = pool.value(path) or "OFF"
    if mode != "ENFORCED":
        why = "threats are only recorded" if mode == "AUDIT" else "threats are not looked for"
        yield Fault(path, why)


def _deletion(pool: Resource, environment: Environment) -> Iterator[Fault]:
    if is_production(environment.stack) and pool.value("deletionProtection") != "ACTIVE":
        yield Fault("deletionProtection", "one call deletes the pool and all accounts")


def _revocable(client: Resource) -> Mapping[str, Any]:
    found: dict[str, Any] = {fault.path: "ENABLED" for fault in decided(_existence(client))}
    return found | {fault.path: True for fault in decided(_revocation(client))}


@control(
    on=CLIENTS,
    severity=Severity.MEDIUM,
    fix="Use the OAuth flow code, ALLOW_USER_SRP_AUTH instead of passwords, set "
    "preventUserExistenceErrors to ENABLED, leave enableTokenRevocation on, and shorten "
    "accessTokenValidity and refreshTokenValidity.",
    source="Amazon Cognito developer guide, Application-specific settings; RFC 9700, OAuth 2.0 "
    "security best current practice",
    properties=[
        "allowedOauthFlows", "explicitAuthFlows", "preventUserExistenceErrors",
        "enableTokenRevocation", "accessTokenValidity", "refreshTokenValidity",
        "tokenValidityUnits",
    ],
    remedy=_revocable,
)  # fmt: skip
def cognito_client_hardened(
    client: Resource, *, access_token_minutes: int = 60, refresh_token_days: int = 30
) -> Iterator[Fault]:
    """App clients use safe flows, hide who has an account, and bound and revoke tokens.

    The implicit flow leaves tokens in the history of browsers. A client that says which names
    exist helps to guess, and a token that lives long and cannot be revoked is as good as the
    password.
    """
    yield from decided_first(
        (
            _listed(client, "allowedOauthFlows", ("implicit",)),
            _listed(client, "explicitAuthFlows", _RAW_PASSWORD),
            _existence(client),
            _revocation(client),
            _lifetime(client, "access", "hours", access_token_minutes * 60),
            _lifetime(client, "refresh", "days", refresh_token_days * 86400),
        )
    )


def _listed(client: Resource, path: str, refused: tuple[str, ...]) -> Iterator[Fault]:
    for at, flow in client.each(path):
        if flow in refused:
            yield Fault(at, f"the flow {flow} gives away tokens or passwords")


def _existence(client: Resource) -> Iterator[Fault]:
    if client.value("preventUserExistenceErrors") != "ENABLED":
        yield Fault("preventUserExistenceErrors", "anyone can find out who has an account")


def _revocation(client: Resource) -> Iterator[Fault]:
    if client.value("enableTokenRevocation") is False:
        yield Fault("enableTokenRevocation", "a stolen token cannot be revoked")


def _lifetime(client: Resource, token: str, unit: str, longest: int) -> Iterator[Fault]:
    path = f"{token}TokenValidity"
    # Zero and nothing stand for the default: an hour, and 30 days.
    validity = client.number(path) or 0
    if validity:
        unit = str(client.value(f"tokenValidityUnits.{token}Token") or unit)
        if unit not in _SECONDS:
            raise WrongKindError(f"tokenValidityUnits.{token}Token", unit, " or ".join(_SECONDS))
        if validity * _SECONDS[unit] > longest:
            yield Fault(path, f"{token} tokens live for {validity:g} {unit}")


def _signed_in(pool: Resource) -> Mapping[str, Any]:
    # Users who have signed in by the classic flow need another version of the application.
    path = "allowUnauthenticatedIdentities"
    return {path: False} if pool.value(path) is True else {}


@control(
    on=[IDENTITY_POOL],
    severity=Severity.HIGH,
    fix="Set allowUnauthenticatedIdentities and allowClassicFlow to false.",
    source="PCI DSS 4.0.1 7.2.1; Amazon Cognito developer guide, Identity pools",
    properties=["allowUnauthenticatedIdentities", "allowClassicFlow"],
    remedy=_signed_in,
)
def cognito_no_guest_access(pool: Resource) -> Iterator[Fault]:
    """Identity pools give no credentials to visitors who have not signed in.

    The identifier of the pool is in every copy of the application, and is all that a guest needs.
    In the classic flow a caller picks the role, and what AWS takes away from guests stays.
    """
    yield from decided_first(
        (
            _is_true(pool, "allowUnauthenticatedIdentities", "anyone gets credentials"),
            _is_true(pool, "allowClassicFlow", "callers pick the role themselves"),
        )
    )


def _is_true(pool: Resource, path: str, fault: str) -> Iterator[Fault]:
    if pool.value(path) is True:
        yield Fault(path, fault)


CONTROLS: Final = (
    cognito_user_pool_strong_auth,
    cognito_client_hardened,
    cognito_no_guest_access,
)

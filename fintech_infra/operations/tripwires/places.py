"""Where a resource is: its region, and the account that it is of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.environment import Environment, Resource

_ARN: Final = re.compile(r"arn:[a-z-]+:[a-z0-9-]*:(?P<region>[a-z0-9-]*):(?P<account>\d{12})?:")
_OWNERS: Final = ("ownerId", "accountId")
_ACCOUNT: Final = re.compile(r"\d{12}")


def region_of(resource: Resource, environment: Environment) -> str:
    """The region that a resource names, or its provider; empty where none does."""
    for value in (resource.outputs.get("region"), resource.inputs.get("region")):
        if isinstance(value, str) and value:
            return value
    for found in _arns(resource):
        if found["region"]:
            return found["region"]
    provider = environment.by_urn.get(resource.provider)
    given: Any = provider.inputs.get("region") if provider else ""
    return given if isinstance(given, str) else ""


def account_of(resource: Resource) -> str:
    """The account that a resource says it is of; empty where it does not."""
    for found in _arns(resource):
        if found["account"]:
            return found["account"]
    for key in _OWNERS:
        value: Any = resource.outputs.get(key, resource.inputs.get(key))
        if isinstance(value, str) and _ACCOUNT.fullmatch(value):
            return value
    return ""


def accounts(environment: Environment) -> Mapping[str, str]:
    """By URN: the account of each resource of AWS; empty where nothing says which it is.

    What does not say it itself is of the account of all others that its provider makes.
    """
    own = {it.urn: account_of(it) for it in environment.resources if it.package == "aws"}
    by_provider: dict[str, set[str]] = {}
    for urn, account in own.items():
        if account:
            by_provider.setdefault(environment.by_urn[urn].provider, set()).add(account)
    found: dict[str, str] = {}
    for urn, account in own.items():
        others = by_provider.get(environment.by_urn[urn].provider, set())
        found[urn] = account or (next(iter(others)) if len(others) == 1 else "")
    return found


def _arns(resource: Resource) -> Iterator[re.Match[str]]:
    for value in (resource.outputs.get("arn"), resource.id):
        if isinstance(value, str) and (found := _ARN.match(value)):
            yield found

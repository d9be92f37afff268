"""Providers: the explicit ones a program makes, and the default ones that the engine makes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.environment import UNKNOWN, Resource

PROVIDER_PREFIX: Final = "pulumi:providers:"
_DISABLED: Final = "pulumi:disable-default-providers"
_ROLE: Final = re.compile(r"arn:[^:]+:iam::(\d{12}):role/")


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"{", "[", "t", "f", '"'}:
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


class Providers:
    """What is known of the providers of one run."""

    def __init__(self, config: Mapping[str, str], default_region: str) -> None:
        """Take the stack's configuration, which default providers read."""
        self._config = config
        self._default_region = default_region
        self._inputs: dict[str, Mapping[str, Any]] = {}
        disabled = _decoded(config.get(_DISABLED, "[]"))
        self._disabled = frozenset(disabled if isinstance(disabled, list) else ())

    def is_default_disabled(self, package: str) -> bool:
        """Whether the stack forbids the default provider of a package."""
        return bool(self._disabled & {"*", package})

    def remember(self, provider: Resource) -> None:
        """Keep what an explicit or a default provider is configured with."""
        self._inputs[provider.urn] = provider.inputs

    def default_inputs(self, package: str, version: str) -> dict[str, Any]:
        """The inputs of a package's default provider: the configuration in its namespace."""
        inputs = {
            key.partition(":")[2]: _decoded(value)
            for key, value in self._config.items()
            if key.startswith(f"{package}:")
        }
        if version:
            inputs["version"] = version
        if package == "aws":
            inputs.setdefault("region", self._default_region)
        return inputs

    def region(self, provider_urn: str) -> str:
        """The region that a provider works in."""
        region = self._settings(provider_urn).get("region")
        return region if isinstance(region, str) and region else self._default_region

    def account(self, provider_urn: str) -> str:
        """The account that a provider works in, where its role or its only allowed one tells."""
        inputs = self._settings(provider_urn)
        roles = [*_list(inputs.get("assumeRoles")), inputs.get("assumeRoleWithWebIdentity")]
        for role in reversed(roles):
            arn = role.get("roleArn") if isinstance(role, Mapping) else None
            if isinstance(arn, str) and (owner := _ROLE.match(arn)):
                return owner[1]
        allowed = [item for item in _list(inputs.get("allowedAccountIds")) if isinstance(item, str)]
        return allowed[0] if len(allowed) == 1 else ""

    def default_tags(self, provider_urn: str) -> Mapping[str, Any]:
        """The tags that a provider puts on everything it makes."""
        block = self._settings(provider_urn).get("defaultTags")
        tags = block.get("tags") if isinstance(block, Mapping) else None
        return tags if isinstance(tags, Mapping) and tags is not UNKNOWN else {}

    def _settings(self, provider_urn: str) -> Mapping[str, Any]:
        """What a provider is configured with; without a URN the default one of AWS is meant."""
        found = self._inputs.get(provider_urn)
        return self.default_inputs("aws", "") if found is None else found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def default_name(version: str) -> str:
    """The logical name that the engine gives a default provider.

    >>> default_name("7.51.1")
    'default_7_51_1'
    """
    return "default" + (f"_{version.translate(str.maketrans('.-+', '___'))}" if version else "")


def urn_of(reference: str) -> str:
    """The URN in a provider reference, which is `urn::id`."""
    return reference.rpartition("::")[0]

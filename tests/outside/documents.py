"""Reading policy documents as they come back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Statement = Mapping[str, Any]


def statements(document: Any) -> list[Statement]:
    """The statements of a policy, given as text or as boto3 decodes it."""
    decoded = json.loads(document) if isinstance(document, str) else document
    return listed(decoded["Statement"])


def listed(value: Any) -> list[Any]:
    """Actions, resources and the like, which may be written as one or as a list."""
    return value if isinstance(value, list) else [value]


def allowed(document: Any) -> Iterator[Statement]:
    """The statements that allow something."""
    return (item for item in statements(document) if item["Effect"] == "Allow")


def plain_http_denied_for(document: Any) -> set[tuple[str, ...]]:
    """What everyone who comes without TLS is denied: resources, then the actions, sorted."""
    return {
        (resource, *sorted(listed(item["Action"])))
        for item in statements(document)
        if item["Effect"] == "Deny"
        and item["Principal"] == "*"
        and item.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        for resource in listed(item["Resource"])
    }


def open_to_everyone(document: Any) -> list[Statement]:
    """What is allowed to whoever comes: any principal, and no condition on who it is."""
    return [
        item
        for item in allowed(document)
        if item.get("Principal") in ("*", {"AWS": "*"}) and not item.get("Condition")
    ]


def trusted_services(document: Any) -> set[str]:
    """The services that are allowed something, or may assume a role."""
    return {
        service
        for item in allowed(document)
        if isinstance(item["Principal"], Mapping)
        for service in listed(item["Principal"].get("Service", []))
    }

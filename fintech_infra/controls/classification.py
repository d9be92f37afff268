"""What tags say about how sensitive and how vital a resource is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from fintech_infra.environment import UNKNOWN, Resource

CLASSIFIED: Final = ("confidential", "pii", "cardholder")
"""Values of the tag `data-class` that ask for a key of one's own."""

_VITAL: Final = ("critical", "vital", "tier-0", "tier-1")


def tag_of(resource: Resource, name: str) -> str:
    """Return a tag of a resource, its own or by its provider's default; nothing without one.

    Raises:
        UnknownValueError: the tag is not known before deployment.
    """
    own = resource.value(f'tags["{name}"]')
    if own is not None:
        return str(own).strip().lower()
    inherited: Any = resource.outputs.get("tagsAll")
    # Where no output is known, as before a first deployment, what is declared is all there is.
    if inherited is UNKNOWN or not isinstance(inherited, Mapping):
        return ""
    found: Any = cast("Mapping[str, Any]", inherited).get(name)
    return "" if found is None else str(found).strip().lower()


def is_critical(resource: Resource) -> bool:
    """Whether the tag `criticality` says that the business stops without the resource.

    Raises:
        UnknownValueError: the tag is not known before deployment.
    """
    return tag_of(resource, "criticality") in _VITAL

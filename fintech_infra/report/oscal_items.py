"""What every part of an OSCAL document is made of: ids, properties, points in time, subjects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from fintech_infra.environment import Resource
from fintech_infra.report.naming import label
from fintech_infra.report.plain import one_line

Json = dict[str, Any]

NAMESPACE: Final = "urn:fintech-infra:oscal"
"""Qualifies our properties; OSCAL's own have none."""

_IDS: Final = uuid5(NAMESPACE_URL, NAMESPACE)
_NOT_TOKEN: Final = re.compile(r"[^A-Za-z0-9._-]")


def identity(*parts: str) -> str:
    """A UUID of version 5: the same parts give the same one, in every run."""
    return str(uuid5(_IDS, "\0".join(parts).encode("utf-8", "backslashreplace").decode()))


def tool() -> str:
    """The id of this tool as an assessment asset."""
    return identity("tool")


def origin() -> Json:
    """Who says so: this tool."""
    return {"actors": [{"type": "tool", "actor-uuid": tool()}]}


def prop(name: str, value: str, **given: str) -> Json:
    """A property of ours; OSCAL takes no empty value."""
    return {"name": name, "ns": NAMESPACE, "value": one_line(value) or "-", **given}


def props(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    """Properties of ours, those without a value left out."""
    return [prop(name, value) for name, value in pairs if one_line(value)]


def token(text: str) -> str:
    """`text` as an OSCAL token, which begins with a letter or an underscore.

    >>> token("s3-bucket-is-private"), token("no spaces: please"), token("4.1")
    ('s3-bucket-is-private', 'no-spaces--please', '_4.1')
    """
    made = _NOT_TOKEN.sub("-", text)
    return made if made[:1].isalpha() or made[:1] == "_" else f"_{made}"


def control_id(requirement: str) -> str:
    """The id that NIST's catalogue gives a control of SP 800-53.

    >>> control_id("AC-3"), control_id("SC-7(5)")
    ('ac-3', 'sc-7.5')
    """
    return token(re.sub(r"\((\w+)\)", r".\1", requirement.lower()))


def moment(at: datetime) -> str:
    """A point in time in UTC.

    >>> moment(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    '2026-03-01T12:30:00Z'
    """
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(of: date, *, end: bool = False) -> str:
    """The first or the last second of a day, in UTC."""
    return moment(datetime.combine(of, time(23, 59, 59) if end else time(), UTC))


def subject(resource: Resource) -> Json:
    """A resource as what an observation is about."""
    return {
        "subject-uuid": identity("resource", resource.urn),
        "type": "inventory-item",
        "title": one_line(label(resource)),
    }


def inventory_item(resource: Resource) -> Json:
    """A resource as an item of the system's inventory."""
    source = resource.source
    facts = [("type", resource.type), ("name", resource.name)]
    facts += [("source", str(source))] if source else []
    return {
        "uuid": identity("resource", resource.urn),
        "description": one_line(label(resource)),
        "props": [{"name": "asset-id", "value": one_line(resource.urn) or "-"}, *props(facts)],
    }

"""What the rows of several services have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.outside.cloud import Subject

Adds = Callable[[Subject], Mapping[str, Any]]


def with_tags(kind: str) -> Adds:
    """The tags of a resource of EC2, which takes them for each kind of what a call makes."""

    def adds(subject: Subject) -> Mapping[str, Any]:
        given = subject.value("tags") or {}
        tags = [{"Key": key, "Value": value} for key, value in given.items()]
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]} if tags else {}

    return adds


def tagged(kind: str, rest: Adds) -> Adds:
    """The tags of a resource of EC2, and the rest."""
    tags = with_tags(kind)
    return lambda subject: {**tags(subject), **rest(subject)}


def constant(**given: Any) -> Adds:
    """The same parameters for every resource."""
    return lambda _: given


def only_when(path: str) -> Callable[[Subject], list[Mapping[str, Any]]]:
    """One call where the input is true, none where it is not."""
    return lambda subject: [{}] if subject.value(path) else []


def only_unless(path: str) -> Callable[[Subject], list[Mapping[str, Any]]]:
    """One call where the input is false or absent, none where it is true."""
    return lambda subject: [] if subject.value(path) else [{}]

"""Which resources a waiver's pattern is for, and which patterns are for too many."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Final

from fintech_infra.environment import Resource

_WHOLE: Final = "urn:"
_LETTERS: Final = 3
"""A name with a wildcard has at least as many letters and digits of its own."""
_WILDCARDS: Final = re.compile(r"\[!?\]?[^\]]*\]|[*?]")


def matches(pattern: str, resource: Resource) -> bool:
    """Whether a pattern is for a resource: by its URN, or else by its type and name.

    >>> bucket = Resource("urn:pulumi:dev::shop::a:b:C$x:y:Z::logs", "x:y:Z", "logs")
    >>> [matches(it, bucket) for it in (bucket.urn, "urn:pulumi:*::logs", "x:y:Z::lo*", "lo*")]
    [True, True, True, False]
    """
    text = resource.urn if pattern.startswith(_WHOLE) else f"{resource.type}::{resource.name}"
    return text == pattern or fnmatchcase(text, pattern)


def is_wild(pattern: str) -> bool:
    """Whether a pattern can be for more than one resource."""
    return bool(_WILDCARDS.search(pattern))


def too_broad(pattern: str) -> str:
    """Why a pattern says too little about what it is for; empty where it says enough.

    What is left open today lets through what somebody adds tomorrow.

    >>> too_broad("aws:s3/bucket:Bucket::logs"), too_broad("aws:s3/*::pay-*")
    ('', '')
    """
    place, separator, name = pattern.rpartition("::")
    if not separator or not place or not name:
        return "does not say a type and a name"
    own = _WILDCARDS.sub("", name)
    if is_wild(name) and sum(letter.isalnum() for letter in own) < _LETTERS:
        return f"leaves the name open: {name!r} is every name, or nearly so"
    return ""

"""Existing resources: what the id of one that is imported or read says about its outputs."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from functools import lru_cache

from fintech_infra.engine.simulation.draft import Draft


def learn(draft: Draft, identity: str, templates: Mapping[str, str]) -> None:
    """Set the id, and every output that the id is made of.

    >>> from fintech_infra.engine.simulation.draft import Facts
    >>> from fintech_infra.engine.simulation.seed import Seed
    >>> facts = Facts("aws", "eu-west-1", "123456789012", "amazonaws.com", "com.amazonaws")
    >>> draft = Draft("x", Seed("urn"), facts, {})
    >>> templates = {"id": "{arn}", "arn": "arn:{PARTITION}:sns:{REGION}:{ACCOUNT}:{name}"}
    >>> learn(draft, "arn:aws:sns:us-east-1:1:alerts", templates)
    >>> draft["name"]
    'alerts'
    """
    pending = [("id", identity)]
    while pending:
        name, value = pending.pop()
        if name in draft and name != "id":
            continue
        draft[name] = value
        text = templates.get(name)
        match = _pattern(text).fullmatch(value) if text else None
        if match:
            pending.extend(match.groupdict().items())


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    """What a template could have made; outputs are groups, facts and made-up text are not."""
    parts: list[str] = []
    seen: set[str] = set()
    for literal, field, _, _ in string.Formatter().parse(text):
        parts.append(re.escape(literal))
        if field and field.isidentifier() and not field.isupper() and field not in seen:
            seen.add(field)
            parts.append(f"(?P<{field}>.+?)")
        elif field:
            parts.append("[^:/]*?")
    return re.compile("".join(parts))

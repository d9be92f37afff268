"""What the managed policies of AWS say about the calls that the graph of permissions asks for.

`bench/managed_policies.py` writes the table. AWS changes these policies and adds new ones: of a
name that is not in the table nothing is known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from fintech_infra.environment.documents import Document, parse

_TABLE: Final = Path(__file__).with_name("managed_policies.json")


@lru_cache(maxsize=512)
def managed_document(arn: str) -> Document | None:
    """Return what a policy of AWS says about the calls asked for, None for one not looked at."""
    name = arn.rpartition("/")[2]
    table = _table()
    if name in table["silent"]:
        return Document(())
    found = table["policies"].get(name)
    return None if found is None else parse({"Statement": found})


@cache
def _table() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    found["silent"] = frozenset(found["silent"])
    return found

"""Drafts: a resource's outputs while they are put together, each made when it is first needed."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fintech_infra.engine.simulation.seed import Seed
from fintech_infra.environment import UNKNOWN, UnknownValueError

Maker = Callable[["Draft"], Any]
"""Makes one value from the other values of a draft."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a value may depend on beside the resource itself; templates name these in capitals."""

    PARTITION: str
    REGION: str
    ACCOUNT: str
    DNS: str
    """The suffix of the service endpoints' host names."""
    REVERSE_DNS: str
    """What the names of VPC endpoint services begin with."""


class Draft(dict[str, Any]):
    """Outputs by wire name, the missing ones made on demand.

    A template such as `{bucket}.s3.{DNS}` sees the outputs, the facts, `NAME` (the logical name)
    and `SEED`. An output that depends on one that is unknown is unknown itself.
    """

    __slots__ = ("_facts", "_making", "makers", "name", "seed")

    def __init__(self, name: str, seed: Seed, facts: Facts, makers: Mapping[str, Maker]) -> None:
        """Start without outputs."""
        super().__init__()
        self.name = name
        self.seed = seed
        self.makers = makers
        self._facts = facts
        self._making: set[str] = set()

    @property
    def facts(self) -> Facts:
        """Where the resource lives."""
        return self._facts

    def __missing__(self, key: str) -> Any:
        """Make the output, or say the fact, that `key` names; None where there is neither."""
        maker = self.makers.get(key)
        if maker is None or key in self._making:
            return self._fact(key)
        self._making.add(key)
        try:
            value = maker(self)
        except UnknownValueError:
            value = UNKNOWN
        finally:
            self._making.discard(key)
        self[key] = value
        return value

    def _fact(self, key: str) -> Any:
        if key == "SEED":
            return self.seed
        if key == "NAME":
            return self.name
        return getattr(self._facts, key, None) if key.isupper() or "_" in key else None


def template(text: str) -> Maker:
    """A maker that fills a template.

    >>> facts = Facts("aws", "eu-west-1", "123456789012", "amazonaws.com", "com.amazonaws")
    >>> draft = Draft("logs", Seed("urn"), facts, {})
    >>> template("{NAME}.s3.{REGION}.{DNS}")(draft)
    'logs.s3.eu-west-1.amazonaws.com'
    """
    parts = list(string.Formatter().parse(text))
    if not any(field for _, field, _, _ in parts):
        plain = text.format()
        return lambda _: plain
    literal, field, spec, _ = parts[0]
    if len(parts) == 1 and field and not literal and not spec:
        return lambda draft: draft[field]
    return text.format_map

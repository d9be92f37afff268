"""One call of a data source, as those who answer it see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.simulation.answers import Answers
from fintech_infra.engine.simulation.draft import Facts


class CallError(Exception):
    """A data source refuses its arguments; the message says which and how to mend it."""


@dataclass(frozen=True)
class Call:
    """A data source, its arguments by wire name, where it is asked, and what users answered.

    `default_tags` are those of the provider that is asked.
    """

    token: str
    args: Mapping[str, Any]
    facts: Facts
    answers: Answers
    schemas: Schemas
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])

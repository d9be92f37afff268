"""What the command tells the interpreter that runs the program, and what it hears back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that one run depends on. Paths are absolute; `config` has full keys.

    `stack_outputs` gives outputs by stack name; `projects` are folders whose stacks may be
    referred to and are then previewed themselves; `chain` names the stacks being previewed
    already, against stacks that refer to each other.
    """

    organization: str
    project: str
    stack: str
    root: str
    program: str
    config: Mapping[str, str]
    secret_keys: tuple[str, ...] = ()
    region: str = ""
    answers: str = ""
    stack_outputs: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict[str, Mapping[str, Any]]
    )
    projects: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    time_limit: float = 300.0
    allow_network: bool = False

    def to_json(self) -> str:
        """Write it for the other interpreter."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read it in the other interpreter."""
        content = json.loads(text)
        for name in ("secret_keys", "projects", "chain"):
            content[name] = tuple(content[name])
        return cls(**content)

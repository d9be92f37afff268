"""`Advice`: what a language model had to say about a change, and all that became of it.

It has no verdict, no severity and no exit code: nothing in it can approve a change, lower what a
control found, or end a run differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Risk(StrEnum):
    """How grave the model thinks it is: its opinion, never a control's severity."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing the model said about a property that the change touches.

    `urn` and `path` are those of the change, `path` the input that differs; `detail` is the place
    inside it where it is a document. `claim` and `suggestion` are the model's words: in one line,
    cut to a length, without characters that steer a terminal. Markdown and HTML are the reports'
    to escape.
    """

    urn: str
    path: str
    claim: str
    risk: Risk
    suggestion: str = ""
    detail: str = ""


class FactKind(StrEnum):
    """What is known of a change beside its values; the closed list is what keeps names out."""

    EXPOSED = "newly-reachable"
    PERMISSION = "permission-gained"
    REGRESSED = "control-regressed"
    WAIVED = "waiver-added"
    UNPROTECTED = "protection-weakened"
    RETENTION = "retention-weakened"
    STATEFUL_REPLACED = "stateful-replaced"
    SURPRISING = "unlike-history"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the gate or the built-in review found: where, and whom it leads to.

    `path` is the property path, empty where there is none; `other` is the URN of what can now
    reach, or be reached. `weight` is a number such as how many bits of surprise it is.
    """

    kind: FactKind
    urn: str
    path: str = ""
    other: str = ""
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """What came of asking a language model.

    `claims` are those that hold: the gravest first. `dropped` counts the others by reason, `merged`
    those that said what another had said. `failure` is one line saying why there is no answer,
    empty where there is one. `digest` is of exactly what was sent, `size` its bytes; `left_out`
    counts by kind what was not sent. `tokens` are as the service counts them, 0 where it does not.
    """

    provider: str
    model: str
    claims: tuple[Claim, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict[str, int])
    merged: int = 0
    failure: str = ""
    digest: str = ""
    size: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict[str, int])
    tokens: tuple[int, int] = (0, 0)

"""`Change`: what is different between two environments of one stack, resource by resource."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from fintech_infra.environment import Environment, Resource


class Op(StrEnum):
    """What a deployment does to a resource."""

    CREATED = "created"
    UPDATED = "updated"
    REPLACED = "replaced"
    """Deleted and created anew: whatever the old one held is gone unless it is carried over."""
    DELETED = "deleted"


class Replacement(StrEnum):
    """Whether a change makes the provider replace a resource."""

    NO = "no"
    POSSIBLE = "possible"
    """A value that is not known, or a type whose inputs nobody has looked up: not a pass."""
    CERTAIN = "certain"
    """A plan says so, or the provider's documentation about an input that changes."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is different: its property path, what it was and what it will be.

    None stands for absent and `UNKNOWN` for what only a deployment can tell. `part` says where the
    path starts: at the inputs, or at the options, by the names of `Options`. Secrets are in the
    clear, as in a resource; `is_secret` marks them, and what prints goes through a redaction.
    """

    path: str
    old: Any
    new: Any
    part: Literal["inputs", "options"] = "inputs"
    is_secret: bool = False

    @property
    def place(self) -> str:
        """The path as people read it: an option has `opts.` before its name."""
        return self.path if self.part == "inputs" else f"opts.{self.path}"


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What happens to one resource.

    `before` is None for one that is created, `after` for one that is deleted. A resource whose URN
    changes under an alias is one change with both. `replacing` names the inputs that force a
    replacement, or may. `is_certain` says that a plan named the operation; it was judged otherwise.
    """

    op: Op
    before: Resource | None
    after: Resource | None
    differences: tuple[Difference, ...] = ()
    replacement: Replacement = Replacement.NO
    replacing: tuple[str, ...] = ()
    is_certain: bool = False

    @property
    def resource(self) -> Resource:
        """The resource as it will be, or as it was where it is deleted."""
        found = self.after or self.before
        if found is None:  # nothing makes such a change
            raise ValueError("a change of no resource")
        return found

    @property
    def urn(self) -> str:
        """The URN that the resource will have, or had where it is deleted."""
        return self.resource.urn

    @property
    def type(self) -> str:
        """The type token."""
        return self.resource.type

    @property
    def was(self) -> str:
        """The URN that the resource had; empty for one that is created."""
        return self.before.urn if self.before else ""

    @property
    def is_renamed(self) -> bool:
        """Whether the resource stays what it is under another URN, by an alias.

        Another stack is no other URN.
        """
        if self.before is None or self.after is None:
            return False
        return self.before.urn.partition("::")[2] != self.after.urn.partition("::")[2]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """All that is different from `before` to `after`; `resources` is sorted by URN.

    Resources that stay as they are, and those that are only read, are not among them.
    """

    before: Environment
    after: Environment
    resources: tuple[ResourceChange, ...] = ()

    def of(self, *ops: Op) -> tuple[ResourceChange, ...]:
        """The changes of some kinds."""
        return tuple(item for item in self.resources if item.op in ops)

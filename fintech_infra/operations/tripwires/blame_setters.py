"""What is known of the calls that set the properties of one type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setters:
    """The calls of one service that make, change and remove resources of one type.

    `sets` has them by property; one that is not listed is set by `others`, else by any of them.
    `by` are the properties that have what CloudTrail knows the resource by, best first.
    """

    service: str
    makes: Names = ()
    removes: Names = ()
    sets: Mapping[str, Names] = field(default_factory=dict[str, Names])
    others: Names = ()
    by: Names = ("id", "arn", "name")

    def of(self, path: str, op: str) -> Names:
        """The calls that could have left a property as it is, or the resource where it has none.

        `op` is as in `Item.op`.
        """
        if path in self.sets:
            return self.sets[path]
        if not path and op == "deleted":
            return self.removes
        if not path and op == "created":
            return self.makes
        every = [name for names in self.sets.values() for name in names]
        return self.others or tuple(dict.fromkeys(every or (*self.makes, *self.removes)))

"""What was looked at and what was not: a report of tripwires is no refresh, and says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fintech_infra.environment import Resource
from fintech_infra.report.naming import short_type


@dataclass
class Coverage:
    """Counts the resources of AWS: looked at, not to be found, and with no tripwire at all."""

    account: str
    looked: dict[str, Resource] = field(default_factory=dict[str, Resource])
    skipped: dict[str, tuple[Resource, str]] = field(
        default_factory=dict[str, tuple[Resource, str]]
    )
    left: list[Resource] = field(default_factory=list[Resource])

    def look(self, resource: Resource) -> None:
        """Count one that a tripwire asked AWS about."""
        self.looked[resource.urn] = resource

    def skip(self, resource: Resource, reason: str) -> None:
        """Count one that a tripwire is for, and could not look for."""
        self.skipped[resource.urn] = resource, reason

    def leave(self, resource: Resource) -> None:
        """Count one that no tripwire is for."""
        self.left.append(resource)

    @property
    def count(self) -> int:
        """How many resources were looked at."""
        return len(self.looked)

    def notes(self) -> Iterator[str]:
        """Yield what a reader has to know, in sentences."""
        every = len({*self.looked, *self.skipped}) + len(self.left)
        where = f" in account {self.account}" if self.account else ""
        says = f"Tripwires looked at {self.count} of {every} resources of AWS{where}"
        yield f"{says}: {_counted(self.looked.values())}." if self.looked else f"{says}."
        skipped = [(it, why) for urn, (it, why) in self.skipped.items() if urn not in self.looked]
        rest = len(self.left) + len(skipped)
        if rest:
            says = f"This is no full refresh: the other {rest} stand as recorded"
            yield f"{says}, and of those looked at, all but what tripwires read."
        elif self.looked:
            yield "This is no full refresh: what no tripwire reads stands as recorded."
        by_reason: dict[str, list[Resource]] = {}
        for resource, reason in self.skipped.values():
            by_reason.setdefault(reason, []).append(resource)
        for reason, found in by_reason.items():
            names = ", ".join(f"{short_type(it.type)} {it.name}" for it in found)
            yield f"Not looked at: {names}: {reason}."
        if self.left:
            yield f"No tripwire is for: {_counted(self.left)}."


def _counted(resources: Iterable[Resource]) -> str:
    counts = Counter(short_type(it.type) for it in resources)
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))

"""What one run has declared so far."""

from __future__ import annotations

from fintech_infra.engine.errors import Problem
from fintech_infra.environment import STACK_TYPE, Diagnostic, Resource


class Registry:
    """Resources by URN and by the order in which the program made them."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._resources: dict[str, tuple[float, Resource]] = {}
        self.problems: list[Problem] = []
        self.diagnostics: list[Diagnostic] = []
        self.stack_urn = ""

    def add(self, order: float, resource: Resource) -> None:
        """Record a resource; of two with one URN the first stays."""
        if resource.type == STACK_TYPE:
            self.stack_urn = resource.urn
        self._resources.setdefault(resource.urn, (order, resource))

    def update(self, resource: Resource) -> None:
        """Replace what is recorded under the resource's URN."""
        order, _ = self._resources[resource.urn]
        self._resources[resource.urn] = (order, resource)

    def get(self, urn: str) -> Resource | None:
        """The resource with this URN."""
        found = self._resources.get(urn)
        return found[1] if found else None

    def reference(self, urn: str, identity: str) -> str:
        """What a reference to a resource stands for among inputs: its id, or else its URN."""
        if identity:
            return identity
        found = self.get(urn)
        return found.id if found and found.id else urn

    def resources(self) -> tuple[Resource, ...]:
        """All resources, in the order in which the program made them."""
        pairs = sorted(self._resources.values(), key=lambda pair: (pair[0], pair[1].urn))
        return tuple(resource for _, resource in pairs)

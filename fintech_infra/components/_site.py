"""Where the children of a component go: their names, region, tags and options."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Input, ResourceOptions

from fintech_infra.components._component import Component


@dataclass(frozen=True)
class Site:
    """What every child of one component has in common.

    `region` is given to each child that takes one, so that a provider of another region cannot
    scatter them (pulumi/pulumi-awsx#1928). None leaves it to the component's provider.
    """

    component: Component
    name: str
    region: Input[str] | None
    tags: Mapping[str, str]

    def named(self, role: str) -> str:
        """Return the logical name of the child with this role."""
        return f"{self.name}-{role}"

    def tagged(self, name: str) -> dict[str, str]:
        """Return the caller's tags and the `Name` that consoles show."""
        return {**self.tags, "Name": name}

    def child(self, *, depends_on: Any = None, **options: Any) -> ResourceOptions:
        """Return options for a child of the component."""
        return self.component.child(depends_on=depends_on, **options)

"""Anchors: the fragment by which each thing in the document is linked to, as `#ecr-scans-on-push`.

They say what they lead to, are unique, and depend on nothing but the order of the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from fintech_infra.environment import Resource
from fintech_infra.report.naming import label

_OWN: Final = "ui-"
"""What the ids of the templates' own parts begin with."""
_SECTIONS: Final = (
    "summary", "findings", "undecided", "waivers", "frameworks", "environment", "resources",
    "messages", "about",
)  # fmt: skip


class Anchors:
    """The fragments of one document."""

    def __init__(self, controls: Iterable[str], resources: Iterable[Resource]) -> None:
        """Give every control, by its id, and every resource its fragment."""
        self._taken: set[str] = set(_SECTIONS)
        self._controls = {id_: self.new(id_) for id_ in dict.fromkeys(controls)}
        self._resources = {item.urn: self.new(f"resource {label(item)}") for item in resources}

    def new(self, text: str) -> str:
        """A fragment that nothing else has, made of `text`."""
        slug = re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-.") or "unnamed"
        slug = f"to-{slug}" if slug.startswith(_OWN) else slug
        found, number = slug, 2
        while found in self._taken:
            found, number = f"{slug}-{number}", number + 1
        self._taken.add(found)
        return found

    def control(self, id_: str) -> str:
        """The fragment of a control; empty for one that was not chosen for this run."""
        return self._controls.get(id_, "")

    def resource(self, urn: str) -> str:
        """The fragment of a resource; empty for what is not a resource."""
        return self._resources.get(urn, "")

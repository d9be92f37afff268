"""What every part of the document is made with, and how it names places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from fintech_infra.controls.waivers import Waiver
from fintech_infra.environment import STACK_TYPE, Resource
from fintech_infra.report.html_format.anchors import Anchors
from fintech_infra.report.naming import label, type_of
from fintech_infra.report.outline import Node, Tally, grown, tallied
from fintech_infra.report.redact import Redaction
from fintech_infra.report.sarif_places import address
from fintech_infra.report.summary import Report, is_implicit


@dataclass(frozen=True, slots=True)
class Place:
    """A resource as it is named and linked to.

    `file` is empty where its line is not known, `address` where the repository's is not.
    """

    type: str
    name: str
    label: str
    anchor: str
    urn: str
    file: str
    address: str


@dataclass(frozen=True)
class Context:
    """A report, and what is worked out about it once."""

    report: Report

    @cached_property
    def redaction(self) -> Redaction:
        """Takes secrets out of texts and values."""
        return Redaction(self.report.environment)

    @cached_property
    def shown(self) -> tuple[Resource, ...]:
        """The resources and components that the program declares."""
        return tuple(item for item in self.report.environment.resources if not is_implicit(item))

    @cached_property
    def anchors(self) -> Anchors:
        """The document's fragments."""
        evaluation = self.report.evaluation
        chosen = (item.id for item in evaluation.controls)
        found = (item.control.id for item in evaluation.every)
        return Anchors((*chosen, *found), self.shown)

    @cached_property
    def tally(self) -> Tally:
        """What lies at and below each resource."""
        return tallied(self.report)

    @cached_property
    def outline(self) -> tuple[Node, ...]:
        """Components, and resources outside of them by type."""
        return grown(self.report.environment, every=False)

    def place(self, resource: Resource) -> Place:
        """A resource as it is named and linked to."""
        return Place(
            type=type_of(resource),
            name=resource.name,
            label=label(resource),
            anchor=self.anchors.resource(resource.urn),
            urn=resource.urn,
            file=str(resource.source or ""),
            address=address(resource, self.report),
        )

    def waiver(self, waiver: Waiver) -> Waiver:
        """A waiver without secrets in what somebody wrote about it."""
        text = self.redaction.text
        return replace(
            waiver,
            reason=text(waiver.reason),
            owner=text(waiver.owner),
            approver=text(waiver.approver),
            ticket=text(waiver.ticket),
            origin=text(waiver.origin),
        )

    def trail(self, resource: Resource) -> tuple[Place, ...]:
        """What a resource is part of, outermost first; the stack is left out."""
        return tuple(self.place(item) for item in reversed(tuple(self._above(resource))))

    def _above(self, resource: Resource) -> Iterator[Resource]:
        by_urn = self.report.environment.by_urn
        above = by_urn.get(resource.parent)
        while above is not None and above.type != STACK_TYPE:
            yield above
            above = by_urn.get(above.parent)

"""`loads_of`: what of an environment can be sized, and by which inputs it is."""

from __future__ import annotations

from dataclasses import dataclass

from fintech_infra.environment import Environment, UnknownValueError
from fintech_infra.operations.rightsizing.containers import queues, services
from fintech_infra.operations.rightsizing.databases import clusters, instances
from fintech_infra.operations.rightsizing.model import Load
from fintech_infra.operations.rightsizing.reading import UnfitError


@dataclass(frozen=True, slots=True)
class Loads:
    """What of an environment can be sized, and sentences about what cannot.

    `unknown` are about what could be, were its values known before deployment; `outside` about
    what is never sized here.
    """

    loads: tuple[Load, ...]
    unknown: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def loads_of(environment: Environment) -> Loads:
    """Find what can be sized."""
    loads: list[Load] = []
    unknown: list[str] = []
    outside: list[str] = []
    for found in (instances, clusters, services, queues):
        for resource, make in found(environment):
            try:
                loads.append(make())
            except UnknownValueError as error:
                unknown.append(f"{resource.name} is not sized: {error}")
            except UnfitError as error:
                outside.append(f"{resource.name} is not sized: {error}")
    return Loads(tuple(loads), tuple(unknown), tuple(outside))

"""How reports name things: types, resources and requirements, short but unmistakable."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from fintech_infra.environment import Environment, Resource
from fintech_infra.report.summary import is_component

_HOME: Final = "aws"
"""The package whose types are written without it, as `s3.Bucket`."""


def short_type(type_: str) -> str:
    """A resource's type as a program writes it.

    >>> [short_type(name) for name in ("aws:s3/bucket:Bucket", "random:index/id:Id")]
    ['s3.Bucket', 'random.Id']
    >>> short_type("kubernetes:apps/v1:Deployment")
    'kubernetes.apps/v1.Deployment'
    """
    package, _, rest = type_.partition(":")
    module, _, name = rest.rpartition(":")
    head, _, tail = module.rpartition("/")
    if tail.lower() == name.lower():
        module = head
    parts = [package if package != _HOME else "", module if module != "index" else "", name]
    named = [part for part, before in zip(parts, [None, *parts], strict=False) if part != before]
    return ".".join(part for part in named if part) or type_


def type_of(resource: Resource) -> str:
    """A component's class name, any other resource's short type."""
    if is_component(resource):
        return resource.type.rpartition(":")[2]
    return short_type(resource.type)


def label(resource: Resource) -> str:
    """Type and name."""
    return f"{type_of(resource)} {resource.name}"


def owner(resource: Resource, environment: Environment) -> Resource | None:
    """The component that a resource is part of, None where it stands by itself."""
    above = environment.by_urn.get(resource.parent)
    while above is not None and above.custom:
        above = environment.by_urn.get(above.parent)
    return above if above is not None and is_component(above) else None


def compact(requirements: Iterable[tuple[str, str]], separator: str = " · ") -> str:
    """Requirements in one line, each framework said once.

    >>> compact([("PCI DSS", "1.4.2"), ("PCI DSS", "7.2.1"), ("SOC 2", "CC6.1")])
    'PCI DSS 1.4.2, 7.2.1 · SOC 2 CC6.1'
    """
    grouped = groupby(requirements, lambda pair: pair[0])
    frameworks = (f"{name} {', '.join(item for _, item in pairs)}" for name, pairs in grouped)
    return separator.join(frameworks)


def regions(environment: Environment) -> list[str]:
    """The regions that resources and providers say they are in, sorted."""
    return sorted(
        {
            region
            for resource in environment.resources
            if resource.package == "aws" or resource.type == "pulumi:providers:aws"
            for values in (resource.inputs, resource.outputs)
            for region in [values.get("region")]
            if isinstance(region, str) and region
        }
    )


def counted(number: int, noun: str) -> str:
    """A number and its noun.

    >>> counted(1, "finding"), counted(1200, "finding")
    ('1 finding', '1,200 findings')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def names(message: str, path: str) -> bool:
    """Whether a message begins with the property path itself, so that it need not be said twice.

    >>> names("policy is not known", "policy"), names("policy is not known", "pol")
    (True, False)
    """
    return bool(path) and f"{message} ".startswith(f"{path} ")

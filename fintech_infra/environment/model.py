"""`Environment` and `Resource`: what a program declares, every value resolved, as pure data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from fintech_infra.environment.values import (
    UNKNOWN,
    UnknownValueError,
    each,
    read,
    read_entries,
    read_list,
    read_number,
    read_text,
)

STACK_TYPE: Final = "pulumi:pulumi:Stack"
ANY_TYPE: Final = "*"
"""Stands for every type, in a control and in `Environment.of_type`."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A line in the user's program. `file` is relative to the project where it lies inside it."""

    file: str
    line: int

    def __str__(self) -> str:
        """Render as editors and terminals link it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Options:
    """Resource options that decide how a deployment treats a resource.

    `protect` and `retain_on_delete` are the effective values, inherited through parents.
    `aliases` are full URNs, those inherited through parents included.
    """

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    import_id: str = ""
    deleted_with: str = ""
    custom_timeouts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """One resource of an environment.

    `inputs` and `outputs` have the provider's own (camelCase) names and plain Python values;
    secrets are in the clear there and their paths are listed in `secrets` (as `inputs.x` and
    `outputs.y`), so anything that prints must go through `fintech_infra.report`. Values that only
    a deployment can know are `UNKNOWN`.

    `existing` resources are read from the cloud (`get`, `StackReference`), not managed here.
    `opaque` ones are built by something that a preview cannot run (a remote component): nothing
    is known about what they contain.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    id: str = ""
    custom: bool = True
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    options: Options = Options()
    secrets: tuple[str, ...] = ()
    source: Source | None = None
    existing: bool = False
    opaque: bool = False

    def value(self, path: str) -> Any:
        """Return the input at `path`, None where it is absent.

        Raises:
            UnknownValueError: the input is not known before deployment.
        """
        return read(self.inputs, path)

    def each(self, path: str) -> Iterator[tuple[str, Any]]:
        """Yield `(path, item)` for every item of the list input at `path`.

        Raises:
            UnknownValueError: the list or an item of it is not known before deployment.
        """
        return each(self.inputs, path)

    def number(self, path: str) -> int | float | None:
        """Return the number at `path`, None where it is absent.

        Raises:
            UnknownValueError: the input is not known before deployment, or is no number.
        """
        return read_number(self.inputs, path)

    def text(self, path: str) -> str | None:
        """Return the text at `path`, None where it is absent.

        Raises:
            UnknownValueError: the input is not known before deployment, or is no text.
        """
        return read_text(self.inputs, path)

    def listed(self, path: str) -> list[Any]:
        """Return the items of the list at `path`, those not known included; a lone value is one.

        Raises:
            UnknownValueError: the list itself is not known before deployment.
        """
        return read_list(self.inputs, path)

    def entries(self, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield `(path, entry)` for every entry of the list of objects at `path`.

        Raises:
            UnknownValueError: the list or an entry is not known before deployment, or no object.
        """
        return read_entries(self.inputs, path)

    def is_set(self, path: str) -> bool:
        """Whether the program gives a value at `path`; one that is not known yet is given, too."""
        try:
            return self.value(path) is not None
        except UnknownValueError:
            return True

    @property
    def package(self) -> str:
        """The provider package: `aws` of `aws:s3/bucket:Bucket`."""
        return self.type.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something the program or the preview has to say about the run, not about compliance."""

    severity: Literal["info", "warning", "error"]
    message: str
    urn: str = ""


@dataclass(frozen=True, eq=False)
class Environment:
    """All resources that one stack of one project declares, in order of registration.

    Commit, time and actor are deliberately absent: the same program and configuration give the
    same environment, byte for byte. Only where coroutines of a program wait side by side does the
    order of what they register depend on the clock.
    """

    project: str
    stack: str
    organization: str = "organization"
    resources: tuple[Resource, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    secret_outputs: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """Resources by URN."""
        return {resource.urn: resource for resource in self.resources}

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[Resource, ...]]:
        index: dict[str, list[Resource]] = {}
        for resource in self.resources:
            index.setdefault(resource.type, []).append(resource)
        return {key: tuple(found) for key, found in index.items()}

    def of_type(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of the given type tokens, in order of registration per type."""
        for type_ in types:
            yield from self.resources if type_ == ANY_TYPE else self._by_type.get(type_, ())

    @cached_property
    def _children(self) -> Mapping[str, tuple[Resource, ...]]:
        index: dict[str, list[Resource]] = {}
        for resource in self.resources:
            index.setdefault(resource.parent, []).append(resource)
        return {key: tuple(found) for key, found in index.items()}

    def children(self, urn: str) -> tuple[Resource, ...]:
        """The resources whose parent is `urn`; the empty string gives the roots."""
        return self._children.get(urn, ())

    @cached_property
    def _by_identity(self) -> Mapping[str, tuple[Resource, ...]]:
        """Resources by what others name them by: id, ARN and the like."""
        index: dict[str, list[Resource]] = {}
        for resource in self.resources:
            for identity in _identities(resource):
                index.setdefault(identity, []).append(resource)
        return {key: tuple(found) for key, found in index.items()}

    def named(self, identity: str) -> tuple[Resource, ...]:
        """The resources that have `identity` as their id, ARN or physical name."""
        return self._by_identity.get(identity, ())

    def references(self, resource: Resource, path: str, *types: str) -> tuple[Resource, ...]:
        """The resources (of `types`, where given) that the input at `path` refers to.

        Follows the dependencies that the program declared by passing an output, and, where it
        passed a plain value, whatever has this value as its id, ARN or name. A dependency on a
        component is not a reference to its children.
        """
        top = path.partition(".")[0].partition("[")[0]
        found: dict[str, Resource] = {}
        for value in _strings(resource.inputs, path):
            for candidate in self.named(value):
                found[candidate.urn] = candidate
        # What a transform took away is still among the dependencies.
        if not found and resource.is_set(top):
            for urn in resource.property_dependencies.get(top, ()):
                if urn in self.by_urn:
                    found[urn] = self.by_urn[urn]
        found.pop(resource.urn, None)
        return tuple(item for item in found.values() if not types or item.type in types)

    @cached_property
    def _referrers(self) -> dict[tuple[str, str], dict[str, list[Resource]]]:
        return {}

    def referrers(self, target: Resource, type_: str, path: str) -> tuple[Resource, ...]:
        """The resources of `type_` whose input at `path` refers to `target`."""
        key = (type_, path)
        index = self._referrers.get(key)
        if index is None:
            index = {}
            for resource in self.of_type(type_):
                for referred in self.references(resource, path):
                    index.setdefault(referred.urn, []).append(resource)
            self._referrers[key] = index
        return tuple(index.get(target.urn, ()))


_NAMING_OUTPUTS: Final = (
    "arn",
    "bucket",
    "name",
    "identifier",
    "clusterIdentifier",
    "keyId",
    "url",
)


def _identities(resource: Resource) -> Iterable[str]:
    if resource.type == STACK_TYPE or not resource.custom:
        return ()
    values = [resource.id, *(resource.outputs.get(key) for key in _NAMING_OUTPUTS)]
    return {value for value in values if isinstance(value, str) and value}


def _strings(inputs: Mapping[str, Any], path: str) -> Iterator[str]:
    try:
        found = list(each(inputs, path))
    except UnknownValueError:
        return
    for _, value in found:
        if isinstance(value, str) and value is not UNKNOWN:
            yield value

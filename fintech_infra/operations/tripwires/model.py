"""What a tripwire is, what it is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.tripwires.places import region_of

T = TypeVar("T")


NOT_UNDERSTOOD: Final = (LookupError, TypeError, ValueError, AttributeError)
"""What reading an answer of another form than AWS documents raises."""


class GoneError(Exception):
    """AWS does not know the resource."""


class UnmatchedError(Exception):
    """The resource cannot be looked for: why not."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What AWS says of one resource.

    `values` are properties by their names in the provider, in the shape of its outputs; None is
    not set. `unread` says why a property was not told. What is in neither stays as recorded.
    `extra` are resources that no program declares and that matter because of this one; `notes` are
    sentences that no property can carry.
    """

    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    unread: Mapping[str, str] = field(default_factory=dict[str, str])
    extra: tuple[Resource, ...] = ()
    notes: tuple[str, ...] = ()


def seen(reads: Mapping[str, Callable[[], Any]]) -> Seen:
    """Read property by property: one that AWS does not tell does not hide the others.

    Raises:
        GoneError: a read says so.
        UnmatchedError: a read says so.
    """
    values: dict[str, Any] = {}
    unread: dict[str, str] = {}
    for name, read in reads.items():
        try:
            values[name] = read()
        except UnreadError as error:
            unread[name] = why(error)
    return Seen(values, unread)


_PERMISSIONS: Final = {
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}
"""Permissions that are not called as their operations are.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""


def why(error: UnreadError) -> str:
    """What AWS did not tell, and how to mend it, in a line."""
    hint = error.hint.replace(error.action, _PERMISSIONS.get(error.action, error.action))
    return f"{error}; {hint}" if hint else str(error)


def unclear(error: Exception) -> str:
    """Why an answer could not be read, in a line."""
    return f"what AWS answered is not understood: {type(error).__name__}: {error}"


@dataclass(frozen=True)
class Scene:
    """What tripwires look at: an environment as recorded, and AWS.

    `account` is that of the credentials. `is_deployed` says that the environment has the ids of
    AWS; in a preview ids are made up, and only what the program names itself can be looked for.
    """

    access: Access
    environment: Environment
    account: str
    is_deployed: bool
    _known: dict[tuple[str, ...], Any] = field(default_factory=dict[tuple[str, ...], Any])
    _recorded: dict[str, str] = field(default_factory=dict[str, str])

    def once(self, key: tuple[str, ...], read: Callable[[], T]) -> T:
        """What `read` returns or raises, asked once per key: for answers about many resources.

        Raises:
            UnreadError: AWS did not tell, now or the first time.
        """
        if key not in self._known:
            try:
                self._known[key] = read()
            except (UnreadError, *NOT_UNDERSTOOD) as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, Exception):
            raise found
        return cast("T", found)

    def ask(
        self,
        resource: Resource,
        service: str,
        operation: str,
        *,
        missing: Collection[str] = (),
        gone: Collection[str] = (),
        **parameters: Any,
    ) -> dict[str, Any] | None:
        """Call an operation in the region of a resource, once for the same parameters.

        None where AWS answers with a code of `missing`.

        Raises:
            GoneError: AWS answers with a code of `gone`.
            UnreadError: AWS does not tell.
        """
        region = self.region(resource)
        key = ("ask", service, operation, region, repr(sorted(parameters.items())))
        try:
            return self.once(
                key,
                lambda: self.access.ask(
                    service, operation, region=region, missing=missing, **parameters
                ),
            )
        except UnreadError as error:
            if error.code in gone:
                raise GoneError from error
            raise

    def region(self, resource: Resource) -> str:
        """The region that a resource is in; that of the credentials where nothing says so."""
        return region_of(resource, self.environment) or self.access.region

    def of_region(self, resource: Resource, types: Iterable[str]) -> list[Resource]:
        """Every resource of the environment of these types in the region of `resource`."""
        region = self.region(resource)
        found = self.environment.of_type(*types)
        return [it for it in found if not it.existing and self.region(it) == region]

    def id(self, resource: Resource) -> str:
        """The id that AWS knows a resource by.

        Raises:
            UnmatchedError: the environment is a preview, or has no id.
        """
        if self.is_deployed and resource.id:
            return resource.id
        raise UnmatchedError("AWS gives its id, which a preview cannot know; a state has it")

    def name(self, resource: Resource, property_: str) -> str:
        """What AWS knows a resource by, at a property that the program can set.

        Raises:
            UnmatchedError: in a preview, the program leaves the name to Pulumi.
        """
        parts = (resource.outputs, resource.inputs) if self.is_deployed else (resource.inputs,)
        for part in parts:
            value: Any = part.get(property_)
            if isinstance(value, str) and value:
                if not self.is_deployed:
                    self._check_given(value)
                return value
        if self.is_deployed:
            raise UnmatchedError(f"the state has no {property_} of it")
        says = f"the program leaves its {property_} to Pulumi, so a preview cannot know it"
        raise UnmatchedError(f"{says}; a state has it")

    def _check_given(self, value: str) -> None:
        """In a preview, another resource's name counts only if the program gives that itself."""
        for owner in self.environment.named(value):
            inputs: Iterable[Any] = owner.inputs.values()
            names = [it for it in inputs if isinstance(it, str) and it]
            if value not in names and not value.endswith(tuple(f"/{it}" for it in names)):
                says = f"the program leaves the name of {owner.name} to Pulumi"
                raise UnmatchedError(f"{says}, so a preview cannot know it; a state has it")

    def learn(self, real: str, recorded: str) -> None:
        """Note what the environment calls something that AWS calls `real`."""
        if real and recorded and real != recorded:
            self._recorded[real] = recorded

    def recorded(self, value: Any) -> Any:
        """A value of AWS with what the environment calls each id in it that was learnt."""
        if not self._recorded:
            return value
        if isinstance(value, Mapping):
            items = cast("Mapping[str, Any]", value).items()
            return {key: self.recorded(it) for key, it in items}
        if isinstance(value, list | tuple):
            return [self.recorded(it) for it in cast("list[Any]", value)]
        if isinstance(value, str):
            for real in sorted(self._recorded, key=len, reverse=True):
                value = value.replace(real, self._recorded[real])
        return value


@dataclass(frozen=True, slots=True)
class Tripwire:
    """One kind of fact that is read from AWS.

    `looks` is what it looks at by type: properties, each with what it is in AWS where nobody has
    set it (None: nothing). Whatever `read` does not say of them though it was asked, by raising
    `UnreadError`, is not known, and so undecided. `read` may raise `GoneError` and
    `UnmatchedError` as well.
    """

    name: str
    looks: Mapping[str, Mapping[str, Any]]
    read: Callable[[Scene, Resource], Seen]

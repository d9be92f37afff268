"""From what the engine sends about resources to the `Environment` that controls judge.

What the analyzer protocol does not carry is absent here: whether a resource is read rather than
managed (a deployment does not send those at all), `import_`, `deleted_with` and
`replace_on_changes`. No control goes by these. `retain_on_delete` is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto.analyzer_pb2 import (
    AnalyzeRequest,
    AnalyzerResource,
    AnalyzerResourceOptions,
    AnalyzeStackRequest,
)

from fintech_infra.controls.crossguard.wire import plain, secrets
from fintech_infra.environment import (
    STACK_TYPE,
    UNKNOWN,
    Environment,
    Options,
    Resource,
    Unknown,
    UnknownValueError,
)


class _Untold(Unknown):
    """A resource option that the engine knows and does not tell."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise UnknownValueError("retainOnDelete, which a policy pack is not told,")


UNTOLD: Final[Any] = _Untold()
"""Stands for `retain_on_delete`: to take it for unset would blame what is retained."""
_PROVIDER: Final = "pulumi:providers:"
_NOTHING: Final[Mapping[str, Any]] = {}
_Item: TypeAlias = AnalyzeRequest | AnalyzerResource


class _Seen(NamedTuple):
    """What was sent about a resource when it was judged by itself."""

    inputs: Mapping[str, Any]
    secrets: tuple[str, ...]
    parent: str


class Reader:
    """Reads requests; one per run of a pack, because it remembers. Threads may share it.

    A stack is sent by its outputs only, in which what the provider will fill in looks like what
    the program has set. Every resource is sent by itself first, with its inputs, so these are
    remembered for the judgement of the whole stack.
    """

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._seen: dict[str, _Seen] = {}
        self._parents: dict[str, str] = {}

    def alone(self, request: AnalyzeRequest, organization: str) -> Environment:
        """Return an environment of the one resource that a request is about, by its inputs."""
        seen = _Seen(
            plain(request.properties),
            tuple(f"inputs.{path}" for path in secrets(request.properties)),
            request.options.parent,
        )
        self._seen[request.urn] = seen
        self._parents[request.urn] = seen.parent
        return _environment([_resource(request, seen)], organization)

    def together(self, request: AnalyzeStackRequest, organization: str) -> Environment:
        """Return the environment of a whole stack."""
        sent = {item.urn for item in request.resources}
        resources = [self._deployed(item, sent) for item in request.resources]
        return _environment(resources, organization)

    @property
    def parents(self) -> Mapping[str, str]:
        """The parents of the resources that were sent by themselves, by URN; more come in."""
        return self._parents

    def _deployed(self, item: AnalyzerResource, sent: set[str]) -> Resource:
        outputs = plain(item.properties)
        of = {key: _among(deps.urns, sent) for key, deps in item.propertyDependencies.items()}
        parent = item.parent if item.parent in sent else item.options.parent
        seen = self._seen.get(item.urn)
        if seen is None:
            seen = _Seen(_declared(outputs, of), _marked(item.properties, "inputs"), parent)
        return _resource(
            item,
            seen._replace(parent=parent),
            outputs=outputs,
            dependencies=_among(item.dependencies, sent),
            property_dependencies=of,
        )


def _among(urns: Sequence[str], sent: set[str]) -> tuple[str, ...]:
    return tuple(urn for urn in urns if urn in sent)


def _marked(properties: Struct, side: str) -> tuple[str, ...]:
    return tuple(f"{side}.{path}" for path in secrets(properties))


def _declared(outputs: Mapping[str, Any], dependencies: Mapping[str, Any]) -> dict[str, Any]:
    """Tell inputs from outputs as far as possible: an unknown that depends on nothing is output."""
    return {
        key: value for key, value in outputs.items() if value is not UNKNOWN or key in dependencies
    }


def _environment(resources: Sequence[Resource], organization: str) -> Environment:
    if not resources:
        return Environment("", "")
    stack, project = resources[0].urn.removeprefix("urn:pulumi:").split("::")[:2]
    roots = [item for item in resources if item.type == STACK_TYPE]
    return Environment(
        project=project,
        stack=stack,
        organization=organization,
        resources=tuple(resources),
        outputs=roots[0].outputs if roots else {},
    )


def _resource(
    item: _Item,
    seen: _Seen,
    *,
    outputs: Mapping[str, Any] = _NOTHING,
    dependencies: tuple[str, ...] = (),
    property_dependencies: Mapping[str, tuple[str, ...]] = _NOTHING,
) -> Resource:
    identity = outputs.get("id")
    options = _options(item.options)
    marked = _marked(item.properties, "outputs") if outputs else ()
    additional = (f"outputs.{key}" for key in options.additional_secret_outputs)
    return Resource(
        urn=item.urn,
        type=item.type,
        name=item.name,
        inputs=seen.inputs,
        outputs=outputs,
        id=identity if isinstance(identity, str) else "",
        # The protocol does not say it; only resources that a provider manages have one.
        custom=item.HasField("provider") or item.type.startswith(_PROVIDER),
        parent=seen.parent,
        provider=item.provider.urn,
        dependencies=dependencies,
        property_dependencies=property_dependencies,
        options=options,
        secrets=tuple(dict.fromkeys((*seen.secrets, *marked, *additional))),
    )


def _options(given: AnalyzerResourceOptions) -> Options:
    timeouts = {
        "create": given.customTimeouts.create,
        "update": given.customTimeouts.update,
        "delete": given.customTimeouts.delete,
    }
    return Options(
        protect=given.protect,
        retain_on_delete=UNTOLD,
        delete_before_replace=given.deleteBeforeReplace and given.deleteBeforeReplaceDefined,
        ignore_changes=tuple(given.ignoreChanges),
        additional_secret_outputs=tuple(given.additionalSecretOutputs),
        aliases=tuple(given.aliases),
        custom_timeouts=tuple((key, f"{value:g}s") for key, value in timeouts.items() if value),
    )

"""From a registration, as the SDK sends it, to the `Resource` that it declares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from pulumi.runtime.proto import resource_pb2

from fintech_infra.engine.errors import Problem
from fintech_infra.engine.host.places import Places
from fintech_infra.engine.protocol import checking
from fintech_infra.engine.protocol import providers as provider_rules
from fintech_infra.engine.protocol.providers import PROVIDER_PREFIX, Providers
from fintech_infra.engine.protocol.registry import Registry
from fintech_infra.engine.protocol.urn import alias_urns, child_urn
from fintech_infra.engine.protocol.wire import Decoder
from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.simulation.simulator import World
from fintech_infra.environment import Options, Resource, Source

DYNAMIC_PREFIX: Final = "pulumi-python:dynamic"

Registration = resource_pb2.RegisterResourceRequest | resource_pb2.ReadResourceRequest


class Recorder:
    """Reads registrations, and notes what is wrong with them as the user's problems."""

    def __init__(
        self,
        *,
        world: World,
        registry: Registry,
        schemas: Schemas,
        providers: Providers,
        places: Places,
        folder: Path,
        provider_id: Callable[[str], str],
    ) -> None:
        """Record into `registry`. Relative asset paths are read below `folder`."""
        self._world = world
        self._registry = registry
        self._schemas = schemas
        self._providers = providers
        self._places = places
        self._folder = folder
        self._provider_id = provider_id

    def decoder(self) -> Decoder:
        """A decoder for one message."""
        return Decoder(self._registry.reference, self._folder)

    def urn(self, request: Registration) -> str:
        """The URN of what a request registers or reads."""
        return child_urn(
            self._world.stack, self._world.project, request.parent, request.type, request.name
        )

    def declared(
        self, request: resource_pb2.RegisterResourceRequest, urn: str, order: float
    ) -> Resource:
        """Return the resource that a program declares; its outputs are not known yet."""
        source = self._source(request)
        self._refuse_duplicate(urn, source)
        decoder = self.decoder()
        inputs = self._inputs(request, decoder, source)
        return Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            inputs=inputs,
            custom=request.custom,
            parent=request.parent,
            provider=self._provider(request, order, source),
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: tuple(sorted(value.urns))
                for key, value in sorted(request.propertyDependencies.items())
            },
            options=self._options(urn, request),
            secrets=tuple(f"inputs.{path}" for path in decoder.secrets),
            source=source,
            opaque=request.remote,
        )

    def existing(
        self, request: resource_pb2.ReadResourceRequest, urn: str, order: float
    ) -> Resource:
        """Return the resource that a program reads instead of declaring it."""
        source = self._source(request)
        self._refuse_duplicate(urn, source)
        decoder = self.decoder()
        return Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            inputs=decoder.properties(request.properties),
            parent=request.parent,
            provider=self._provider(request, order, source),
            dependencies=tuple(sorted(request.dependencies)),
            secrets=tuple(f"inputs.{path}" for path in decoder.secrets),
            source=source,
            existing=True,
        )

    def _source(self, request: Registration) -> Source | None:
        frames = [(frame.pc.uri, frame.pc.line) for frame in request.stackTrace.frames]
        if not frames and request.HasField("sourcePosition"):
            frames = [(request.sourcePosition.uri, request.sourcePosition.line)]
        return self._places.nearest(frames)

    def _problem(self, message: str, source: Source | None, hint: str = "") -> None:
        file, line = (source.file, source.line) if source else ("", 0)
        self._registry.problems.append(Problem(message, file, line, hint))

    def _refuse_duplicate(self, urn: str, source: Source | None) -> None:
        first = self._registry.get(urn)
        if first is not None:
            where = f", first at {first.source}" if first.source else ""
            self._problem(
                f"{first.type} {first.name!r} is declared twice{where}",
                source,
                "give each a name of its own, or another parent",
            )

    def _inputs(
        self,
        request: resource_pb2.RegisterResourceRequest,
        decoder: Decoder,
        source: Source | None,
    ) -> dict[str, Any]:
        inputs = decoder.properties(request.object)
        subject = f"{request.type} {request.name!r}"
        for path, location in decoder.missing:
            self._problem(
                f"{subject}: {path} names the file {location}, which does not exist", source
            )
        if request.type.startswith(DYNAMIC_PREFIX):
            inputs.pop("__provider", None)
            decoder.secrets[:] = [path for path in decoder.secrets if path != "__provider"]
            return inputs
        if request.custom or request.remote:
            for fault in self._schemas.problems(request.type, inputs):
                self._problem(f"{subject}: {fault.message}", source, fault.hint)
                checking.forget(request.object, inputs, fault.path)
            shape = self._schemas.resource(request.type)
            if shape is not None and request.custom:
                if shape.inputs is not None and not request.type.startswith(PROVIDER_PREFIX):
                    checking.write_scalars(shape.inputs, request.object, inputs)
                checking.write_documents(shape.outputs, request.object, inputs, decoder.secrets)
        if request.type.startswith(PROVIDER_PREFIX):
            return self._schemas.provider_inputs(request.type, inputs)
        return inputs

    def _provider(
        self,
        request: Registration,
        order: float,
        source: Source | None,
    ) -> str:
        """The URN of the provider that serves a resource; the default one is made when needed."""
        if request.provider:
            return provider_rules.urn_of(request.provider)
        package = request.type.partition(":")[0]
        is_custom = isinstance(request, resource_pb2.ReadResourceRequest) or request.custom
        if not is_custom or package in {"pulumi", "pulumi-python"}:
            return ""
        if self._providers.is_default_disabled(package):
            self._problem(
                f"{request.type} {request.name!r} uses the default {package} provider, which "
                "pulumi:disable-default-providers forbids",
                source,
                "pass provider= or make it a child of a resource that has one",
            )
        type_ = PROVIDER_PREFIX + package
        name = provider_rules.default_name(request.version)
        urn = child_urn(self._world.stack, self._world.project, "", type_, name)
        if self._registry.get(urn) is None:
            inputs = self._providers.default_inputs(package, request.version)
            provider = Resource(
                urn=urn,
                type=type_,
                name=name,
                inputs=inputs,
                outputs=inputs,
                id=self._provider_id(urn),
            )
            self._providers.remember(provider)
            self._registry.add(order - 0.5, provider)  # before the resource that it serves
        return urn

    def _options(self, urn: str, request: resource_pb2.RegisterResourceRequest) -> Options:
        parent = self._registry.get(request.parent)
        inherited = parent.options if parent else Options()
        timeouts = request.customTimeouts
        return Options(
            protect=request.protect if request.HasField("protect") else inherited.protect,
            retain_on_delete=(
                request.retainOnDelete
                if request.HasField("retainOnDelete")
                else inherited.retain_on_delete
            ),
            delete_before_replace=request.deleteBeforeReplace,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            aliases=alias_urns(urn, request.parent, request.aliases, inherited.aliases),
            import_id=request.importId,
            deleted_with=request.deletedWith or inherited.deleted_with,
            custom_timeouts=tuple(
                (name, text)
                for name in ("create", "read", "update", "delete")
                if (text := getattr(timeouts, name, ""))
            ),
        )

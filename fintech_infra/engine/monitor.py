"""The engine's side of the resource monitor protocol, without a cloud behind it.

The SDK calls the methods below by the names of the protocol, with its messages. Every
registration is recorded as a `Resource` and answered with simulated outputs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Final

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2

from fintech_infra.engine import providers as provider_rules
from fintech_infra.engine.callbacks import Transforms
from fintech_infra.engine.errors import Problem
from fintech_infra.engine.executor import current_order
from fintech_infra.engine.places import Places
from fintech_infra.engine.providers import PROVIDER_PREFIX, Providers
from fintech_infra.engine.registry import Registry
from fintech_infra.engine.schema import Schemas
from fintech_infra.engine.simulation import CallError, Simulator, World
from fintech_infra.engine.urn import alias_urns, child_urn
from fintech_infra.engine.wire import Decoder, encode, fill, mark_secret
from fintech_infra.environment import STACK_TYPE, UNKNOWN, Diagnostic, Options, Resource, Source

StackOutputs = Callable[[str], tuple[Mapping[str, Any], tuple[str, ...]] | None]
"""Looks up a stack by its name: its outputs and which are secret, or None where unknown."""

_STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
_DYNAMIC: Final = "pulumi-python:dynamic"
_SEVERITIES: Final = {
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


def _timed(method: Callable[..., Any]) -> Callable[..., Any]:
    """Add the time of a call to the monitor's `seconds`."""

    @wraps(method)
    def timed(self: Monitor, request: Any) -> Any:
        started = time.perf_counter()
        try:
            return method(self, request)
        finally:
            self.seconds += time.perf_counter() - started

    return timed


class Monitor:
    """Answers one program and records what it declares."""

    def __init__(
        self,
        world: World,
        config: Mapping[str, str],
        places: Places,
        folder: Path,
        stack_outputs: StackOutputs,
    ) -> None:
        """Start with nothing declared. Relative asset paths are read below `folder`."""
        self.registry = Registry()
        self.seconds = 0.0
        self._world = world
        self._schemas = Schemas()
        self._simulator = Simulator(world, self._schemas)
        self._providers = Providers(config, world.region)
        self._transforms = Transforms()
        self._places = places
        self._folder = folder
        self._stack_outputs = stack_outputs
        self._lock = threading.RLock()

    # The protocol's own names. -------------------------------------------------------------

    def GetDeploymentInfo(self, request: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:  # noqa: N802
        """Say what this engine supports."""
        return resource_pb2.DeploymentInfo(
            project=self._world.project,
            stack=self._world.stack,
            organization=self._world.organization,
            dryRun=True,
            supportedFeatures=_FEATURES,
        )

    def SupportsFeature(self, request: Any) -> Any:  # noqa: N802
        """Answer older SDKs, which ask for features one by one."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURE_NAMES)

    def RegisterPackage(self, request: Any) -> resource_pb2.RegisterPackageResponse:  # noqa: N802
        """Give a parameterized package a reference."""
        name = request.parameterization.name or request.extension.name or request.name
        return resource_pb2.RegisterPackageResponse(ref=f"package::{name}")

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Keep a transform for every resource that is registered from now on."""
        self._transforms.stack.append(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Keep a transform for every call that is made from now on."""
        self._transforms.calls.append(request)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Accept a hook; hooks run around changes, and a preview changes nothing."""
        return empty_pb2.Empty()

    RegisterErrorHook = RegisterResourceHook

    def SignalAndWaitForShutdown(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Let the program end."""
        return empty_pb2.Empty()

    @_timed
    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Record a resource and answer with its simulated outputs."""
        order = current_order()
        given = request
        if request.transforms or self._transforms.stack or request.parent:
            request = self._transforms.resource(request)
        source = self._source(request)
        urn = child_urn(
            self._world.stack, self._world.project, request.parent, request.type, request.name
        )
        with self._lock:
            self._refuse_duplicate(urn, source)
            self._transforms.remember(urn, request.parent, given.transforms)
            decoder = self._decoder()
            inputs = self._inputs(request, decoder, source)
            provider = self._provider(request, order, source)
            resource = Resource(
                urn=urn,
                type=request.type,
                name=request.name,
                inputs=inputs,
                custom=request.custom,
                parent=request.parent,
                provider=provider,
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
            resource, message = self._simulate(resource, request.object, request.importId)
            self.registry.add(order, resource)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=resource.id, object=message)

    @_timed
    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Record what a component, or the stack, exports."""
        decoder = self._decoder()
        outputs = decoder.properties(request.outputs)
        with self._lock:
            resource = self.registry.get(request.urn)
            if resource is not None:
                secrets = tuple(f"outputs.{path}" for path in decoder.secrets)
                self.registry.update(
                    replace(resource, outputs=outputs, secrets=(*resource.secrets, *secrets))
                )
        return empty_pb2.Empty()

    @_timed
    def ReadResource(  # noqa: N802
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """Record a resource that exists already and answer with simulated state."""
        order = current_order()
        urn = child_urn(
            self._world.stack, self._world.project, request.parent, request.type, request.name
        )
        source = self._source(request)
        decoder = self._decoder()
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            inputs=decoder.properties(request.properties),
            parent=request.parent,
            dependencies=tuple(sorted(request.dependencies)),
            secrets=tuple(f"inputs.{path}" for path in decoder.secrets),
            source=source,
            existing=True,
        )
        if request.type == _STACK_REFERENCE:
            resource = self._stack_reference(resource, request.id)
            message = struct_pb2.Struct()
            fill(message, resource.outputs)
        else:
            with self._lock:
                provider = self._provider(request, order, source)
            resource, message = self._simulate(
                replace(resource, provider=provider), request.properties, request.id
            )
        with self._lock:
            self.registry.add(order, resource)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=message, id=resource.id)

    def ExistsResource(self, request: Any) -> Any:  # noqa: N802
        """Say that nobody can know: what exists is outside an offline preview."""
        return resource_pb2.ExistsResourceResponse(unknown=True)

    @_timed
    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Answer a data source."""
        if self._transforms.calls:
            request = self._transforms.call(request)
        args = self._decoder().properties(request.args)
        response = resource_pb2.ResourceInvokeResponse()
        result = getattr(response, "return")
        if request.tok == "pulumi:pulumi:getResource":
            found = self.registry.get(args["urn"])
            state = dict(found.outputs) if found else {}
            fill(
                result, {"urn": args["urn"], "id": found.id if found else UNKNOWN, "state": state}
            )
            return response
        region = args.get("region") or self._providers.region(
            provider_rules.urn_of(request.provider)
        )
        try:
            fill(result, self._simulator.call(request.tok, args, region=region))
        except CallError as error:
            response.failures.append(provider_pb2.CheckFailure(reason=str(error)))
        return response

    def Call(self, request: Any) -> Any:  # noqa: N802
        """Answer a method of a remote component: nobody can run it here."""
        self.registry.diagnostics.append(
            Diagnostic("warning", f"{request.tok} runs in a remote component and was not called")
        )
        return provider_pb2.CallResponse()

    # ---------------------------------------------------------------------------------------

    def _decoder(self) -> Decoder:
        return Decoder(self.registry.reference, self._folder)

    def _source(
        self, request: resource_pb2.RegisterResourceRequest | resource_pb2.ReadResourceRequest
    ) -> Source | None:
        frames = [(frame.pc.uri, frame.pc.line) for frame in request.stackTrace.frames]
        if not frames and request.HasField("sourcePosition"):
            frames = [(request.sourcePosition.uri, request.sourcePosition.line)]
        return self._places.nearest(frames)

    def _problem(self, message: str, source: Source | None, hint: str = "") -> None:
        file, line = (source.file, source.line) if source else ("", 0)
        self.registry.problems.append(Problem(message, file, line, hint))

    def _refuse_duplicate(self, urn: str, source: Source | None) -> None:
        first = self.registry.get(urn)
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
            self._problem(f"{subject}: {path} names the file {location}, which does not exist", source)
        if request.type.startswith(PROVIDER_PREFIX):
            return provider_rules.decode_inputs(inputs)
        if request.type.startswith(_DYNAMIC):
            inputs.pop("__provider", None)
            decoder.secrets[:] = [path for path in decoder.secrets if path != "__provider"]
            return inputs
        if request.custom or request.remote:
            for fault in self._schemas.problems(request.type, inputs):
                self._problem(f"{subject}: {fault.message}", source, fault.hint)
        return inputs

    def _provider(
        self,
        request: resource_pb2.RegisterResourceRequest | resource_pb2.ReadResourceRequest,
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
        if self.registry.get(urn) is None:
            inputs = self._providers.default_inputs(package, request.version)
            provider = Resource(
                urn=urn,
                type=type_,
                name=name,
                inputs=inputs,
                outputs=inputs,
                id=self._simulator.provider_id(urn),
                parent=self.registry.stack_urn,
            )
            self._providers.remember(provider)
            self.registry.add(order - 0.5, provider)  # before the resource that it serves
        return urn

    def _options(self, urn: str, request: resource_pb2.RegisterResourceRequest) -> Options:
        parent = self.registry.get(request.parent)
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

    def _simulate(
        self, resource: Resource, given: struct_pb2.Struct, resource_id: str
    ) -> tuple[Resource, struct_pb2.Struct]:
        """Give a resource its id and outputs, and the message that tells the program."""
        message = struct_pb2.Struct()
        if resource.type == STACK_TYPE or not resource.custom or resource.opaque:
            return resource, message  # what a remote component makes stays unknown
        message.CopyFrom(given)
        if resource.type.startswith(_DYNAMIC):
            message.fields.pop("__provider", None)
            return replace(resource, outputs=resource.inputs), message
        if resource.type.startswith(PROVIDER_PREFIX):
            self._providers.remember(resource)
            identity = self._simulator.provider_id(resource.urn)
            return replace(resource, id=identity, outputs=resource.inputs), message
        identity, outputs = self._simulator.resource(
            resource.type,
            resource.name,
            resource.urn,
            resource.inputs,
            region=self._providers.region(resource.provider),
            resource_id=resource_id,
        )
        tags = self._providers.default_tags(resource.provider)
        if tags and "tagsAll" in outputs:
            outputs["tagsAll"] = {**tags, **(resource.inputs.get("tags") or {})}
        secrets = list(resource.secrets)
        for key, value in outputs.items():
            if key not in given.fields or value is not resource.inputs.get(key):
                message.fields[key].CopyFrom(encode(value))
        for path in resource.secrets:
            top = path.removeprefix("inputs.").partition(".")[0].partition("[")[0]
            message.fields[top].CopyFrom(given.fields[top])
            secrets.append(f"outputs.{path.removeprefix('inputs.')}")
        for key in resource.options.additional_secret_outputs:
            mark_secret(message, key)
            secrets.append(f"outputs.{key}")
        known_id = identity if identity is not UNKNOWN else ""
        return (
            replace(resource, id=known_id, outputs=outputs, secrets=tuple(dict.fromkeys(secrets))),
            message,
        )

    def _stack_reference(self, resource: Resource, name: str) -> Resource:
        found = self._stack_outputs(name)
        if found is None:
            self.registry.diagnostics.append(
                Diagnostic(
                    "warning",
                    f"the outputs of stack {name} are not known; give them with "
                    f"--stack-output {name}:KEY=VALUE, or its project with --project",
                    resource.urn,
                )
            )
        outputs, secret = found if found is not None else (UNKNOWN, ())
        return replace(
            resource,
            id=name,
            outputs={"name": name, "outputs": outputs, "secretOutputNames": list(secret)},
            secrets=tuple(f"outputs.outputs.{key}" for key in secret),
        )


class Log:
    """The engine's other service: where the program's log messages go."""

    def __init__(self, registry: Registry) -> None:
        """Record messages beside the resources."""
        self._registry = registry

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802
        """Record one message; debug messages are dropped."""
        severity = _SEVERITIES.get(request.severity)
        if severity == "error":
            self._registry.problems.append(Problem(request.message.strip()))
        elif severity is not None:
            self._registry.diagnostics.append(
                Diagnostic(severity, request.message.strip(), request.urn)
            )
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> Any:  # noqa: N802
        """Accept any range: there is no CLI whose version could be wrong."""
        return engine_pb2.RequirePulumiVersionResponse()


_FEATURE_NAMES: Final = (
    "secrets",
    "resourceReferences",
    "aliasSpecs",
    "deletedWith",
    "replaceWith",
    "transforms",
    "invokeTransforms",
    "parameterization",
    "resourceHooks",
    "errorHooks",
)
_FEATURES: Final = [
    value
    for name, value in getattr(resource_pb2, "ResourceMonitorFeature", {}).items()
    if name.removeprefix("RESOURCE_MONITOR_FEATURE_")
    in {
        "SECRETS",
        "RESOURCE_REFERENCES",
        "ALIAS_SPECS",
        "DELETED_WITH",
        "REPLACE_WITH",
        "REPLACEMENT_TRIGGER",
        "TRANSFORMS",
        "INVOKE_TRANSFORMS",
        "PARAMETERIZATION",
        "RESOURCE_HOOKS",
        "ERROR_HOOKS",
    }
]
"""Older SDKs have no such list, and ask by `_FEATURE_NAMES` instead."""

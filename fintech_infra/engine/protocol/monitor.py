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

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from fintech_infra.engine.host.executor import current_order
from fintech_infra.engine.host.places import Places
from fintech_infra.engine.protocol.answering import Answering, StackOutputs
from fintech_infra.engine.protocol.callbacks import Transforms
from fintech_infra.engine.protocol.providers import Providers
from fintech_infra.engine.protocol.recording import Recorder
from fintech_infra.engine.protocol.registry import Registry
from fintech_infra.engine.protocol.wire import fill
from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.simulation.simulator import Simulator, World
from fintech_infra.environment import UNKNOWN, Diagnostic

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
        schemas = Schemas()
        simulator = Simulator(world, schemas)
        providers = Providers(config, world.region)
        self._recorder = Recorder(
            world=world,
            registry=self.registry,
            schemas=schemas,
            providers=providers,
            places=places,
            folder=folder,
            provider_id=simulator.provider_id,
        )
        self._answering = Answering(self.registry, simulator, providers, stack_outputs)
        self._transforms = Transforms()
        self._lock = threading.RLock()

    def GetDeploymentInfo(self, _: empty_pb2.Empty) -> resource_pb2.DeploymentInfo:
        """Say what this engine supports."""
        return resource_pb2.DeploymentInfo(
            project=self._world.project,
            stack=self._world.stack,
            organization=self._world.organization,
            dryRun=True,
            supportedFeatures=_FEATURES,
        )

    def SupportsFeature(self, request: Any) -> Any:
        """Answer older SDKs, which ask for features one by one."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURE_NAMES)

    def RegisterPackage(self, request: Any) -> resource_pb2.RegisterPackageResponse:
        """Give a parameterized package a reference."""
        name = request.parameterization.name or request.extension.name or request.name
        return resource_pb2.RegisterPackageResponse(ref=f"package::{name}")

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:
        """Keep a transform for every resource that is registered from now on."""
        self._transforms.stack.append(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any) -> empty_pb2.Empty:
        """Keep a transform for every call that is made from now on."""
        self._transforms.calls.append(request)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, _: Any) -> empty_pb2.Empty:
        """Accept a hook; hooks run around changes, and a preview changes nothing."""
        return empty_pb2.Empty()

    RegisterErrorHook = RegisterResourceHook

    def SignalAndWaitForShutdown(self, _: Any) -> empty_pb2.Empty:
        """Let the program end."""
        return empty_pb2.Empty()

    @_timed
    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Record a resource and answer with its simulated outputs."""
        order = current_order()
        own = list(request.transforms)
        request = self._transforms.resource(request)
        urn = self._recorder.urn(request)
        with self._lock:
            self._transforms.remember(urn, request.parent, own)
            resource = self._recorder.declared(request, urn, order)
            resource, message = self._answering.resource(resource, request.object, request.importId)
            self.registry.add(order, resource)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=resource.id, object=message)

    @_timed
    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:
        """Record what a component, or the stack, exports."""
        decoder = self._recorder.decoder()
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
    def ReadResource(
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """Record a resource that exists already and answer with simulated state."""
        order = current_order()
        urn = self._recorder.urn(request)
        with self._lock:
            resource = self._recorder.existing(request, urn, order)
            resource, message = self._answering.resource(resource, request.properties, request.id)
            self.registry.add(order, resource)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=message, id=resource.id)

    def ExistsResource(self, _: Any) -> Any:  # noqa: N802 - the protocol's name
        """Say that nobody can know: what exists is outside an offline preview."""
        return resource_pb2.ExistsResourceResponse(unknown=True)

    @_timed
    def Invoke(
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Answer a data source."""
        request = self._transforms.call(request)
        args = self._recorder.decoder().properties(request.args)
        with self._lock:
            return self._answering.call(request, args)

    def Call(self, request: Any) -> Any:
        """Answer a method of a remote component with something unknown: nobody can run it here."""
        self.registry.diagnostics.append(
            Diagnostic("warning", f"{request.tok} runs in a remote component and was not called")
        )
        response = provider_pb2.CallResponse()
        fill(getattr(response, "return"), {"result": UNKNOWN})
        return response

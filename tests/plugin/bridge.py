"""Runs programs whose components a plugin builds, with the offline preview in the engine's place.

For a component of the package, `Bridge` does what Pulumi's engine does: it passes the inputs on to
the plugin, dependencies and outputs marked as the protocol marks them, and answers the program with
the component's state. All else, from the program and from the plugin, the preview's own monitor
answers. With `known=False` no outputs are known, as when a stack is previewed for the first time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import Context
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import struct_pb2
from pulumi import runtime
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, resource_pb2, resource_pb2_grpc

from fintech_infra.engine.host.places import Places
from fintech_infra.engine.protocol.monitor import Monitor
from fintech_infra.engine.protocol.program_log import Log
from fintech_infra.engine.protocol.wire import UNKNOWN_TEXT
from fintech_infra.engine.simulation.simulator import World
from fintech_infra.environment import Environment
from tests.plugin.host import Plugin, serving

DEFAULTS: Final = {"aws:region": "eu-west-1"}


class Bridge(Monitor):
    """The engine's side of one run."""

    def __init__(
        self,
        plugin: Plugin,
        *,
        project: str = "pay",
        config: Mapping[str, str] = DEFAULTS,
        known: bool = True,
    ) -> None:
        """Start with nothing declared."""
        self._where = World("organization", project, "dev", region=config["aws:region"])
        self._settings = dict(config)
        nowhere = Path("/nowhere")
        places = Places(nowhere, nowhere)
        super().__init__(self._where, self._settings, places, nowhere, lambda _: None)
        self._plugin = plugin
        self._known = known
        self._address = ""
        self._refusal: grpc.RpcError | None = None

    def run(self, program: Callable[[], Any]) -> Environment:
        """Run a program and return what it and the plugin declare.

        Raises:
            grpc.RpcError: the plugin refuses a component.
        """
        # The SDK keeps its settings and the stack in the context: other runs have their own.
        return Context().run(self._run, program)

    def _run(self, program: Callable[[], Any]) -> Environment:
        add = resource_pb2_grpc.add_ResourceMonitorServicer_to_server
        with serving(add, _over_grpc(self)) as self._address, _event_loop() as loop:
            self._configure()
            try:
                loop.run_until_complete(runtime.run_in_stack(program))
            except Exception:
                if self._refusal:  # which the SDK wraps, and its details are lost
                    raise self._refusal from None
                raise
        assert [problem.message for problem in self.registry.problems] == []
        stack = self.registry.get(self.registry.stack_urn)
        return Environment(
            project=self._where.project,
            stack=self._where.stack,
            resources=self.registry.resources(),
            outputs=stack.outputs if stack else {},
        )

    def GetDeploymentInfo(self, _: Any) -> Any:
        """Say what an engine of today supports."""
        info = super().GetDeploymentInfo(_)
        info.supportedFeatures.append(resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES)
        return info

    def SupportsFeature(self, request: Any) -> Any:
        """Say the same to SDKs that ask for features one by one."""
        if request.id == "outputValues":
            return resource_pb2.SupportsFeatureResponse(hasSupport=True)
        return super().SupportsFeature(request)

    def RegisterResource(self, request: Any) -> Any:
        """Have a component built, or register a resource."""
        if request.remote:
            return self._component(request)
        response = super().RegisterResource(request)
        if not self._known and request.custom:
            response.id = ""
            response.object.CopyFrom(request.object)
        return response

    def _component(self, request: Any) -> Any:
        construct = provider_pb2.ConstructRequest(
            project=self._where.project,
            stack=self._where.stack,
            organization=self._where.organization,
            config=self._settings,
            dryRun=True,
            parallel=4,
            monitorEndpoint=self._address,
            type=request.type,
            name=request.name,
            parent=request.parent,
            inputs=request.object,
            inputDependencies={
                key: provider_pb2.ConstructRequest.PropertyDependencies(urns=value.urns)
                for key, value in request.propertyDependencies.items()
            },
            protect=request.protect,
            providers=request.providers,
            dependencies=request.dependencies,
            accepts_output_values=True,
        )
        try:
            built = self._plugin.construct(construct)
        except grpc.RpcError as error:
            self._refusal = error
            raise
        return resource_pb2.RegisterResourceResponse(
            urn=built.urn,
            object=struct_pb2.Struct(
                fields={key: _settled(value) for key, value in built.state.fields.items()}
            ),
            propertyDependencies={
                key: resource_pb2.RegisterResourceResponse.PropertyDependencies(urns=value.urns)
                for key, value in built.stateDependencies.items()
            },
        )

    def _configure(self) -> None:
        monitor: Any = self
        runtime.configure(
            runtime.Settings(
                project=self._where.project,
                stack=self._where.stack,
                organization=self._where.organization,
                monitor=monitor,
                engine=Log(self.registry),
                dry_run=True,
            )
        )
        runtime.set_all_config(self._settings, [])


def _over_grpc(monitor: Monitor) -> Any:
    """The same monitor as a gRPC service, whose methods are handed the call's context, too."""

    def method(name: str) -> Callable[[Any, Any, Any], Any]:
        return lambda _, request, __: getattr(monitor, name)(request)

    base = resource_pb2_grpc.ResourceMonitorServicer
    names = [name for name in vars(base) if name[0] != "_" and hasattr(monitor, name)]
    return type("Servicer", (base,), {name: method(name) for name in names})()


def _settled(value: struct_pb2.Value) -> struct_pb2.Value:
    """What the engine hands to a program instead of a marked output: the value or an unknown."""
    fields = value.struct_value.fields
    if value.WhichOneof("kind") != "struct_value" or rpc._special_sig_key not in fields:
        return value
    if fields[rpc._special_sig_key].string_value != rpc._special_output_value_sig:
        return value
    return fields["value"] if "value" in fields else struct_pb2.Value(string_value=UNKNOWN_TEXT)


@contextmanager
def _event_loop() -> Generator[asyncio.AbstractEventLoop]:
    """A loop of its own; what a failed program leaves unfinished in it is cancelled quietly."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        asyncio.set_event_loop(None)

"""What a program is told back: ids and outputs of resources, results of data sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from fintech_infra.engine.protocol.providers import PROVIDER_PREFIX, Providers, urn_of
from fintech_infra.engine.protocol.recording import DYNAMIC_PREFIX
from fintech_infra.engine.protocol.registry import Registry
from fintech_infra.engine.protocol.wire import encode, fill, mark_secret
from fintech_infra.engine.simulation.simulator import CallError, Simulator
from fintech_infra.environment import STACK_TYPE, UNKNOWN, Diagnostic, Resource

StackOutputs = Callable[[str], tuple[Mapping[str, Any], tuple[str, ...]] | None]
"""Looks up a stack by its name: its outputs and which are secret, or None where unknown."""

STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
_GET_RESOURCE: Final = "pulumi:pulumi:getResource"


class Answering:
    """Answers in the place of the cloud providers."""

    def __init__(
        self,
        registry: Registry,
        simulator: Simulator,
        providers: Providers,
        stack_outputs: StackOutputs,
    ) -> None:
        """Answer from what is in `registry` and from the simulation."""
        self._registry = registry
        self._simulator = simulator
        self._providers = providers
        self._stack_outputs = stack_outputs

    def resource(
        self, resource: Resource, given: struct_pb2.Struct, resource_id: str
    ) -> tuple[Resource, struct_pb2.Struct]:
        """Give a resource its id and outputs; the message tells the program of them.

        `given` is the message with the inputs, `resource_id` the id of one that exists already.
        """
        message = struct_pb2.Struct()
        if resource.type == STACK_TYPE or not resource.custom or resource.opaque:
            return resource, message  # what a remote component makes stays unknown
        if resource.type == STACK_REFERENCE:
            resource = self._stack_reference(resource, resource_id)
            fill(message, resource.outputs)
            return resource, message
        message.CopyFrom(given)
        if resource.type.startswith(DYNAMIC_PREFIX):
            message.fields.pop("__provider", None)
            return replace(resource, outputs=resource.inputs), message
        if resource.type.startswith(PROVIDER_PREFIX):
            self._providers.remember(resource)
            identity = self._simulator.provider_id(resource.urn)
            return replace(resource, id=identity, outputs=resource.inputs), message
        return self._simulated(resource, message, resource_id)

    def _simulated(
        self, resource: Resource, message: struct_pb2.Struct, resource_id: str
    ) -> tuple[Resource, struct_pb2.Struct]:
        identity, outputs = self._simulator.resource(
            resource.type,
            resource.name,
            resource.urn,
            resource.inputs,
            region=self._providers.region(resource.provider),
            account=self._providers.account(resource.provider),
            resource_id=resource_id,
        )
        tags = self._providers.default_tags(resource.provider)
        if tags and "tagsAll" in outputs:
            own = resource.inputs.get("tags", {})
            outputs["tagsAll"] = UNKNOWN if own is UNKNOWN else {**tags, **own}
        # What holds a secret is echoed as the message it came in, which keeps the marks.
        marked = {_top(path) for path in resource.secrets}
        for key, value in outputs.items():
            if key not in marked and (
                key not in message.fields or value is not resource.inputs.get(key)
            ):
                message.fields[key].CopyFrom(encode(value))
        secrets = [*resource.secrets]
        secrets += [f"outputs.{path.removeprefix('inputs.')}" for path in resource.secrets]
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
            self._registry.diagnostics.append(
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

    def call(
        self, request: resource_pb2.ResourceInvokeRequest, args: Mapping[str, Any]
    ) -> resource_pb2.ResourceInvokeResponse:
        """Answer a data source, or the look-up of a resource by its URN."""
        response = resource_pb2.ResourceInvokeResponse()
        result = getattr(response, "return")
        if request.tok == _GET_RESOURCE:
            found = self._registry.get(args["urn"])
            state = found.outputs if found else {}
            fill(result, {"urn": args["urn"], "id": found.id if found else UNKNOWN, "state": state})
            return response
        provider = urn_of(request.provider)
        try:
            answer = self._simulator.call(
                request.tok,
                args,
                region=self._providers.region(provider),
                account=self._providers.account(provider),
                default_tags=self._providers.default_tags(provider),
            )
        except CallError as error:
            response.failures.append(provider_pb2.CheckFailure(reason=str(error)))
        else:
            fill(result, answer)
        return response


def _top(path: str) -> str:
    """The input that a secret's path starts with."""
    return path.removeprefix("inputs.").partition(".")[0].partition("[")[0]

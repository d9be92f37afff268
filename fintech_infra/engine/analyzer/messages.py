"""An `Environment` as the messages that Pulumi's engine sends to a policy pack in a preview.

The engine gives `Analyze` inputs and `AnalyzeStack` outputs, of components and providers as well,
and leaves out what is only read and keys that begin with two underscores.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.engine.protocol.providers import PROVIDER_PREFIX
from fintech_infra.engine.protocol.wire import ARCHIVE, ASSET, SECRET, SIGNATURE, UNKNOWN_TEXT
from fintech_infra.environment import UNKNOWN, Asset, Environment, Resource, join

_TIMEOUTS: Final = ("create", "update", "delete")
"""Those that the protocol has."""

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_SECONDS: Final = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0,
}  # fmt: skip


def analyze_requests(environment: Environment) -> Iterator[analyzer_pb2.AnalyzeRequest]:
    """Yield what the engine sends before it creates or updates each resource: its inputs."""
    for resource in environment.resources:
        if not resource.existing:
            yield analyzer_pb2.AnalyzeRequest(
                **_common(resource, environment),
                properties=_struct(resource.inputs, resource.secrets, "inputs"),
            )


def analyze_stack_request(environment: Environment) -> analyzer_pb2.AnalyzeStackRequest:
    """Return what the engine sends when the program has ended: the outputs of everything."""
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(
                **_common(resource, environment),
                properties=_struct(_outputs(resource), resource.secrets, "outputs"),
                parent=resource.parent,
                dependencies=resource.dependencies,
                propertyDependencies={
                    key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in resource.property_dependencies.items()
                },
            )
            for resource in environment.resources
            if not resource.existing
        ]
    )


def seconds(duration: str) -> float:
    """Return a duration, as resource options have it, in seconds.

    >>> [seconds(text) for text in ("5m", "1h30m", "1.5s", "")]
    [300.0, 5400.0, 1.5, 0.0]
    """
    parts = (float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(duration))
    return sum(parts, 0.0)


def encode(value: Any, path: str = "", secrets: Sequence[str] = ()) -> Any:
    """Return a value as the protocol's JSON has it; `secrets` are the paths to mark as such."""
    if path and path in secrets:
        inner = encode(value, path, [item for item in secrets if item != path])
        return {SIGNATURE: SECRET, "value": inner}
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Asset):
        return _asset(value)
    if isinstance(value, Mapping):
        return {
            key: encode(item, join(path, key), secrets)
            for key, item in value.items()
            if not key.startswith("__")
        }
    if isinstance(value, list | tuple):
        return [encode(item, join(path, index), secrets) for index, item in enumerate(value)]
    return value


def _asset(value: Asset) -> dict[str, Any]:
    """An environment keeps the digests of texts and members, not the content, which is empty."""
    if value.members:
        members = {name: {SIGNATURE: ASSET, "text": ""} for name in value.members}
        return {SIGNATURE: ARCHIVE, "assets": members}
    signature = ARCHIVE if value.kind == "archive" else ASSET
    field = {"remote": "uri", "text": "text"}.get(value.kind, "path")
    return {SIGNATURE: signature, field: value.location}


def _struct(values: Mapping[str, Any], secrets: Sequence[str], side: str) -> struct_pb2.Struct:
    own = [item.removeprefix(f"{side}.") for item in secrets if item.startswith(f"{side}.")]
    message = struct_pb2.Struct()
    message.update(encode(values, "", own))
    return message


def _common(resource: Resource, environment: Environment) -> dict[str, Any]:
    common: dict[str, Any] = {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "options": _options(resource),
    }
    if resource.custom and not resource.type.startswith(PROVIDER_PREFIX):
        common["provider"] = _provider(resource, environment)
    return common


def _options(resource: Resource) -> analyzer_pb2.AnalyzerResourceOptions:
    options = resource.options
    timeouts = {key: seconds(text) for key, text in options.custom_timeouts if key in _TIMEOUTS}
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=options.protect,
        ignoreChanges=options.ignore_changes,
        deleteBeforeReplace=options.delete_before_replace,
        deleteBeforeReplaceDefined=options.delete_before_replace,
        aliases=options.aliases,
        additionalSecretOutputs=options.additional_secret_outputs,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(**timeouts),
        parent=resource.parent,
    )


def _provider(
    resource: Resource, environment: Environment
) -> analyzer_pb2.AnalyzerProviderResource:
    found = environment.by_urn.get(resource.provider)
    if found is not None:
        return analyzer_pb2.AnalyzerProviderResource(
            urn=found.urn,
            type=found.type,
            name=found.name,
            properties=_struct(found.inputs, found.secrets, "inputs"),
        )
    kind = f"{PROVIDER_PREFIX}{resource.package}"
    prefix = "::".join(resource.urn.split("::")[:2])
    return analyzer_pb2.AnalyzerProviderResource(
        urn=resource.provider or f"{prefix}::{kind}::default", type=kind, name="default"
    )


def _outputs(resource: Resource) -> dict[str, Any]:
    outputs = {**resource.inputs, **resource.outputs}
    return outputs | {"id": resource.id} if resource.id else outputs

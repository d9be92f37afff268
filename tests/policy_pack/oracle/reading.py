"""From what the policy SDK hands to a policy to the `Environment` that controls judge.

Besides what the protocol does not carry, the SDK keeps to itself which values are secret and the
digests of files.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
from pulumi_policy import (
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    StackValidationArgs,
)
from pulumi_policy.proxy import UnknownValueError

from fintech_infra.controls.crossguard.reading import UNTOLD
from fintech_infra.environment import STACK_TYPE, UNKNOWN, Asset, Environment, Options, Resource

_PROVIDER: Final = "pulumi:providers:"
_NOTHING: Final[Mapping[str, Any]] = {}


class _Latest(threading.local):
    """The request that a thread of the analyzer's server works on, and what it was read as."""

    request: object = None
    environment: Environment = Environment("", "")


class Reader:
    """Reads requests; one per pack, because it remembers.

    Stack policies are given outputs only, in which what the provider will fill in looks like what
    the program has set. Every resource passes the resource policies first, with its inputs, so
    these are remembered for the judgement of the whole stack.

    The SDK decodes a request anew for every policy. The reading of it is shared: the SDK hands on
    the request's own list of ignored properties, so the same list object is the same request.
    """

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._inputs: dict[str, Mapping[str, Any]] = {}
        self._latest = _Latest()

    def environment(self, args: ResourceValidationArgs | StackValidationArgs) -> Environment:
        """Return what one request is about: a resource by itself, or a whole stack."""
        request = _request(args)
        if request is None or self._latest.request is not request:
            self._latest.environment = self._read(args)
            self._latest.request = request
        return self._latest.environment

    def _read(self, args: ResourceValidationArgs | StackValidationArgs) -> Environment:
        if isinstance(args, ResourceValidationArgs):
            return self._alone(args)
        return self._together(args)

    def _alone(self, args: ResourceValidationArgs) -> Environment:
        inputs = _known(args.props)
        self._inputs[args.urn] = inputs
        return _environment([_resource(args, inputs=inputs, parent=args.opts.parent or "")])

    def _together(self, args: StackValidationArgs) -> Environment:
        return _environment([self._deployed(item) for item in args.resources])

    def _deployed(self, item: PolicyResource) -> Resource:
        outputs = _known(item.props)
        inputs = self._inputs.get(item.urn)
        if inputs is None:
            inputs = _declared(outputs, item.property_dependencies)
        return _resource(
            item,
            inputs=inputs,
            outputs=outputs,
            parent=item.parent.urn if item.parent else item.opts.parent or "",
            dependencies=_urns(item.dependencies),
            property_dependencies={
                key: _urns(others) for key, others in item.property_dependencies.items()
            },
        )


def _request(args: ResourceValidationArgs | StackValidationArgs) -> object:
    if isinstance(args, ResourceValidationArgs):
        return args.opts.ignore_changes
    return args.resources[0].opts.ignore_changes if args.resources else None


def _declared(outputs: Mapping[str, Any], dependencies: Mapping[str, Any]) -> dict[str, Any]:
    """Tell inputs from outputs as far as possible: an unknown that depends on nothing is output."""
    return {
        key: value for key, value in outputs.items() if value is not UNKNOWN or key in dependencies
    }


def _urns(resources: Sequence[PolicyResource]) -> tuple[str, ...]:
    return tuple(resource.urn for resource in resources)


def _environment(resources: Sequence[Resource]) -> Environment:
    if not resources:
        return Environment("", "")
    stack, project = resources[0].urn.removeprefix("urn:pulumi:").split("::")[:2]
    roots = [item for item in resources if item.type == STACK_TYPE]
    return Environment(
        project=project,
        stack=stack,
        organization=pulumi.get_organization(),
        resources=tuple(resources),
        outputs=roots[0].outputs if roots else {},
    )


def _resource(
    item: ResourceValidationArgs | PolicyResource,
    *,
    inputs: Mapping[str, Any],
    parent: str,
    outputs: Mapping[str, Any] = _NOTHING,
    dependencies: tuple[str, ...] = (),
    property_dependencies: Mapping[str, tuple[str, ...]] = _NOTHING,
) -> Resource:
    identity = outputs.get("id")
    return Resource(
        urn=item.urn,
        type=item.resource_type,
        name=item.name,
        inputs=inputs,
        outputs=outputs,
        id=identity if isinstance(identity, str) else "",
        # The protocol does not say it; only resources that a provider manages have one.
        custom=item.provider is not None or item.resource_type.startswith(_PROVIDER),
        parent=parent,
        provider=item.provider.urn if item.provider else "",
        dependencies=dependencies,
        property_dependencies=property_dependencies,
        options=_options(item.opts),
        secrets=tuple(f"outputs.{key}" for key in item.opts.additional_secret_outputs),
    )


def _options(opts: PolicyResourceOptions) -> Options:
    return Options(
        protect=opts.protect,
        retain_on_delete=UNTOLD,
        delete_before_replace=bool(opts.delete_before_replace),
        ignore_changes=tuple(opts.ignore_changes),
        additional_secret_outputs=tuple(opts.additional_secret_outputs),
        aliases=tuple(opts.aliases),
        custom_timeouts=_timeouts(opts.custom_timeouts),
    )


def _timeouts(given: PolicyCustomTimeouts) -> tuple[tuple[str, str], ...]:
    seconds = {
        "create": given.create_seconds,
        "update": given.update_seconds,
        "delete": given.delete_seconds,
    }
    return tuple((key, f"{value:g}s") for key, value in seconds.items() if value)


def _known(props: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties as plain values. Nulls are left out, as in an offline preview.

    Keys are sorted: a message's own order is arbitrary, and what is reported must not be.
    """
    return {key: value for key in sorted(props) if (value := _item(props, key)) is not None}


def _item(container: Any, key: str | int) -> Any:
    """Read one item; the SDK's containers raise where it is not known before deployment."""
    try:
        return _plain(container[key])
    except UnknownValueError:
        return UNKNOWN


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in sorted(value)}
    if isinstance(value, Sequence):
        return [_item(value, index) for index in range(len(value))]
    return _asset(value)


def _asset(value: object) -> Any:
    match value:
        case pulumi.StringAsset():
            return Asset("text", digest=hashlib.sha256(value.text.encode()).hexdigest())
        case pulumi.FileAsset():
            return Asset("file", str(value.path))
        case pulumi.FileArchive():
            return Asset("archive", value.path)
        case pulumi.AssetArchive():
            return Asset("archive", members=tuple(sorted(value.assets)))
        case pulumi.RemoteAsset() | pulumi.RemoteArchive():
            return Asset("remote", value.uri)
        case _:
            return value

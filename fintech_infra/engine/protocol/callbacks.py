"""Transforms: callbacks that change a resource or a call before the engine sees it.

They run in the order in which Pulumi's engine runs them: the resource's own transforms first, then
those of its parents from the inside out, then those of the stack.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from pulumi.runtime.proto import callback_pb2, resource_pb2

from fintech_infra.engine.host.executor import Suspended
from fintech_infra.engine.sdk import private

# Option names that a resource's registration and a transform spell alike.
_LISTS = (
    ("depends_on", "dependencies"),
    ("ignore_changes", "ignoreChanges"),
    ("replace_on_changes", "replaceOnChanges"),
    ("additional_secret_outputs", "additionalSecretOutputs"),
    ("aliases", "aliases"),
    ("replace_with", "replace_with"),
    ("hide_diff", "hideDiffs"),
)
_TEXTS = (
    ("version", "version"),
    ("provider", "provider"),
    ("plugin_download_url", "pluginDownloadURL"),
    ("deleted_with", "deletedWith"),
    ("import", "importId"),
)
_MAPS = (("providers", "providers"), ("plugin_checksums", "pluginChecksums"))
_OPTIONALS = (("protect", "protect"), ("retain_on_delete", "retainOnDelete"))
_MESSAGES = (("custom_timeouts", "customTimeouts"), ("hooks", "hooks"))


_Request = TypeVar(
    "_Request", resource_pb2.RegisterResourceRequest, resource_pb2.ResourceInvokeRequest
)


class Transforms:
    """The transforms in force, and how to run them."""

    def __init__(self) -> None:
        """Start with none."""
        self.stack: list[callback_pb2.Callback] = []
        self.calls: list[callback_pb2.Callback] = []
        self._of: dict[str, tuple[list[callback_pb2.Callback], str]] = {}
        self._done: dict[int, Any] = {}

    def remember(self, urn: str, parent: str, own: Iterable[callback_pb2.Callback]) -> None:
        """Keep the transforms of a resource for its children."""
        self._of[urn] = (list(own), parent)

    def resource(
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceRequest:
        """Return the registration as its transforms leave it.

        Raises:
            Suspended: they have not run yet.
        """
        chain = list(request.transforms)
        parent = request.parent
        while parent in self._of:
            inherited, parent = self._of[parent]
            chain += inherited
        return self._transformed(request, [*chain, *self.stack], _transform_resource)

    def call(
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeRequest:
        """Return the call as the stack's invoke transforms leave it.

        Raises:
            Suspended: they have not run yet.
        """
        return self._transformed(request, self.calls, _transform_call)

    def _transformed(
        self,
        request: _Request,
        chain: list[callback_pb2.Callback],
        transform: Callable[[callback_pb2.Callback, _Request], Awaitable[_Request]],
    ) -> _Request:
        if id(request) in self._done:
            return self._done.pop(id(request))
        if not chain:
            return request

        async def work() -> None:
            changed = request
            for callback in chain:
                changed = await transform(callback, changed)
            self._done[id(request)] = changed

        raise Suspended(work())


async def _transform_resource(
    callback: callback_pb2.Callback, request: resource_pb2.RegisterResourceRequest
) -> resource_pb2.RegisterResourceRequest:
    question = resource_pb2.TransformRequest(
        type=request.type, name=request.name, custom=request.custom, parent=request.parent
    )
    question.properties.CopyFrom(request.object)
    _give_options(request, question.options)
    answer = resource_pb2.TransformResponse.FromString(await _invoke(callback, question))
    changed = resource_pb2.RegisterResourceRequest()
    changed.CopyFrom(request)
    if answer.HasField("properties"):
        changed.object.CopyFrom(answer.properties)
    if answer.HasField("options"):
        _take_options(changed, answer.options)
    return changed


# Field names come from the tables above, which the generated stubs cannot follow: hence `Any`.


def _give_options(request: Any, options: Any) -> None:
    for theirs, ours in (*_TEXTS, *_OPTIONALS):
        if (theirs, ours) in _TEXTS or request.HasField(ours):
            setattr(options, theirs, getattr(request, ours))
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    for theirs, ours in _LISTS:
        getattr(options, theirs).extend(getattr(request, ours))
    for theirs, ours in _MAPS:
        getattr(options, theirs).update(getattr(request, ours))
    for theirs, ours in _MESSAGES:
        if request.HasField(ours):
            getattr(options, theirs).CopyFrom(getattr(request, ours))


def _take_options(request: Any, options: Any) -> None:
    for theirs, ours in _TEXTS:
        setattr(request, ours, getattr(options, theirs))
    for theirs, ours in _OPTIONALS:
        request.ClearField(ours)
        if options.HasField(theirs):
            setattr(request, ours, getattr(options, theirs))
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.deleteBeforeReplace = options.delete_before_replace
    for theirs, ours in (*_LISTS, *_MAPS):
        request.ClearField(ours)
        target, given = getattr(request, ours), getattr(options, theirs)
        target.update(given) if (theirs, ours) in _MAPS else target.extend(given)
    for theirs, ours in _MESSAGES:
        request.ClearField(ours)
        if options.HasField(theirs):
            getattr(request, ours).CopyFrom(getattr(options, theirs))


async def _transform_call(
    callback: callback_pb2.Callback, request: resource_pb2.ResourceInvokeRequest
) -> resource_pb2.ResourceInvokeRequest:
    question = resource_pb2.TransformInvokeRequest(token=request.tok)
    question.args.CopyFrom(request.args)
    question.options.provider = request.provider
    question.options.version = request.version
    question.options.plugin_download_url = request.pluginDownloadURL
    answer = resource_pb2.TransformInvokeResponse.FromString(await _invoke(callback, question))
    changed = resource_pb2.ResourceInvokeRequest()
    changed.CopyFrom(request)
    if answer.HasField("args"):
        changed.args.CopyFrom(answer.args)
    if answer.HasField("options"):
        changed.provider = answer.options.provider
    return changed


async def _invoke(
    callback: callback_pb2.Callback,
    question: resource_pb2.TransformRequest | resource_pb2.TransformInvokeRequest,
) -> bytes:
    function = private.callback(callback.token)
    if function is None:
        raise LookupError("a transform was registered that the SDK does not serve")
    return (await function(question.SerializeToString())).SerializeToString()

"""Where the program's log messages go: the engine's other service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2

from fintech_infra.engine.errors import Problem
from fintech_infra.engine.protocol.registry import Registry
from fintech_infra.environment import Diagnostic

_SEVERITIES: Final[Mapping[int, Literal["info", "warning", "error"]]] = {
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


class Log:
    """The engine's other service: where the program's log messages go."""

    def __init__(self, registry: Registry) -> None:
        """Record messages beside the resources."""
        self._registry = registry

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:
        """Record one message; debug messages are dropped."""
        severity = _SEVERITIES.get(request.severity)
        if severity == "error":
            self._registry.problems.append(Problem(request.message.strip()))
        elif severity is not None:
            self._registry.diagnostics.append(
                Diagnostic(severity, request.message.strip(), request.urn)
            )
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, _: Any) -> Any:  # noqa: N802 - the protocol's name
        """Accept any range: there is no CLI whose version could be wrong."""
        return engine_pb2.RequirePulumiVersionResponse()

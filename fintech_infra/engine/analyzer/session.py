"""The analyzer protocol with a running pack, in the order of calls of Pulumi's engine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from fintech_infra.engine.analyzer.description import read_description
from fintech_infra.engine.analyzer.policies import (
    Choice,
    Policy,
    configuration,
    configured,
    policies_of,
)
from fintech_infra.engine.analyzer.process import ENGINE, PackProcess, Surroundings
from fintech_infra.engine.errors import PreviewError, Problem

_LONGEST_MESSAGE: Final = 400 * 1024 * 1024
_CHANNEL: Final = (
    ("grpc.max_send_message_length", _LONGEST_MESSAGE),
    ("grpc.max_receive_message_length", _LONGEST_MESSAGE),
    ("grpc.enable_http_proxy", 0),  # this machine is not reached through a proxy
)


class AnalyzerPack:
    """A running policy pack, to be connected, then configured, then asked."""

    def __init__(self, process: PackProcess, time_limit: float = 300.0) -> None:
        """Drive the pack of `process`; every answer may take `time_limit` seconds."""
        self.process = process
        self._time_limit = time_limit
        self._channel: grpc.Channel | None = None
        self.info = analyzer_pb2.AnalyzerInfo()
        self.policies: tuple[Policy, ...] = ()

    @classmethod
    @contextmanager
    def open(
        cls,
        folder: Path,
        surroundings: Surroundings,
        *,
        time_limit: float = 300.0,
        environ: Mapping[str, str] | None = None,
    ) -> Generator[Self]:
        """Run the pack in `folder` for the length of a `with` block.

        Raises:
            PreviewError: the folder holds no pack that runs here, or the pack does not start.
        """
        process = PackProcess(read_description(folder), surroundings, environ)
        pack = cls(process, time_limit)
        try:
            pack.connect(surroundings)
            yield pack
        finally:
            pack.close()

    @property
    def name(self) -> str:
        """The name that the pack gives itself."""
        return self.info.name

    @property
    def version(self) -> str:
        """The version in its description goes before the one that the pack reports."""
        return self.process.description.version or self.info.version

    def connect(self, surroundings: Surroundings) -> None:
        """Wait until the pack serves, introduce the stack and ask for its policies.

        Raises:
            PreviewError: the pack does not start.
        """
        port = self.process.port(self._time_limit)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_CHANNEL)
        self._stub = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        root = str(self.process.description.root)
        self._optional(
            self._stub.Handshake,
            analyzer_pb2.AnalyzerHandshakeRequest(
                engine_address=ENGINE, root_directory=root, program_directory=root
            ),
        )
        self._optional(
            self._stub.ConfigureStack,
            analyzer_pb2.AnalyzerStackConfigureRequest(
                organization=surroundings.organization,
                project=surroundings.project,
                stack=surroundings.stack,
                dry_run=True,
            ),
        )
        self.info = self._call(self._stub.GetAnalyzerInfo, empty_pb2.Empty(), "its policies")
        self.policies = policies_of(self.info)

    def configure(self, choices: Mapping[str, Choice]) -> None:
        """Configure every policy: what the pack chooses itself, and `choices` on top of it."""
        self.policies = configured(policies_of(self.info), choices)
        self._call(self._stub.Configure, configuration(self.policies), "its configuration")

    def close(self) -> None:
        """End the pack."""
        self.process.stop()
        if self._channel:
            self._channel.close()

    def remediate(self, request: analyzer_pb2.AnalyzeRequest) -> analyzer_pb2.RemediateResponse:
        """Ask how the policies that remediate would change a resource."""
        return self._call(self._stub.Remediate, request, _about(request))

    def analyze_resource(
        self, request: analyzer_pb2.AnalyzeRequest
    ) -> analyzer_pb2.AnalyzeResponse:
        """Ask about one resource."""
        return self._call(self._stub.Analyze, request, _about(request))

    def analyze_stack(
        self, request: analyzer_pb2.AnalyzeStackRequest
    ) -> analyzer_pb2.AnalyzeResponse:
        """Ask about all resources together."""
        return self._call(self._stub.AnalyzeStack, request, "the stack")

    def _optional(self, method: Callable[..., Any], request: Any) -> None:
        """Make a call that packs of an older SDK, and Python's own, do not know."""
        try:
            method(request, timeout=self._time_limit)
        except grpc.RpcError as error:
            if _code(error) is not grpc.StatusCode.UNIMPLEMENTED:
                raise PreviewError([self._problem(error, "the stack")]) from error

    def _call(self, method: Callable[..., Any], request: Any, about: str) -> Any:
        try:
            return method(request, timeout=self._time_limit)
        except grpc.RpcError as error:
            raise PreviewError([self._problem(error, about)]) from error

    def _problem(self, error: grpc.RpcError, about: str) -> Problem:
        name = f"the policy pack {self.name}" if self.name else "the policy pack"
        before = f"{name} failed on {about}"
        root = str(self.process.description.root)
        code = _code(error)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return Problem(
                f"{name} gave no answer about {about} within {self._time_limit:g} seconds",
                root,
                hint="allow more with --timeout, or look for what its policies wait for",
            )
        if code is grpc.StatusCode.UNAVAILABLE:
            return Problem(f"{before}: its process ended, which a policy must not do", root)
        found = self.process.failure(before)
        details = error.details() if isinstance(error, grpc.Call) else str(error)
        return found or Problem(f"{before}: {details}", root)


def _about(request: analyzer_pb2.AnalyzeRequest) -> str:
    return f"{request.type} {request.name!r}"


def _code(error: grpc.RpcError) -> grpc.StatusCode | None:
    return error.code() if isinstance(error, grpc.Call) else None

"""Boots the package as a component plugin, as Pulumi boots it, and asks it as the engine does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Generator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc

PACKAGE: Final = "fintech_infra"
ROOT: Final = Path(__file__).resolve().parents[2]
_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Plugin:
    """The running plugin."""

    stub: Any

    @cached_property
    def schema(self) -> Any:
        """The package schema that SDKs in other languages are generated from."""
        response = self.stub.GetSchema(provider_pb2.GetSchemaRequest(), timeout=_SECONDS)
        return json.loads(response.schema)

    def construct(self, request: provider_pb2.ConstructRequest) -> provider_pb2.ConstructResponse:
        """Have a component built; it registers with the monitor that the request names."""
        return self.stub.Construct(request, timeout=_SECONDS)


class _Engine(engine_pb2_grpc.EngineServicer):
    """Hears what the plugin logs."""

    def Log(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


@contextmanager
def serving(add: Callable[[Any, grpc.Server], None], servicer: Any) -> Generator[str]:
    """Serve, and give the address."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)


@contextmanager
def running(folder: Path) -> Generator[Plugin]:
    """Run the plugin in a folder that is not the repository's."""
    with serving(engine_pb2_grpc.add_EngineServicer_to_server, _Engine()) as engine:
        command = [sys.executable, "-u", "-m", "pulumi.run.plugin", PACKAGE, engine]
        with subprocess.Popen(
            command,
            cwd=folder,
            env={"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                assert process.stdout
                assert process.stderr
                port = process.stdout.readline().strip().decode()
                assert port, process.stderr.read().decode()
                with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                    yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel))
            finally:
                process.kill()

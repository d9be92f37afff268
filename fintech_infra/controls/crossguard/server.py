"""Serving a pack to Pulumi's engine, in the place of the policy SDK's `PolicyPack`."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
from pulumi.runtime.proto.analyzer_pb2_grpc import add_AnalyzerServicer_to_server

from fintech_infra.controls.crossguard.info import Pack
from fintech_infra.controls.crossguard.servicer import Analyzer

_THREADS: Final = 4
_LONGEST_MESSAGE: Final = 400 * 1024 * 1024
"""Bytes; as in Pulumi's own servers."""


def serve(pack: Pack) -> None:
    """Serve a pack on this machine until the process is ended; its port is the first line printed.

    Raises:
        TypeError: a control has a parameter that a configuration cannot give.
        ValueError: two controls have one id.
    """
    server, port = start(Analyzer(pack))
    # What was imported stays: to walk over it again and again costs more than the judgement.
    gc.freeze()
    sys.stdout.buffer.write(f"{port}\n".encode())
    sys.stdout.buffer.flush()
    try:
        server.wait_for_termination()
    except KeyboardInterrupt:
        server.stop(None)


def start(analyzer: Analyzer) -> tuple[grpc.Server, int]:
    """Start to serve; returns the server and the port that it listens on."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=_THREADS),
        options=[
            ("grpc.max_receive_message_length", _LONGEST_MESSAGE),
            ("grpc.max_send_message_length", _LONGEST_MESSAGE),
        ],
    )
    add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port

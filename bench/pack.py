"""Measure a CrossGuard pack over the analyzer protocol, driven as Pulumi's engine drives it.

The client is Python: what one empty call costs is printed, so that it can be taken off. Requests
are built before the clock runs.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

import model
from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.engine import preview
from fintech_infra.engine.analyzer.description import read_description
from fintech_infra.engine.analyzer.messages import analyze_requests, analyze_stack_request
from fintech_infra.engine.analyzer.policies import configuration, policies_of
from fintech_infra.engine.analyzer.process import PackProcess, Surroundings
from fintech_infra.environment import Environment

ROOT: Final = Path(__file__).resolve().parent.parent
PACK: Final = ROOT / "policy_pack"
PARALLEL: Final = 16
"""Calls at a time in the parallel run: resources that the engine registers side by side."""


def bench_pack(runs: int, size: int, folder: Path = PACK) -> None:
    """The pack on `size` generated resources and on `prod`, and offline evaluation beside it."""
    with tempfile.TemporaryDirectory() as name:
        for file, text in model.program(size // model.CELL_SIZE).items():
            (Path(name) / file).write_text(text, "utf-8")
        generated = preview(Path(name), "dev").environment
    prod = preview(ROOT, "prod").environment
    for title, environment in ((f"{size} generated", generated), ("prod", prod)):
        sent = sum(not item.existing for item in environment.resources)
        print(f"pack {folder.name}, {title}: {sent} resources sent, median of {runs}")
        rows: dict[str, list[float]] = {}
        for _ in range(runs):
            for what, seconds in _measured(folder, environment):
                rows.setdefault(what, []).append(seconds)
        for what, seconds in rows.items():
            print(f"  {what:<34} {statistics.median(seconds) * 1000:9.1f} ms", flush=True)


def _measured(folder: Path, environment: Environment) -> Iterator[tuple[str, float]]:
    evaluation = _seconds(lambda: evaluate(environment, CONTROLS))
    requests = list(analyze_requests(environment))
    stack = analyze_stack_request(environment)
    surroundings = Surroundings(environment.organization, environment.project, environment.stack)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with _running(folder, surroundings) as stub:
        yield "start, until it serves", time.perf_counter() - started
        info = stub.GetAnalyzerInfo(empty_pb2.Empty())
        yield "start, until its policies are told", time.perf_counter() - started
        stub.Configure(configuration(policies_of(info)))
        yield (
            "one empty call, per 1,000",
            _seconds(lambda: [stub.GetPluginInfo(empty_pb2.Empty()) for _ in range(1000)]),
        )
        yield "Analyze, one after another", _analyze(stub, requests, 1)
        yield f"Analyze, {PARALLEL} at a time", _analyze(stub, requests, PARALLEL)
        yield (
            "Remediate, one after another",
            _seconds(lambda: [stub.Remediate(request) for request in requests]),
        )
        yield "AnalyzeStack", _seconds(lambda: stub.AnalyzeStack(stack))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    yield "all of these, CPU of the pack", sum(after[:2]) - sum(before[:2])
    yield "offline evaluation", evaluation


def _analyze(
    stub: analyzer_pb2_grpc.AnalyzerStub,
    requests: Sequence[analyzer_pb2.AnalyzeRequest],
    width: int,
) -> float:
    with ThreadPoolExecutor(max_workers=width) as threads:
        return _seconds(lambda: list(threads.map(stub.Analyze, requests)))


@contextmanager
def _running(folder: Path, surroundings: Surroundings) -> Generator[analyzer_pb2_grpc.AnalyzerStub]:
    process = PackProcess(read_description(folder), surroundings)
    try:
        address = f"127.0.0.1:{process.port(60)}"
        limit = ("grpc.max_send_message_length", -1)
        with grpc.insecure_channel(address, options=[limit]) as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.stop()


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started

"""Answering the engine: in parallel, after a cancellation, and about what cannot be read.

An error stops a deployment, whereas the engine takes a method that is not implemented for one that
has nothing to say.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.deserialize import SPECIAL_SIG_KEY

from fintech_infra.controls import CONTROLS, evaluate
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.crossguard.info import Pack, analyzer_info
from fintech_infra.controls.crossguard.server import start
from fintech_infra.controls.crossguard.servicer import Analyzer
from fintech_infra.controls.crossguard.waiving import Places
from fintech_infra.engine.protocol import wire as engine_wire
from fintech_infra.environment import Environment, Resource
from tests import previews
from tests.policy_pack.asking import CONTEXT, Refused, ask

NOWHERE = Places("", ())
EMPTY = empty_pb2.Empty()


@control(on=["aws:s3/bucket:Bucket"], severity=Severity.LOW, fix="None.")
def bucket_shows_its_inputs(bucket: Resource, _: Environment) -> Iterator[Fault]:
    """A bucket shows its inputs.

    Tests look into it.
    """
    yield Fault("", repr(bucket.inputs))


def _analyzer() -> Analyzer:
    return Analyzer(Pack("sample", (*CONTROLS, bucket_shows_its_inputs)), NOWHERE)


@pytest.fixture
def stub() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    server, port = start(_analyzer())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield analyzer_pb2_grpc.AnalyzerStub(channel)
    server.stop(None)


def _buckets(count: int) -> list[analyzer_pb2.AnalyzeRequest]:
    """Requests that differ in what is wrong: every other bucket is emptied when it is deleted."""
    requests: list[analyzer_pb2.AnalyzeRequest] = []
    for number in range(count):
        type_ = "aws:s3/bucket:Bucket"
        request = analyzer_pb2.AnalyzeRequest(
            urn=f"urn:pulumi:prod::pay::{type_}::b{number}", type=type_, name=f"b{number}"
        )
        request.properties.update({"forceDestroy": number % 2 == 0, "tags": {"n": str(number)}})
        requests.append(request)
    return requests


def test_every_method_of_the_protocol_is_answered(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    service = analyzer_pb2.DESCRIPTOR.services_by_name["Analyzer"]
    messages = {
        "Analyze": _buckets(1)[0],
        "Remediate": _buckets(1)[0],
        "AnalyzeStack": analyzer_pb2.AnalyzeStackRequest(),
        "Configure": analyzer_pb2.ConfigureAnalyzerRequest(),
        "ConfigureStack": analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", project="pay"),
        "Handshake": analyzer_pb2.AnalyzerHandshakeRequest(engine_address="127.0.0.1:1"),
        "GetAnalyzerInfo": EMPTY,
        "GetPluginInfo": EMPTY,
        "Cancel": EMPTY,
    }

    assert {method.name for method in service.methods} == set(messages)
    for name, message in messages.items():
        getattr(stub, name)(message)  # raises where it is not implemented


def test_parallel_requests_get_the_answers_of_their_own(
    stub: analyzer_pb2_grpc.AnalyzerStub,
) -> None:
    requests = _buckets(64)
    alone = _analyzer()
    expected = [alone.Analyze(request, CONTEXT) for request in requests]

    with ThreadPoolExecutor(max_workers=16) as threads:
        found = list(threads.map(stub.Analyze, requests))

    assert found == expected
    assert expected[0] != expected[1]


def test_inputs_that_came_in_parallel_are_remembered_for_the_stack(
    stub: analyzer_pb2_grpc.AnalyzerStub,
) -> None:
    requests = _buckets(32)
    resources = [
        analyzer_pb2.AnalyzerResource(urn=item.urn, type=item.type, name=item.name)
        for item in requests
    ]
    stack = analyzer_pb2.AnalyzeStackRequest(resources=resources)
    with ThreadPoolExecutor(max_workers=16) as threads:
        list(threads.map(stub.Analyze, requests))
    one_by_one = _analyzer()
    for request in requests:
        one_by_one.Analyze(request, CONTEXT)

    assert stub.AnalyzeStack(stack) == one_by_one.AnalyzeStack(stack, CONTEXT)
    assert stub.AnalyzeStack(stack) != _analyzer().AnalyzeStack(stack, CONTEXT)


def test_nothing_passes_after_a_cancellation(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    stub.Cancel(EMPTY)

    for ask_again in (
        lambda: stub.Analyze(_buckets(1)[0]),
        lambda: stub.Remediate(_buckets(1)[0]),
        lambda: stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest()),
    ):
        with pytest.raises(grpc.RpcError) as raised:
            ask_again()
        assert _code(raised.value) is grpc.StatusCode.CANCELLED


def test_what_cannot_be_read_is_an_error(stub: analyzer_pb2_grpc.AnalyzerStub) -> None:
    (request,) = _buckets(1)
    request.properties.update({"grants": [{SPECIAL_SIG_KEY: "of a release to come", "value": 1}]})

    with pytest.raises(grpc.RpcError, match="'of a release to come' and the keys") as raised:
        stub.Analyze(request)

    assert _code(raised.value) is grpc.StatusCode.UNKNOWN


def _code(error: grpc.RpcError) -> Any:
    return error.code() if isinstance(error, grpc.Call) else None


def test_a_level_that_does_not_exist_is_not_taken_for_another() -> None:
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    level: Any = 99
    request.policyConfig["kms-deletion-window-long"].enforcementLevel = level

    with pytest.raises(Refused, match=r"policy 'kms-deletion-window-long' has .* level 99"):
        _analyzer().Configure(request, CONTEXT)


def test_two_controls_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=f"one policy: {CONTROLS[0].id}$"):
        analyzer_info(Pack("sample", (*CONTROLS, CONTROLS[0])))


def test_the_engines_markers_are_those_that_the_policy_sdk_knows() -> None:
    from pulumi_policy import deserialize, proxy

    assert engine_wire.SIGNATURE == deserialize.SPECIAL_SIG_KEY
    assert engine_wire.SECRET == deserialize.SPECIAL_SECRET_SIG
    assert engine_wire.ASSET == deserialize.SPECIAL_ASSET_SIG
    assert engine_wire.ARCHIVE == deserialize.SPECIAL_ARCHIVE_SIG
    assert engine_wire.UNKNOWN_TEXT == proxy.UNKNOWN_STRING_VALUE


@pytest.mark.xdist_group("platform")
@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_the_platform_gets_the_offline_verdicts(stack: str) -> None:
    environment = previews.platform(stack)
    analyzer = Analyzer(Pack("sample", CONTROLS), Places("", (previews.ROOT,)))

    found = ask(analyzer, environment).diagnostics

    assert evaluate(environment, CONTROLS).findings == ()
    # Whether a resource is retained is nothing that the engine tells.
    assert [item.policyName for item in found if "retainOnDelete" not in item.message] == []
    assert {item.enforcementLevel for item in found} <= {analyzer_pb2.ADVISORY}


def test_a_pack_starts_without_what_it_does_not_need() -> None:
    heavy = ("pulumi_aws", "rich", "fintech_infra.engine", "fintech_infra.components")
    code = "import sys, fintech_infra.controls.crossguard; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=previews.ROOT
    )

    assert set(heavy) & set(run.stdout.split()) == set()


def test_an_empty_stack_gives_nothing() -> None:
    assert ask(_analyzer(), Environment("pay", "dev")).diagnostics == []

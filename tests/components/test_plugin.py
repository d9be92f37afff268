"""The package as a component plugin for programs in other languages, driven over gRPC.

The plugin is booted as Pulumi boots it. What these tests do not prove: that the SDKs that Pulumi
generates from the schema compile.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS: Final = 60.0
STACK: Final = "urn:pulumi:dev::pay::pulumi:pulumi:Stack::pay-dev"
ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "111122223333"},
    "aws:index/getPartition:getPartition": {"partition": "aws", "dnsSuffix": "amazonaws.com"},
    "aws:index/getRegion:getRegion": {"region": "eu-west-1", "name": "eu-west-1"},
}
# Those that decide what the SDK sends; an engine of today has them all.
FEATURES: Final = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
)
KEY_ARN: Final = "arn:aws:kms:eu-west-1:111122223333:key/k-1"
ROLE: Final = "arn:aws:iam::111122223333:role/payments"


@dataclass
class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Records registrations and answers with a key's outputs, whatever is registered."""

    registered: list[resource_pb2.RegisterResourceRequest] = field(
        default_factory=list[resource_pb2.RegisterResourceRequest]
    )

    def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(self, request: Any, context: Any) -> Any:
        self.registered.append(request)
        outputs = struct_pb2.Struct()
        outputs.update({"arn": KEY_ARN, "keyId": "k-1", "name": "alias/ledger"})
        return resource_pb2.RegisterResourceResponse(
            urn=f"urn:pulumi:dev::pay::{request.type}::{request.name}", id="k-1", object=outputs
        )

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").update(ANSWERS[request.tok])
        return response


class Engine(engine_pb2_grpc.EngineServicer):
    """Hears what the plugin logs."""

    def Log(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


@contextmanager
def _serving(add: Callable[[Any, grpc.Server], None], servicer: Any) -> Generator[str]:
    """Serve, and give the address."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    add(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    """The address of an engine."""
    with _serving(engine_pb2_grpc.add_EngineServicer_to_server, Engine()) as address:
        yield address


@pytest.fixture(scope="module")
def provider(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The plugin, running as Pulumi runs it."""
    command = [sys.executable, "-u", "-m", "pulumi.run.plugin", "fintech_infra", engine]
    with subprocess.Popen(
        command,
        cwd=tmp_path_factory.mktemp("elsewhere"),
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
                yield provider_pb2_grpc.ResourceProviderStub(channel)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def schema(provider: Any) -> Any:
    """The package schema that SDKs in other languages are generated from."""
    response = provider.GetSchema(provider_pb2.GetSchemaRequest(), timeout=SECONDS)
    return json.loads(response.schema)


@pytest.fixture
def monitor() -> Iterator[tuple[str, Monitor]]:
    """A resource monitor and its address."""
    servicer = Monitor()
    with _serving(resource_pb2_grpc.add_ResourceMonitorServicer_to_server, servicer) as address:
        yield address, servicer


def _construct(provider: Any, address: str, **inputs: Any) -> Any:
    given = struct_pb2.Struct()
    given.update(inputs)
    request = provider_pb2.ConstructRequest(
        project="pay",
        stack="dev",
        organization="acme",
        dryRun=True,
        parallel=4,
        monitorEndpoint=address,
        type="fintech_infra:index:EncryptionKey",
        name="ledger",
        parent=STACK,
        inputs=given,
    )
    return provider.Construct(request, timeout=SECONDS)


def test_the_repository_is_marked_as_a_python_plugin() -> None:
    assert yaml.safe_load((ROOT / "PulumiPlugin.yaml").read_text("utf-8")) == {"runtime": "python"}


def test_the_plugin_publishes_the_components_and_nothing_else(schema: Any) -> None:
    assert schema["name"] == "fintech_infra"
    assert sorted(schema["resources"]) == [
        "fintech_infra:index:EncryptedDatabase",
        "fintech_infra:index:EncryptionKey",
        "fintech_infra:index:HardenedVpc",
        "fintech_infra:index:LockedDownBucket",
    ]
    assert all(item["isComponent"] for item in schema["resources"].values())


def test_only_what_has_no_safe_default_is_required(schema: Any) -> None:
    required = {
        token.rpartition(":")[2]: item["requiredInputs"]
        for token, item in schema["resources"].items()
    }

    assert required == {
        "EncryptedDatabase": ["engineVersion", "vpcId", "zones"],
        "EncryptionKey": [],
        "HardenedVpc": ["zones"],
        "LockedDownBucket": [],
    }


def test_everything_that_the_schema_names_is_described(schema: Any) -> None:
    undescribed: list[str] = []
    for token, item in [*schema["resources"].items(), *schema["types"].items()]:
        members = {**item.get("inputProperties", {}), **(item.get("properties") or {})}
        members |= {choice["name"]: choice for choice in item.get("enum") or ()}
        undescribed += [token] if not item.get("description") else []
        undescribed += [
            f"{token}.{name}" for name, member in members.items() if not member.get("description")
        ]

    assert undescribed == []


def test_a_component_is_built_for_a_program_in_another_language(
    provider: Any, monitor: tuple[str, Monitor]
) -> None:
    address, recorded = monitor
    grant = {"principal": ROLE, "operations": ["decrypt"], "viaService": "s3"}

    response = _construct(provider, address, rotationDays=180, users=[grant])

    assert response.urn == "urn:pulumi:dev::pay::fintech_infra:index:EncryptionKey::ledger"
    state = json_format.MessageToDict(response.state)
    assert state["arn"] == KEY_ARN
    assert state["keyId"] == "k-1"
    assert [(item.type, item.name, item.custom) for item in recorded.registered] == [
        ("fintech_infra:index:EncryptionKey", "ledger", False),
        ("aws:kms/key:Key", "ledger", True),
        ("aws:kms/alias:Alias", "ledger", True),
    ]
    component, key, _ = recorded.registered
    assert component.parent == STACK
    assert key.parent == response.urn
    assert key.protect
    inputs = json_format.MessageToDict(key.object)
    assert inputs["rotationPeriodInDays"] == 180
    statements = json.loads(inputs["policy"])["Statement"]
    (granted,) = [
        item
        for item in statements
        if item["Effect"] == "Allow"
        and "kms:Decrypt" in item["Action"]
        and item["Principal"] == {"AWS": ROLE}
    ]
    assert granted["Condition"]["StringEquals"]["kms:ViaService"] == "s3.eu-west-1.amazonaws.com"


def test_mistakes_reach_the_program_all_at_once_and_before_anything_is_made(
    provider: Any, monitor: tuple[str, Monitor]
) -> None:
    address, recorded = monitor

    with pytest.raises(grpc.RpcError) as raised:
        _construct(provider, address, rotationDays=30, alias="alias/ledger")

    lines = (cast("grpc.Call", raised.value).details() or "").splitlines()
    assert lines[0].endswith("EncryptionKey 'ledger' cannot be built:")
    # The SDK puts a traceback behind.
    assert {line.partition(":")[0] for line in lines[1:3]} == {"  alias", "  rotation_days"}
    assert recorded.registered == []

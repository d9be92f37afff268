"""A policy pack driven over gRPC as the engine drives it, and messages made of an `Environment`.

What is known of the engine here was read in its source (pulumi/pulumi, `analyzer_plugin.go` and
`step_generator.go`): it never sends resources that are only read, gives `Analyze` inputs and
`AnalyzeStack` outputs, and always configures with defaults filled in.
"""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import proxy

from fintech_infra.environment import UNKNOWN, Asset, Environment, Resource, join

ROOT: Final = Path(__file__).resolve().parents[2]
SAMPLE: Final = Path(__file__).parent / "sample"
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_SECONDS: Final = 30.0


def encode(value: Any, path: str = "", secrets: Sequence[str] = ()) -> Any:
    """A value as the protocol's JSON has it; `secrets` are the paths to wrap."""
    if path and path in secrets:
        inner = encode(value, path, [item for item in secrets if item != path])
        return {_SIGNATURE: _SECRET, "value": inner}
    if value is UNKNOWN:
        return proxy.UNKNOWN_STRING_VALUE
    if isinstance(value, Asset):
        return _asset(value)
    if isinstance(value, Mapping):
        return {key: encode(item, join(path, key), secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item, join(path, index), secrets) for index, item in enumerate(value)]
    return value


def _asset(value: Asset) -> dict[str, Any]:
    if value.members:
        members = {name: {_SIGNATURE: _ASSET, "text": name} for name in value.members}
        return {_SIGNATURE: _ARCHIVE, "assets": members}
    signature = _ARCHIVE if value.kind == "archive" else _ASSET
    field = {"remote": "uri", "text": "text"}.get(value.kind, "path")
    return {_SIGNATURE: signature, field: value.location}


def _struct(values: Mapping[str, Any], resource: Resource, side: str) -> struct_pb2.Struct:
    secrets = [
        item.removeprefix(f"{side}.") for item in resource.secrets if item.startswith(f"{side}.")
    ]
    message = struct_pb2.Struct()
    message.update(encode(values, "", secrets))
    return message


def _common(resource: Resource) -> dict[str, Any]:
    options = resource.options
    common: dict[str, Any] = {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "options": analyzer_pb2.AnalyzerResourceOptions(
            protect=options.protect,
            ignoreChanges=options.ignore_changes,
            deleteBeforeReplace=options.delete_before_replace,
            deleteBeforeReplaceDefined=options.delete_before_replace,
            aliases=options.aliases,
            additionalSecretOutputs=options.additional_secret_outputs,
            customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
                **{key: float(value.removesuffix("s")) for key, value in options.custom_timeouts}
            ),
            parent=resource.parent,
        ),
    }
    if resource.custom and not resource.type.startswith("pulumi:providers:"):
        kind = f"pulumi:providers:{resource.package}"
        prefix = "::".join(resource.urn.split("::")[:2])
        common["provider"] = analyzer_pb2.AnalyzerProviderResource(
            urn=resource.provider or f"{prefix}::{kind}::default", type=kind, name="default"
        )
    return common


def analyze_requests(environment: Environment) -> Iterator[analyzer_pb2.AnalyzeRequest]:
    """What the engine sends before it creates or updates each resource: its inputs."""
    for resource in environment.resources:
        if not resource.existing:
            yield analyzer_pb2.AnalyzeRequest(
                **_common(resource), properties=_struct(resource.inputs, resource, "inputs")
            )


def analyze_stack_request(environment: Environment) -> analyzer_pb2.AnalyzeStackRequest:
    """What the engine sends when the program has ended: the outputs of everything."""
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(
                **_common(resource),
                properties=_struct(_outputs(resource), resource, "outputs"),
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


def _outputs(resource: Resource) -> dict[str, Any]:
    outputs = {**resource.inputs, **resource.outputs}
    return outputs | {"id": resource.id} if resource.id else outputs


@dataclass(frozen=True, order=True)
class Diagnostic:
    """What the engine would show."""

    policy: str
    urn: str
    level: str
    message: str


@dataclass(frozen=True)
class Pack:
    """A running policy pack."""

    stub: analyzer_pb2_grpc.AnalyzerStub

    def info(self) -> analyzer_pb2.AnalyzerInfo:
        """Say what the pack is."""
        return self.stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=_SECONDS)

    def configure(self, **given: Mapping[str, Any]) -> None:
        """Configure policies as the engine does: on top of every policy's defaults.

        Names have underscores for dashes.
        """
        configuration: dict[str, analyzer_pb2.PolicyConfig] = {}
        for policy in self.info().policies:
            entry = analyzer_pb2.PolicyConfig(enforcementLevel=policy.enforcementLevel)
            for name, described in policy.configSchema.properties.items():
                default = cast("struct_pb2.Struct", described)["default"]
                entry.properties.update({name: default})
            chosen = dict(given.get(policy.name.replace("-", "_"), {}))
            if "enforcementLevel" in chosen:
                level = str(chosen.pop("enforcementLevel")).upper()
                entry.enforcementLevel = analyzer_pb2.EnforcementLevel.Value(level)
            entry.properties.update(chosen)
            configuration[policy.name] = entry
        request = analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configuration)
        self.stub.Configure(request, timeout=_SECONDS)

    def preview(self, environment: Environment) -> list[Diagnostic]:
        """Everything the pack reports about an environment, sorted."""
        found: list[Diagnostic] = []
        for request in analyze_requests(environment):
            # The engine attributes whatever comes back to the resource it asked about.
            response = self.stub.Analyze(request, timeout=_SECONDS)
            found += [_diagnostic(item, request.urn) for item in response.diagnostics]
        return sorted(found + self.stack(environment))

    def stack(self, environment: Environment) -> list[Diagnostic]:
        """What the stack policies report, in the order they do."""
        response = self.stub.AnalyzeStack(analyze_stack_request(environment), timeout=_SECONDS)
        return [_diagnostic(item, item.urn) for item in response.diagnostics]

    def inapplicable(self, environment: Environment) -> list[tuple[str, str]]:
        """Which policies say that they do not apply, and why, of all resources and the stack."""
        responses = [
            self.stub.Analyze(request, timeout=_SECONDS)
            for request in analyze_requests(environment)
        ]
        responses.append(
            self.stub.AnalyzeStack(analyze_stack_request(environment), timeout=_SECONDS)
        )
        return sorted(
            {
                (item.policy_name, item.reason)
                for response in responses
                for item in response.not_applicable
            }
        )


def _diagnostic(item: analyzer_pb2.AnalyzeDiagnostic, urn: str) -> Diagnostic:
    level = analyzer_pb2.EnforcementLevel.Name(item.enforcementLevel).lower()
    return Diagnostic(item.policyName, urn, level, item.message)


@contextmanager
def running(folder: Path, path: Path | None = None) -> Generator[Pack]:
    """Boot the pack in `folder` as the engine does; `path` is where it finds what is installed."""
    environment = {"PATH": os.environ["PATH"]} | {
        "PULUMI_ORGANIZATION": "acme",
        "PULUMI_PROJECT": "pay",
        "PULUMI_STACK": "dev",
        "PULUMI_DRY_RUN": "true",
        **({"PYTHONPATH": str(path)} if path else {}),
    }
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", "."]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout
            assert process.stderr
            port = process.stdout.readline().strip().decode()
            assert port, process.stderr.read().decode()
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                pack = Pack(analyzer_pb2_grpc.AnalyzerStub(channel))
                _introduce(pack, folder)
                yield pack
        finally:
            process.kill()


def _introduce(pack: Pack, folder: Path) -> None:
    """Make the calls that the engine makes before all others."""
    greeting = analyzer_pb2.AnalyzerHandshakeRequest(
        engine_address="127.0.0.1:1", root_directory=str(folder), program_directory=str(folder)
    )
    # Optional in the protocol, and absent from the Python SDK.
    with pytest.raises(grpc.RpcError) as raised:
        pack.stub.Handshake(greeting, timeout=_SECONDS)
    assert cast("grpc.Call", raised.value).code() is grpc.StatusCode.UNIMPLEMENTED
    pack.stub.ConfigureStack(
        analyzer_pb2.AnalyzerStackConfigureRequest(
            organization="acme", project="pay", stack="dev", dry_run=True
        ),
        timeout=_SECONDS,
    )


@pytest.fixture(scope="module")
def sample() -> Iterator[Pack]:
    """The pack of the sample controls."""
    with running(SAMPLE, ROOT) as pack:
        yield pack


@pytest.fixture(scope="session")
def sample_controls() -> Any:
    """The sample controls, as their pack has them."""
    return runpy.run_path(str(SAMPLE / "sample_controls.py"))["CONTROLS"]


@pytest.fixture(scope="module")
def checkout() -> Iterator[Pack]:
    """The pack of this repository, where it is, with nothing of ours installed."""
    with running(ROOT / "policy_pack") as pack:
        yield pack


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pack]:
    """The same as Pulumi unpacks a published one: in a folder named by its version."""
    home = tmp_path_factory.mktemp("policies") / "fintech-infra" / "0.1.0"
    shutil.copytree(
        ROOT / "policy_pack", home, ignore=shutil.ignore_patterns("__pycache__", "venv")
    )
    installed = tmp_path_factory.mktemp("site-packages")
    (installed / "fintech_infra").symlink_to(ROOT / "fintech_infra")
    with running(home, installed) as pack:
        yield pack

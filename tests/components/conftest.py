"""Two ways to try a component: `deploy` and `judged`.

`deploy` runs a program against a recording monitor and returns what it registers. It simulates ids
and ARNs and answers the few data sources that components read. What it does not do: run transforms,
check input names against a provider, or order anything as the engine would.

`judged` runs the text of a program as the offline preview does, and holds it to every control. It
takes longer than the rest, because the program runs in an interpreter of its own.
"""

from __future__ import annotations

import asyncio
import gc
import re
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from tests import warm

ACCOUNT: Final = "111122223333"
PARTITION: Final = "aws"
REGION: Final = "eu-west-1"
STACK_TYPE: Final = "pulumi:pulumi:Stack"
_SNAKE: Final = re.compile(r"^[a-z0-9]+(_[a-z0-9]+)+$")


@dataclass(frozen=True)
class Registration:
    """One resource as it reaches the monitor. `protect` and `provider` are the effective ones."""

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    state: dict[str, Any]
    custom: bool
    protect: bool
    retain_on_delete: bool
    provider: str
    providers: dict[str, str]
    depends_on: tuple[str, ...]
    property_dependencies: dict[str, tuple[str, ...]]
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    delete_before_replace: bool
    aliases: tuple[str, ...]
    import_id: str

    @property
    def identity(self) -> tuple[str, str]:
        """Type and logical name: what a rename breaks."""
        return self.type, self.name


@dataclass(eq=False)
class Deployment(list[Registration]):
    """Everything one program registered, in order, components included."""

    component_outputs: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    invokes: list[tuple[str, dict[str, Any], str]] = field(
        default_factory=list[tuple[str, dict[str, Any], str]]
    )

    @property
    def identities(self) -> list[tuple[str, str]]:
        """The identities of all resources, sorted."""
        return sorted(item.identity for item in self)

    def of_type(self, type_: str) -> list[Registration]:
        """The resources of one type, by name: the order of registration is the SDK's own affair."""
        return sorted((item for item in self if item.type == type_), key=lambda item: item.name)

    def one(self, type_: str, name: str | None = None) -> Registration:
        """The only resource of this type (and name)."""
        found = [item for item in self.of_type(type_) if name is None or item.name == name]
        assert len(found) == 1, f"{type_} {name or ''}: {[item.identity for item in found]}"
        return found[0]

    def outputs(self, name: str) -> dict[str, Any]:
        """What the component of this logical name registered as its outputs."""
        (urn,) = [item.urn for item in self if not item.custom and item.name == name]
        return self.component_outputs[urn]

    def snake_case_keys(self) -> list[str]:
        """Input keys that no provider would understand, as `type name: path`."""
        return [
            f"{item.type} {item.name}: {path}"
            for item in self
            if item.custom
            for path in _snake_case(item.inputs, "")
        ]


def _snake_case(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            here = f"{path}.{key}".lstrip(".")
            if _SNAKE.match(key) and not path.startswith("tags"):
                yield here
            yield from _snake_case(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _snake_case(inner, f"{path}[{index}]")


class _Nothing(mocks.Mocks):
    def call(self, args: mocks.MockCallArgs) -> Any:
        raise NotImplementedError

    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        raise NotImplementedError


class RecordingMonitor(mocks.MockMonitor):
    """Records registrations; simulates the outputs that components compose with."""

    def __init__(self, extra: Mapping[str, Mapping[str, Any]], answers: Mapping[str, Any]) -> None:
        super().__init__(_Nothing())
        self.deployment = Deployment()
        self._extra = extra
        self._answers = answers
        self._seen: dict[str, Registration] = {}

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        chain = parent.split("::")[2] if parent else ""
        qualified = f"{chain}${type_}" if chain and chain != STACK_TYPE else type_
        return f"urn:pulumi:dev::tests::{qualified}::{name}"

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK_TYPE:
            return mocks.resource_pb2.RegisterResourceResponse(urn=urn)
        mocks._ensure_event_loop()
        inputs = rpc.deserialize_properties(request.object)
        inputs = _plain(inputs)
        state = self._state(request, urn, inputs) if request.custom else {}
        registration = Registration(
            type=request.type,
            name=request.name,
            urn=urn,
            parent=request.parent,
            inputs=inputs,
            state=state,
            custom=request.custom,
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            provider=request.provider,
            providers=dict(request.providers),
            depends_on=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: tuple(sorted(value.urns))
                for key, value in request.propertyDependencies.items()
            },
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            delete_before_replace=request.deleteBeforeReplace,
            aliases=tuple(str(item) for item in request.aliases),
            import_id=request.importId,
        )
        assert urn not in self._seen, f"registered twice: {urn}"
        self._seen[urn] = registration
        self.deployment.append(registration)
        return mocks.resource_pb2.RegisterResourceResponse(
            urn=urn, id=state.get("id", ""), object=_struct(state)
        )

    def ReadResource(self, request: Any) -> Any:
        """Answer for what exists already; it is not registered."""
        mocks._ensure_event_loop()
        inputs = _plain(rpc.deserialize_properties(request.properties))
        urn = self.make_urn(request.parent, request.type, request.name)
        state = self._state(request, urn, inputs) | {"id": request.id}
        return mocks.resource_pb2.ReadResourceResponse(urn=urn, properties=_struct(state))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        mocks._ensure_event_loop()
        self.deployment.component_outputs[request.urn] = _plain(
            rpc.deserialize_properties(request.outputs)
        )
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        mocks._ensure_event_loop()
        args = rpc.deserialize_properties(request.args)
        self.deployment.invokes.append((request.tok, args, request.provider))
        answer = {**self._answers, **{k: v for k, v in self._extra.items() if k == request.tok}}
        if request.tok not in answer:
            raise AssertionError(f"a component called {request.tok}, which has no simulated answer")
        found = dict(answer[request.tok])
        if request.tok == "aws:index/getRegion:getRegion":
            region = args.get("region") or self._provider_region(request.provider)
            found |= {"id": region, "name": region, "region": region}
        return mocks.resource_pb2.ResourceInvokeResponse(**{"return": _struct(found)})

    def _provider_region(self, reference: str) -> str:
        provider = self._seen.get(reference.rpartition("::")[0])
        return provider.inputs.get("region", REGION) if provider else REGION

    def _state(self, request: Any, urn: str, inputs: dict[str, Any]) -> dict[str, Any]:
        region = inputs.get("region") or self._provider_region(request.provider)
        id_, arn = _identity(request.type, request.name, urn, inputs, region)
        physical = inputs.get("name") or f"{request.name}-{_digest(urn).hex[:7]}"
        state = {"id": id_, "arn": arn, "name": physical, "region": region, **inputs}
        state |= _specific(request.type, id_, arn, region)
        if request.type == "aws:networkfirewall/firewall:Firewall":
            state["firewallStatuses"] = _endpoints_in(inputs["subnetMappings"])
        return state | dict(self._extra.get(request.type, {}))


def _digest(urn: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, urn)


def _identity(
    type_: str, name: str, urn: str, inputs: Mapping[str, Any], region: str
) -> tuple[str, str]:
    """Id and ARN, shaped as AWS shapes them for the types whose policies depend on it."""
    service = type_.split(":")[1].partition("/")[0]
    kind = type_.rpartition(":")[2]
    digest = _digest(urn)
    prefix = f"arn:{PARTITION}:{service}:{region}:{ACCOUNT}"
    if type_ == "aws:s3/bucket:Bucket":
        bucket = inputs.get("bucket") or f"{name}-{digest.hex[:7]}"
        return bucket, f"arn:{PARTITION}:s3:::{bucket}"
    if type_ == "aws:kms/key:Key":
        return str(digest), f"{prefix}:key/{digest}"
    if type_ == "aws:kms/alias:Alias":
        alias = inputs.get("name") or f"alias/{name}-{digest.hex[:7]}"
        return alias, f"{prefix}:{alias}"
    if type_ == "aws:cloudwatch/eventRule:EventRule":
        rule = inputs.get("name") or f"{name}-{digest.hex[:7]}"
        return rule, f"arn:{PARTITION}:events:{region}:{ACCOUNT}:rule/{rule}"
    if type_ == "aws:cloudwatch/logGroup:LogGroup":
        group = inputs.get("name") or f"{name}-{digest.hex[:7]}"
        return group, f"arn:{PARTITION}:logs:{region}:{ACCOUNT}:log-group:{group}"
    if service == "iam":
        physical = inputs.get("name") or f"{name}-{digest.hex[:7]}"
        return physical, f"arn:{PARTITION}:iam::{ACCOUNT}:{kind.lower()}/{physical}"
    if service in {"s3", "ec2", "vpc"} and kind.startswith("Bucket"):
        return inputs["bucket"], ""
    id_ = f"{kind.lower()}-{digest.hex[:17]}"
    return id_, f"{prefix}:{kind.lower()}/{id_}"


def _endpoints_in(subnets: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The status of a firewall with an endpoint in each subnet."""
    ids = [item["subnetId"] for item in subnets]
    attached = [{"endpointId": f"vpce-of-{subnet}", "subnetId": subnet} for subnet in ids]
    return [{"syncStates": [{"availabilityZone": "", "attachments": [item]} for item in attached]}]


def _specific(type_: str, id_: str, arn: str, region: str) -> dict[str, Any]:
    if type_ == "aws:s3/bucket:Bucket":
        return {"bucket": id_, "bucketRegionalDomainName": f"{id_}.s3.{region}.amazonaws.com"}
    if type_ == "aws:kms/key:Key":
        return {"keyId": id_}
    if type_ == "aws:kms/alias:Alias":
        return {"name": id_}
    if type_ == "aws:batch/jobDefinition:JobDefinition":
        return {"arnPrefix": arn}
    if type_.startswith("aws:lb/"):
        dns = f"{id_}.{region}.elb.amazonaws.com"
        return {"arnSuffix": arn.rpartition(":")[2], "dnsName": dns, "zoneId": "Z32O12XQLNTSW2"}
    if type_ == "aws:ec2/vpc:Vpc":
        return {
            "defaultNetworkAclId": f"acl-{id_[-8:]}",
            "defaultSecurityGroupId": f"sg-{id_[-8:]}",
            "defaultRouteTableId": f"rtb-{id_[-8:]}",
            "mainRouteTableId": f"rtb-{id_[-8:]}",
        }
    if type_ in {"aws:rds/instance:Instance", "aws:rds/cluster:Cluster"}:
        secret = f"arn:{PARTITION}:secretsmanager:{region}:{ACCOUNT}:secret:rds!{id_}"
        host = f"{id_}.{region}.rds.amazonaws.com"
        return {
            "address": host,
            "endpoint": f"{host}:5432" if type_.endswith("Instance") else host,
            "readerEndpoint": f"ro-{host}",
            "port": 5432,
            "resourceId": f"db-{_digest(arn).hex[:26].upper()}",
            "masterUserSecrets": [{"secretArn": secret, "secretStatus": "active"}],
        }
    return {}


def _answers() -> dict[str, dict[str, Any]]:
    return {
        "aws:index/getCallerIdentity:getCallerIdentity": {
            "accountId": ACCOUNT,
            "arn": f"arn:{PARTITION}:sts::{ACCOUNT}:assumed-role/deployer/session",
            "id": ACCOUNT,
            "userId": "AROAEXAMPLE:session",
        },
        "aws:index/getPartition:getPartition": {
            "dnsSuffix": "amazonaws.com",
            "id": PARTITION,
            "partition": PARTITION,
            "reverseDnsPrefix": "com.amazonaws",
        },
        "aws:index/getRegion:getRegion": {
            "description": "simulated",
            "endpoint": f"ec2.{REGION}.amazonaws.com",
        },
        "aws:index/getRegions:getRegions": {"id": PARTITION, "names": [REGION, "us-east-1"]},
        "aws:index/getAvailabilityZones:getAvailabilityZones": {
            "groupNames": [REGION],
            "id": REGION,
            "names": [f"{REGION}{letter}" for letter in "abc"],
            "region": REGION,
            "zoneIds": [f"euw1-az{number}" for number in (1, 2, 3)],
        },
    }


def _plain(value: Any) -> Any:
    """Unwrap secrets, and turn whole floats into ints as every provider reads them."""
    if isinstance(value, Mapping):
        if rpc._special_sig_key in value and "value" in value:
            return _plain(value["value"])
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _struct(values: Mapping[str, Any]) -> Any:
    return mocks._sync_await(rpc.serialize_properties(dict(values), {}))


@contextmanager
def _event_loop() -> Generator[None]:
    """A loop of its own; what a failed program leaves unfinished in it is cancelled quietly."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    asyncio.set_event_loop(loop)
    # The SDK makes thousands of objects that live until the end: looking for garbage among them
    # takes as long as the program itself.
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()
        asyncio.set_event_loop(None)


@pytest.fixture
def deploy() -> Callable[..., Deployment]:
    """Return `deploy(program, outputs=None)`.

    `outputs` maps a resource type (or a data source token) to output values that replace or add
    to the simulated ones.
    """

    def run(
        program: Callable[[], Any], outputs: Mapping[str, Mapping[str, Any]] | None = None
    ) -> Deployment:
        monitor = RecordingMonitor(outputs or {}, _answers())
        with _event_loop():
            mocks.set_mocks(_Nothing(), "tests", "dev", preview=False, monitor=monitor)
            # What a failed program left behind; it belongs to a loop that is closed.
            settings: Any = SETTINGS
            settings.rpc_manager.clear()
            settings.outputs.clear()
            mocks._sync_await(run_pulumi_func(program))
        return monitor.deployment

    return run


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., list[tuple[str, str, str, str]]]:
    """Return `judged(text, stack="prod")`: control, verdict, resource and path of every finding.

    The text sees everything that `fintech_infra` exports, `pulumi`, and `aws`. Only the exports
    that it names are imported: the provider's modules take longer than the program.
    """
    import fintech_infra
    from fintech_infra.controls import CONTROLS, evaluate

    def judge(text: str, stack: str = "prod") -> list[tuple[str, str, str, str]]:
        (tmp_path / "Pulumi.yaml").write_text("name: proof\nruntime: python\n")
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(f"config:\n  aws:region: {REGION}\n")
        names = sorted(set(re.findall(r"\b[A-Z]\w+", text)) & set(fintech_infra.__all__))
        head = (
            f"import pulumi\nimport pulumi_aws as aws\nfrom fintech_infra import {', '.join(names)}"
        )
        (tmp_path / "__main__.py").write_text(f"{head}\n\n{text}\n")
        found = evaluate(warm.preview(tmp_path, stack).environment, CONTROLS).findings
        return sorted(
            (item.control.id, item.verdict.value, item.resource.name, item.path) for item in found
        )

    return judge

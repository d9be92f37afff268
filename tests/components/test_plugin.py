"""The package as a component plugin for programs in other languages, driven over gRPC.

The plugin is booted as Pulumi boots it, and asked as Pulumi's engine asks it. What these tests do
not prove: that the SDKs that Pulumi generates from the schema compile.
"""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

import grpc
import pulumi
import pulumi_aws as aws
import pytest
import yaml
from pulumi.runtime.proto import errors_pb2, status_pb2

import fintech_infra
from fintech_infra.engine.config import stack_config
from fintech_infra.engine.project import load_project
from fintech_infra.environment import Environment, Resource
from tests.plugin.bridge import Bridge
from tests.plugin.host import PACKAGE, ROOT, Plugin
from tests.plugin.remote import Remote, stand_ins

EXAMPLES: Final = ROOT / "examples"
PROGRAMS: Final = sorted(path.parent.name for path in EXAMPLES.glob("*/__main__.py"))
COMPONENTS: Final = sorted(
    name
    for name in fintech_infra.__all__
    if isinstance(getattr(fintech_infra, name), type)
    and issubclass(getattr(fintech_infra, name), pulumi.ComponentResource)
)
ROLE: Final = "arn:aws:iam::111122223333:role/payments"
REQUIRED: Final = {
    "AuditTrail": ["alarmTopicArn"],
    "BackupVault": ["copyTo", "protects"],
    "CostGuard": ["environment", "monthlyLimitUsd"],
    "DeployIdentity": ["environment", "owner", "ownerId", "repository", "repositoryId"],
    "EgressFirewall": ["allowedDomains", "subnetIds", "vpcId"],
    "EncryptedDatabase": ["engineVersion", "vpcId", "zones"],
    "EphemeralCompute": [
        "image",
        "jobTtlMinutes",
        "maxVcpus",
        "securityGroupIds",
        "subnetIds",
        "vpcId",
    ],
    "HardenedVpc": ["zones"],
    "ImmutableService": ["certificateArn", "hosts", "image", "subnetIds", "vpcId"],
    "ManagedSecret": ["purpose"],
    "SecurityBaseline": ["alarmTopicArn"],
    "SelfHealing": ["alarmTopicArn"],
    "ServiceObservability": ["pageTopicArn"],
}
"""What has no safe default. A component that is not named here needs nothing."""


pytestmark = pytest.mark.xdist_group("plugin")  # one plugin for all


def _properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every property that the schema names, and what is inside of lists and maps."""
    for token, item in [*schema["resources"].items(), *schema["types"].items()]:
        for part in ("inputProperties", "properties"):
            for name, spec in (item.get(part) or {}).items():
                yield from _nested(f"{token.rpartition(':')[2]}.{name}", spec)


def _nested(path: str, spec: Any) -> Iterator[tuple[str, Any]]:
    yield path, spec
    if inner := spec.get("items") or spec.get("additionalProperties"):
        yield from _nested(f"{path}[]", inner)


def test_the_repository_is_marked_as_a_python_plugin() -> None:
    assert yaml.safe_load((ROOT / "PulumiPlugin.yaml").read_text("utf-8")) == {"runtime": "python"}


def test_the_plugin_publishes_the_components_and_nothing_else(plugin: Plugin) -> None:
    assert plugin.schema["name"] == PACKAGE
    resources = plugin.schema["resources"]
    assert sorted(resources) == [f"{PACKAGE}:index:{name}" for name in COMPONENTS]
    assert all(item["isComponent"] for item in resources.values())


def test_only_what_has_no_safe_default_is_required(plugin: Plugin) -> None:
    required = {
        token.rpartition(":")[2]: item["requiredInputs"]
        for token, item in plugin.schema["resources"].items()
    }

    assert required == {name: REQUIRED.get(name, []) for name in COMPONENTS}


def test_every_output_is_always_there(plugin: Plugin) -> None:
    for item in plugin.schema["resources"].values():
        assert sorted(item["required"]) == sorted(item["properties"])


def test_everything_that_the_schema_names_is_described(plugin: Plugin) -> None:
    undescribed = [path for path, spec in _properties(plugin.schema) if not spec.get("description")]
    for token, item in [*plugin.schema["resources"].items(), *plugin.schema["types"].items()]:
        undescribed += [token] if not item.get("description") else []
        undescribed += [
            f"{token}.{choice['name']}"
            for choice in item.get("enum") or ()
            if not choice.get("description")
        ]

    assert undescribed == []


def test_every_property_has_a_type_and_a_name_that_other_languages_write(plugin: Plugin) -> None:
    assert "pulumi.json#/Any" not in json.dumps(plugin.schema)
    names = {path.rpartition(".")[2].replace("[]", "") for path, _ in _properties(plugin.schema)}
    assert [name for name in names if not re.fullmatch("[a-z][A-Za-z0-9]*", name)] == []


def test_nothing_stands_where_the_component_host_would_lose_it(plugin: Plugin) -> None:
    """The host makes empty objects of choices in lists and maps, and of objects that are outputs.

    It also leaves the names inside of lists of lists and maps of maps as they are.
    """
    types = plugin.schema["types"]
    lost: list[str] = []
    for path, spec in _properties(plugin.schema):
        if "$ref" in spec:
            is_choice = "enum" in types[spec["$ref"].removeprefix("#/types/")]
            deep = path.count("[]") > (0 if is_choice else 1)
            lost += [path] if deep or not spec.get("plain") else []

    assert lost == []


def test_no_type_has_the_name_of_a_class_that_an_sdk_generates(plugin: Plugin) -> None:
    types = {token.rpartition(":")[2] for token in plugin.schema["types"]}
    taken = {f"{name}{suffix}" for name in COMPONENTS for suffix in ("", "Args", "State")}

    assert types & taken == set()


def _example(name: str) -> tuple[Callable[[], Any], Mapping[str, str]]:
    def program() -> None:
        runpy.run_path(str(EXAMPLES / name / "__main__.py"), run_name="__main__")

    return program, stack_config(load_project(EXAMPLES / name), "dev").values


def _made(environment: Environment) -> dict[str, Any]:
    return {
        item.urn: (item.inputs, item.outputs, item.id, item.parent, item.provider, item.options)
        for item in environment.resources
    }


@pytest.fixture
def elsewhere(plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have programs find, in this package's place, what an SDK of another language holds."""

    def put() -> None:
        for name, stand_in in stand_ins(plugin.schema).items():
            monkeypatch.setattr(fintech_infra, name, stand_in)

    return put


@pytest.mark.parametrize("example", PROGRAMS)
def test_an_example_makes_through_the_plugin_what_it_makes_in_python(
    example: str, plugin: Plugin, elsewhere: Callable[[], None]
) -> None:
    program, config = _example(example)
    here = Bridge(plugin, config=config, project=example).run(program)
    elsewhere()
    there = Bridge(plugin, config=config, project=example).run(program)
    unknown = Bridge(plugin, config=config, project=example, known=False).run(program)

    assert _made(there) == _made(here)
    assert there.outputs == here.outputs
    assert [urn for item in here.resources for urn in _lost(item, there)] == []
    assert unknown.by_urn.keys() == here.by_urn.keys()


def _lost(item: Resource, there: Environment) -> list[str]:
    """Dependencies of a resource that it has no more, not even as one on the whole component."""
    kept = {*there.by_urn[item.urn].dependencies}
    return [urn for urn in item.dependencies if not kept & {urn, *_above(urn, there)}]


def _above(urn: str, environment: Environment) -> Iterator[str]:
    while parent := environment.by_urn[urn].parent:
        yield parent
        urn = parent


def test_a_component_is_built_with_the_providers_and_under_the_parent_that_it_is_given(
    plugin: Plugin,
) -> None:
    def program() -> None:
        ireland = aws.Provider("ireland", region="eu-west-1")
        platform = pulumi.ComponentResource("acme:index:Platform", "platform")
        options = pulumi.ResourceOptions(parent=platform, providers=[ireland])
        Remote(f"{PACKAGE}:index:EncryptionKey", "ledger", {"rotationDays": 180}, (), options)

    made = {(item.type, item.name): item for item in Bridge(plugin).run(program).resources}

    component = made[f"{PACKAGE}:index:EncryptionKey", "ledger"]
    key = made["aws:kms/key:Key", "ledger"]
    assert component.parent == made["acme:index:Platform", "platform"].urn
    assert key.parent == component.urn
    assert key.provider == made["pulumi:providers:aws", "ireland"].urn
    assert key.options.protect
    assert key.inputs["rotationPeriodInDays"] == 180


def _refused(
    plugin: Plugin, component: str, properties: Callable[[], Mapping[str, Any]]
) -> grpc.Call:
    """The error with which the plugin refuses a component, before it registers anything."""
    bridge = Bridge(plugin)

    def program() -> None:
        Remote(f"{PACKAGE}:index:{component}", "ledger", properties(), ())

    with pytest.raises(grpc.RpcError) as raised:
        bridge.run(program)
    assert [item.type for item in bridge.registry.resources()] == ["pulumi:pulumi:Stack"]
    return cast("grpc.Call", raised.value)


def test_mistakes_are_told_all_at_once_with_their_places(plugin: Plugin) -> None:
    properties = {
        "rotationDays": 30,
        "alias": "alias/ledger",
        "users": [{"principal": ROLE, "operations": ["decrypt", "sign"]}],
    }

    lines = (_refused(plugin, "EncryptionKey", lambda: properties).details() or "").splitlines()

    assert lines[0].endswith("EncryptionKey 'ledger' cannot be built:")
    # The SDK puts a traceback behind.
    assert {line.partition(":")[0] for line in lines[1:4]} == {
        "  alias",
        "  rotation_days",
        "  users[0].operations[1]",
    }


def test_an_output_is_refused_where_it_would_decide_what_is_made(plugin: Plugin) -> None:
    def properties() -> dict[str, Any]:
        return {"zones": [pulumi.Output.from_input("eu-west-1a"), "eu-west-1b"]}

    details = _refused(plugin, "HardenedVpc", properties).details() or ""

    assert "zones[0]: is an output; it decides what is created" in details


@pytest.mark.parametrize(
    ("component", "properties", "path"),
    [
        ("HardenedVpc", {}, "zones"),
        ("HardenedVpc", {"zones": ["eu-west-1a", "eu-west-1b"], "egress": "open"}, "egress"),
        ("EncryptionKey", {"users": [{"principal": "nobody"}]}, "users[0].operations"),
        (
            "ServiceObservability",
            {"pageTopicArn": "arn", "heartbeats": {"jobs": {"namespace": "Jobs"}}},
            "heartbeats.jobs.metricName",
        ),
    ],
)
def test_what_the_schema_forbids_is_told_with_its_place(
    component: str, properties: Mapping[str, Any], path: str, plugin: Plugin
) -> None:
    told: Any = dict(_refused(plugin, component, lambda: properties).trailing_metadata() or ())

    status = status_pb2.Status.FromString(told["grpc-status-details-bin"])
    errors = errors_pb2.InputPropertiesError()
    status.details[0].Unpack(errors)
    assert [error.property_path for error in errors.errors] == [path]

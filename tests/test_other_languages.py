"""The examples in YAML and TypeScript are programs that the plugin accepts and builds.

Both are read without their languages' tools: YAML as data, TypeScript as a syntax tree. Names,
types, choices and references are held to the plugin's schema; then the plugin builds what they
declare, and the controls judge it. What these tests do not prove: that Pulumi's CLI generates the
SDK, that TypeScript compiles against it, or that YAML's own runtime reads the program as it is read
here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import fintech_infra
from fintech_infra.controls import CONTROLS, evaluate
from tests.plugin import typescript_program, yaml_program
from tests.plugin.bridge import Bridge
from tests.plugin.host import PACKAGE, ROOT, Plugin
from tests.plugin.program import Declared, Program, Ref, Text
from tests.plugin.schema import mistakes

EXAMPLES: Final = ROOT / "examples"
SDK: Final = f"@pulumi/{PACKAGE}"
"""What the CLI calls the npm package of an SDK that it generates from a local plugin."""


pytestmark = pytest.mark.xdist_group("plugin")  # one plugin for all


@pytest.fixture(scope="module")
def plugin(plugin: Plugin) -> Plugin:
    """The plugin, whose outputs are simulated here."""
    for name in fintech_infra.__all__:
        getattr(fintech_infra, name)  # loads the classes that outputs are simulated from
    return plugin


@pytest.fixture(scope="module")
def in_yaml() -> Program:
    """The example in YAML."""
    return yaml_program.read(EXAMPLES / "yaml" / "Pulumi.yaml")


@pytest.fixture(scope="module")
def in_typescript() -> Program:
    """The example in TypeScript."""
    return typescript_program.read(EXAMPLES / "typescript" / "index.ts", PACKAGE, SDK)


@pytest.mark.parametrize("language", ["typescript", "yaml"])
def test_an_example_names_the_plugin_by_the_path_to_the_repository(language: str) -> None:
    folder = EXAMPLES / language
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text("utf-8"))

    assert project["packages"].keys() == {PACKAGE}
    assert (folder / project["packages"][PACKAGE] / "PulumiPlugin.yaml").resolve() == (
        ROOT / "PulumiPlugin.yaml"
    )


def test_the_package_that_typescript_imports_is_the_one_that_the_cli_generates() -> None:
    folder = EXAMPLES / "typescript"
    npm = json.loads((folder / "package.json").read_text("utf-8"))
    compiler = json.loads((folder / "tsconfig.json").read_text("utf-8"))

    assert npm["dependencies"][SDK] == f"file:sdks/{PACKAGE}"
    assert compiler["compilerOptions"]["strict"] is True
    assert compiler["files"] == [npm["main"]] == ["index.ts"]


def test_the_examples_fit_the_schema(
    plugin: Plugin, in_yaml: Program, in_typescript: Program
) -> None:
    assert mistakes(in_yaml, plugin.schema) == []
    assert mistakes(in_typescript, plugin.schema) == []


def test_both_languages_declare_the_same(in_yaml: Program, in_typescript: Program) -> None:
    assert in_typescript.resources == in_yaml.resources
    assert in_typescript.outputs == in_yaml.outputs


def test_the_plugin_builds_the_example_and_the_controls_accept_it(
    plugin: Plugin, in_yaml: Program
) -> None:
    environment = in_yaml.run(Bridge(plugin))

    built = {(item.type, item.name) for item in environment.resources if not item.custom}
    assert built >= {(item.token, item.name) for item in in_yaml.resources.values()}
    assert environment.outputs["url"].startswith("https://")
    assert environment.outputs.keys() == in_yaml.outputs.keys()
    found = evaluate(environment, CONTROLS).findings
    assert [(item.control.id, item.verdict, item.resource.name) for item in found] == []


def test_the_plugin_builds_the_example_while_no_outputs_are_known(
    plugin: Plugin, in_yaml: Program
) -> None:
    known = in_yaml.run(Bridge(plugin))
    unknown = in_yaml.run(Bridge(plugin, known=False))

    assert unknown.by_urn.keys() == known.by_urn.keys()


def _changed(program: Program, resource: str, **properties: Any) -> Program:
    declared = program.resources[resource]
    properties = {**declared.properties, **properties}
    return replace(
        program,
        resources={**program.resources, resource: replace(declared, properties=properties)},
    )


@pytest.mark.parametrize(
    ("resource", "properties", "expected"),
    [
        ("network", {"Zones": []}, "network.Zones: is not in the schema"),
        ("network", {"zones": "eu-west-1a"}, "network.zones: is 'eu-west-1a', not of type array"),
        ("network", {"zones": [1]}, "network.zones[0]: is 1, not of type string"),
        ("network", {"appPort": True}, "network.appPort: is True, not of type integer"),
        (
            "network",
            {"cidr": Ref("alarms", "arn")},
            "network.cidr: is an output, alarms.arn; a plain value is needed",
        ),
        (
            "network",
            {"cidr": Text(("10.", Ref("alarms", "arn")))},
            "network.cidr: is a text that is not known yet",
        ),
        (
            "ledger",
            {"vpcId": Ref("network", "id")},
            "ledger.vpcId: refers to network.id, which does not exist",
        ),
        (
            "ledger",
            {"vpcId": Ref("net", "vpcId")},
            "ledger.vpcId: refers to net.vpcId, which does not exist",
        ),
        (
            "ledger",
            {"vpcId": Ref("network", "appSubnetIds")},
            "ledger.vpcId: is array of string, not string",
        ),
        (
            "statements",
            {"dataClass": "secret"},
            (
                "statements.dataClass: is 'secret', not one of public, internal, confidential, "
                "pii, cardholder"
            ),
        ),
        (
            "statements",
            {"retention": {"expire_after_days": 400}},
            "statements.retention.expire_after_days: is not in the schema",
        ),
        ("statements", {"retention": 400}, "statements.retention: is 400, not an object"),
        (
            "payments",
            {"destinations": {"ledger": {"port": "5432"}}},
            "payments.destinations.ledger.port: is '5432', not of type integer",
        ),
        (
            "payments",
            {"destinations": {"ledger": {}}},
            "payments.destinations.ledger.port: is required",
        ),
    ],
)
def test_a_slip_against_the_schema_is_found(
    resource: str, properties: dict[str, Any], expected: str, plugin: Plugin, in_yaml: Program
) -> None:
    assert mistakes(_changed(in_yaml, resource, **properties), plugin.schema) == [expected]


@pytest.mark.parametrize(
    "statement",
    [
        "if (network) { }",
        "new fintech.AlarmTopic('unnamed', {});",
        "const topic = new pulumi.ComponentResource('acme:index:Topic', 'topic', {});",
        "const key = new fintech.EncryptionKey('key', { ...shared });",
        "const key = new fintech.EncryptionKey('key', { ['alias']: 'key' });",
        "const key = new fintech.EncryptionKey('key', { alias: name() });",
        "const key = new fintech.EncryptionKey('key', { alias: `${network.vpcId}` });",
        "const key = new fintech.EncryptionKey('key', { alias: network.vpcId.length });",
        "export default network;",
    ],
)
def test_what_typescript_may_say_and_is_not_read_is_refused(statement: str, tmp_path: Path) -> None:
    (tmp_path / "index.ts").write_text(
        f"import * as pulumi from '@pulumi/pulumi';\nimport * as fintech from '{SDK}';\n"
        "const network = new fintech.HardenedVpc('network', {});\n" + statement
    )
    with pytest.raises(AssertionError, match="line 4 is not read here"):
        typescript_program.read(tmp_path / "index.ts", PACKAGE, SDK)


@pytest.mark.parametrize(
    "resource",
    [
        {"type": "t", "options": {"protect": True}},
        {"type": "t", "properties": {"alias": {"fn::toJSON": {}}}},
        {"type": "t", "properties": {"alias": "${network.subnetIds[0]}"}},
        {"type": "t", "properties": {"alias": "$${network.vpcId}"}},
    ],
)
def test_what_yaml_may_say_and_is_not_read_is_refused(
    resource: dict[str, Any], tmp_path: Path
) -> None:
    program = {"runtime": "yaml", "resources": {"key": resource}, "outputs": {}}
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(program))
    with pytest.raises(AssertionError, match="not read here"):
        yaml_program.read(tmp_path / "Pulumi.yaml")


def test_a_resource_that_is_missing_or_unknown_is_found(plugin: Plugin) -> None:
    vault = Declared(f"{PACKAGE}:index:BackupVault", "vault", {"protects": ["rds"]})
    bucket = Declared(f"{PACKAGE}:index:Bucket", "bucket", {})
    program = Program({"vault": vault, "bucket": bucket}, {"name": Ref("gone", "name")})

    assert mistakes(program, plugin.schema) == [
        "vault.copyTo: is required",
        "bucket: fintech_infra:index:Bucket is not in the schema",
        "outputs.name: refers to gone.name, which does not exist",
    ]

"""The payment platform: every environment is clean under every control; wrong settings are told.

What the components make is tested with them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pulumi
import pytest

import fintech_infra
from fintech_infra.controls import CONTROLS, Scope, evaluate
from fintech_infra.engine import PreviewError, preview
from fintech_infra.environment import Environment, codec
from tests.previews import platform

ROOT = Path(__file__).resolve().parent.parent
COMPONENTS = [
    ("AlarmTopic", "alarms"),
    ("AuditTrail", "audit"),
    ("BackupVault", "payments"),
    ("CostGuard", "payments"),
    ("DeployIdentity", "pipeline"),
    ("EdgeShield", "edge"),
    ("EncryptedDatabase", "ledger"),
    ("EncryptionKey", "ledger"),
    ("EncryptionKey", "records"),
    ("EphemeralCompute", "end-of-day"),
    ("HardenedVpc", "payments"),
    ("ImageRepository", "end-of-day"),
    ("ImageRepository", "payments-api"),
    ("ImmutableService", "payments-api"),
    ("LockedDownBucket", "logs"),
    ("LockedDownBucket", "payment-records"),
    ("LockedDownBucket", "statements"),
    ("ManagedSecret", "clearing"),
    ("SecurityBaseline", "baseline"),
    ("SelfHealing", "healing"),
    ("ServiceObservability", "payments-api"),
]
STACKS = ("dev", "staging", "prod")


def top_level(environment: Environment) -> list[tuple[str, str]]:
    return sorted(
        (resource.type.rpartition(":")[2], resource.name)
        for resource in environment.resources
        if resource.type.startswith("fintech_infra:")
        and resource.parent.endswith(f"-{environment.stack}")
    )


@pytest.mark.parametrize("stack", STACKS)
def test_an_environment_is_clean_under_every_control(stack: str) -> None:
    environment = platform(stack)
    found = evaluate(environment, CONTROLS).findings
    assert [(item.control.id, item.resource.urn, item.message) for item in found] == []
    assert top_level(environment) == COMPONENTS
    assert [item.message for item in environment.diagnostics if "virtual" not in item.message] == []


def test_an_environment_has_nothing_but_components() -> None:
    raw = [
        resource.name
        for resource in platform("prod").resources
        if resource.custom
        and resource.parent.endswith("-prod")
        and not resource.type.startswith("pulumi:providers:")
    ]
    assert raw == []


def test_every_component_of_the_catalogue_is_in_the_platform() -> None:
    """The egress firewall is inside of the network."""
    types = {item.type.rpartition(":")[2] for item in platform("prod").resources}
    components = {
        name
        for name in fintech_infra.__all__
        if isinstance(item := getattr(fintech_infra, name), type)
        and issubclass(item, pulumi.ComponentResource)
    }
    assert components <= types


def test_environments_have_one_shape() -> None:
    """Beside zones, only what personal data asks for is in one environment and not in another."""
    kinds = {stack: {item.type for item in platform(stack).resources} for stack in STACKS}
    masks = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
    assert kinds["dev"] == kinds["staging"]
    assert kinds["prod"] - kinds["staging"] == {masks}
    assert kinds["staging"] - kinds["prod"] == set()
    names = {
        stack: {
            (item.type, item.name)
            for item in platform(stack).resources
            if item.type != masks and not item.type.startswith("pulumi:")
        }
        for stack in ("staging", "prod")
    }
    assert names["staging"] == names["prod"]


def test_every_role_of_a_workload_wears_the_pipelines_boundary() -> None:
    environment = platform("prod")
    (boundary,) = environment.named("arn:aws:iam::123456789012:policy/delivery/pipeline-boundary")
    roles = [
        item
        for item in environment.of_type("aws:iam/role:Role")
        if any(f":index:{name}$" in item.urn for name in BOUNDED)
    ]
    assert len(roles) > 10
    assert {item.value("permissionsBoundary") for item in roles} == {boundary.outputs["arn"]}


BOUNDED = ("EncryptedDatabase", "EphemeralCompute", "HardenedVpc", "ImmutableService")


def test_controls_apply_to_the_platform() -> None:
    """A control that judges nothing would be clean, too: most of the catalogue has a subject."""
    environment = platform("prod")
    types = {resource.type for resource in environment.resources}
    judged = [control.id for control in CONTROLS if types & set(control.on)]
    assert len(judged) >= 130
    assert any(control.scope is Scope.PROD for control in CONTROLS if control.id in judged)


def test_the_same_environment_gives_the_same_bytes() -> None:
    assert codec.dumps(preview(ROOT, "dev").environment) == codec.dumps(platform("dev"))


def test_wrong_settings_are_told_together_with_their_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    text = (ROOT / "Pulumi.prod.yaml").read_text("utf-8")
    text = text.replace("payments:apiDigest: sha256:", "payments:apiDigest: sha1:")
    text = text.replace("payments:dataClass: cardholder", "payments:dataClass: secret")
    (tmp_path / "Pulumi.prod.yaml").write_text(text, "utf-8")
    with pytest.raises(PreviewError) as caught:
        preview(tmp_path, "prod")
    first, *told = caught.value.problems[0].message.splitlines()
    assert first == "settings in Pulumi.prod.yaml are wrong:"
    assert told[0] == (
        "  payments:dataClass is 'secret'; it takes one of "
        "public, internal, confidential, pii, cardholder"
    )
    assert [line.split()[0] for line in told] == [
        "payments:dataClass",
        "payments:apiDigest",
    ]


def test_a_missing_setting_is_told_before_the_program_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  payments:zones: [eu-central-1a]\n")
    with pytest.raises(PreviewError) as caught:
        preview(tmp_path, "dev")
    messages = [problem.message for problem in caught.value.problems]
    assert (
        "stack dev has no value for recordYears: years that payment records stay locked" in messages
    )
    assert len(messages) == 13
    assert {problem.file for problem in caught.value.problems} == {
        str(tmp_path / "Pulumi.dev.yaml")
    }


def test_the_network_of_an_environment_is_what_its_row_says() -> None:
    scope = json.loads(platform("prod").outputs["networkScope"])
    assert scope["cidr"] == "10.48.0.0/16"
    assert scope["tiers"]["app"]["defaultRoute"] == "firewall"
    assert scope["tiers"]["data"]["defaultRoute"] == "none"

"""The payment platform: every environment is clean under every control; wrong settings are told.

What the components make is tested with them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from fintech_infra.controls import CONTROLS, Scope, evaluate
from fintech_infra.engine import PreviewError, preview
from fintech_infra.environment import codec

ROOT = Path(__file__).resolve().parent.parent
COMPONENTS = [
    ("EncryptedDatabase", "ledger"),
    ("EncryptionKey", "ledger"),
    ("EncryptionKey", "records"),
    ("HardenedVpc", "payments"),
    ("LockedDownBucket", "logs"),
    ("LockedDownBucket", "payment-records"),
    ("LockedDownBucket", "statements"),
]


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_an_environment_is_clean_under_every_control(stack: str) -> None:
    environment = preview(ROOT, stack).environment
    found = evaluate(environment, CONTROLS).findings
    assert [(item.control.id, item.resource.urn, item.message) for item in found] == []
    assert (
        sorted(
            (resource.type.rpartition(":")[2], resource.name)
            for resource in environment.resources
            if resource.type.startswith("fintech_infra:") and resource.parent.endswith(f"-{stack}")
        )
        == COMPONENTS
    )
    assert [item.message for item in environment.diagnostics if "virtual" not in item.message] == []


def test_controls_apply_to_the_platform() -> None:
    """A control that judges nothing would be clean, too: most of the catalogue has a subject."""
    environment = preview(ROOT, "prod").environment
    types = {resource.type for resource in environment.resources}
    judged = [control.id for control in CONTROLS if types & set(control.on)]
    assert len(judged) >= 30
    assert any(control.scope is Scope.PROD for control in CONTROLS if control.id in judged)


def test_the_same_environment_gives_the_same_bytes() -> None:
    first, second = (codec.dumps(preview(ROOT, "prod").environment) for _ in range(2))
    assert first == second


def test_wrong_settings_are_told_together_with_their_file(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    text = (ROOT / "Pulumi.prod.yaml").read_text("utf-8")
    text = text.replace("payments:publicAccess: https", "payments:publicAccess: everybody")
    text = text.replace("payments:dataClass: cardholder", "payments:dataClass: secret")
    (tmp_path / "Pulumi.prod.yaml").write_text(text, "utf-8")
    with pytest.raises(PreviewError) as caught:
        preview(tmp_path, "prod")
    assert caught.value.problems[0].message.splitlines() == [
        "settings in Pulumi.prod.yaml are wrong:",
        "  payments:publicAccess is 'everybody'; it takes one of blocked, https",
        (
            "  payments:dataClass is 'secret'; it takes one of "
            "public, internal, confidential, pii, cardholder"
        ),
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
    assert len(messages) == 6
    assert {problem.file for problem in caught.value.problems} == {
        str(tmp_path / "Pulumi.dev.yaml")
    }


def test_the_network_of_an_environment_is_what_its_row_says() -> None:
    scope = json.loads(preview(ROOT, "prod").environment.outputs["networkScope"])
    assert scope["cidr"] == "10.48.0.0/16"
    assert {tier: facts["defaultRoute"] for tier, facts in scope["tiers"].items()} == {
        "public": "internet gateway",
        "app": "none",
        "data": "none",
    }

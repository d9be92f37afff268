"""Lint over the catalogue: what holds for every control, whoever writes the next one.

Types and inputs are looked up in the text of the installed SDK, whose modules take seconds to
import. That a control's verdicts are right is shown by its own cases.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import fintech_infra
import fintech_infra.controls
from fintech_infra.controls import CONTROLS, Control, Severity
from fintech_infra.controls.frameworks import uncited
from fintech_infra.controls.parity import DIFFERENCE_TYPE
from fintech_infra.controls.provider import PROVIDER
from fintech_infra.controls.waivers.model import WAIVER_TYPE
from fintech_infra.environment import STACK_TYPE
from fintech_infra.environment.model import ANY_TYPE

MODULES: tuple[ModuleType, ...] = tuple(
    module
    for found in pkgutil.iter_modules(fintech_infra.controls.__path__)
    if not found.ispkg
    for module in [importlib.import_module(f"fintech_infra.controls.{found.name}")]
    if hasattr(module, "CONTROLS")
)
TESTS: tuple[ModuleType, ...] = tuple(
    importlib.import_module(f"tests.controls.{name}")
    for name in (f"test_{module.__name__.rpartition('.')[2].rstrip('_')}" for module in MODULES)
    if importlib.util.find_spec(f"tests.controls.{name}")
)
# What looks like the name of a class in a fix, and is not: condition keys, services, values.
WORDS_OF_AWS = {
    "BoolIfExists", "BucketOwnerEnforced", "CallerAccount", "CloudTrail", "CloudWatch",
    "EventBridge", "ExternalId", "GuardDuty", "MultiFactorAuthPresent", "NotAction",
    "PassedToService", "PermissionsBoundary", "PutSecretValue", "RequestedRegion",
    "ResourceOptions", "ResourceTag", "RootCredentialsManagement", "RootSessions", "SecureString",
    "SecureTransport", "SourceAccount", "SourceArn", "SourceVpce", "StringEquals",
    "StringNotEquals",
}  # fmt: skip
OTHERS = (ANY_TYPE, PROVIDER, STACK_TYPE, WAIVER_TYPE, DIFFERENCE_TYPE)
# Decided by options or by whether an input is given at all, so no value leaves them undecided.
ALWAYS_DECIDED = {
    "ecs-ephemeral-storage-cmk",
    "cloudtrail-cloudwatch-delivery",
    "cloudtrail-cmk",
    "iam-server-certificate-not-used",
    "iam-user-not-created",
    "sns-topic-encrypted",
    "pulumi-account-guards-retained",
    "pulumi-ignore-changes-not-on-security",
    "pulumi-no-hardcoded-secrets",
    "pulumi-stateful-resources-protected",
    "rds-master-password-managed",
    "secretsmanager-value-outside-state",
    # Whoever writes a waiver has to know what it says.
    "waiver-narrow",
    "waiver-not-expired",
    "waiver-not-postdated",
    "waiver-short-lived",
    "waiver-used",
}

each_control = pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)


@cache
def sdk() -> Path:
    found = importlib.util.find_spec("pulumi_aws")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@cache
def tokens() -> frozenset[str]:
    return frozenset(re.findall(r'"(aws:[^"]+:[^"]+)": "', (sdk() / "__init__.py").read_text()))


@cache
def inputs(type_: str) -> frozenset[str]:
    """Wire names of the inputs of a resource type."""
    if type_ in {STACK_TYPE, ANY_TYPE}:
        return frozenset()
    if type_ == WAIVER_TYPE:
        return frozenset({"control", "resource", "created", "expires"})
    if type_ == DIFFERENCE_TYPE:
        return frozenset({"message", "path"})
    if type_ == PROVIDER:
        text = (sdk() / "provider.py").read_text()
        getter = r'@pulumi\.getter(?:\(name="(\w+)"\))?\n.*?def (\w+)\(self\)'
        return frozenset(wire or name for wire, name in re.findall(getter, text, re.DOTALL))
    module, _, name = type_.removeprefix("aws:").partition("/")
    class_name = name.partition(":")[2]
    folder = {"lambda": "lambda_"}.get(module, module)
    for path in sorted((sdk() / folder).glob("*.py")):
        text = path.read_text()
        if f"class {class_name}(pulumi.CustomResource)" in text:
            # Where a nested type has the name already, that of the resource has `Init` in it.
            args = next(re.finditer(rf"class {class_name}(?:Init)?Args:", text))
            block = text[args.end() :].partition("\nclass ")[0]
            getter = r'@pulumi\.getter(?:\(name="(\w+)"\))?\n.*?def (\w+)\(self\)'
            found = re.findall(getter, block, re.DOTALL)
            return frozenset(wire or name for wire, name in found)
    raise AssertionError(f"no class for {type_}")


def test_ids_are_unique() -> None:
    assert [item for item, n in Counter(control.id for control in CONTROLS).items() if n > 1] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_a_module_lists_every_control_it_defines_under_its_id(module: ModuleType) -> None:
    defined = {
        name: item
        for name, item in vars(module).items()
        if isinstance(item, Control) and item in module.CONTROLS
    }
    strays = [
        name for name, item in vars(module).items()
        if isinstance(item, Control) and item not in CONTROLS
    ]  # fmt: skip

    assert {name.replace("_", "-") for name in defined} == {item.id for item in module.CONTROLS}
    assert strays == []


def test_the_catalogue_is_its_modules() -> None:
    listed = [item.id for module in MODULES for item in module.CONTROLS]
    assert sorted(listed) == sorted(item.id for item in CONTROLS)


@each_control
def test_a_control_explains_itself(control: Control) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]+", control.id)
    assert control.title.endswith(".")
    assert len(control.title) < 100
    assert len(control.why) > 40
    assert control.why.endswith(".")
    assert control.fix.endswith(".")
    assert len(control.source) > 4
    assert control.severity in Severity


@each_control
def test_a_fix_names_only_components_that_there_are(control: Control) -> None:
    claimed = re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", control.fix)
    classes = {token.rpartition(":")[2] for token in tokens()}
    known = {*fintech_infra.__all__, *classes, *WORDS_OF_AWS}

    assert [name for name in claimed if name not in known] == []


@each_control
def test_every_type_a_control_judges_exists(control: Control) -> None:
    assert control.on != ()
    assert [type_ for type_ in control.on if type_ not in {*tokens(), *OTHERS}] == []


@each_control
def test_every_property_a_control_names_is_an_input(control: Control) -> None:
    known = frozenset[str]().union(*map(inputs, control.on))

    assert sorted({path.partition(".")[0] for path in control.properties} - known) == []


def test_every_control_supports_a_requirement() -> None:
    assert uncited() == ()


@each_control
def test_parameters_have_defaults_that_can_be_written_in_a_file(control: Control) -> None:
    for parameter in control.parameters:
        assert isinstance(parameter.default, int | tuple)
        assert parameter.type is type(parameter.default)


@each_control
def test_a_control_has_compliant_violating_and_undecided_cases(control: Control) -> None:
    cases = [case for module in TESTS for case in module.CASES if case[0] == control.id]
    verdicts = {line.split()[0] for *_, expected in cases for line in expected}

    assert any(expected == [] for *_, expected in cases)
    assert "violated" in verdicts
    assert "undecided" in verdicts or control.id in ALWAYS_DECIDED


def test_at_least_four_controls_look_across_resources() -> None:
    across = {
        "s3-public-access-blocked",
        "vpc-data-subnets-isolated",
        "ec2-sg-data-store-not-world-open",
        "rds-tls-enforced",
        "ec2-default-sg-closed",
        "vpc-flow-logs-enabled",
    }

    assert across <= {control.id for control in CONTROLS if control.relational}

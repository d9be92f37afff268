"""The pack of this repository: what it registers, and that its verdicts are the offline ones.

The same environments go through `evaluate` and, as the engine's messages, through the pack. They
do not prove that the engine knows as much as an offline preview does: it does not before the
first deployment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.proto import analyzer_pb2

from fintech_infra.controls import CONTROLS, Evaluation, Finding, Severity, Verdict, evaluate
from fintech_infra.controls.crossguard.info import Pack
from fintech_infra.controls.crossguard.reading import UNTOLD
from fintech_infra.controls.crossguard.servicer import Analyzer
from fintech_infra.controls.crossguard.waiving import Places
from fintech_infra.controls.frameworks import load, requirements_of
from fintech_infra.engine import preview
from fintech_infra.engine.analyzer.messages import analyze_requests
from fintech_infra.environment import UNKNOWN, Environment, Resource
from tests.policy_pack.asking import CONTEXT, configure

pytestmark = pytest.mark.xdist_group("policy-pack")  # which boots once

ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "policy_pack"
PROGRAMS = Path(__file__).parent / "programs"
LEVELS = {
    Severity.CRITICAL: "mandatory",
    Severity.HIGH: "mandatory",
    Severity.MEDIUM: "mandatory",
    Severity.LOW: "advisory",
}

_UNDECIDED = "is undecided, which is not compliant"


@pytest.fixture(scope="module", params=["checkout", "published"])
def pack(request: pytest.FixtureRequest) -> Any:
    """The pack, in every place that it has to run in."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def careless() -> Environment:
    """A production environment that violates what it can."""
    return preview(PROGRAMS / "careless", "prod", organization="acme").environment


@pytest.fixture(scope="module")
def hardened() -> Environment:
    """A production environment of components."""
    return preview(PROGRAMS / "hardened", "prod", organization="acme").environment


def _said(finding: Finding) -> str:
    told = finding.message.startswith(finding.path)
    return finding.message if told else f"{finding.path}: {finding.message}"


def _expected(evaluation: Evaluation) -> list[tuple[str, str, str, str]]:
    """The violations of an evaluation as `(policy, urn, level, path and message)`."""
    return sorted(
        (
            finding.control.id,
            finding.resource.urn,
            LEVELS[finding.severity],
            _said(finding),
        )
        for finding in evaluation.of(Verdict.VIOLATED)
    )


def _violations(diagnostics: Sequence[Any]) -> list[tuple[str, str, str, str]]:
    return sorted(
        (item.policy, item.urn, item.level, item.message.splitlines()[1])
        for item in diagnostics
        if not item.message.startswith("can't run policy")
    )


def _undecided(diagnostics: Sequence[Any]) -> list[tuple[str, str]]:
    """The undecided ones as `(policy, what is said about one resource)`."""
    return sorted(
        (item.policy, line)
        for item in diagnostics
        if item.message.startswith("can't run policy")
        for line in item.message.partition("during preview: ")[2].splitlines()
    )


def _expected_undecided(evaluation: Evaluation) -> list[tuple[str, str]]:
    return sorted(
        (
            finding.control.id,
            f"{finding.resource.type} {finding.resource.name!r} {_UNDECIDED}: {_said(finding)}",
        )
        for finding in evaluation.of(Verdict.UNDECIDED)
    )


def test_every_control_is_one_policy_of_its_own_name(pack: Any) -> None:
    info = pack.info()

    assert info.name == "fintech-infra"
    assert [policy.name for policy in info.policies] == [control.id for control in CONTROLS]


def test_policies_say_what_their_controls_say(checkout: Any) -> None:
    for policy, control in zip(checkout.info().policies, CONTROLS, strict=True):
        # A waiver is judged when it is known what it has let stand.
        of_stack = control.relational or control.service == "waiver"
        kind = "STACK" if of_stack else "RESOURCE"
        severity = control.severity.value.upper()
        assert policy.displayName == control.title
        assert policy.description == f"{control.title} {control.why}"
        assert policy.remediation_steps == control.fix
        assert policy.policy_type == analyzer_pb2.PolicyType.Value(f"POLICY_TYPE_{kind}")
        assert policy.severity == analyzer_pb2.PolicySeverity.Value(f"POLICY_SEVERITY_{severity}")
        assert policy.enforcementLevel == analyzer_pb2.EnforcementLevel.Value(
            LEVELS[control.severity].upper()
        )
        assert set(policy.configSchema.properties) == {
            "undecided",
            *(parameter.name for parameter in control.parameters),
        }


def test_policies_cite_every_requirement_and_pci_dss_first(checkout: Any) -> None:
    first = load()[0]
    assert (first.name, first.version) == ("PCI DSS", "4.0.1")
    for policy, control in zip(checkout.info().policies, CONTROLS, strict=True):
        pairs = requirements_of(control.id)
        assert list(policy.tags) == [control.service, *(f"{name}:{item}" for name, item in pairs)]
        pci = [requirement for framework, requirement in pairs if framework == first.name]
        if pci:
            assert policy.framework.name == "PCI DSS"
            assert policy.framework.version == "4.0.1"
            assert policy.framework.reference == ", ".join(pci)


def _assert_same(pack: Any, environment: Environment) -> Evaluation:
    evaluation = evaluate(_as_told(environment), CONTROLS)
    pack.configure()
    found = pack.preview(environment)
    assert _violations(found) == _expected(evaluation)
    assert _undecided(found) == _expected_undecided(evaluation)
    assert evaluation.of(Verdict.BROKEN) == ()
    return evaluation


def _as_told(environment: Environment) -> Environment:
    """The environment without what a pack is not told: whether resources are retained."""
    resources = (
        replace(item, options=replace(item.options, retain_on_delete=UNTOLD))
        for item in environment.resources
    )
    return replace(environment, resources=tuple(resources))


def _before_the_first_deployment(environment: Environment) -> Environment:
    """The environment as the engine knows it then: nothing that a provider has yet to fill in."""
    return replace(environment, resources=tuple(map(_planned, environment.resources)))


def _planned(resource: Resource) -> Resource:
    known = {
        key: UNKNOWN if resource.property_dependencies.get(key) else value
        for key, value in resource.inputs.items()
    }
    computed = dict.fromkeys(resource.outputs, UNKNOWN) if resource.custom else {}
    return replace(resource, inputs=known, outputs={**computed, **known}, id="")


def test_a_careless_environment_gets_the_offline_verdicts(pack: Any, careless: Environment) -> None:
    evaluation = _assert_same(pack, careless)

    assert {finding.control.id for finding in evaluation.of(Verdict.VIOLATED)} >= {
        "ec2-sg-data-store-not-world-open",
        "iam-policy-no-admin-star",
        "kms-deletion-window-long",
        "rds-storage-encrypted",
        "s3-policy-not-public",
        "s3-public-access-blocked",
    }
    undecided = evaluation.of(Verdict.UNDECIDED)
    untold = [item for item in undecided if "which a policy pack is not told" in item.message]
    assert {item.control.id for item in untold} == {"pulumi-stateful-resources-protected"}
    assert {item.resource.name for item in undecided if item not in untold} == {
        "database",
        "replica",
    }


def test_a_hardened_environment_gets_the_offline_verdicts(pack: Any, hardened: Environment) -> None:
    assert _assert_same(pack, hardened).of(Verdict.VIOLATED) == ()


def test_before_the_first_deployment_more_is_undecided_and_nothing_is_wrongly_blamed(
    checkout: Any, hardened: Environment
) -> None:
    evaluation = _assert_same(checkout, _before_the_first_deployment(hardened))

    assert evaluation.of(Verdict.VIOLATED) == ()
    assert len(evaluation.of(Verdict.UNDECIDED)) > len(
        evaluate(hardened, CONTROLS).of(Verdict.UNDECIDED)
    )


def test_before_the_first_deployment_what_is_plainly_wrong_is_blamed_already(
    checkout: Any, careless: Environment
) -> None:
    evaluation = _assert_same(checkout, _before_the_first_deployment(careless))

    assert {finding.control.id for finding in evaluation.of(Verdict.VIOLATED)} >= {
        "ec2-sg-data-store-not-world-open",
        "iam-policy-no-admin-star",
        "kms-deletion-window-long",
        "rds-storage-encrypted",
        "s3-public-access-blocked",
    }


def test_a_configured_parameter_and_level_change_the_verdict(
    checkout: Any, careless: Environment
) -> None:
    def of_control() -> list[str]:
        found = checkout.preview(careless)
        return [item.level for item in found if item.policy == "kms-deletion-window-long"]

    checkout.configure(kms_deletion_window_long={"enforcementLevel": "advisory"})
    assert of_control() == ["advisory"]
    checkout.configure(kms_deletion_window_long={"minimum_days": 7})
    assert of_control() == []


def test_what_remedies_mend_complies_with_their_controls(careless: Environment) -> None:
    analyzer = Analyzer(Pack("fintech-infra", CONTROLS), Places("", ()))
    configure(analyzer, all="remediate")
    mended: set[str] = set()
    left: set[str] = set()

    for request in analyze_requests(careless):
        done = analyzer.Remediate(request, CONTEXT).remediations
        for item in done:
            assert "a fault of the control" not in item.diagnostic
            if item.HasField("properties"):
                request.properties.CopyFrom(item.properties)
                mended.add(item.policyName)
        left |= {item.policyName for item in analyzer.Analyze(request, CONTEXT).diagnostics}

    # A final snapshot needs a name, which nobody can make up.
    assert mended & left == {"rds-final-snapshot-kept"}
    assert mended >= {"kms-deletion-window-long", "kms-rotation-enabled"}


def test_the_pack_requires_the_version_that_it_comes_with() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    major, minor, _ = version.split(".")
    manifest = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text("utf-8"))

    assert manifest["version"] == version
    assert (PACK / "requirements.txt").read_text("utf-8") == (
        f"fintech_infra>={major}.{minor},<{major}.{int(minor) + 1}\n"
    )


def test_the_pack_shows_its_own_readme(published: Any) -> None:
    assert published.info().readme == (PACK / "README.md").read_text("utf-8")

"""Builders of small reports by hand, and `sample`, a report with everything in it.

Findings are written down here, not evaluated: what controls say is tested with the controls.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from fintech_infra.controls.control import Control, Fault, Severity
from fintech_infra.controls.evaluate import Evaluation, Finding, Former, Verdict, Waived
from fintech_infra.controls.waivers import Waiver
from fintech_infra.environment import (
    STACK_TYPE,
    UNKNOWN,
    Asset,
    Diagnostic,
    Environment,
    Resource,
    Source,
)
from fintech_infra.environment.graph import INTERNET, Edge, Kind
from fintech_infra.report import encoding
from fintech_infra.report.summary import Report

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AT: Final = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
STACK: Final = "urn:pulumi:prod::payments::pulumi:pulumi:Stack::payments-prod"


def _control(id_: str, severity: Severity = Severity.HIGH, **given: Any) -> Control:
    def check(_: Resource) -> Iterable[Fault]:
        return ()

    facts: dict[str, Any] = {
        "title": f"Title of {id_}.",
        "why": f"Why of {id_}.",
        "fix": f"Fix of {id_}.",
        "on": ("aws:s3/bucket:Bucket",),
    }
    return Control(id=id_, severity=severity, check=check, **(facts | given))


def _resource(type_: str, name: str, **given: Any) -> Resource:
    facts: dict[str, Any] = {"urn": f"urn:pulumi:prod::payments::{type_}::{name}", "parent": STACK}
    return Resource(type=type_, name=name, **(facts | given))


def _stack() -> Resource:
    return Resource(urn=STACK, type=STACK_TYPE, name="payments-prod", custom=False)


def _report(
    *resources: Resource,
    findings: Iterable[Finding] = (),
    controls: Iterable[Control] = (),
    diagnostics: Iterable[Diagnostic] = (),
    fail_on: Severity = Severity.HIGH,
    environment: dict[str, Any] | None = None,
    **given: Any,
) -> Report:
    given.setdefault("at", AT)
    found = tuple(findings)
    all_controls = dict.fromkeys((*(item.control for item in found), *controls))
    return Report(
        Environment(
            "payments",
            "prod",
            resources=(_stack(), *resources),
            diagnostics=tuple(diagnostics),
            **(environment or {}),
        ),
        Evaluation(tuple(all_controls), found, judged=7),
        fail_on,
        **given,
    )


@pytest.fixture(scope="session")
def schema() -> Draft202012Validator:
    """The schema of the JSON report that the package has beside it."""
    from fintech_infra.report.json_format import SCHEMA

    content = json.loads((files("fintech_infra.report") / SCHEMA).read_text("utf-8"))
    Draft202012Validator.check_schema(content)
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(content, format_checker=checker)


@pytest.fixture(autouse=True)
def _every_json_report_is_valid(
    schema: Draft202012Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold every JSON report that a test makes to the schema."""
    from fintech_infra.report import json_format

    def document(content: Any) -> str:
        text = encoding.document(content)
        schema.validate(json.loads(text))
        return text

    monkeypatch.setattr(json_format, "document", document)


@pytest.fixture
def control() -> Callable[..., Control]:
    """Make a control from its id and severity; other facts have made-up texts."""
    return _control


@pytest.fixture
def resource() -> Callable[..., Resource]:
    """Make a resource below the stack from its type and name."""
    return _resource


@pytest.fixture
def report() -> Callable[..., Report]:
    """Make a report of resources, findings and the like; the stack itself is added."""
    return _report


@pytest.fixture
def console() -> Callable[..., Console]:
    """Make a console that writes to memory, 100 columns wide where nothing else is asked."""

    def make(width: int = 100, **given: Any) -> Console:
        return Console(file=io.StringIO(), width=width, color_system=None, **given)

    return make


@pytest.fixture
def sample() -> Report:
    """One of everything: two components, loose resources, all verdicts, a secret, a warning."""
    ledger = _resource("fintech_infra:index:EncryptedDatabase", "ledger", custom=False)
    database = _resource(
        "aws:rds/instance:Instance",
        "ledger",
        urn="urn:pulumi:prod::payments::fintech_infra:index:EncryptedDatabase"
        "$aws:rds/instance:Instance::ledger",
        parent=ledger.urn,
        inputs={"storageEncrypted": False, "password": "hunter22", "endpoint": UNKNOWN},
        outputs={"region": "eu-west-1", "url": "postgres://app:hunter22@ledger"},
        secrets=("inputs.password",),
        source=Source("infra/data.py", 31),
    )
    key = _resource(
        "aws:kms/key:Key", "ledger", parent=ledger.urn, source=Source("infra/data.py", 31)
    )
    uploads = _resource("aws:s3/bucket:Bucket", "uploads", source=Source("__main__.py", 12))
    exports = _resource("aws:s3/bucket:Bucket", "exports")
    settle = _resource(
        "aws:lambda/function:Function",
        "settle",
        inputs={"code": Asset("file", "handler.zip", "3f2a9c0011deadbeef")},
        dependencies=(uploads.urn,),
    )
    remote = _resource(
        "eks:index:Cluster", "remote", custom=False, opaque=True, source=Source("__main__.py", 40)
    )
    private = _control("s3-bucket-is-private", Severity.CRITICAL, source="AWS FSBP S3.8")
    encrypted = _control("rds-storage-is-encrypted", Severity.HIGH)
    named = _control("kms-policy-names-its-principals", Severity.HIGH)
    tagged = _control("s3-owner-is-named", Severity.LOW)
    open_to_all = "no public access block refers to it"
    return _report(
        *(ledger, database, key, uploads, exports, settle, remote),
        findings=[
            Finding(private, exports, Verdict.VIOLATED, "", open_to_all),
            Finding(private, uploads, Verdict.VIOLATED, "", open_to_all),
            Finding(
                named, key, Verdict.UNDECIDED, "policy", "policy is not known before deployment"
            ),
            Finding(named, uploads, Verdict.BROKEN, "", "the control failed with KeyError: 'x'"),
            Finding(
                encrypted, database, Verdict.VIOLATED, "storageEncrypted", "off, with hunter22"
            ),
            Finding(tagged, uploads, Verdict.VIOLATED, "tags.owner", "no owner is named"),
        ],
        controls=[_control("ec2-holds", Severity.MEDIUM)],
        diagnostics=[Diagnostic("warning", "deprecated, said hunter22", uploads.urn)],
        environment={"organization": "acme", "outputs": {"url": "https://a"}},
        requirements={
            "s3-bucket-is-private": (
                ("PCI DSS", "1.4.2"),
                ("PCI DSS", "7.2.1"),
                ("SOC 2", "CC6.1"),
            )
        },
        seconds=0.84,
    )


@pytest.fixture
def full(sample: Report) -> Report:
    """The sample with what stands beside findings: a path, a patch, a waiver and a baseline.

    The secret `hunter22` is in every text that a control, a waiver or a patch can bring.
    """
    database, uploads, exports, settle = (
        next(item for item in sample.resources if item.type == type_ and item.name == name)
        for type_, name in (
            ("aws:rds/instance:Instance", "ledger"),
            ("aws:s3/bucket:Bucket", "uploads"),
            ("aws:s3/bucket:Bucket", "exports"),
            ("aws:lambda/function:Function", "settle"),
        )
    )
    closed = _control(
        "rds-instance-is-not-reachable",
        Severity.CRITICAL,
        remedy=lambda _: {
            "publiclyAccessible": False,
            "password": "hunter22!",
            "tags": {"was": "hunter22"},
        },
    )
    chain = (
        Edge(INTERNET, Kind.REACHES, settle.urn, "calls its URL", settle.urn, "url"),
        Edge(
            settle.urn,
            Kind.REACHES,
            database.urn,
            "knows hunter22",
            database.urn,
            "vpcSecurityGroupIds",
            certain=False,
        ),
    )
    reached = Finding(
        closed, database, Verdict.VIOLATED, "publiclyAccessible", "open to all", chain
    )
    versioned = _control("s3-bucket-is-versioned", Severity.MEDIUM)
    logged = _control("s3-bucket-is-logged", Severity.MEDIUM)
    waiver = Waiver(
        control=versioned.id,
        resource="s3.Bucket::uploads",
        reason="Objects live for a day, said hunter22.",
        owner="Payments",
        approver="Security",
        created=date(2026, 2, 1),
        expires=date(2026, 4, 30),
        origin="waivers.yaml:3",
        ticket="PAY-7",
        source=Source("waivers.yaml", 3),
    )
    evaluation = sample.evaluation
    nist = {control.id: (("NIST 800-53", "AC-3"),) for control in (closed, versioned)}
    return replace(
        sample,
        requirements={**sample.requirements, **nist, "ec2-holds": (("NIST 800-53", "SC-7(5)"),)},
        evaluation=replace(
            evaluation,
            controls=(closed, *evaluation.controls, versioned, logged),
            findings=(reached, *evaluation.findings),
            waived=(
                Waived(Finding(versioned, uploads, Verdict.VIOLATED, "", "not versioned"), waiver),
            ),
            known=(
                Finding(logged, exports, Verdict.VIOLATED, "", "no log"),
                Finding(logged, uploads, Verdict.VIOLATED, "", "no log"),
            ),
            fixed=(Former(logged.id, f"{uploads.urn}-gone", Verdict.VIOLATED, "", "no hunter22"),),
        ),
        compared=True,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium: the system's, else the one that playwright has installed."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_api.sync_playwright() as tool:
        path = found or tool.chromium.executable_path
        if not Path(path).exists():
            pytest.skip(f"no Chromium: none of {', '.join(names)} is on the path")
        started = tool.chromium.launch(executable_path=path)
        yield started
        started.close()

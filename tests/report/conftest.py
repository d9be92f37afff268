"""Builders of small reports by hand, and `sample`, a report with everything in it.

Findings are written down here, not evaluated: what controls say is tested with the controls.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest
from rich.console import Console

from fintech_infra.controls.control import Control, Fault, Severity
from fintech_infra.controls.evaluate import Evaluation, Finding, Verdict
from fintech_infra.environment import (
    STACK_TYPE,
    UNKNOWN,
    Asset,
    Diagnostic,
    Environment,
    Resource,
    Source,
)
from fintech_infra.report.summary import Report

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
                encrypted, database, Verdict.VIOLATED, "storageEncrypted", "off, with hunter22"
            ),
            Finding(
                named, key, Verdict.UNDECIDED, "policy", "policy is not known before deployment"
            ),
            Finding(named, uploads, Verdict.BROKEN, "", "the control failed with KeyError: 'x'"),
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

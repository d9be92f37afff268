"""Controls over what watches an account beside GuardDuty: Security Hub, Config and others.

That a stack declares none of them is a fault only where `account_stacks` names it; see there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.account_stacks import missing
from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.guardduty import DETECTOR
from fintech_infra.controls.policies import enumerated
from fintech_infra.environment import STACK_TYPE, Environment, Resource
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import decided_first, reading

HUB: Final = "aws:securityhub/account:Account"
STANDARD: Final = "aws:securityhub/standardsSubscription:StandardsSubscription"
RECORDER: Final = "aws:cfg/recorder:Recorder"
RECORDER_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"
CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"
INSPECTOR: Final = "aws:inspector2/enabler:Enabler"
INSPECTOR_ORGANIZATION: Final = "aws:inspector2/organizationConfiguration:OrganizationConfiguration"
MACIE: Final = "aws:macie2/account:Account"
ANALYZER: Final = "aws:accessanalyzer/analyzer:Analyzer"
GUARDS: Final = (
    DETECTOR, HUB, STANDARD, RECORDER, RECORDER_STATUS, CHANNEL, INSPECTOR, MACIE,
    ANALYZER, "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
)  # fmt: skip
"""Types whose deletion turns a guard of the whole account off."""

_DEFAULT_STANDARDS: Final = ("aws-foundational-security-best-practices",)


@control(
    on=[HUB, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Add a StandardsSubscription for each; SecurityBaseline subscribes to PCI DSS, FSBP and "
    "CIS.",
    source="CIS AWS Foundations 5.0 4.16; PCI DSS 4.0.1 10.4.1.1",
    properties=["enableDefaultStandards"],
)
def securityhub_enabled(
    resource: Resource,
    environment: Environment,
    *,
    standards: tuple[str, ...] = ("aws-foundational-security-best-practices", "pci-dss"),
    account_stacks: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Security Hub is subscribed to the standards that the entity reports against.

    Without a standard it only collects. The standards are looked for beside the hub; that there is
    no hub is judged in the stacks that account_stacks names, as patterns of project/stack.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [HUB], "Security Hub")
        return
    given = () if resource.value("enableDefaultStandards") is False else _DEFAULT_STANDARDS
    subscribed = [*given, *_subscribed(environment)]
    absent = [name for name in standards if not any(name in item for item in subscribed)]
    if absent:
        yield Fault("", f"Security Hub is not subscribed to {enumerated(absent)}")


def _subscribed(environment: Environment) -> Iterator[str]:
    for standard in environment.of_type(STANDARD):
        with reading(standard.name, ""):
            yield str(standard.value("standardsArn"))


@control(
    on=[RECORDER, STACK_TYPE],
    severity=Severity.HIGH,
    fix="Record all supported and global types, give the recorder a channel and start it; "
    "SecurityBaseline does.",
    source="CIS AWS Foundations 5.0 3.3; FSBP Config.1",
    properties=["recordingGroup"],
)
def config_recorder_complete(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """AWS Config records every type of resource, is started and delivers to a bucket.

    What is not recorded has no history, and most controls of Security Hub cannot judge it. That
    there is no recorder is judged in the stacks that account_stacks names.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [RECORDER], "AWS Config recorder")
        return
    yield from decided_first(
        (_left_out(resource), _not_started(resource, environment), _not_delivered(environment))
    )


def _left_out(recorder: Resource) -> Iterator[Fault]:
    group = "recordingGroup"
    if recorder.value(f"{group}.allSupported") is False:
        yield Fault(f"{group}.allSupported", "some types of resources are not recorded")
    elif recorder.value(f"{group}.includeGlobalResourceTypes") is not True:
        path = f"{group}.includeGlobalResourceTypes"
        yield Fault(path, "roles, users and policies are not recorded")


def _not_started(recorder: Resource, environment: Environment) -> Iterator[Fault]:
    found = companions(environment, recorder, "name", RECORDER_STATUS)
    if not found:
        yield Fault("", "the recorder is never started: it has no RecorderStatus")
    for status in found:
        with reading(status.name, ""):
            if status.value("isEnabled") is not True:
                yield Fault("", f"the recorder is stopped by {status.name}")


def _not_delivered(environment: Environment) -> Iterator[Fault]:
    if not any(True for _ in environment.of_type(CHANNEL)):
        yield Fault("", "what is recorded is delivered nowhere: there is no DeliveryChannel")


@control(
    on=[INSPECTOR, INSPECTOR_ORGANIZATION, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="List EC2, ECR and LAMBDA in resourceTypes; SecurityBaseline does.",
    source="FSBP Inspector.1 to Inspector.4; PCI DSS 4.0.1 6.3.1, 11.3.1",
    properties=["resourceTypes"],
)
def inspector_enabled(
    resource: Resource,
    environment: Environment,
    *,
    scans: tuple[str, ...] = ("EC2", "ECR", "LAMBDA"),
    account_stacks: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Inspector scans instances, images and functions for vulnerabilities.

    A vulnerable package is exploited days after it becomes known, wherever it runs. That Inspector
    is not switched on is judged in the stacks that account_stacks names.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [INSPECTOR], "Inspector enabler")
        return
    if resource.type == INSPECTOR:
        given = {str(item) for _, item in resource.each("resourceTypes")}
    else:
        given = {name for name in scans if resource.value(f"autoEnable.{name.lower()}") is True}
    absent = [name for name in scans if name not in given]
    if absent:
        path = "resourceTypes" if resource.type == INSPECTOR else "autoEnable"
        yield Fault(path, f"{enumerated(absent)} is not scanned")


@control(
    on=[MACIE, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Set status to ENABLED; SecurityBaseline does.",
    source="CIS AWS Foundations 5.0 2.1.3; FSBP Macie.1",
    properties=["status"],
)
def macie_enabled(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Macie is on, not paused.

    Card numbers and personal data end up where nobody expects them; only a search finds them. That
    Macie is not switched on is judged in the stacks that account_stacks names.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [MACIE], "Macie account")
    elif resource.value("status") == "PAUSED":
        yield Fault("status", "Macie is paused")


@control(
    on=[ANALYZER, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Add an analyzer of the other kind; SecurityBaseline has external, internal and unused.",
    source="CIS AWS Foundations 5.0 1.19; PCI DSS 4.0.1 7.2.4, 7.2.5.1",
    properties=["type", "configuration"],
)
def accessanalyzer_enabled(
    resource: Resource,
    environment: Environment,
    *,
    maximum_days: int = 90,
    account_stacks: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Analyzers look for external access and for unused access.

    Permissions grow by themselves, and those that nobody uses are missed by nobody when somebody
    else uses them. Where one analyzer is declared the other belongs beside it; that there is none
    is judged in the stacks that account_stacks names.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [ANALYZER], "access analyzer")
        return
    kinds = {kind for item in environment.of_type(ANALYZER) for kind in _kinds(item)}
    for absent in sorted({"external", "unused"} - kinds):
        yield Fault("type", f"no analyzer looks for {absent} access")
    days = resource.number("configuration.unusedAccess.unusedAccessAge")
    if days is not None and days > maximum_days:
        message = f"access counts as unused after {days} days; at most {maximum_days}"
        yield Fault("configuration.unusedAccess.unusedAccessAge", message)


def _kinds(analyzer: Resource) -> tuple[str, ...]:
    """What an analyzer looks for. One that is only read says nothing of it, so it may be any."""
    if analyzer.existing:
        return ("external", "internal", "unused")
    with reading(analyzer.name, "type"):
        type_ = str(analyzer.value("type") or "ACCOUNT")
    if type_ in {"ACCOUNT", "ORGANIZATION"}:
        return ("external",)
    return ("unused",) if type_.endswith("UNUSED_ACCESS") else ("internal",)


@control(
    on=GUARDS,
    severity=Severity.MEDIUM,
    fix="Pass opts=ResourceOptions(retain_on_delete=True); SecurityBaseline does.",
    source="Pulumi documentation, Resource option: retainOnDelete; PCI DSS 4.0.1 10.7.2",
    scope=Scope.PROD,
)
def pulumi_account_guards_retained(resource: Resource) -> Iterator[Fault]:
    """What guards a whole account survives the stack that declares it.

    Deleting a detector, a recorder or a default of the account blinds or opens everything in it,
    not only what the stack owns. The protect option counts as well.
    """
    if not (resource.options.retain_on_delete or resource.options.protect):
        yield Fault("", "neither retainOnDelete nor protect is set")


CONTROLS: Final = (
    securityhub_enabled,
    config_recorder_complete,
    inspector_enabled,
    macie_enabled,
    accessanalyzer_enabled,
    pulumi_account_guards_retained,
)

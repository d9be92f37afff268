"""Controls over GuardDuty.

That a stack declares no detector is a fault only where `account_stacks` names it; see there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.account_stacks import missing
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.finding_routes import routed
from fintech_infra.controls.policies import enumerated
from fintech_infra.controls.remedies import setting
from fintech_infra.environment import STACK_TYPE, Environment, Resource
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import reading

DETECTOR: Final = "aws:guardduty/detector:Detector"
FEATURE: Final = "aws:guardduty/detectorFeature:DetectorFeature"
ORGANIZATION: Final = "aws:guardduty/organizationConfiguration:OrganizationConfiguration"
ORGANIZATION_FEATURE: Final = (
    "aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature"
)

_ENROLS: Final = ("ALL", "NEW")
# Where a detector says by itself what is a resource of its own today.
_DATASOURCES: Final = {
    "S3_DATA_EVENTS": "datasources.s3Logs.enable",
    "EKS_AUDIT_LOGS": "datasources.kubernetes.auditLogs.enable",
    "EBS_MALWARE_PROTECTION": (
        "datasources.malwareProtection.scanEc2InstanceWithFindings.ebsVolumes.enable"
    ),
}


@control(
    on=[DETECTOR, ORGANIZATION, STACK_TYPE],
    severity=Severity.HIGH,
    fix="Set enable on the detector; SecurityBaseline makes or adopts one.",
    source="FSBP GuardDuty.1; PCI DSS 4.0.1 11.5.1",
    properties=["enable", "autoEnableOrganizationMembers"],
    remedy=setting({"enable": True}, DETECTOR),
)
def guardduty_enabled(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """GuardDuty detectors are on, and organizations enrol their members.

    A suspended detector keeps its place in every inventory and sees nothing. That there is none is
    judged in the stacks that account_stacks names, as patterns of project/stack.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [DETECTOR], "GuardDuty detector")
    elif resource.type == DETECTOR:
        if resource.value("enable") is False:
            yield Fault("enable", "the detector is suspended")
    elif resource.value("autoEnableOrganizationMembers") not in _ENROLS:
        yield Fault("autoEnableOrganizationMembers", "new members of the organization stay blind")


@control(
    on=[FEATURE, ORGANIZATION_FEATURE, DETECTOR],
    severity=Severity.MEDIUM,
    fix="Give the detector a DetectorFeature with status ENABLED for each; SecurityBaseline does.",
    source="FSBP GuardDuty.5 to GuardDuty.13; PCI DSS 4.0.1 5.2.1",
    properties=["status", "autoEnable", "additionalConfigurations"],
)
def guardduty_protections_on(
    resource: Resource,
    environment: Environment,
    *,
    features: tuple[str, ...] = (
        "EBS_MALWARE_PROTECTION",
        "EKS_AUDIT_LOGS",
        "LAMBDA_NETWORK_LOGS",
        "RDS_LOGIN_EVENTS",
        "RUNTIME_MONITORING",
        "S3_DATA_EVENTS",
    ),
) -> Iterator[Fault]:
    """Every protection of GuardDuty is on, wherever a detector is.

    A detector alone reads trails, flow logs and DNS; what happens inside buckets, databases,
    functions and containers is seen by its protections.
    """
    if resource.type == DETECTOR:
        yield from _missing_features(resource, environment, features)
    elif resource.type == FEATURE:
        yield from _switched_off(resource)
    elif resource.value("autoEnable") not in _ENROLS:
        yield Fault("autoEnable", "the feature is not switched on for members")


def _switched_off(feature: Resource) -> Iterator[Fault]:
    if feature.value("status") != "ENABLED":
        yield Fault("status", f"{feature.value('name')} is off")
    for path, agent in feature.entries("additionalConfigurations"):
        if agent.get("status") != "ENABLED":
            yield Fault(f"{path}.status", f"{agent.get('name')} is off")


def _missing_features(
    detector: Resource, environment: Environment, wanted: tuple[str, ...]
) -> Iterator[Fault]:
    declared: set[str] = {name for name, path in _DATASOURCES.items() if detector.value(path)}
    for feature in managed_companions(environment, detector, "detectorId", FEATURE):
        with reading(feature.name, ""):
            declared.add(str(feature.value("name")))
    absent = [name for name in wanted if name not in declared]
    if absent:
        refuse_if_hidden(environment, detector, "detectorId", FEATURE)
        yield Fault("", f"the detector is not given {enumerated(absent)}")


@control(
    on=[DETECTOR],
    severity=Severity.MEDIUM,
    fix="Send GuardDuty findings from severity 7 on to a topic with an EventRule and EventTarget; "
    "SecurityBaseline does.",
    source="PCI DSS 4.0.1 10.4.1.1, 12.10.5",
)
def guardduty_findings_routed(detector: Resource, environment: Environment) -> Iterator[Fault]:
    """High and critical findings reach people through an enabled rule beside the detector.

    A finding that nobody hears of is found by the auditor, months later. A rule on findings that
    arrive in Security Hub counts as well, if it lets high and critical ones pass.
    """
    if not routed(environment):
        yield Fault("", f"no enabled rule takes what {detector.name} finds, high and critical")


CONTROLS: Final = (guardduty_enabled, guardduty_protections_on, guardduty_findings_routed)

"""Controls over CloudWatch alarms, and over what log groups show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.classification import tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import reading

METRIC_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
DATA_PROTECTION: Final = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
ACCOUNT_POLICY: Final = "aws:cloudwatch/logAccountPolicy:LogAccountPolicy"

_ACTIONS: Final = ("alarmActions", "insufficientDataActions", "okActions")
_MISSING: Final = ("breaching", "ignore", "notBreaching")
_NAMED: Final = re.compile(r"""ALARM\(\s*["']?(?P<name>[^"')]+?)["']?\s*\)""")
_GATES: Final = (
    ("aws:ecs/service:Service", "alarms.alarmNames"),
    ("aws:codedeploy/deploymentGroup:DeploymentGroup", "alarmConfiguration.alarms"),
)
"""What reads an alarm by name and acts on it, in place of an action."""

_PERSONAL: Final = ("cardholder", "pii")
"""Values of the tag `data-class` that ask for masking."""


@control(
    on=[METRIC_ALARM, COMPOSITE_ALARM],
    severity=Severity.MEDIUM,
    fix="Give alarmActions, or name the alarm in the rule of a composite alarm that has some; "
    "ServiceObservability makes no alarm without a topic.",
    source="PCI DSS 4.0.1 10.7.2, 12.10.5; FSBP CloudWatch.15",
    properties=["alarmActions", "actionsEnabled"],
)
def cloudwatch_alarm_notifies(alarm: Resource, environment: Environment) -> Iterator[Fault]:
    """An alarm tells somebody, or something acts on it.

    An alarm that turns red where nobody looks is not there when it counts. One that only feeds a
    composite alarm, or decides over a deployment, is used.
    """
    if alarm.value("actionsEnabled") is False:
        yield Fault("actionsEnabled", "its actions are switched off")
    elif not any(list(alarm.each(key)) for key in _ACTIONS):
        if _read_by_a_gate(alarm, environment) or _part_of_another(alarm, environment):
            return
        yield Fault("alarmActions", "it has no action, and no alarm or deployment uses it")


@control(
    on=[METRIC_ALARM],
    severity=Severity.LOW,
    fix="Set treatMissingData: breaching for a sign of life, notBreaching for a count of errors; "
    "ServiceObservability asks for it.",
    source="Amazon CloudWatch user guide, Configuring how CloudWatch alarms treat missing data",
    properties=["treatMissingData"],
)
def cloudwatch_alarm_missing_data_stated(alarm: Resource) -> Iterator[Fault]:
    """An alarm says what the silence of its metric means.

    By default an alarm without data is neither red nor green, so a source that died looks like one
    that has nothing to say.
    """
    given = alarm.value("treatMissingData")
    if given is None:
        yield Fault("treatMissingData", "it does not say what missing data means")
    elif given not in _MISSING:
        yield Fault("treatMissingData", "missing data leaves the alarm without a state")


@control(
    on=[LOG_GROUP],
    severity=Severity.MEDIUM,
    fix="Add a LogDataProtectionPolicy with a Deidentify statement; ServiceObservability masks the "
    "log groups that it is given.",
    source="PCI DSS 4.0.1 3.3.1, 3.4.1; GDPR Art. 25(1)",
    properties=["tags"],
)
def cloudwatch_log_data_masked(group: Resource, environment: Environment) -> Iterator[Fault]:
    """Logs of services that see card or personal data mask it.

    Judged are the log groups whose tag `data-class` is cardholder or pii. What an application
    prints by mistake is then not readable by everyone who may read its log.
    """
    if tag_of(group, "data-class") not in _PERSONAL:
        return
    for policy in environment.of_type(ACCOUNT_POLICY):
        with reading(policy.name, "tags"):
            if policy.value("policyType") == "DATA_PROTECTION_POLICY":
                return
    if not companions(environment, group, "logGroupName", DATA_PROTECTION):
        yield Fault("tags", "no data protection policy in this program masks its log")


def _read_by_a_gate(alarm: Resource, environment: Environment) -> bool:
    return any(environment.referrers(alarm, type_, path) for type_, path in _GATES)


def _part_of_another(alarm: Resource, environment: Environment) -> bool:
    """Whether a composite alarm takes this one into account."""
    names = {alarm.outputs.get("name"), alarm.outputs.get("alarmName"), alarm.id}
    for other in environment.of_type(COMPOSITE_ALARM):
        with reading(other.name, "alarmActions"):
            rule = str(other.value("alarmRule"))
        if names & {found["name"] for found in _NAMED.finditer(rule)}:
            return True
    return False


CONTROLS: Final = (
    cloudwatch_alarm_notifies,
    cloudwatch_alarm_missing_data_stated,
    cloudwatch_log_data_masked,
)

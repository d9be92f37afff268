"""Controls over Step Functions state machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.classification import CLASSIFIED, tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource
from fintech_infra.environment.undecided import decided_first

STATE_MACHINE: Final = "aws:sfn/stateMachine:StateMachine"


def _without_data(machine: Resource) -> Mapping[str, Any]:
    path = "loggingConfiguration.includeExecutionData"
    classified = tag_of(machine, "data-class") in CLASSIFIED
    return {path: False} if classified and machine.value(path) is True else {}


@control(
    on=[STATE_MACHINE],
    severity=Severity.MEDIUM,
    fix="Set loggingConfiguration with a level and a logDestination; for classified data leave "
    "includeExecutionData off, and set encryptionConfiguration with a customer-managed key.",
    source="AWS Step Functions developer guide, CloudWatch Logs; FSBP StepFunctions.1",
    properties=["loggingConfiguration", "encryptionConfiguration", "tags"],
    remedy=_without_data,
)
def sfn_logging_without_payload(machine: Resource) -> Iterator[Fault]:
    """State machines log what they do; those of classified data log no data and use their own key.

    The history of an execution is gone after 90 days. A log with inputs and outputs is a second
    copy of the data, which nobody thinks of when access to it is given or it is to be erased.
    Classified is what the tag `data-class` calls confidential, pii or cardholder.
    """
    yield from decided_first((_log(machine), _classified(machine)))


def _log(machine: Resource) -> Iterator[Fault]:
    if (machine.value("loggingConfiguration.level") or "OFF") == "OFF":
        yield Fault("loggingConfiguration.level", "executions are not logged")
    elif not machine.is_set("loggingConfiguration.logDestination"):
        yield Fault("loggingConfiguration.logDestination", "executions are logged to nowhere")


def _classified(machine: Resource) -> Iterator[Fault]:
    label = tag_of(machine, "data-class")
    if label not in CLASSIFIED:
        return
    if machine.value("loggingConfiguration.includeExecutionData") is True:
        yield Fault("loggingConfiguration.includeExecutionData", f"{label} data is in the log")
    if machine.value("encryptionConfiguration.type") != "CUSTOMER_MANAGED_KMS_KEY":
        yield Fault("encryptionConfiguration.type", f"{label} data needs a customer-managed key")


CONTROLS: Final = (sfn_logging_without_payload,)

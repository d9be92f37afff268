"""Switches a GuardDuty detector back on; one that was changed or deleted needs Pulumi."""

from __future__ import annotations

from typing import Final

from fintech_infra.functions.remediation.events import noncompliant, requested
from fintech_infra.functions.remediation.model import (
    Clients,
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    Step,
    conforms,
    reapply,
    report,
    restore,
)


def _subject(happened: Occurrence) -> str:
    if happened.source == "config":
        return noncompliant(happened, "AWS::GuardDuty::Detector")
    return requested(happened, "detectorId")


def _observe(clients: Clients, _: Occurrence, detector: str) -> Facts:
    client = clients("guardduty")
    if detector not in client.list_detectors()["DetectorIds"]:
        return {"exists": False}
    return {"exists": True, "status": client.get_detector(DetectorId=detector)["Status"]}


def _plan(happened: Occurrence, detector: str, declared: Declared | None, facts: Facts) -> Plan:
    if declared is None:
        return report(f"detector {detector} was changed, and is not declared here")
    if not facts["exists"]:
        return reapply(f"detector {detector} is gone")
    if facts["status"] != "ENABLED":
        parameters = {"DetectorId": detector, "Enable": True}
        return restore(
            f"detector {detector} is declared to be on, and is off",
            Step("guardduty", "update_detector", parameters),
        )
    if happened.name == "UpdateDetector" and not happened.deployed:
        return reapply(f"{happened.name} may have changed what detector {detector} looks at")
    return conforms(f"detector {detector} is on, as declared")


REMEDIATION: Final = Remediation(
    name="enable-detector",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(("guardduty", "update_detector"),),
)

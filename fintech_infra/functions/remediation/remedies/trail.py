"""Starts a trail again that was stopped; a trail that was changed or deleted needs Pulumi."""

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
    plain_id,
    reapply,
    report,
    restore,
)

_CHANGES: Final = ("PutEventSelectors", "PutInsightSelectors", "UpdateTrail")


def _subject(happened: Occurrence) -> str:
    if happened.source == "config":
        return plain_id(noncompliant(happened, "AWS::CloudTrail::Trail"))
    return plain_id(requested(happened, "name", "trailName"))


def _observe(clients: Clients, _: Occurrence, trail: str) -> Facts:
    client = clients("cloudtrail")
    try:
        status = client.get_trail_status(Name=trail)
    except client.exceptions.TrailNotFoundException:
        return {"exists": False}
    return {"exists": True, "logging": bool(status["IsLogging"])}


def _plan(happened: Occurrence, trail: str, declared: Declared | None, facts: Facts) -> Plan:
    if declared is None:
        return report(f"trail {trail} was changed by {happened.name}, and is not declared here")
    if not facts["exists"]:
        return reapply(f"trail {trail} is gone")
    if not facts["logging"]:
        step = Step("cloudtrail", "start_logging", {"Name": trail})
        return restore(f"trail {trail} is declared to log, and does not", step)
    if happened.name in _CHANGES and not happened.deployed:
        return reapply(f"{happened.name} changed what trail {trail} records or where it delivers")
    return conforms(f"trail {trail} logs, as declared")


REMEDIATION: Final = Remediation(
    name="restart-trail",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(("cloudtrail", "start_logging"),),
)

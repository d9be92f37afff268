"""`gather`: one case of all that the gatherers bring."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from fintech_infra.operations.aws import Access
from fintech_infra.operations.aws.trail import Pause
from fintech_infra.operations.diagnosis.gather.alarms import measured, rung, watched
from fintech_infra.operations.diagnosis.gather.asked import Asked, Found, together
from fintech_infra.operations.diagnosis.gather.calls import called
from fintech_infra.operations.diagnosis.gather.logs import logged
from fintech_infra.operations.diagnosis.gather.recorded import recorded
from fintech_infra.operations.diagnosis.gather.services import deployed
from fintech_infra.operations.diagnosis.model import Alarm, Case, Incident
from fintech_infra.operations.ledger import Reader


def gather(
    access: Access,
    asked: Asked,
    ledger: Reader | None = None,
    *,
    pause: Pause = time.sleep,
    tell: Callable[[str], object] = lambda _: None,
) -> Case:
    """Gather the case of an incident. `tell` hears what is being read, for whoever waits.

    CloudTrail answers two requests a second, so an account in which much happens takes minutes.
    """
    tell("alarms")
    rang = rung(access, asked)
    metrics, failed = watched(access, asked.alarm) if asked.alarm else ((), ())
    tell("metrics")
    parts = [rang, Found(unread=failed), measured(access, metrics, asked)]
    tell("deployments of services")
    parts.append(deployed(access, asked))
    if ledger is not None:
        tell("the ledger")
        parts.append(recorded(ledger, asked))
    tell("logs")
    parts.append(logged(access, asked))
    tell("CloudTrail")
    parts.append(called(access, asked, pause))
    found = together(parts)
    subjects = tuple(dict.fromkeys(it.subject for it in metrics if it.subject))
    own = [it for it in rang.alarms if it.name == asked.alarm]
    incident = Incident(
        _what(asked, own),
        asked.start,
        asked.end,
        subjects or tuple(name for _, name in asked.services),
        tuple(dict.fromkeys(it.name for it in metrics)),
        min((it.time for it in own), default=None),
    )
    alarms = tuple(
        replace(it, subjects=subjects) if it.name == asked.alarm else it for it in found.alarms
    )
    return Case(incident, found.changes, alarms, found.measured, found.lines, found.unread)


def _what(asked: Asked, own: list[Alarm]) -> str:
    if not asked.alarm:
        return "a window of time"
    said = own[0].says if own else ""
    return f"alarm {asked.alarm}: {said}" if said else f"alarm {asked.alarm}"

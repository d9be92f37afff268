"""Whether a service that watches an account is awake, from what it says about itself. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Service(StrEnum):
    """The services that are asked; the value is what its metric says."""

    CONFIG = "config"
    GUARDDUTY = "guardduty"
    INSPECTOR = "inspector"
    MACIE = "macie"
    SECURITY_HUB = "security-hub"


ENABLED: Final = "ENABLED"
"""What GuardDuty, Inspector and Macie call themselves when they are awake."""

_FAILURE: Final = "FAILURE"


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector of GuardDuty: its status, and those of its features by their names."""

    status: str
    features: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recorder:
    """A recorder of AWS Config: whether it records, and how its last delivery went."""

    recording: bool
    last_status: str


def detector_faults(detectors: Mapping[str, Detector], wanted: Sequence[str]) -> list[str]:
    """Say what is wrong with the detectors of GuardDuty by their ids, and their `wanted` features.

    A region has at most one; one that is suspended detects nothing, whatever its features say.
    """
    if not detectors:
        return ["there is no detector"]
    found: list[str] = []
    for id_, detector in sorted(detectors.items()):
        if detector.status != ENABLED:
            found.append(f"detector {id_} is {detector.status}")
        statuses = {name: detector.features.get(name, "absent") for name in wanted}
        found += [f"{name} is {status}" for name, status in statuses.items() if status != ENABLED]
    return found


def recorder_faults(recorders: Mapping[str, Recorder]) -> list[str]:
    """Say what is wrong with the recorders of AWS Config, by their names."""
    if not recorders:
        return ["there is no recorder"]
    found: list[str] = []
    for name, recorder in sorted(recorders.items()):
        if not recorder.recording:
            found.append(f"recorder {name} is stopped")
        elif recorder.last_status.upper() == _FAILURE:
            found.append(f"recorder {name} fails to deliver")
    return found


def scan_faults(statuses: Mapping[str, str], wanted: Sequence[str]) -> list[str]:
    """Say which of the `wanted` scans of Inspector are off, from their statuses by name."""
    found = {name: statuses.get(name, "absent") for name in wanted}
    return [f"the scan {name} is {status}" for name, status in found.items() if status != ENABLED]


def session_faults(status: str) -> list[str]:
    """Say what is wrong with the session of Macie."""
    return [] if status == ENABLED else [f"Macie is {status}"]

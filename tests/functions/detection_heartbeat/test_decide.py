"""Whether what the detectors say of themselves means that they are awake."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fintech_infra.functions.detection_heartbeat.decide import (
    Detector,
    Recorder,
    detector_faults,
    recorder_faults,
    scan_faults,
    session_faults,
)


@pytest.mark.parametrize(
    ("detectors", "faults"),
    [
        ({}, ["there is no detector"]),
        ({"a": Detector("ENABLED", {"S3": "ENABLED", "X": "DISABLED"})}, []),
        ({"a": Detector("DISABLED", {"S3": "ENABLED"})}, ["detector a is DISABLED"]),
        ({"a": Detector("ENABLED", {"S3": "DISABLED"})}, ["S3 is DISABLED"]),
        ({"a": Detector("ENABLED", {})}, ["S3 is absent"]),
    ],
)
def test_a_detector_and_its_features_have_to_be_on(
    detectors: Mapping[str, Detector], faults: list[str]
) -> None:
    assert detector_faults(detectors, ["S3"]) == faults


@pytest.mark.parametrize(
    ("recorders", "faults"),
    [
        ({}, ["there is no recorder"]),
        ({"r": Recorder(recording=True, last_status="SUCCESS")}, []),
        ({"r": Recorder(recording=True, last_status="Pending")}, []),
        ({"r": Recorder(recording=True, last_status="")}, []),
        ({"r": Recorder(recording=False, last_status="SUCCESS")}, ["recorder r is stopped"]),
        (
            {"r": Recorder(recording=True, last_status="Failure")},
            ["recorder r fails to deliver"],
        ),
        (
            {
                "b": Recorder(recording=False, last_status="FAILURE"),
                "a": Recorder(recording=False, last_status=""),
            },
            ["recorder a is stopped", "recorder b is stopped"],
        ),
    ],
)
def test_a_recorder_has_to_record_and_to_deliver(
    recorders: Mapping[str, Recorder], faults: list[str]
) -> None:
    assert recorder_faults(recorders) == faults


def test_every_scan_that_is_wanted_has_to_be_on() -> None:
    statuses = {"EC2": "ENABLED", "ECR": "SUSPENDED", "CODE_REPOSITORY": "DISABLED"}

    assert scan_faults(statuses, ["EC2"]) == []
    assert scan_faults(statuses, ["EC2", "ECR", "LAMBDA"]) == [
        "the scan ECR is SUSPENDED",
        "the scan LAMBDA is absent",
    ]


def test_macie_must_not_be_paused() -> None:
    assert session_faults("ENABLED") == []
    assert session_faults("PAUSED") == ["Macie is PAUSED"]

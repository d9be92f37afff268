"""Asks the services that watch an account whether they are awake, and says so in a metric each.

The environment names the metric (`METRIC_NAMESPACE`, `METRIC_NAME`), the baseline for its dimension
(`BASELINE`), the account (`ACCOUNT_ID`), and what has to be on: `FEATURES` of GuardDuty and `SCANS`
of Inspector, both separated by commas. The value is 1 for a service that is awake, else 0.
"""

import json
import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from fintech_infra.functions.detection_heartbeat.decide import (
    Detector,
    Recorder,
    Service,
    detector_faults,
    recorder_faults,
    scan_faults,
    session_faults,
)

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)


def handle(_event: Mapping[str, Any], _context: object) -> dict[str, list[str]]:
    """Ask and report; the event, a tick of the clock, says nothing. Returns the faults found."""
    found = {service.value: _faults(ask) for service, ask in _QUESTIONS.items()}
    _log.info(json.dumps(found))
    metrics: Any = boto3.client("cloudwatch")
    metrics.put_metric_data(
        Namespace=os.environ["METRIC_NAMESPACE"],
        MetricData=[
            {
                "MetricName": os.environ["METRIC_NAME"],
                "Dimensions": [
                    {"Name": "Baseline", "Value": os.environ["BASELINE"]},
                    {"Name": "Service", "Value": service},
                ],
                "Value": 0 if faults else 1,
                "Unit": "None",
            }
            for service, faults in found.items()
        ],
    )
    return found


def _faults(ask: Callable[[], list[str]]) -> list[str]:
    """What a service says is wrong; one that does not answer is not awake."""
    try:
        return ask()
    except ClientError as error:
        return [str(error)]


def _config() -> list[str]:
    config: Any = boto3.client("config")
    found = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return recorder_faults(
        {item["name"]: Recorder(item["recording"], item.get("lastStatus", "")) for item in found}
    )


def _guardduty() -> list[str]:
    guardduty: Any = boto3.client("guardduty")
    found: dict[str, Detector] = {}
    for id_ in guardduty.list_detectors()["DetectorIds"]:
        detector = guardduty.get_detector(DetectorId=id_)
        features = {item["Name"]: item["Status"] for item in detector.get("Features", [])}
        found[id_] = Detector(detector["Status"], features)
    return detector_faults(found, _listed("FEATURES"))


def _inspector() -> list[str]:
    inspector: Any = boto3.client("inspector2")
    answer = inspector.batch_get_account_status(accountIds=[os.environ["ACCOUNT_ID"]])
    statuses = {
        _scan(key): state["status"]
        for account in answer["accounts"]
        for key, state in account["resourceState"].items()
    }
    return scan_faults(statuses, _listed("SCANS"))


def _macie() -> list[str]:
    macie: Any = boto3.client("macie2")
    return session_faults(macie.get_macie_session().get("status", "absent"))


def _security_hub() -> list[str]:
    hub: Any = boto3.client("securityhub")
    hub.describe_hub()
    return []


def _listed(variable: str) -> list[str]:
    return os.environ[variable].split(",")


def _scan(key: str) -> str:
    """The name of a scan when it is asked for, from its name in an answer.

    >>> _scan("lambdaCode")
    'LAMBDA_CODE'
    """
    return "".join(f"_{char}" if char.isupper() else char for char in key).upper()


_QUESTIONS: Final[Mapping[Service, Callable[[], list[str]]]] = {
    Service.CONFIG: _config,
    Service.GUARDDUTY: _guardduty,
    Service.INSPECTOR: _inspector,
    Service.MACIE: _macie,
    Service.SECURITY_HUB: _security_hub,
}

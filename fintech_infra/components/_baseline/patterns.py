"""Events that somebody has to hear of: what the detectors found, and who tries to blind them."""

import json
from collections.abc import Mapping
from typing import Any, Final

HIGH: Final = 7
"""From here on GuardDuty calls a finding high, from 9 critical.
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings-severity.html"""

# Calls that blind a detector, stop a recorder or loosen a default of the account.
_TAMPERING: Final = {
    "access-analyzer": ("DeleteAnalyzer",),
    "config": (
        "DeleteConfigurationRecorder", "DeleteDeliveryChannel", "PutConfigurationRecorder",
        "PutDeliveryChannel", "StopConfigurationRecorder",
    ),
    "ec2": (
        "CreateVpcBlockPublicAccessExclusion", "DisableEbsEncryptionByDefault",
        "DisableImageBlockPublicAccess", "DisableSnapshotBlockPublicAccess",
        "EnableSerialConsoleAccess", "ModifyEbsDefaultKmsKeyId", "ModifyInstanceMetadataDefaults",
        "ModifyVpcBlockPublicAccessOptions", "ResetEbsDefaultKmsKeyId",
    ),
    "ecr": ("PutRegistryScanningConfiguration",),
    "guardduty": (
        "CreateFilter", "DeleteDetector", "DisassociateFromAdministratorAccount",
        "StopMonitoringMembers", "UpdateDetector",
    ),
    "inspector2": ("CreateFilter", "Disable"),
    "macie2": ("CreateFindingsFilter", "DisableMacie", "UpdateMacieSession"),
    "s3": ("DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock"),
    "securityhub": (
        "BatchDisableStandards", "BatchUpdateStandardsControlAssociations", "CreateAutomationRule",
        "DisableSecurityHub", "UpdateStandardsControl",
    ),
}  # fmt: skip


def patterns() -> dict[str, tuple[str, str]]:
    """Return what each rule is about and the pattern of its events, by the role of the rule."""
    return {
        "guardduty-findings": (
            "Findings of GuardDuty, high and critical",
            _pattern("guardduty", "GuardDuty Finding", {"severity": [{"numeric": [">=", HIGH]}]}),
        ),
        "inspector-findings": (
            "Critical vulnerabilities that Inspector found",
            _pattern(
                "inspector2", "Inspector2 Finding", {"severity": ["CRITICAL"], "status": ["ACTIVE"]}
            ),
        ),
        "macie-findings": (
            "Sensitive data or public buckets that Macie found, high",
            _pattern("macie", "Macie Finding", {"severity": {"description": ["High"]}}),
        ),
        "access-findings": (
            "Resources that Access Analyzer found open to anyone",
            _pattern(
                "access-analyzer",
                "Access Analyzer Finding",
                {"status": ["ACTIVE"], "isPublic": [True]},
            ),
        ),
        "hub-findings": (
            "Critical controls of Security Hub that fail",
            _pattern("securityhub", "Security Hub Findings - Imported", _FAILED),
        ),
        "tampering": ("Calls that blind the account", _calls()),
    }


# Findings of the other services arrive in Security Hub as well; they have rules of their own.
_FAILED: Final = {
    "findings": {
        "ProductName": ["Security Hub"],
        "Severity": {"Label": ["CRITICAL"]},
        "Compliance": {"Status": ["FAILED"]},
        "Workflow": {"Status": ["NEW"]},
        "RecordState": ["ACTIVE"],
    }
}


def _pattern(source: str, kind: str, detail: Mapping[str, Any]) -> str:
    found = {"source": [f"aws.{source}"], "detail-type": [kind], "detail": detail}
    return json.dumps(found, separators=(",", ":"))


def _calls() -> str:
    names = sorted({name for calls in _TAMPERING.values() for name in calls})
    sources = [f"{service}.amazonaws.com" for service in sorted(_TAMPERING)]
    found = {
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": sources, "eventName": names},
    }
    return json.dumps(found, separators=(",", ":"))

"""Masks card and personal data in logs."""

import json
from typing import Any, Final

_IDENTIFIER: Final = "arn:{partition}:dataprotection::aws:data-identifier/{name}"

CARD: Final = ("CreditCardExpiration", "CreditCardNumber", "CreditCardSecurityCode")
"""What PCI DSS 4.0.1 3.3.1 and 3.4.1 keep out of sight."""

PERSONAL: Final = (
    "Address",
    "BankAccountNumber-DE",
    "BankAccountNumber-ES",
    "BankAccountNumber-FR",
    "BankAccountNumber-GB",
    "BankAccountNumber-IT",
    "BankAccountNumber-US",
    "EmailAddress",
    "Name",
    "PassportNumber-DE",
    "PassportNumber-ES",
    "PassportNumber-FR",
    "PassportNumber-GB",
    "PassportNumber-IT",
    "PassportNumber-US",
    "Ssn-US",
)
"""Personal data (GDPR Art. 5(1)(c)) that CloudWatch Logs finds by itself.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL-managed-data-identifiers.html"""

SECRETS: Final = ("AwsSecretKey", "OpenSshPrivateKey", "PgpPrivateKey", "PkcsPrivateKey")
"""What lets a reader of a log act as somebody else (PCI DSS 4.0.1 8.3.2)."""

IBAN: Final = {"Name": "Iban", "Regex": "[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}"}
"""International account numbers, which no identifier of AWS covers for all countries."""

_VERSION: Final = "2021-06-01"


def policy(name: str, partition: str) -> str:
    """Return the data protection policy that finds and masks all of these.

    Masking needs an audit statement that names the same data.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch-logs-data-protection-policies.html
    """
    managed = [
        _IDENTIFIER.format(partition=partition, name=item) for item in (*CARD, *PERSONAL, *SECRETS)
    ]
    identifiers = [*managed, IBAN["Name"]]

    def statement(sid: str, operation: dict[str, Any]) -> dict[str, Any]:
        return {"Sid": sid, "DataIdentifier": identifiers, "Operation": operation}

    return json.dumps(
        {
            "Name": name,
            "Description": "Card and personal data do not show in logs",
            "Version": _VERSION,
            "Configuration": {"CustomDataIdentifier": [IBAN]},
            "Statement": [
                statement("Audit", {"Audit": {"FindingsDestination": {}}}),
                statement("Mask", {"Deidentify": {"MaskConfig": {}}}),
            ],
        }
    )

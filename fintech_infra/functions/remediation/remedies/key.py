"""Keeps a KMS key that somebody disabled or scheduled for deletion. A person approves it."""

from __future__ import annotations

from typing import Final

from fintech_infra.functions.remediation.events import read, requested
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


def _subject(happened: Occurrence) -> str:
    # The call may name an alias or leave the account out; CloudTrail adds the key's ARN.
    for resource in happened.detail.get("resources") or []:
        found = read(resource, "ARN")
        if isinstance(found, str) and ":key/" in found:
            return plain_id(found)
    return plain_id(requested(happened, "keyId"))


def _observe(clients: Clients, _: Occurrence, key: str) -> Facts:
    client = clients("kms")
    try:
        found = client.describe_key(KeyId=key)
    except client.exceptions.NotFoundException:
        return {"state": "Gone"}
    return {"state": found["KeyMetadata"]["KeyState"]}


def _plan(happened: Occurrence, key: str, declared: Declared | None, facts: Facts) -> Plan:
    state = facts["state"]
    if state == "Enabled":
        return conforms(f"key {key} is enabled, as declared")
    if declared is None:
        return report(f"key {key} is {state} after {happened.name}, and is not declared here")
    steps = {
        "PendingDeletion": ("cancel_key_deletion", "enable_key"),
        "Disabled": ("enable_key",),
    }.get(state, ())
    if not steps:
        return reapply(f"key {key} is {state}")
    return restore(
        f"key {key} is declared to be in use, and is {state}",
        *(Step("kms", operation, {"KeyId": key}) for operation in steps),
    )


REMEDIATION: Final = Remediation(
    name="keep-key",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(("kms", "cancel_key_deletion"), ("kms", "enable_key")),
    sensitive=True,
)

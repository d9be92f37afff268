"""Asks for `pulumi up` where a declared resource was changed in a way only its program can undo.

A policy, an encryption or a retention has too many declared values to restore them one by one:
that would be a second deployment engine, with a memory of its own.
"""

from __future__ import annotations

from typing import Final

from fintech_infra.functions.remediation.events import requested
from fintech_infra.functions.remediation.model import (
    Clients,
    Declared,
    Facts,
    Occurrence,
    Plan,
    Remediation,
    UnknownEventError,
    conforms,
    plain_id,
    reapply,
)

CALLS: Final = {
    "DeleteBucketEncryption": ("bucketName",),
    "DeleteBucketLifecycle": ("bucketName",),
    "DeleteBucketPolicy": ("bucketName",),
    "PutBucketEncryption": ("bucketName",),
    "PutBucketLifecycle": ("bucketName",),
    "PutBucketLogging": ("bucketName",),
    "PutBucketObjectLockConfiguration": ("bucketName",),
    "PutBucketOwnershipControls": ("bucketName",),
    "PutBucketPolicy": ("bucketName",),
    "PutBucketVersioning": ("bucketName",),
    "PutObjectLockConfiguration": ("bucketName",),
    "DisableKeyRotation": ("keyId",),
    "PutKeyPolicy": ("keyId",),
    "DeleteDBCluster": ("dBClusterIdentifier",),
    "ModifyDBCluster": ("dBClusterIdentifier",),
    "DeleteDBInstance": ("dBInstanceIdentifier",),
    "ModifyDBInstance": ("dBInstanceIdentifier",),
    "DeleteLogGroup": ("logGroupName",),
    "DeleteRetentionPolicy": ("logGroupName",),
    "DisassociateKmsKey": ("logGroupName", "resourceIdentifier"),
    "PutRetentionPolicy": ("logGroupName",),
}
"""Calls that change what is declared, and the request parameters that name the resource."""


def _subject(happened: Occurrence) -> str:
    if happened.name not in CALLS:
        raise UnknownEventError(f"{happened.name} changes nothing that is known here")
    return plain_id(requested(happened, *CALLS[happened.name]))


def _observe(_: Clients, __: Occurrence, ___: str) -> Facts:
    # Whatever is there now: Pulumi compares it with the declaration, in full.
    return {}


def _plan(happened: Occurrence, subject: str, declared: Declared | None, _: Facts) -> Plan:
    if declared is None:
        return conforms(f"{subject} is not declared here")
    if happened.deployed:
        return conforms(f"{subject} was changed by {happened.actor}, which deploys it")
    who = happened.actor or "somebody"
    return reapply(f"{subject} was changed by {who} with {happened.name}")


REMEDIATION: Final = Remediation(
    name="ask-for-reapply", subject=_subject, observe=_observe, plan=_plan
)

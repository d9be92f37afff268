"""Turns all four switches of a bucket's public access block back on."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import ClientError

from fintech_infra.functions.remediation.errors import code_of
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
    report,
    restore,
)

SWITCHES: Final = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)


def _subject(happened: Occurrence) -> str:
    if happened.source == "config":
        return noncompliant(happened, "AWS::S3::Bucket")
    return requested(happened, "bucketName")


def _observe(clients: Clients, _: Occurrence, bucket: str) -> Facts:
    try:
        found = clients("s3").get_public_access_block(Bucket=bucket)
    except ClientError as error:
        code = code_of(error)
        if code == "NoSuchBucket":
            return {"exists": False, "on": []}
        if code != "NoSuchPublicAccessBlockConfiguration":
            raise
        return {"exists": True, "on": []}
    block = found["PublicAccessBlockConfiguration"]
    return {"exists": True, "on": [switch for switch in SWITCHES if block.get(switch)]}


def _plan(_: Occurrence, bucket: str, declared: Declared | None, facts: Facts) -> Plan:
    missing = [switch for switch in SWITCHES if switch not in facts["on"]]
    if not facts["exists"] or not missing:
        return conforms(f"bucket {bucket} is gone or blocks all public access, as declared")
    what = ", ".join(missing)
    if declared is None:
        return report(f"bucket {bucket} has {what} off, and is not declared here")
    parameters = {
        "Bucket": bucket,
        "PublicAccessBlockConfiguration": dict.fromkeys(SWITCHES, True),
    }
    return restore(
        f"bucket {bucket} is declared to block all public access, and has {what} off",
        Step("s3", "put_public_access_block", parameters),
    )


REMEDIATION: Final = Remediation(
    name="block-bucket",
    subject=_subject,
    observe=_observe,
    plan=_plan,
    operations=(("s3", "put_public_access_block"),),
)

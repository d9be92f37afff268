"""Compiles the one policy of a bucket. Pure: every ARN is resolved when it runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from fintech_infra.components._bucket.deliveries import LogSource, delivery_statements
from fintech_infra.components._bucket.discovery import macie_role
from fintech_infra.components._bucket.statements import added_statements
from fintech_infra.components._policy import Account, Condition, Statement, deny

OBJECT_ACCESS: Final = (
    "s3:DeleteObject*",
    "s3:GetObject*",
    "s3:ListBucket*",
    "s3:PutObject*",
    "s3:RestoreObject",
)
"""What reaches data. Configuration is left out where a network is required: it is deployed from
outside of it."""


@dataclass(frozen=True)
class BucketFacts:
    """What the policy of a bucket depends on, everything resolved.

    `key` is empty where the bucket is encrypted with keys that S3 manages. `keep` says that nobody
    may delete objects, `locked` that nobody may shorten their retention, `discovered` that Macie
    looks into them.
    """

    account: Account
    arn: str
    key: str = ""
    keep: bool = False
    locked: bool = False
    receives: Sequence[LogSource] = ()
    org_id: str = ""
    vpc_endpoint_ids: Sequence[str] = ()
    discovered: bool = False
    added: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])


def statements(facts: BucketFacts) -> list[Statement]:
    """Return all statements of a bucket's policy: its own denials, deliveries, then the caller's.

    Raises:
        ValueError: a caller's statement allows something to everyone.
    """
    found = [*_transport(facts.arn), *_encryption(facts)]
    if facts.keep:
        actions = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        found.append(deny("DenyDeletion", actions=actions, on=f"{facts.arn}/*"))
    if facts.locked:
        actions = ["s3:BypassGovernanceRetention"]
        found.append(deny("DenyRetentionBypass", actions=actions, on=f"{facts.arn}/*"))
    found += _perimeter(facts)
    for source in sorted(set(facts.receives)):
        found += delivery_statements(facts.account, facts.arn, source)
    return found + added_statements(facts.arn, facts.added)


def _transport(bucket: str) -> list[Statement]:
    everything = [bucket, f"{bucket}/*"]
    plaintext: Condition = {"Bool": {"aws:SecureTransport": "false"}}
    old: Condition = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    return [
        deny("DenyPlaintextTransport", actions=["s3:*"], on=everything, when=plaintext),
        deny("DenyOldTls", actions=["s3:*"], on=everything, when=old),
    ]


def _encryption(facts: BucketFacts) -> list[Statement]:
    """Uploads name no encryption, and get the bucket's own, or name exactly that."""
    own = ["aws:kms", "aws:kms:dsse"] if facts.key else "AES256"
    other = _deny_upload(facts, "DenyOtherEncryption", "s3:x-amz-server-side-encryption", own)
    if facts.key and LogSource.CLOUDTRAIL in facts.receives:
        # Digest files, which prove the integrity of the others, always have S3-managed keys.
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
        trails = {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}
        other["Condition"]["StringNotEqualsIfExists"] = trails
    found = [
        other,
        _deny_upload(
            facts, "DenyCustomerKeys", "s3:x-amz-server-side-encryption-customer-algorithm", None
        ),
    ]
    if facts.key:
        header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        found.append(_deny_upload(facts, "DenyOtherKeys", header, facts.key))
    return found


def _deny_upload(
    facts: BucketFacts, sid: str, header: str, unless: str | list[str] | None
) -> Statement:
    when: dict[str, dict[str, Any]] = {"Null": {header: "false"}}
    if unless is not None:
        when["StringNotEquals"] = {header: unless}
    return deny(sid, actions=["s3:PutObject"], on=f"{facts.arn}/*", when=when)


def _perimeter(facts: BucketFacts) -> list[Statement]:
    """Only the organization, and only from its networks; AWS services act for the organization.

    After AWS's data perimeter policy examples: a negated operator with IfExists also matches where
    the key is absent, as in anonymous requests.
    """
    everything = [facts.arn, f"{facts.arn}/*"]
    found = _organization(facts.org_id, everything) if facts.org_id else []
    if facts.vpc_endpoint_ids:
        elsewhere: dict[str, dict[str, Any]] = {
            "StringNotEqualsIfExists": {"aws:SourceVpce": list(facts.vpc_endpoint_ids)},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
        }
        if facts.discovered:
            # Macie reads as a role, and from networks of AWS.
            elsewhere["ArnNotEqualsIfExists"] = {"aws:PrincipalArn": macie_role(facts.account)}
        found.append(
            deny("DenyOtherNetworks", actions=OBJECT_ACCESS, on=everything, when=elsewhere)
        )
    return found


def _organization(org_id: str, everything: list[str]) -> list[Statement]:
    outsiders: Condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": org_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    for_others: Condition = {
        "StringNotEqualsIfExists": {"aws:SourceOrgID": org_id},
        "Null": {"aws:SourceAccount": "false"},
        "Bool": {"aws:PrincipalIsAWSService": "true"},
    }
    return [
        deny("DenyOtherOrganizations", actions=["s3:*"], on=everything, when=outsiders),
        deny("DenyServicesForOthers", actions=["s3:*"], on=everything, when=for_others),
    ]


def own_sids() -> frozenset[str]:
    """Sids that a bucket's own statements can have; a caller's statement cannot take one."""
    everything = BucketFacts(
        account=Account(id="", partition="", region="", dns_suffix=""),
        arn="",
        key="key",
        keep=True,
        locked=True,
        receives=tuple(LogSource),
        org_id="organization",
        vpc_endpoint_ids=("endpoint",),
    )
    return frozenset(statement["Sid"] for statement in statements(everything))

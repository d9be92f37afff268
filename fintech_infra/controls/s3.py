"""Controls over who may reach S3 buckets: public access, ACLs and policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import (
    denies_plaintext,
    hold_statements,
    read_policy,
    strangers,
)
from fintech_infra.controls.remedies import denying_plaintext, setting
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import Document, Statement, matches, resource_part
from fintech_infra.environment.relations import (
    companions,
    managed_companions,
    refuse_if_hidden,
)
from fintech_infra.environment.undecided import decided_first, reading

BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
PUBLIC_ACCESS_BLOCK: Final = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
BUCKET_ACLS: Final = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")
OWNERSHIP: Final = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
ACCESS_POINT: Final = "aws:s3/accessPoint:AccessPoint"
ACCESS_POINT_POLICY: Final = "aws:s3control/accessPointPolicy:AccessPointPolicy"

_SWITCHES: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_PUBLIC_ACLS: Final = ("public-read", "public-read-write", "authenticated-read")
_PUBLIC_GROUPS: Final = ("/groups/global/AllUsers", "/groups/global/AuthenticatedUsers")


@control(
    on=BUCKETS,
    severity=Severity.CRITICAL,
    fix="Add an s3.BucketPublicAccessBlock with all four switches on; LockedDownBucket brings one.",
    source="Amazon S3 user guide, Blocking public access; FSBP S3.8",
    properties=["bucket"],
)
def s3_public_access_blocked(bucket: Resource, environment: Environment) -> Iterator[Fault]:
    """Every bucket has a public access block of its own.

    The block is what still holds when somebody later adds a public ACL or policy. Its switches are
    judged by s3-public-access-block-complete.
    """
    if not companions(environment, bucket, "bucket", PUBLIC_ACCESS_BLOCK):
        yield Fault("", "no public access block in this program refers to the bucket")


@control(
    on=[PUBLIC_ACCESS_BLOCK],
    severity=Severity.HIGH,
    fix="Set the four switches to true; LockedDownBucket does.",
    source="Amazon S3 user guide, Blocking public access; FSBP S3.8",
    properties=_SWITCHES,
    remedy=setting(dict.fromkeys(_SWITCHES, True)),
)
def s3_public_access_block_complete(block: Resource) -> Iterator[Fault]:
    """A bucket's public access block has all four switches on.

    Each closes another way in: new ACLs, new policies, ACLs that are there, policies that are
    there. One left off (it is off where it is not given) leaves that way open.
    """
    yield from decided_first(_switch_faults(block, switch) for switch in _SWITCHES)


def _switch_faults(block: Resource, switch: str) -> Iterator[Fault]:
    if block.value(switch) is not True:
        yield Fault(switch, f"{switch} is off")


def _private(resource: Resource) -> Mapping[str, Any]:
    return {"acl": "private"} if resource.value("acl") in _PUBLIC_ACLS else {}


@control(
    on=[*BUCKETS, *BUCKET_ACLS],
    severity=Severity.CRITICAL,
    fix="Set acl to private or leave ACLs out; LockedDownBucket turns ACLs off altogether.",
    source="Amazon S3 user guide, Access control list overview; FSBP S3.2, S3.3",
    properties=["acl", "grants", "accessControlPolicy"],
    remedy=_private,
)
def s3_acl_not_public(resource: Resource) -> Iterator[Fault]:
    """No ACL gives access to everyone or to everyone who has an AWS account.

    Anybody can open an AWS account, so both groups are the public.
    """
    yield from decided_first(
        (
            _canned_acl_faults(resource),
            _grant_faults(resource, "grants", "uri"),
            _grant_faults(resource, "accessControlPolicy.grants", "grantee.uri"),
        )
    )


def _canned_acl_faults(resource: Resource) -> Iterator[Fault]:
    acl = resource.value("acl")
    if acl in _PUBLIC_ACLS:
        yield Fault("acl", f"the canned ACL is {acl}")


def _grant_faults(resource: Resource, path: str, uri: str) -> Iterator[Fault]:
    for at, _ in resource.each(path):
        grantee = f"{at}.{uri}"
        group = str(resource.value(grantee) or "")
        if group.endswith(_PUBLIC_GROUPS):
            yield Fault(grantee, f"grants access to {group.rpartition('/')[2]}")


@control(
    on=[*BUCKETS, OWNERSHIP],
    severity=Severity.MEDIUM,
    fix="Set object ownership to BucketOwnerEnforced and leave ACLs out; LockedDownBucket does.",
    source="Amazon S3 user guide, Controlling ownership of objects; FSBP S3.12",
    properties=["rule", "acl", "grants"],
)
def s3_acl_disabled(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Buckets give no access by ACL: their owner owns every object.

    An ACL is a second, older policy on every single object, which nobody reviews. S3 turns ACLs off
    in new buckets since April 2023, so a bucket that says nothing about them is compliant.
    """
    if resource.type == OWNERSHIP:
        setting = resource.value("rule.objectOwnership")
        if setting != "BucketOwnerEnforced":
            yield Fault("rule.objectOwnership", f"object ownership is {setting}: ACLs have effect")
    elif not managed_companions(environment, resource, "bucket", OWNERSHIP):
        for path in ("acl", "grants"):
            if resource.value(path) not in (None, "private", [], ()):
                yield Fault(path, "access is given by an ACL")
        for acl in managed_companions(environment, resource, "bucket", *BUCKET_ACLS):
            yield Fault("", f"access is given by the ACL {acl.name}")


@control(
    on=[BUCKET_POLICY, *BUCKETS, ACCESS_POINT, ACCESS_POINT_POLICY],
    severity=Severity.CRITICAL,
    fix="Name the principals, or confine them with aws:PrincipalOrgID, aws:SourceVpce or "
    "aws:SourceAccount; LockedDownBucket only admits principals that are named.",
    source='Amazon S3 user guide, The meaning of "public"; FSBP S3.2, S3.3, S3.6',
    properties=["policy"],
)
def s3_policy_not_public(
    resource: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """No bucket policy admits anyone, or an account outside the trusted set.

    A statement for any principal is public unless a condition confines it to fixed accounts,
    organizations, networks or sources.
    """
    yield from hold_statements(resource, ["policy"], strangers(trusted_accounts, "the bucket"))


@control(
    on=[*BUCKETS, BUCKET_POLICY],
    severity=Severity.MEDIUM,
    fix="Deny s3:* to everyone on the bucket and its objects where aws:SecureTransport is false; "
    "LockedDownBucket's policy does.",
    source="Amazon S3 user guide, Security best practices; FSBP S3.5",
    properties=["policy"],
    remedy=denying_plaintext("s3:*", room=20 * 1024, inside="/*"),
)
def s3_policy_tls_only(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """The bucket policy denies every request that is made without TLS.

    S3 answers plain HTTP, too. Data and signatures that cross a network in the clear can be read
    and changed on the way.
    """
    if resource.type != BUCKET_POLICY:
        if managed_companions(environment, resource, "bucket", BUCKET_POLICY):
            return
        if not resource.is_set("policy"):
            refuse_if_hidden(environment, resource, "bucket", BUCKET_POLICY)
            yield Fault("policy", "there is no bucket policy, so plain HTTP is not denied")
            return
    with reading(resource.name, "policy"):
        denied = _denies_plaintext(read_policy(resource, "policy"))
    if not denied:
        yield Fault("policy", "no statement denies all requests without TLS, bucket and objects")


def _denies_plaintext(document: Document) -> bool:
    patterns = [
        resource_part(pattern)
        for statement in document.denying
        if _denies_all_plaintext_requests(statement)
        for pattern in statement.resources
    ]
    return any(matches(pattern, _bucket_of(pattern)) for pattern in patterns) and any(
        matches(pattern, f"{_bucket_of(pattern)}/any/object") for pattern in patterns
    )


def _bucket_of(pattern: str) -> str:
    """A bucket that a resource pattern may be about."""
    return pattern.partition("/")[0].replace("*", "a").replace("?", "a")


def _denies_all_plaintext_requests(statement: Statement) -> bool:
    everything = any(pattern in ("*", "s3:*") for pattern in statement.actions)
    return everything and denies_plaintext(statement)


CONTROLS: Final = (
    s3_public_access_blocked,
    s3_public_access_block_complete,
    s3_acl_not_public,
    s3_acl_disabled,
    s3_policy_not_public,
    s3_policy_tls_only,
)

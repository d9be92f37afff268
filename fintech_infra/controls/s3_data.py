"""Controls over what happens to the data in S3 buckets: encryption, versions, logs, deletion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Scope, Severity, control, expects
from fintech_infra.controls.log_buckets import LOGGINGS, receives_logs
from fintech_infra.controls.s3 import BUCKETS
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import reading

VERSIONINGS: Final = (
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
)
ENCRYPTIONS: Final = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
)
TRAIL: Final = "aws:cloudtrail/trail:Trail"

_BY_DEFAULT: Final = "applyServerSideEncryptionByDefault"
_OBJECT_EVENTS: Final = "AWS::S3::Object"


def _settled(
    bucket: Resource,
    environment: Environment,
    sidecars: tuple[str, ...],
    inline: Callable[[Resource], bool],
) -> bool:
    """Whether a setting is made: in a resource of its own, which is judged itself, or inline.

    Raises:
        UndecidedError: it is not, but may be in something that a preview cannot see.
        UnknownValueError: the inline setting is not known before deployment.
    """
    if managed_companions(environment, bucket, "bucket", *sidecars) or inline(bucket):
        return True
    refuse_if_hidden(environment, bucket, "bucket", *sidecars)
    return False


def _blocks(resource: Resource, *names: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The inline blocks under any of `names`: one or a list, as SDK versions spell them."""
    for name in names:
        yield from resource.entries(name)


@control(
    on=[*BUCKETS, *VERSIONINGS],
    severity=Severity.MEDIUM,
    fix="Add an s3.BucketVersioning with status Enabled; LockedDownBucket keeps versions.",
    source="Amazon S3 user guide, Using versioning; FSBP S3.14",
    properties=["versioningConfiguration", "versioning"],
)
def s3_versioning_enabled(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Buckets keep the versions of their objects.

    Without versions an overwrite or a deletion, by mistake or by malware, is final.
    """
    if resource.type in VERSIONINGS:
        status = resource.value("versioningConfiguration.status")
        if status != "Enabled":
            yield Fault("versioningConfiguration.status", f"versioning is {status or 'not set'}")
    elif not _settled(resource, environment, VERSIONINGS, _is_versioned):
        yield Fault("versioning", "versioning is off")


def _is_versioned(bucket: Resource) -> bool:
    blocks = _blocks(bucket, "versioning", "versionings")
    return any(bucket.value(f"{path}.enabled") is True for path, _ in blocks)


@control(
    on=[*BUCKETS, *ENCRYPTIONS],
    severity=Severity.MEDIUM,
    fix="Set the default encryption to aws:kms with a customer-managed key; LockedDownBucket takes "
    "the key of an EncryptionKey.",
    source="Amazon S3 user guide, Using server-side encryption with AWS KMS keys; FSBP S3.17",
    properties=["rules", "serverSideEncryptionConfiguration"],
)
def s3_encryption_cmk(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Buckets encrypt by default with a customer-managed key.

    With a key of one's own, who reads the data is decided and logged a second time, and the data
    can be made unreadable. Buckets that receive S3 or load balancer access logs are not judged:
    these services can only write to buckets with S3-managed keys.
    """
    faults = list(_encryption_faults(resource))
    buckets: tuple[Resource, ...] = (resource,)
    if resource.type not in BUCKETS:
        buckets = environment.references(resource, "bucket", *BUCKETS)
    elif not _settled(resource, environment, ENCRYPTIONS, _has_inline_encryption):
        faults = [Fault("serverSideEncryptionConfiguration", "no default encryption is set")]
    if faults and not any(receives_logs(bucket, environment) for bucket in buckets):
        yield from faults


def _has_inline_encryption(bucket: Resource) -> bool:
    return any(True for _ in _encryption_defaults(bucket))


def _encryption_faults(resource: Resource) -> Iterator[Fault]:
    for path in _encryption_defaults(resource):
        algorithm = resource.value(f"{path}.sseAlgorithm")
        if not str(algorithm).startswith("aws:kms"):
            yield Fault(f"{path}.sseAlgorithm", f"encrypts with {algorithm}, not with a KMS key")
        elif _is_aws_managed(resource, f"{path}.kmsMasterKeyId"):
            yield Fault(f"{path}.kmsMasterKeyId", "encrypts with the key that AWS manages")


def _is_aws_managed(resource: Resource, path: str) -> bool:
    """Whether the key at `path` is AWS's own; one that is not known yet is made by somebody."""
    try:
        key = resource.value(path)
    except UnknownValueError:
        return False
    return key is None or str(key).endswith("alias/aws/s3")


def _encryption_defaults(resource: Resource) -> Iterator[str]:
    """Paths of the default encryption blocks, in all the shapes that SDK versions give them."""
    holders = [""] if resource.type in ENCRYPTIONS else []
    names = ("serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations")
    holders += [f"{path}." for path, _ in _blocks(resource, *names)]
    for holder in holders:
        for rule, _ in _blocks(resource, f"{holder}rule", f"{holder}rules"):
            for path, _ in _blocks(resource, f"{rule}.{_BY_DEFAULT}", f"{rule}.{_BY_DEFAULT}s"):
                yield path


@control(
    on=BUCKETS,
    severity=Severity.MEDIUM,
    fix="Add an s3.BucketLogging with a log bucket as target; LockedDownBucket takes the log "
    "bucket's id.",
    source="Amazon S3 user guide, Logging requests with server access logging; FSBP S3.9",
    properties=["logging"],
)
def s3_access_logging_enabled(bucket: Resource, environment: Environment) -> Iterator[Fault]:
    """Buckets record who reads and writes their objects.

    Without a record nobody can tell after an incident what was taken. Server access logs count, as
    do the object-level events of a trail in the program that covers the bucket. Buckets that
    receive such logs themselves are not judged: they would log their own logs.
    """
    if receives_logs(bucket, environment) or _trail_records(bucket, environment):
        return
    if not _settled(bucket, environment, LOGGINGS, _logs_inline):
        yield Fault("logging", "server access logging is off, and no trail records object events")


def _logs_inline(bucket: Resource) -> bool:
    blocks = _blocks(bucket, "logging", "loggings")
    return any(bucket.is_set(f"{path}.targetBucket") for path, _ in blocks)


def _trail_records(bucket: Resource, environment: Environment) -> bool:
    return any(_covers(trail, bucket) for trail in environment.of_type(TRAIL) if not trail.existing)


def _covers(trail: Resource, bucket: Resource) -> bool:
    with reading(trail.name, "logging"):
        return _basic_selectors_cover(trail, bucket) or _advanced_selectors_cover(trail)


def _basic_selectors_cover(trail: Resource, bucket: Resource) -> bool:
    for path, selector in _blocks(trail, "eventSelectors"):
        if selector.get("readWriteType") not in (None, "All"):
            continue
        for at, data in _blocks(trail, f"{path}.dataResources"):
            arns = (arn for _, arn in trail.each(f"{at}.values"))
            if data.get("type") == _OBJECT_EVENTS and _any_covers(arns, bucket):
                return True
    return False


def _any_covers(arns: Iterable[str], bucket: Resource) -> bool:
    arn = bucket.outputs.get("arn")
    return any(
        str(value).rstrip("/:") in {"arn:aws:s3", "arn:aws-cn:s3", "arn:aws-us-gov:s3"}
        or (isinstance(arn, str) and value == f"{arn}/")
        for value in arns
    )


def _advanced_selectors_cover(trail: Resource) -> bool:
    """Whether a selector takes all object events: one narrowed to some ARNs is not counted."""
    for path, _ in _blocks(trail, "advancedEventSelectors"):
        fields = {
            trail.text(f"{at}.field"): at for at, _ in _blocks(trail, f"{path}.fieldSelectors")
        }
        wanted = trail.listed(f"{fields.get('resources.type')}.equals")
        if _OBJECT_EVENTS in wanted and not fields.keys() & {"resources.ARN", "readOnly"}:
            return True
    return False


s3_force_destroy_disabled = expects(
    "s3-force-destroy-disabled",
    on=BUCKETS,
    path="forceDestroy",
    equals=False,
    absent_is=True,
    title="Production buckets cannot be emptied by deleting them.",
    why="With forceDestroy a bucket that is removed from the program, or replaced, takes all its "
    "objects and versions with it.",
    fault="forceDestroy is on: a destroy empties the bucket",
    severity=Severity.MEDIUM,
    fix="Remove forceDestroy; LockedDownBucket never sets it.",
    source="Pulumi registry, aws.s3.Bucket forceDestroy",
    scope=Scope.PROD,
    remediable=True,
)

CONTROLS: Final = (
    s3_versioning_enabled,
    s3_encryption_cmk,
    s3_access_logging_enabled,
    s3_force_destroy_disabled,
)

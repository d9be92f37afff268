"""Controls over DNS records."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import entry_paths
from fintech_infra.environment.undecided import decided_first

RECORD: Final = "aws:route53/record:Record"
BUCKETS: Final = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")

_ADDRESSES: Final = ("A", "AAAA")
_JUDGED: Final = (*_ADDRESSES, "CNAME")
# Names that anybody may choose at their service, once whoever has one lets it go.
_CLAIMABLE: Final = (
    "*s3-website*.amazonaws.com", "*.s3.amazonaws.com", "*.s3.*.amazonaws.com",
    "*.elasticbeanstalk.com", "ec2-*.amazonaws.com", "*.azurewebsites.net", "*.cloudapp.net",
    "*.cloudapp.azure.com", "*.trafficmanager.net", "*.blob.core.windows.net", "*.github.io",
    "*.herokuapp.com", "*.netlify.app",
)  # fmt: skip


@control(
    on=[RECORD],
    severity=Severity.HIGH,
    fix="Pass an output of the resource that the record points at, delete the record with it, or "
    "name the target in the parameter approved.",
    source="NIST SP 800-53 SC-20, CM-8; Amazon Route 53 developer guide, Dangling DNS records",
    properties=["records", "aliases", "type"],
)
def route53_no_dangling_record(
    record: Resource,
    environment: Environment,
    *,
    approved: tuple[str, ...] = (),
    claimable: tuple[str, ...] = _CLAIMABLE,
) -> Iterator[Fault]:
    """Records point at resources of the program or at approved targets.

    An address or a name at a hosting service that was let go belongs to whoever asks next, who then
    answers, with a valid certificate, in the company's name. Judged are public addresses, and names
    at services that let anybody choose (`claimable`, with `*` for any text).
    """
    type_ = record.value("type")
    if type_ not in _JUDGED:
        return
    paths = entry_paths(record, "records")
    paths += [f"{path}.name" for path in entry_paths(record, "aliases")]
    yield from decided_first(
        _target(record, path, environment, approved, claimable) for path in paths
    )


def _target(
    record: Resource,
    path: str,
    environment: Environment,
    approved: tuple[str, ...],
    claimable: tuple[str, ...],
) -> Iterator[Fault]:
    if environment.references(record, path):
        return
    target = str(record.value(path)).lower().rstrip(".")
    if any(fnmatchcase(target, pattern.lower()) for pattern in approved):
        return
    if _is_public_address(target):
        yield Fault(path, f"{target} is no address of this program: whoever gets it next answers")
        return
    named = any(fnmatchcase(target, pattern) for pattern in claimable)
    if named and not _has_bucket(record, target, environment):
        yield Fault(path, f"{target} is not in this program, and free to take once let go")


def _is_public_address(target: str) -> bool:
    try:
        return ip_address(target).is_global
    except ValueError:
        return False


def _has_bucket(record: Resource, target: str, environment: Environment) -> bool:
    """Whether the program has the bucket: the name's own, or for an alias that of the record."""
    names = {target.partition(".s3")[0], str(record.value("name")).lower().rstrip(".")}
    return any(item.type in BUCKETS for name in names for item in environment.named(name))


CONTROLS: Final = (route53_no_dangling_record,)

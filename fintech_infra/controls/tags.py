"""Controls over tags: whose a resource is, and how sensitive what it holds is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from fintech_infra.controls.classification import tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.protection import STATEFUL
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.model import ANY_TYPE
from fintech_infra.environment.undecided import decided_first, reading

_CLASSES: Final = ("public", "internal", "confidential", "pii", "cardholder")
# What holds a copy of something's data, and the input that names what.
_COPIES: Final = (
    ("aws:ebs/snapshot:Snapshot", "volumeId"),
    ("aws:ebs/snapshotCopy:SnapshotCopy", "sourceSnapshotId"),
    ("aws:ebs/volume:Volume", "snapshotId"),
    ("aws:rds/snapshot:Snapshot", "dbInstanceIdentifier"),
    ("aws:rds/clusterSnapshot:ClusterSnapshot", "dbClusterIdentifier"),
    ("aws:rds/instance:Instance", "replicateSourceDb"),
    ("aws:rds/instance:Instance", "snapshotIdentifier"),
    ("aws:rds/cluster:Cluster", "replicationSourceIdentifier"),
    ("aws:rds/cluster:Cluster", "snapshotIdentifier"),
    ("aws:dynamodb/tableReplica:TableReplica", "globalTableArn"),
)
_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"


def _tag(resource: Resource, key: str) -> str:
    """A tag of a resource in small letters; groups of instances have theirs in a list."""
    if not isinstance(resource.value("tags"), list | tuple):
        return tag_of(resource, key)
    found = (path for path, item in resource.entries("tags") if item.get("key") == key)
    return next((str(resource.value(f"{path}.value")).lower() for path in found), "")


@control(
    on=[ANY_TYPE],
    severity=Severity.MEDIUM,
    fix="Set the keys in the tags of components, or in the provider's defaultTags for every one.",
    source="PCI DSS 4.0.1 12.5.1; NIST SP 800-53 CM-8; DORA Art. 8(1)",
)
def tags_mandatory_present(
    resource: Resource,
    environment: Environment,
    *,
    keys: tuple[str, ...] = (),
    vocabulary: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Resources carry the tags that the organisation asks for, with values of its vocabulary.

    What nobody owns is patched, paid and deleted by nobody. Judged where keys names some; a key
    that vocabulary lists, as in environment=prod, has to have one of these values. Taggable is what
    has tags or is known to hold data.
    """
    if not (keys or vocabulary) or not _is_taggable(resource):
        return
    allowed: dict[str, list[str]] = {key: [] for key in keys}
    for entry in vocabulary:
        key, _, value = entry.partition("=")
        allowed.setdefault(key, []).append(value)
    yield from decided_first(_tag_faults(resource, environment, *item) for item in allowed.items())


def _tag_faults(
    resource: Resource, environment: Environment, key: str, values: list[str]
) -> Iterator[Fault]:
    found = _tag(resource, key) or _default_tag(resource, environment, key)
    if not found:
        yield Fault("tags", f"there is no tag {key}")
    elif values and found not in [value.lower() for value in values]:
        yield Fault("tags", f"{key} is {found}; known are {', '.join(values)}")


def _default_tag(resource: Resource, environment: Environment, key: str) -> str:
    """The tag that the resource's provider gives every resource."""
    provider = environment.by_urn.get(resource.provider)
    if provider is None:
        return ""
    with reading(provider.name, "tags"):
        return str(provider.value(f'defaultTags.tags["{key}"]') or "").lower()


def _is_taggable(resource: Resource) -> bool:
    given = resource.is_set("tags") or "tagsAll" in resource.outputs
    return resource.package == "aws" and (given or resource.type in STATEFUL)


@control(
    on=[*dict.fromkeys(type_ for type_, _ in _COPIES), _REPLICATION],
    severity=Severity.MEDIUM,
    fix="Give the copy the tag `data-class` of what it is a copy of, or a higher one.",
    source="PCI DSS 4.0.1 12.5.1; NIST SP 800-53 AC-16; ISO/IEC 27001 A.5.13",
)
def tags_classification_consistent(
    resource: Resource,
    environment: Environment,
    *,
    keys: tuple[str, ...] = ("data-class", "data-classification"),
    classes: tuple[str, ...] = _CLASSES,
) -> Iterator[Fault]:
    """Copies of data are classified as high as the data.

    Rules follow the class: a snapshot that is called internal is kept, shared and deleted as such,
    whatever was in the database. Classes stand in classes, from the lowest; data without a class
    asks for none.
    """
    for copy, path, source in _pairs(resource, environment):
        with reading(source.name, path):
            wanted = _rank(source, keys, classes)
        with reading(copy.name, path):
            found = _rank(copy, keys, classes)
        if wanted > found:
            name = classes[found] if found >= 0 else "of no class"
            message = f"{source.name} is {classes[wanted]}, its copy {copy.name} {name}"
            yield Fault("tags" if copy is resource else path, message)


def _pairs(
    resource: Resource, environment: Environment
) -> Iterator[tuple[Resource, str, Resource]]:
    """What holds a copy, the input that says so, and what it is a copy of."""
    if resource.type == _REPLICATION:
        sources = environment.references(resource, "bucket")
        for at, _ in resource.each("rules"):
            path = f"{at}.destination.bucket"
            for copy in environment.references(resource, path):
                yield from ((copy, path, source) for source in sources if source is not copy)
        return
    for type_, path in _COPIES:
        if type_ == resource.type:
            for source in environment.references(resource, path):
                yield resource, path, source


def _rank(resource: Resource, keys: Iterable[str], classes: tuple[str, ...]) -> int:
    """How high a resource is classified; -1 where it is not, or in words nobody knows."""
    given = next((text for key in keys if (text := _tag(resource, key))), "")
    return classes.index(given) if given in classes else -1


CONTROLS: Final = (tags_mandatory_present, tags_classification_consistent)

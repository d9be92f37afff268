"""Names: what a resource is called in the cloud when the program does not say.

Pulumi appends a dash and seven hexadecimal characters to the logical name. The exceptions for AWS
are those of the provider's own overrides (pulumi-aws, `provider/resource_overrides.go`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.engine.sdk.schema import ResourceShape
from fintech_infra.engine.simulation.draft import Draft, Maker
from fintech_infra.environment import UNKNOWN


@dataclass(frozen=True)
class Naming:
    """How a type's physical name is made: `property` is the output that holds it."""

    property: str = "name"
    separator: str = "-"
    random: str = "x7"
    lower: bool = False
    before: str = ""
    fifo: str = ""
    """The input that makes it first-in-first-out, whose names must end with `.fifo`."""


_LOWER_LETTERS: Final = Naming(separator="_", random="l8", lower=True)
_UNDERSCORE: Final = Naming(separator="_")
_PLAIN: Final = Naming()
EXCEPTIONS: Final[Mapping[str, Naming]] = {
    "aws:appsync/dataSource:DataSource": _UNDERSCORE,
    "aws:appsync/function:Function": _UNDERSCORE,
    "aws:athena/database:Database": _UNDERSCORE,
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": _UNDERSCORE,
    "aws:cloudwatch/eventTarget:EventTarget": Naming("targetId"),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": Naming("deploymentConfigName", "_"),
    "aws:ec2/keyPair:KeyPair": Naming("keyName"),
    "aws:efs/fileSystem:FileSystem": Naming("creationToken"),
    "aws:eks/fargateProfile:FargateProfile": Naming("fargateProfileName"),
    "aws:eks/nodeGroup:NodeGroup": Naming("nodeGroupName"),
    "aws:elasticache/cluster:Cluster": Naming("clusterId", lower=True),
    "aws:elasticache/replicationGroup:ReplicationGroup": Naming("replicationGroupId", lower=True),
    "aws:elasticsearch/domain:Domain": Naming("domainName", lower=True),
    "aws:glue/catalogDatabase:CatalogDatabase": _LOWER_LETTERS,
    "aws:glue/catalogTable:CatalogTable": _LOWER_LETTERS,
    "aws:iot/topicRule:TopicRule": _UNDERSCORE,
    "aws:kms/alias:Alias": Naming(before="alias/"),
    "aws:lambda/permission:Permission": Naming("statementId"),
    "aws:mq/broker:Broker": Naming("brokerName"),
    "aws:msk/cluster:Cluster": Naming("clusterName"),
    "aws:msk/serverlessCluster:ServerlessCluster": Naming("clusterName"),
    "aws:opensearch/domain:Domain": Naming("domainName"),
    "aws:rds/instance:Instance": Naming("identifier", separator=""),
    "aws:s3/bucket:Bucket": Naming("bucket", lower=True),
    "aws:s3/bucketV2:BucketV2": Naming("bucket", lower=True),
    "aws:s3/bucketObject:BucketObject": Naming("key", separator="", random=""),
    "aws:s3/bucketObjectv2:BucketObjectv2": Naming("key", separator="", random=""),
    "aws:sns/topic:Topic": Naming(fifo="fifoTopic"),
    "aws:sqs/queue:Queue": Naming(fifo="fifoQueue"),
}


def makers(token: str, shape: ResourceShape | None) -> dict[str, Maker]:
    """The maker of the physical name, and what stands where a prefix was not given."""
    naming = EXCEPTIONS.get(token, _PLAIN)
    if shape is None or shape.inputs is None or not _is_auto_named(shape, naming.property):
        return {}
    return {naming.property: lambda draft: _named(draft, naming)}


def _is_auto_named(shape: ResourceShape, name: str) -> bool:
    declared, given = shape.outputs.get(name), shape.inputs and shape.inputs.fields.get(name)
    return bool(
        declared
        and given
        and not given.required
        and declared.required
        and declared.shape.kind == "string"
    )


def _named(draft: Draft, naming: Naming) -> Any:
    prefix = draft.get(f"{naming.property}Prefix")
    if prefix is UNKNOWN:
        return UNKNOWN
    if prefix:
        # The provider appends the time and a counter: 18 and 8 digits.
        return f"{prefix}{draft.seed:d26/{naming.property}}"
    random = format(draft.seed, f"{naming.random}/{naming.property}") if naming.random else ""
    name = f"{draft.name}{naming.separator}{random}"
    if naming.before and not name.startswith(naming.before):
        name = naming.before + name
    if naming.fifo and draft.get(naming.fifo) is True:
        name += ".fifo"
    return name.lower() if naming.lower else name


def identity(token: str, shape: ResourceShape | None, known: Mapping[str, Maker]) -> str | Maker:
    """A template or maker of the id of a type that no table mentions: its name, or made-up text."""
    name = EXCEPTIONS.get(token, _PLAIN).property
    if name in known and (shape is None or shape.bridged):
        return f"{{{name}}}"
    if token.startswith("kubernetes:"):
        return _kubernetes_id
    return "{NAME}-{SEED:x7/id}"


def _kubernetes_id(draft: Draft) -> Any:
    metadata = draft["metadata"]
    if metadata is UNKNOWN:
        return UNKNOWN
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if name is UNKNOWN or namespace is UNKNOWN:
        return UNKNOWN
    return f"{namespace}/{name}" if namespace else name

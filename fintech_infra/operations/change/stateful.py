"""Which resources hold what cannot be made again: data, keys, secrets, records."""

from __future__ import annotations

from typing import Final

from fintech_infra.controls.protection import STATEFUL as _PROTECTED

_MORE: Final = (
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:docdb/elasticCluster:ElasticCluster",
    "aws:ebs/volume:Volume",
    "aws:ecr/repository:Repository",
    "aws:elasticsearch/domain:Domain",
    "aws:fsx/lustreFileSystem:LustreFileSystem",
    "aws:fsx/ontapFileSystem:OntapFileSystem",
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem",
    "aws:fsx/windowsFileSystem:WindowsFileSystem",
    "aws:kinesis/stream:Stream",
    "aws:memorydb/cluster:Cluster",
    "aws:mq/broker:Broker",
    "aws:msk/cluster:Cluster",
    "aws:redshiftserverless/namespace:Namespace",
    "aws:rds/globalCluster:GlobalCluster",
    "aws:sqs/queue:Queue",
    "aws:timestreamwrite/table:Table",
)
"""What the control over protection leaves to the team, and a deletion takes along all the same."""

STATEFUL: Final = frozenset((*_PROTECTED, *_MORE))


def is_stateful(type_: str) -> bool:
    """Whether a resource of a type holds what a new one would not have."""
    return type_ in STATEFUL

"""Controls over resource options: what Pulumi itself would do to a resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.environment import Resource

STATEFUL: Final = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:dynamodb/table:Table",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketV2:BucketV2",
    "aws:kms/key:Key",
    "aws:efs/fileSystem:FileSystem",
    "aws:redshift/cluster:Cluster",
    "aws:docdb/cluster:Cluster",
    "aws:neptune/cluster:Cluster",
    "aws:opensearch/domain:Domain",
    "aws:cognito/userPool:UserPool",
    "aws:secretsmanager/secret:Secret",
    "aws:backup/vault:Vault",
)


@control(
    on=STATEFUL,
    severity=Severity.MEDIUM,
    fix="Pass opts=ResourceOptions(protect=True); on a component it reaches its children.",
    source="Pulumi documentation, Resource option: protect",
    scope=Scope.PROD,
)
def pulumi_stateful_resources_protected(resource: Resource) -> Iterator[Fault]:
    """Production data stores, keys and vaults carry the protect option.

    It stops Pulumi itself: a rename, a removed line or a forced replacement then fails instead of
    taking the data along. retainOnDelete counts as well.
    """
    if not (resource.options.protect or resource.options.retain_on_delete):
        yield Fault("", "neither protect nor retainOnDelete is set")


CONTROLS: Final = (pulumi_stateful_resources_protected,)

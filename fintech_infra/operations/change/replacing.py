"""Which inputs force a replacement: a table of stateful types, and what holds for every type.

A row is the provider's own schema (`ForceNew`), read in the resource named by `source`, under the
names that Pulumi gives the inputs. An input is `doubtful` where it forces a replacement in some
versions of the provider or in some directions only. A stateful type without a row is not known: a
change of it may be a replacement. Rows are for what holds data; of other types a plan tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_PROVIDER: Final = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service"


@dataclass(frozen=True, slots=True)
class Row:
    """The inputs of a type that force a replacement; `doubtful` are those that may."""

    forcing: tuple[str, ...]
    source: str
    doubtful: tuple[str, ...] = ()


def _row(file: str, *forcing: str, doubtful: tuple[str, ...] = ()) -> Row:
    return Row(forcing, f"{_PROVIDER}/{file}", doubtful)


REGION: Final = "region"
"""Of every AWS resource: it cannot move; the provider's guide to enhanced region support."""

_CLUSTER: Final = (
    "availabilityZones",
    "clusterIdentifier",
    "clusterIdentifierPrefix",
    "engine",
)

ROWS: Final[dict[str, Row]] = {
    "aws:rds/instance:Instance": _row(
        "rds/instance.go",
        "availabilityZone",
        "backupTarget",
        "characterSetName",
        "customIamInstanceProfile",
        "dbName",
        "engine",
        "kmsKeyId",
        "ncharCharacterSetName",
        "restoreToPointInTime",
        "s3Import",
        "snapshotIdentifier",
        "storageEncrypted",
        "timezone",
        "username",
        # By version of the provider and of RDS.
        doubtful=("identifier", "identifierPrefix", "dbSubnetGroupName", "replicateSourceDb"),
    ),
    "aws:rds/cluster:Cluster": _row(
        "rds/cluster.go",
        *_CLUSTER,
        "clusterScalabilityType",
        "databaseName",
        "dbSubnetGroupName",
        "dbSystemId",
        "engineMode",
        "kmsKeyId",
        "masterUsername",
        "restoreToPointInTime",
        "s3Import",
        "snapshotIdentifier",
        "storageEncrypted",
        doubtful=("storageType", "replicationSourceIdentifier"),
    ),
    "aws:docdb/cluster:Cluster": _row(
        "docdb/cluster.go",
        *_CLUSTER,
        "dbSubnetGroupName",
        "kmsKeyId",
        "masterUsername",
        "port",
        "restoreToPointInTime",
        "snapshotIdentifier",
        "storageEncrypted",
        doubtful=("serverlessV2ScalingConfiguration",),
    ),
    "aws:neptune/cluster:Cluster": _row(
        "neptune/cluster.go",
        *_CLUSTER,
        "kmsKeyArn",
        "neptuneSubnetGroupName",
        "port",
        "storageEncrypted",
        doubtful=("snapshotIdentifier",),
    ),
    "aws:redshift/cluster:Cluster": _row(
        "redshift/cluster.go",
        "clusterIdentifier",
        "clusterSubnetGroupName",
        "masterUsername",
        "snapshotArn",
        "snapshotClusterIdentifier",
        "snapshotIdentifier",
        doubtful=("databaseName", "encrypted", "kmsKeyId"),
    ),
    "aws:dynamodb/table:Table": _row(
        "dynamodb/table.go",
        "hashKey",
        "importTable",
        "localSecondaryIndexes",
        "name",
        "rangeKey",
        "restoreDateTime",
        "restoreSourceName",
        "restoreSourceTableArn",
        "restoreToLatestTime",
    ),
    "aws:s3/bucket:Bucket": _row(
        "s3/bucket.go",
        "bucket",
        "bucketPrefix",
        "objectLockEnabled",
        doubtful=("bucketNamespace",),
    ),
    "aws:s3/bucketV2:BucketV2": _row(
        "s3/bucket.go", "bucket", "bucketPrefix", "objectLockEnabled", doubtful=("bucketNamespace",)
    ),
    "aws:kms/key:Key": _row(
        "kms/key.go",
        "customKeyStoreId",
        "customerMasterKeySpec",
        "keyUsage",
        "multiRegion",
        "xksKeyId",
    ),
    "aws:efs/fileSystem:FileSystem": _row(
        "efs/file_system.go",
        "availabilityZoneName",
        "creationToken",
        "encrypted",
        "kmsKeyId",
        "performanceMode",
    ),
    "aws:opensearch/domain:Domain": _row(
        "opensearch/domain.go",
        "domainName",
        doubtful=(
            "advancedSecurityOptions",
            "encryptAtRest",
            "engineVersion",
            "ipAddressType",
            "nodeToNodeEncryption",
            "vpcOptions",
        ),
    ),
    "aws:cognito/userPool:UserPool": _row(
        "cognitoidp/user_pool.go",
        "aliasAttributes",
        "usernameAttributes",
        doubtful=("name", "schemas", "usernameConfiguration"),
    ),
    "aws:secretsmanager/secret:Secret": _row("secretsmanager/secret.go", "name", "namePrefix"),
    "aws:backup/vault:Vault": _row("backup/vault.go", "name", "kmsKeyArn"),
    "aws:cloudwatch/logGroup:LogGroup": _row(
        "logs/group.go", "name", "namePrefix", doubtful=("logGroupClass",)
    ),
    "aws:sqs/queue:Queue": _row("sqs/queue.go", "fifoQueue", "name", "namePrefix"),
    "aws:kinesis/stream:Stream": _row("kinesis/stream.go", "name"),
    "aws:ecr/repository:Repository": _row("ecr/repository.go", "name", "encryptionConfigurations"),
    "aws:ebs/volume:Volume": _row(
        "ec2/ebs_volume.go",
        "availabilityZone",
        "encrypted",
        "kmsKeyId",
        "outpostArn",
        "snapshotId",
        doubtful=("multiAttachEnabled",),
    ),
}

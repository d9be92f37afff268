"""Kinds of data stores that a backup vault protects, and what AWS calls them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fintech_infra.components._key.services import KeyService


class BackupKind(StrEnum):
    """Kinds of data stores that AWS Backup copies between regions and restores in tests."""

    AURORA = "aurora"
    DOCUMENTDB = "documentdb"
    DYNAMODB = "dynamodb"
    EBS = "ebs"
    EFS = "efs"
    NEPTUNE = "neptune"
    RDS = "rds"
    S3 = "s3"


@dataclass(frozen=True, slots=True)
class Kind:
    """How AWS Backup, ARNs and KMS name a kind of data store."""

    resource_type: str
    arn_service: str
    key_service: KeyService
    in_subnets: bool = False
    """Whether it is restored into a DB subnet group."""
    managed: bool = False
    """Whether its backups can be copied to other regions only where AWS Backup fully manages
    them, which is a setting of its own."""


# https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html
KINDS: Final[Mapping[BackupKind, Kind]] = {
    BackupKind.AURORA: Kind("Aurora", "rds", KeyService.RDS, in_subnets=True),
    BackupKind.DOCUMENTDB: Kind("DocumentDB", "rds", KeyService.RDS, in_subnets=True),
    BackupKind.DYNAMODB: Kind("DynamoDB", "dynamodb", KeyService.DYNAMODB, managed=True),
    BackupKind.EBS: Kind("EBS", "ec2", KeyService.EC2),
    BackupKind.EFS: Kind("EFS", "elasticfilesystem", KeyService.EFS),
    BackupKind.NEPTUNE: Kind("Neptune", "rds", KeyService.RDS, in_subnets=True),
    BackupKind.RDS: Kind("RDS", "rds", KeyService.RDS, in_subnets=True),
    BackupKind.S3: Kind("S3", "s3", KeyService.S3),
}


def key_services(kinds: Iterable[BackupKind]) -> list[str]:
    """Return the services that use the key of a vault: AWS Backup, and those that copy for it."""
    services = {KINDS[kind].key_service for kind in kinds}
    return sorted(service.value for service in {KeyService.BACKUP, *services})

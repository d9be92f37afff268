"""What AWS makes of storage: S3, EFS, FSx, backup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import public, regional
from fintech_infra.engine.simulation.draft import Draft

_WEBSITE_WITH_DASH: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    }
)
"""Regions whose website endpoints have a dash before the region (S3, "Website endpoints")."""
_HOSTED_ZONES: Final[Mapping[str, str]] = {
    "ap-northeast-1": "Z2M4EHUR26P7ZW",
    "ap-south-1": "Z11RGJOFQNVJUP",
    "ap-southeast-1": "Z3O0J2DXBE1FTB",
    "ap-southeast-2": "Z1WCIGYICN2BYD",
    "ca-central-1": "Z1QDHH18159H29",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-north-1": "Z3BAZG2TWCNX0D",
    "eu-west-1": "Z1BKCTXD74EZPE",
    "eu-west-2": "Z3GKZC51ZF0DB4",
    "eu-west-3": "Z3R1K369G5AVDG",
    "sa-east-1": "Z7KQH4QJS55SO",
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
}
"""Hosted zones of the website endpoints (AWS General Reference, Amazon S3)."""


def _website_domain(draft: Draft) -> str:
    region, dns = draft.facts.REGION, draft.facts.DNS
    return f"s3-website{'-' if region in _WEBSITE_WITH_DASH else '.'}{region}.{dns}"


def _website_endpoint(draft: Draft) -> str:
    return f"{draft['bucket']}.{_website_domain(draft)}"


def _old_website_endpoint(draft: Draft) -> str:
    """The bucket's own output is empty where it is not configured as a website itself."""
    return _website_endpoint(draft) if draft.get("website") else ""


def _regional_domain(draft: Draft) -> str:
    return f"{draft['bucket']}.s3.{draft.facts.REGION}.{draft.facts.DNS}"


_BUCKET: Final = {
    "id": "{bucket}",
    "arn": public("s3", "{bucket}"),
    "bucketDomainName": "{bucket}.s3.{DNS}",
    "bucketRegionalDomainName": _regional_domain,
    "bucketRegion": "{REGION}",
    "bucketNamespace": "global",
    "hostedZoneId": lambda draft: _HOSTED_ZONES.get(draft.facts.REGION, "Z3AQBSTGFYJSTF"),
    "websiteDomain": lambda draft: _website_domain(draft) if draft.get("website") else "",
    "websiteEndpoint": _old_website_endpoint,
    "requestPayer": "BucketOwner",
    "accelerationStatus": "",
    "acl": "private",
    "policy": "",
}
_OBJECT: Final = {
    "id": "{key}",
    "arn": public("s3", "{bucket}/{key}"),
    "etag": "{SEED:x32}",
    "acl": "private",
    "serverSideEncryption": "AES256",  # what S3 does with every object since 2023
    "storageClass": "STANDARD",
    "contentType": "application/octet-stream",
    "versionId": "",
}
_WEBSITE: Final = {
    "id": "{bucket}",
    "websiteDomain": _website_domain,
    "websiteEndpoint": _website_endpoint,
}

ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:s3/bucket:Bucket": _BUCKET,
    "aws:s3/bucketV2:BucketV2": _BUCKET,
    "aws:s3/bucketObject:BucketObject": _OBJECT,
    "aws:s3/bucketObjectv2:BucketObjectv2": _OBJECT,
    "aws:s3/objectCopy:ObjectCopy": _OBJECT,
    "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": _WEBSITE,
    "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2": _WEBSITE,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {"id": "{bucket}"},
    "aws:s3/accessPoint:AccessPoint": {
        "id": "{ACCOUNT}:{name}",
        "arn": regional("s3", "accesspoint/{name}"),
        "alias": "{name}-{SEED:a30}-s3alias",
        "domainName": "{name}-{ACCOUNT}.s3-accesspoint.{REGION}.{DNS}",
        "networkOrigin": "Internet",
    },
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": {
        "id": "{ACCOUNT}",
        "accountId": "{ACCOUNT}",
    },
    "aws:efs/fileSystem:FileSystem": {
        "id": "fs-0{SEED:x16}",
        "arn": regional("elasticfilesystem", "file-system/{id}"),
        "dnsName": "{id}.efs.{REGION}.{DNS}",
        "performanceMode": "generalPurpose",
        "name": "",
    },
    "aws:efs/mountTarget:MountTarget": {
        "id": "fsmt-0{SEED:x16}",
        "dnsName": "{fileSystemId}.efs.{REGION}.{DNS}",
        "fileSystemArn": regional("elasticfilesystem", "file-system/{fileSystemId}"),
        "networkInterfaceId": "eni-0{SEED:x16/networkInterface}",
        "mountTargetDnsName": "{availabilityZoneName}.{fileSystemId}.efs.{REGION}.{DNS}",
        "availabilityZoneName": "{REGION}a",
    },
    "aws:efs/accessPoint:AccessPoint": {
        "id": "fsap-0{SEED:x16}",
        "arn": regional("elasticfilesystem", "access-point/{id}"),
        "fileSystemArn": regional("elasticfilesystem", "file-system/{fileSystemId}"),
    },
    "aws:efs/fileSystemPolicy:FileSystemPolicy": {"id": "{fileSystemId}"},
    "aws:backup/vault:Vault": {
        "id": "{name}",
        "arn": regional("backup", "backup-vault:{name}"),
    },
    "aws:backup/plan:Plan": {
        "id": "{SEED:uuid}",
        "arn": regional("backup", "backup-plan:{id}"),
        "version": "{SEED:a48/version}",
    },
    "aws:backup/selection:Selection": {"id": "{SEED:uuid}"},
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": {"id": "{backupVaultName}"},
    "aws:backup/vaultPolicy:VaultPolicy": {"id": "{backupVaultName}"},
    "aws:backup/vaultNotifications:VaultNotifications": {"id": "{backupVaultName}"},
    "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault": {
        "id": "{name}",
        "arn": regional("backup", "backup-vault:{name}"),
    },
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": {
        "id": "{name}",
        "arn": regional("backup", "restore-testing-plan:{name}-{SEED:uuid}"),
    },
    "aws:backup/framework:Framework": {
        "id": "{name}",
        "arn": regional("backup", "framework:{name}-{SEED:uuid}"),
    },
    "aws:backup/regionSettings:RegionSettings": {"id": "{REGION}"},
    "aws:fsx/lustreFileSystem:LustreFileSystem": {
        "id": "fs-0{SEED:x16}",
        "arn": regional("fsx", "file-system/{id}"),
        "dnsName": "{id}.fsx.{REGION}.{DNS}",
    },
}

"""What the tables say about the results of data sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import regional
from fintech_infra.engine.simulation.aws.regions import zones_of
from fintech_infra.engine.simulation.draft import Draft
from fintech_infra.engine.simulation.rows import row_of


def _ids(prefix: str, count: int) -> Any:
    return lambda draft: [
        f"{prefix}-0{draft.seed.digest(str(index))[:16]}" for index in range(count)
    ]


def _one_per_zone(draft: Draft) -> list[str]:
    count = min(3, len(zones_of(draft.facts.REGION)))
    return [f"subnet-0{draft.seed.digest(str(index))[:16]}" for index in range(count)]


def _key_id(draft: Draft) -> str:
    """The id in the question, unless it asks by an alias."""
    asked = (draft.get("keyId") or "").rpartition(":")[2]
    is_alias = not asked or asked.startswith("alias/")
    return format(draft.seed, "uuid") if is_alias else asked.removeprefix("key/")


def _parameter(draft: Draft) -> str:
    """Public parameters of AWS name images; of others only their owner knows the value."""
    name = draft.get("name") or ""
    if name.startswith("/aws/service/") and "ami" in name:
        return f"ami-0{draft.seed:x16}"
    return f"simulated-{draft.name}"


_CREDENTIALS: Final = '{{"password":"simulated-password","username":"simulated-username"}}'
_ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:ec2/getAmi:getAmi": {
        "id": "ami-0{SEED:x16}",
        "imageId": "{id}",
        "arn": "arn:{PARTITION}:ec2:{REGION}::image/{id}",
        "architecture": "x86_64",
        "hypervisor": "xen",
        "imageType": "machine",
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
        "rootSnapshotId": "snap-0{SEED:x16/root}",
        "state": "available",
        "virtualizationType": "hvm",
    },
    "aws:ec2/getAmiIds:getAmiIds": {"ids": _ids("ami", 1)},
    "aws:ec2/getInstances:getInstances": {"ids": _ids("i", 1)},
    "aws:ec2/getRouteTables:getRouteTables": {"ids": _ids("rtb", 1)},
    "aws:ec2/getSecurityGroups:getSecurityGroups": {"ids": _ids("sg", 1)},
    "aws:ec2/getSubnetIds:getSubnetIds": {"ids": _one_per_zone},
    "aws:ec2/getSubnets:getSubnets": {"ids": _one_per_zone},
    "aws:ec2/getVpcs:getVpcs": {"ids": _ids("vpc", 1)},
    "aws:ec2/getPrefixList:getPrefixList": {"id": "pl-{SEED:x8}"},
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {"id": "pl-0{SEED:x16}"},
    "aws:ecr/getAuthorizationToken:getAuthorizationToken": {
        "authorizationToken": "QVdTOnNpbXVsYXRlZA==",  # AWS:simulated
        "expiresAt": "2024-01-01T12:00:00Z",
        "password": "simulated",
        "proxyEndpoint": "https://{ACCOUNT}.dkr.ecr.{REGION}.{DNS}",
        "userName": "AWS",
    },
    "aws:eks/getClusterAuth:getClusterAuth": {"id": "{name}", "token": "k8s-aws-v1.simulated"},
    "aws:secretsmanager/getSecretVersion:getSecretVersion": {
        "id": "{secretId}|AWSCURRENT",
        "arn": "{secretId}",
        "secretString": _CREDENTIALS,
        "versionId": "{SEED:uuid}",
    },
    "aws:ssm/getParameter:getParameter": {
        "value": _parameter,
        "insecureValue": _parameter,
        "type": "String",
        "version": 1,
    },
    "aws:s3/getCanonicalUserId:getCanonicalUserId": {
        "id": "{SEED:x64}",
        "displayName": "simulated",
    },
    "aws:cloudfront/getLogDeliveryCanonicalUserId:getLogDeliveryCanonicalUserId": {
        "id": "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
    },
    "aws:cloudfront/getCachePolicy:getCachePolicy": {"id": "{SEED:uuid}"},
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": {"id": "{SEED:uuid}"},
    "aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy": {"id": "{SEED:uuid}"},
    "aws:kms/getKey:getKey": {"id": _key_id, "arn": regional("kms", "key/{id}")},
    "aws:kms/getAlias:getAlias": {"targetKeyArn": regional("kms", "key/{targetKeyId}")},
    "aws:organizations/getOrganization:getOrganization": {
        "id": "o-{SEED:a10}",
        "masterAccountId": "{ACCOUNT}",
    },
}


def row_of_call(token: str) -> Mapping[str, Any]:
    """The row of a data source: its own over that of the resource it looks up."""
    module, _, name = token.rpartition(":")
    folder = module.rpartition("/")[0]
    thing = name.removeprefix("get")
    resource = f"{folder}/{thing[:1].lower()}{thing[1:]}:{thing}"
    looked_up = row_of(resource, None) if name != thing else {}
    rules = {key: rule for key, rule in looked_up.items() if "." not in key}
    return {**rules, **_ROWS.get(token, {})}

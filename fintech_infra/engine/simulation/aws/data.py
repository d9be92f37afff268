"""What AWS makes of databases, caches, streams and search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import regional
from fintech_infra.engine.simulation.aws.regions import zones_of
from fintech_infra.engine.simulation.draft import Draft
from fintech_infra.environment import UNKNOWN

_PORTS: Final = {
    "mysql": 3306,
    "mariadb": 3306,
    "aurora": 3306,
    "postgres": 5432,
    "oracle": 1521,
    "sqlserver": 1433,
    "db2": 50000,
}
_AURORA_POSTGRES: Final = "aurora-postgresql"


def _port(draft: Draft) -> Any:
    engine = draft.get("engine")
    if engine is UNKNOWN or engine is None:
        return UNKNOWN if engine is UNKNOWN else 3306
    if engine == _AURORA_POSTGRES:
        return 5432
    return next((port for name, port in _PORTS.items() if engine.startswith(name)), 3306)


def _cluster_port(draft: Draft) -> Any:
    return 5432 if draft.get("engine") == _AURORA_POSTGRES else _port(draft)


def _three_zones(draft: Draft) -> list[str]:
    return zones_of(draft.facts.REGION)[:3]


def _default_group(draft: Draft) -> list[str]:
    return [f"sg-0{draft.seed:x16/defaultSecurityGroup}"]


def _owned_secret(draft: Draft) -> list[dict[str, str]]:
    """The secret that RDS keeps the password in where the program asks it to."""
    if draft.get("manageMasterUserPassword") is not True:
        return []
    kms = draft.get("masterUserSecretKmsKeyId")
    arn = regional("secretsmanager", "secret:rds!{SEED:uuid/secret}-{SEED:a6/secret}")
    key = regional("kms", "key/{SEED:uuid/secretKey}")
    return [
        {
            "kmsKeyId": kms if kms is not None else key.format_map(draft),
            "secretArn": arn.format_map(draft),
            "secretStatus": "active",
        }
    ]


def _storage_key(draft: Draft) -> Any:
    """The account's own key for RDS, where storage is encrypted without naming a key."""
    if draft.get("storageEncrypted") is not True:
        return ""
    return regional("kms", "key/{SEED:uuid/kmsKeyId}").format_map(draft)


def _name_or_prefixed(key: str, prefix: str) -> Any:
    def make(draft: Draft) -> Any:
        start = draft.get(f"{key}Prefix")
        return start if start is UNKNOWN else f"{start or prefix}{draft.seed:d26}"

    return make


def _nodes(draft: Draft) -> list[dict[str, Any]]:
    count = draft.get("numCacheNodes") or 1
    if count is UNKNOWN:
        return []
    return [
        {
            "address": f"{draft['clusterId']}.{draft.seed:a6}.{index:04d}.{_cache_host(draft)}",
            "availabilityZone": f"{draft.facts.REGION}a",
            "id": f"{index:04d}",
            "outpostArn": "",
            "port": draft["port"],
        }
        for index in range(1, count + 1)
    ]


def _cache_host(draft: Draft) -> str:
    return f"cache.{draft.facts.DNS}"


def _cache_port(draft: Draft) -> int:
    return 11211 if draft.get("engine") == "memcached" else 6379


def _stream_arn(draft: Draft) -> str:
    return f"{draft['arn']}/stream/2024-01-01T00:00:00.000" if draft.get("streamEnabled") else ""


def _brokers(port: int) -> Any:
    def make(draft: Draft) -> str:
        host = f"{draft['clusterName']}.{draft.seed:a6}.c2.kafka.{draft.facts.REGION}"
        return ",".join(f"b-{n}.{host}.{draft.facts.DNS}:{port}" for n in (1, 2, 3))

    return make


_HOST: Final = "{SEED:a12/host}.{REGION}.rds.{DNS}"
_CLUSTER: Final = {
    "id": "{clusterIdentifier}",
    "clusterIdentifier": _name_or_prefixed("clusterIdentifier", "tf-"),
    "arn": regional("rds", "cluster:{clusterIdentifier}"),
    "clusterResourceId": "cluster-{SEED:U26}",
    "endpoint": "{clusterIdentifier}.cluster-" + _HOST,
    "readerEndpoint": "{clusterIdentifier}.cluster-ro-" + _HOST,
    "hostedZoneId": "Z{SEED:U13/zone}",
    "port": _cluster_port,
    "availabilityZones": _three_zones,
    "vpcSecurityGroupIds": _default_group,
    "masterUserSecrets": _owned_secret,
    "kmsKeyId": _storage_key,
    "dbSubnetGroupName": "default",
    "backupRetentionPeriod": 1,
}
_CLUSTER_INSTANCE: Final = {
    "id": "{identifier}",
    "identifier": _name_or_prefixed("identifier", "tf-"),
    "arn": regional("rds", "db:{identifier}"),
    "dbiResourceId": "db-{SEED:U26}",
    "endpoint": "{identifier}." + _HOST,
    "port": _cluster_port,
    "availabilityZone": "{REGION}a",
    "dbSubnetGroupName": "default",
    "writer": False,
}
_SUBNET_GROUP: Final = {
    "id": "{name}",
    "arn": regional("rds", "subgrp:{name}"),
    "description": "Managed by Pulumi",
    "vpcId": "vpc-0{SEED:x16/vpc}",
}

ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:rds/instance:Instance": {
        "id": "{resourceId}",
        "resourceId": "db-{SEED:U26}",
        "arn": regional("rds", "db:{identifier}"),
        "address": "{identifier}." + _HOST,
        "endpoint": "{address}:{port}",
        "hostedZoneId": "Z{SEED:U13/zone}",
        "port": _port,
        "availabilityZone": "{REGION}a",
        "status": "available",
        "storageType": "gp2",
        "masterUserSecrets": _owned_secret,
        "kmsKeyId": _storage_key,
        "listenerEndpoints": lambda _: [],
        "replicas": lambda _: [],
        **dict.fromkeys(("backupTarget", "characterSetName", "dbName", "domainFqdn"), ""),
        **dict.fromkeys(("ncharCharacterSetName", "replicaMode", "timezone"), ""),
        "vpcSecurityGroupIds": _default_group,
        "dbSubnetGroupName": "default",
    },
    "aws:rds/cluster:Cluster": {**_CLUSTER, "databaseName": ""},
    "aws:rds/clusterInstance:ClusterInstance": _CLUSTER_INSTANCE,
    "aws:rds/subnetGroup:SubnetGroup": _SUBNET_GROUP,
    "aws:rds/parameterGroup:ParameterGroup": {
        "id": "{name}",
        "arn": regional("rds", "pg:{name}"),
        "description": "Managed by Pulumi",
    },
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": {
        "id": "{name}",
        "arn": regional("rds", "cluster-pg:{name}"),
        "description": "Managed by Pulumi",
    },
    "aws:rds/optionGroup:OptionGroup": {"id": "{name}", "arn": regional("rds", "og:{name}")},
    "aws:rds/proxy:Proxy": {
        "id": "{name}",
        "arn": regional("rds", "db-proxy:prx-0{SEED:x16}"),
        "endpoint": "{name}.proxy-" + _HOST,
    },
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {
        "id": "{dbProxyName}",
        "arn": regional("rds", "target-group:prx-tg-0{SEED:x16}"),
        "name": "default",
    },
    "aws:rds/globalCluster:GlobalCluster": {
        "id": "{globalClusterIdentifier}",
        "arn": "arn:{PARTITION}:rds::{ACCOUNT}:global-cluster:{globalClusterIdentifier}",
        "globalClusterResourceId": "cluster-0{SEED:x16}",
    },
    "aws:docdb/cluster:Cluster": {**_CLUSTER, "port": 27017},
    "aws:docdb/clusterInstance:ClusterInstance": {**_CLUSTER_INSTANCE, "port": 27017},
    "aws:docdb/subnetGroup:SubnetGroup": _SUBNET_GROUP,
    "aws:neptune/cluster:Cluster": {**_CLUSTER, "port": 8182},
    "aws:neptune/subnetGroup:SubnetGroup": _SUBNET_GROUP,
    "aws:dynamodb/table:Table": {
        "id": "{name}",
        "arn": regional("dynamodb", "table/{name}"),
        "billingMode": "PROVISIONED",
        "streamArn": _stream_arn,
        "streamLabel": lambda draft: draft["streamArn"].rpartition("/")[2],
        "tableClass": "STANDARD",
    },
    "aws:elasticache/cluster:Cluster": {
        "id": "{clusterId}",
        "arn": regional("elasticache", "cluster:{clusterId}"),
        "port": _cache_port,
        "cacheNodes": _nodes,
        "clusterAddress": "{clusterId}.{SEED:a6}.cfg.cache.{DNS}",
        "configurationEndpoint": "{clusterAddress}:{port}",
        "engine": "redis",
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "id": "{replicationGroupId}",
        "arn": regional("elasticache", "replicationgroup:{replicationGroupId}"),
        "port": _cache_port,
        "primaryEndpointAddress": "master.{replicationGroupId}.{SEED:a6}.cache.{DNS}",
        "readerEndpointAddress": "replica.{replicationGroupId}.{SEED:a6}.cache.{DNS}",
        "configurationEndpointAddress": "clustercfg.{replicationGroupId}.{SEED:a6}.cache.{DNS}",
        "engine": "redis",
    },
    "aws:elasticache/subnetGroup:SubnetGroup": {
        "id": "{name}",
        "arn": regional("elasticache", "subnetgroup:{name}"),
        "description": "Managed by Pulumi",
    },
    "aws:elasticache/parameterGroup:ParameterGroup": {
        "id": "{name}",
        "arn": regional("elasticache", "parametergroup:{name}"),
        "description": "Managed by Pulumi",
    },
    "aws:elasticache/serverlessCache:ServerlessCache": {
        "id": "{name}",
        "arn": regional("elasticache", "serverlesscache:{name}"),
    },
    "aws:redshift/cluster:Cluster": {
        "id": "{clusterIdentifier}",
        "arn": regional("redshift", "cluster:{clusterIdentifier}"),
        "dnsName": "{clusterIdentifier}.{SEED:a12/host}.{REGION}.redshift.{DNS}",
        "endpoint": "{dnsName}:{port}",
        "port": 5439,
    },
    "aws:opensearch/domain:Domain": {
        "id": "{arn}",
        "arn": regional("es", "domain/{domainName}"),
        "domainId": "{ACCOUNT}/{domainName}",
        "endpoint": "search-{domainName}-{SEED:a26/host}.{REGION}.es.{DNS}",
        "dashboardEndpoint": "{endpoint}/_dashboards",
    },
    "aws:elasticsearch/domain:Domain": {
        "id": "{arn}",
        "arn": regional("es", "domain/{domainName}"),
        "domainId": "{ACCOUNT}/{domainName}",
        "endpoint": "search-{domainName}-{SEED:a26/host}.{REGION}.es.{DNS}",
        "kibanaEndpoint": "{endpoint}/_plugin/kibana/",
    },
    "aws:msk/cluster:Cluster": {
        "id": "{arn}",
        "arn": regional("kafka", "cluster/{clusterName}/{SEED:uuid}-2"),
        "clusterUuid": "{SEED:uuid}-2",
        "bootstrapBrokers": _brokers(9092),
        "bootstrapBrokersTls": _brokers(9094),
        "bootstrapBrokersSaslIam": _brokers(9098),
        "bootstrapBrokersSaslScram": _brokers(9096),
    },
    "aws:kinesis/stream:Stream": {"id": "{arn}", "arn": regional("kinesis", "stream/{name}")},
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
        "id": "{arn}",
        "arn": regional("firehose", "deliverystream/{name}"),
    },
    "aws:glue/catalogDatabase:CatalogDatabase": {
        "id": "{ACCOUNT}:{name}",
        "arn": regional("glue", "database/{name}"),
    },
    "aws:glue/catalogTable:CatalogTable": {
        "id": "{ACCOUNT}:{databaseName}:{name}",
        "arn": regional("glue", "table/{databaseName}/{name}"),
    },
    "aws:glue/job:Job": {"id": "{name}", "arn": regional("glue", "job/{name}")},
    "aws:glue/crawler:Crawler": {"id": "{name}", "arn": regional("glue", "crawler/{name}")},
    "aws:athena/workgroup:Workgroup": {
        "id": "{name}",
        "arn": regional("athena", "workgroup/{name}"),
    },
}

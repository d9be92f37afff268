"""Which resources take or make connections, and where they say so: a table, one row per type.

Rows are facts of the provider's inputs. What needs code, such as whether an instance has a public
address, is in `addresses`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final


class Role(StrEnum):
    """What a resource does with a connection."""

    COMPUTE = "compute"
    """Runs code that answers for itself, and makes connections of its own."""
    BALANCER = "balancer"
    """Hands connections on to its targets."""
    DATA = "data"
    """Keeps data."""


@dataclass(frozen=True, slots=True)
class Flag:
    """An input that gives a public address: where it has the value, or by default is left out."""

    path: str
    value: Any = True
    by_default: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """How a type says where it stands in the network.

    `subnets` and `groups` are paths of its inputs: subnets or subnet groups, and security groups.
    `owner` is the path of the resource that has them instead, as a cluster has for its instances.
    `ports` are those it listens on by default; the input `port` comes first where it is set.
    `outside` is the path of the input without which it stands outside of every network, and
    `template` where it names the launch template that says the rest. `[]` stands for each item.
    """

    role: Role
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    public: Flag | None = None
    ports: tuple[int, ...] = ()
    owner: str = ""
    outside: str = ""
    template: tuple[str, ...] = ()


_IN_GROUP: Final = ("dbSubnetGroupName",)
_VPC_GROUPS: Final = ("vpcSecurityGroupIds",)
_PLAIN: Final = ("subnetIds",)
_GROUPS: Final = ("securityGroupIds",)
_IN_CACHE: Final = ("subnetGroupName",)
_PUBLIC: Final = Flag("publiclyAccessible")
_REDIS: Final = (6379, 6380, 11211)
_SEARCH: Final = Shape(
    Role.DATA,
    ("vpcOptions.subnetIds",),
    ("vpcOptions.securityGroupIds",),
    ports=(443, 80),
    outside="vpcOptions",
)
_BALANCER: Final = Shape(
    Role.BALANCER,
    ("subnets", "subnetMappings[].subnetId"),
    ("securityGroups",),
    Flag("internal", value=False, by_default=True),
)
_MIXED: Final = "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification"
_INTERFACE: Final = "networkInterfaces[].networkInterfaceId"
_INTERFACES: Final = (_INTERFACE, "primaryNetworkInterface.networkInterfaceId")
_INSTANCE: Final = Shape(
    Role.COMPUTE,
    ("subnetId", *_INTERFACES),
    ("vpcSecurityGroupIds", "securityGroups", *_INTERFACES),
    template=("launchTemplate.id", "launchTemplate.name"),
)

SHAPES: Final[dict[str, Shape]] = {
    # Data stores
    "aws:rds/instance:Instance": Shape(Role.DATA, _IN_GROUP, _VPC_GROUPS, _PUBLIC),
    "aws:rds/cluster:Cluster": Shape(Role.DATA, _IN_GROUP, _VPC_GROUPS, _PUBLIC),
    "aws:rds/clusterInstance:ClusterInstance": Shape(
        Role.DATA, _IN_GROUP, public=_PUBLIC, owner="clusterIdentifier"
    ),
    "aws:docdb/cluster:Cluster": Shape(Role.DATA, _IN_GROUP, _VPC_GROUPS, ports=(27017,)),
    "aws:docdb/elasticCluster:ElasticCluster": Shape(
        Role.DATA, _PLAIN, _VPC_GROUPS, ports=(27017,)
    ),
    "aws:neptune/cluster:Cluster": Shape(
        Role.DATA, ("neptuneSubnetGroupName",), _VPC_GROUPS, ports=(8182,)
    ),
    "aws:neptune/clusterInstance:ClusterInstance": Shape(
        Role.DATA,
        ("neptuneSubnetGroupName",),
        public=_PUBLIC,
        ports=(8182,),
        owner="clusterIdentifier",
    ),
    "aws:redshift/cluster:Cluster": Shape(
        Role.DATA, ("clusterSubnetGroupName",), _VPC_GROUPS, _PUBLIC, (5439,)
    ),
    "aws:redshiftserverless/workgroup:Workgroup": Shape(
        Role.DATA, _PLAIN, _GROUPS, _PUBLIC, (5439,)
    ),
    "aws:elasticache/cluster:Cluster": Shape(Role.DATA, _IN_CACHE, _GROUPS, ports=_REDIS),
    "aws:elasticache/replicationGroup:ReplicationGroup": Shape(
        Role.DATA, _IN_CACHE, _GROUPS, ports=_REDIS
    ),
    "aws:elasticache/serverlessCache:ServerlessCache": Shape(
        Role.DATA, _PLAIN, _GROUPS, ports=_REDIS
    ),
    "aws:memorydb/cluster:Cluster": Shape(Role.DATA, _IN_CACHE, _GROUPS, ports=(6379,)),
    "aws:dax/cluster:Cluster": Shape(Role.DATA, _IN_CACHE, _GROUPS, ports=(8111, 9111)),
    "aws:opensearch/domain:Domain": _SEARCH,
    "aws:elasticsearch/domain:Domain": _SEARCH,
    "aws:msk/cluster:Cluster": Shape(
        Role.DATA,
        ("brokerNodeGroupInfo.clientSubnets",),
        ("brokerNodeGroupInfo.securityGroups",),
        Flag("brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "SERVICE_PROVIDED_EIPS"),
        tuple(range(9092, 9099)) + tuple(range(9192, 9199)),
    ),
    "aws:msk/serverlessCluster:ServerlessCluster": Shape(
        Role.DATA, ("vpcConfigs[].subnetIds",), ("vpcConfigs[].securityGroupIds",), ports=(9098,)
    ),
    "aws:mq/broker:Broker": Shape(Role.DATA, _PLAIN, ("securityGroups",), _PUBLIC),
    "aws:efs/mountTarget:MountTarget": Shape(
        Role.DATA, ("subnetId",), ("securityGroups",), ports=(2049,)
    ),
    "aws:dms/replicationInstance:ReplicationInstance": Shape(
        Role.DATA, ("replicationSubnetGroupId",), _VPC_GROUPS, _PUBLIC
    ),
    "aws:timestreaminfluxdb/dbInstance:DbInstance": Shape(
        Role.DATA, ("vpcSubnetIds",), _VPC_GROUPS, _PUBLIC, (8086,)
    ),
    "aws:rds/proxy:Proxy": Shape(Role.DATA, ("vpcSubnetIds",), _VPC_GROUPS),
    # What hands connections on
    "aws:lb/loadBalancer:LoadBalancer": _BALANCER,
    "aws:alb/loadBalancer:LoadBalancer": _BALANCER,
    "aws:elb/loadBalancer:LoadBalancer": replace(_BALANCER, subnets=("subnets",)),
    # Compute
    "aws:ec2/instance:Instance": _INSTANCE,
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": replace(
        _INSTANCE,
        subnets=("subnetId", _INTERFACE),
        groups=("vpcSecurityGroupIds", "securityGroups", _INTERFACE),
    ),
    "aws:autoscaling/group:Group": Shape(
        Role.COMPUTE,
        ("vpcZoneIdentifiers",),
        template=(
            "launchTemplate.id",
            "launchTemplate.name",
            "launchConfiguration",
            f"{_MIXED}.launchTemplateId",
            f"{_MIXED}.launchTemplateName",
        ),
    ),
    "aws:ecs/service:Service": Shape(
        Role.COMPUTE,
        ("networkConfiguration.subnets",),
        ("networkConfiguration.securityGroups",),
        Flag("networkConfiguration.assignPublicIp"),
    ),
    "aws:lambda/function:Function": Shape(
        Role.COMPUTE, ("vpcConfig.subnetIds",), ("vpcConfig.securityGroupIds",), outside="vpcConfig"
    ),
    "aws:batch/computeEnvironment:ComputeEnvironment": Shape(
        Role.COMPUTE, ("computeResources.subnets",), ("computeResources.securityGroupIds",)
    ),
    "aws:eks/nodeGroup:NodeGroup": Shape(
        Role.COMPUTE, _PLAIN, template=("launchTemplate.id", "launchTemplate.name")
    ),
    "aws:apprunner/service:Service": Shape(Role.COMPUTE),
}
"""Shapes by type."""

DATA_STORES: Final = tuple(type_ for type_, shape in SHAPES.items() if shape.role is Role.DATA)
COMPUTE: Final = tuple(type_ for type_, shape in SHAPES.items() if shape.role is Role.COMPUTE)
BALANCERS: Final = tuple(type_ for type_, shape in SHAPES.items() if shape.role is Role.BALANCER)

ENGINE_PORTS: Final = {
    "aurora-postgresql": 5432,
    "aurora": 3306,
    "postgres": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "oracle": 1521,
    "custom-oracle": 1521,
    "sqlserver": 1433,
    "custom-sqlserver": 1433,
    "db2": 50000,
}
"""The port that a database listens on by default, by the beginning of its engine's name."""

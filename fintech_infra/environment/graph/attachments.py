"""ATTACHED edges: what configures another resource, or is part of it. A table, one row per type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fintech_infra.environment.graph.endpoints import expanded
from fintech_infra.environment.graph.model import Edge, Kind
from fintech_infra.environment.model import Environment, Resource
from fintech_infra.environment.values import UnknownValueError


@dataclass(frozen=True, slots=True)
class Row:
    """Where a type names what it is attached to, and what it is there.

    With `holds`, it is the other way round: the type holds what it names, as a group its members.
    """

    path: str
    role: str
    holds: bool = False


def _on(path: str, role: str) -> tuple[Row, ...]:
    return (Row(path, role),)


def _with(path: str, role: str) -> tuple[Row, ...]:
    return (Row(path, role, holds=True),)


_SUBNETS: Final = _with("subnetIds[]", "a subnet")
_BUCKET_SIDECARS: Final = {
    "bucketAccelerateConfiguration:BucketAccelerateConfiguration": "its acceleration",
    "bucketAcl:BucketAcl": "its access list",
    "bucketAclV2:BucketAclV2": "its access list",
    "bucketCorsConfiguration:BucketCorsConfiguration": "its CORS rules",
    "bucketCorsConfigurationV2:BucketCorsConfigurationV2": "its CORS rules",
    "bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration": "its tiering",
    "bucketLifecycleConfiguration:BucketLifecycleConfiguration": "its lifecycle",
    "bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": "its lifecycle",
    "bucketLogging:BucketLogging": "its logging",
    "bucketLoggingV2:BucketLoggingV2": "its logging",
    "bucketNotification:BucketNotification": "its notifications",
    "bucketObjectLockConfiguration:BucketObjectLockConfiguration": "its object lock",
    "bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2": "its object lock",
    "bucketOwnershipControls:BucketOwnershipControls": "its object ownership",
    "bucketPolicy:BucketPolicy": "its policy",
    "bucketPublicAccessBlock:BucketPublicAccessBlock": "its public access block",
    "bucketReplicationConfig:BucketReplicationConfig": "its replication",
    "bucketRequestPaymentConfiguration:BucketRequestPaymentConfiguration": "its payer",
    "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "its encryption"
    ),
    "bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": (
        "its encryption"
    ),
    "bucketVersioning:BucketVersioning": "its versioning",
    "bucketVersioningV2:BucketVersioningV2": "its versioning",
    "bucketWebsiteConfiguration:BucketWebsiteConfiguration": "its website",
    "bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2": "its website",
}
_BALANCING: Final = {
    "listener:Listener": _on("loadBalancerArn", "a listener"),
    "listenerRule:ListenerRule": _on("listenerArn", "a rule"),
    "listenerCertificate:ListenerCertificate": _on("listenerArn", "a certificate"),
    "targetGroupAttachment:TargetGroupAttachment": _on("targetGroupArn", "a registration"),
}

ATTACHMENTS: Final[Mapping[str, tuple[Row, ...]]] = {
    **{f"aws:s3/{name}": _on("bucket", role) for name, role in _BUCKET_SIDECARS.items()},
    **{f"aws:{module}/{name}": row for module in ("lb", "alb") for name, row in _BALANCING.items()},
    # Networks
    "aws:ec2/securityGroupRule:SecurityGroupRule": _on("securityGroupId", "a rule"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _on("securityGroupId", "a rule"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _on("securityGroupId", "a rule"),
    "aws:ec2/networkAclRule:NetworkAclRule": _on("networkAclId", "an entry"),
    "aws:ec2/networkAclAssociation:NetworkAclAssociation": _on("networkAclId", "an association"),
    "aws:ec2/networkAcl:NetworkAcl": _with("subnetIds[]", "a subnet"),
    "aws:ec2/route:Route": _on("routeTableId", "a route"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _on("routeTableId", "an association"),
    "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation": _on(
        "routeTableId", "an association"
    ),
    "aws:ec2/internetGateway:InternetGateway": _on("vpcId", "its internet gateway"),
    "aws:ec2/subnet:Subnet": _on("vpcId", "a subnet"),
    "aws:ec2/flowLog:FlowLog": (Row("vpcId", "a flow log"), Row("subnetId", "a flow log")),
    "aws:ec2/eipAssociation:EipAssociation": (
        Row("instanceId", "its elastic IP"),
        Row("networkInterfaceId", "its elastic IP"),
    ),
    "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry": _on("prefixListId", "an entry"),
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": _on("vpcEndpointId", "its policy"),
    "aws:ec2/volumeAttachment:VolumeAttachment": _on("instanceId", "a volume"),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": _on("transitGatewayId", "an attachment"),
    # Subnet groups
    "aws:rds/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:docdb/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:neptune/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:redshift/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:elasticache/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:memorydb/subnetGroup:SubnetGroup": _SUBNETS,
    "aws:dax/subnetGroup:SubnetGroup": _SUBNETS,
    # Identity
    "aws:iam/rolePolicy:RolePolicy": _on("role", "a policy"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        Row("role", "a policy"),
        Row("policyArn", "an attachment"),
    ),
    "aws:iam/userPolicy:UserPolicy": _on("user", "a policy"),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": _on("user", "a policy"),
    "aws:iam/groupPolicy:GroupPolicy": _on("group", "a policy"),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": _on("group", "a policy"),
    "aws:iam/groupMembership:GroupMembership": _on("group", "its members"),
    "aws:iam/userGroupMembership:UserGroupMembership": _on("user", "its groups"),
    "aws:iam/instanceProfile:InstanceProfile": _on("role", "an instance profile"),
    # Keys, secrets, messages
    "aws:kms/alias:Alias": _on("targetKeyId", "an alias"),
    "aws:kms/keyPolicy:KeyPolicy": _on("keyId", "its policy"),
    "aws:kms/grant:Grant": _on("keyId", "a grant"),
    "aws:secretsmanager/secretPolicy:SecretPolicy": _on("secretArn", "its policy"),
    "aws:secretsmanager/secretRotation:SecretRotation": _on("secretId", "its rotation"),
    "aws:secretsmanager/secretVersion:SecretVersion": _on("secretId", "a version"),
    "aws:sns/topicPolicy:TopicPolicy": _on("arn", "its policy"),
    "aws:sns/topicSubscription:TopicSubscription": _on("topic", "a subscription"),
    "aws:sqs/queuePolicy:QueuePolicy": _on("queueUrl", "its policy"),
    "aws:cloudwatch/eventTarget:EventTarget": _on("rule", "a target"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _on("logGroupName", "a metric filter"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": _on("logGroup", "a subscription"),
    # Compute and delivery
    "aws:lambda/permission:Permission": _on("function", "a permission"),
    "aws:lambda/functionUrl:FunctionUrl": _on("functionName", "its address"),
    "aws:lambda/alias:Alias": _on("functionName", "an alias"),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _on("repository", "its policy"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _on("repository", "its lifecycle"),
    "aws:autoscaling/attachment:Attachment": _on("autoscalingGroupName", "an attachment"),
    "aws:autoscaling/policy:Policy": _on("autoscalingGroupName", "a scaling policy"),
    "aws:appautoscaling/target:Target": _on("resourceId", "its scaling"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": _on("resourceArn", "its web ACL"),
    "aws:apigateway/method:Method": _on("restApi", "a method"),
    "aws:apigateway/integration:Integration": _on("restApi", "an integration"),
    "aws:apigatewayv2/route:Route": _on("apiId", "a route"),
    "aws:apigatewayv2/integration:Integration": _on("apiId", "an integration"),
    # Data
    "aws:rds/clusterInstance:ClusterInstance": _on("clusterIdentifier", "an instance"),
    "aws:docdb/clusterInstance:ClusterInstance": _on("clusterIdentifier", "an instance"),
    "aws:neptune/clusterInstance:ClusterInstance": _on("clusterIdentifier", "an instance"),
    "aws:rds/proxyTarget:ProxyTarget": _on("dbProxyName", "a target"),
    "aws:efs/mountTarget:MountTarget": _on("fileSystemId", "a mount target"),
    "aws:efs/fileSystemPolicy:FileSystemPolicy": _on("fileSystemId", "its policy"),
    "aws:efs/backupPolicy:BackupPolicy": _on("fileSystemId", "its backup"),
    "aws:backup/vaultPolicy:VaultPolicy": _on("backupVaultName", "its policy"),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": _on("backupVaultName", "its lock"),
    "aws:backup/selection:Selection": _on("planId", "a selection"),
    "aws:opensearch/domainPolicy:DomainPolicy": _on("domainName", "its policy"),
}
"""Rows by type."""


def attachments(environment: Environment) -> Iterator[Edge]:
    """Yield an edge from what configures a resource, or is part of it, to that resource."""
    for resource in environment.of_type(*ATTACHMENTS):
        for row in ATTACHMENTS[resource.type]:
            for path in expanded(resource, row.path.removesuffix("[]")):
                named = environment.references(resource, path)
                for found in owners(_text(resource, path), named):
                    yield _edge(resource, row, path, found)


def owners(text: str, named: Iterable[Resource]) -> Iterator[Resource]:
    """Yield those of the resources that a text names to whom the name belongs.

    A bucket's policy and versioning, too, have the bucket's name among their outputs.
    """
    for found in named:
        rows = [row for row in ATTACHMENTS.get(found.type, ()) if not row.holds]
        borrowed = {_text(found, path) for path in ("arn", *(row.path for row in rows))}
        if found.custom and (not text or text not in borrowed):
            yield found


def _text(resource: Resource, path: str) -> str:
    """An input that is a text; empty where it is none, or not known."""
    try:
        found = resource.value(path)
    except UnknownValueError:
        return ""
    return found if isinstance(found, str) else ""


def _edge(resource: Resource, row: Row, path: str, found: Resource) -> Edge:
    part, whole = (found, resource) if row.holds else (resource, found)
    why = f"has it as {row.role}"
    return Edge(part.urn, Kind.ATTACHED, whole.urn, why, resource.urn, path)

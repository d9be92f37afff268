"""Resources of the model as the JSON of a Terraform plan, which Checkov reads.

`pulumi_aws` wraps the Terraform provider, so a resource is the same in both but for spelling: names
are in small letters with underscores, a block stands in a list even where there is one, a list of
blocks has the name of one block, and a reference is no value but an expression. What the SDK's
classes say tells blocks from maps.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fintech_infra.engine.sdk.schema import Schemas
from fintech_infra.engine.sdk.shapes import ANY, Shape
from fintech_infra.environment import UNKNOWN, Environment, Resource

SCHEMAS: Final = Schemas()
FOLDERS: Final = {"lambda": "lambda_"}

# Modules whose types have another prefix in Terraform, and types that have another name.
PREFIXES: Final = {
    "alb": "", "apigateway": "api_gateway", "bedrockmodel": "bedrock_model", "cfg": "config",
    "cloudhsmv2": "cloudhsm_v2", "ebs": "ebs", "ec2": "", "ec2clientvpn": "ec2_client_vpn",
    "ec2transitgateway": "ec2_transit_gateway", "elb": "", "lb": "lb", "rds": "db", "vpc": "vpc",
}  # fmt: skip
TYPES: Final = {
    "aws:account/alternativeContact:AlternativeContact": "aws_account_alternate_contact",
    "aws:alb/loadBalancer:LoadBalancer": "aws_alb",
    "aws:bedrock/agentAgent:AgentAgent": "aws_bedrockagent_agent",
    "aws:cfg/recorder:Recorder": "aws_config_configuration_recorder",
    "aws:cfg/recorderStatus:RecorderStatus": "aws_config_configuration_recorder_status",
    "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
    "aws:codepipeline/pipeline:Pipeline": "aws_codepipeline",
    "aws:ec2/managedPrefixList:ManagedPrefixList": "aws_ec2_managed_prefix_list",
    "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry": "aws_ec2_managed_prefix_list_entry",
    "aws:ec2transitgateway/transitGateway:TransitGateway": "aws_ec2_transit_gateway",
    "aws:elb/loadBalancer:LoadBalancer": "aws_elb",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "aws_iam_openid_connect_provider",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:opensearch/serverlessSecurityPolicy:ServerlessSecurityPolicy":
        "aws_opensearchserverless_security_policy",
    "aws:rds/cluster:Cluster": "aws_rds_cluster",
    "aws:rds/clusterInstance:ClusterInstance": "aws_rds_cluster_instance",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "aws_rds_cluster_parameter_group",
    "aws:rds/globalCluster:GlobalCluster": "aws_rds_global_cluster",
    "aws:s3/bucketAclV2:BucketAclV2": "aws_s3_bucket_acl",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":
        "aws_s3_bucket_lifecycle_configuration",
    "aws:s3/bucketLoggingV2:BucketLoggingV2": "aws_s3_bucket_logging",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig":
        "aws_s3_bucket_replication_configuration",
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2":
        "aws_s3_bucket_server_side_encryption_configuration",
    "aws:s3/bucketV2:BucketV2": "aws_s3_bucket",
    "aws:s3/bucketVersioningV2:BucketVersioningV2": "aws_s3_bucket_versioning",
}  # fmt: skip
# Blocks whose one and many are spelled alike.
SAME: Final = {"egress", "ingress", "network_acls"}
# Terraform's lists of texts that stand for one text in the SDK.
LISTED: Final = {("aws_api_gateway_rest_api", "types"), ("aws_api_gateway_domain_name", "types")}


class NotTheSameError(Exception):
    """Raised for what cannot be said in a plan: values not known, types that no SDK has."""


def terraform_type(token: str) -> str:
    """The name that Terraform has for a type.

    >>> terraform_type("aws:s3/bucket:Bucket"), terraform_type("aws:rds/instance:Instance")
    ('aws_s3_bucket', 'aws_db_instance')
    """
    if token in TYPES:
        return TYPES[token]
    _, path, name = token.split(":")
    module = path.partition("/")[0]
    parts = ["aws", PREFIXES.get(module, snake(module)), snake(name)]
    return "_".join(part for part in parts if part)


def snake(name: str) -> str:
    """A name as Terraform spells it.

    >>> snake("kmsKeyArn"), snake("cidrIpv4"), snake("s3Config")
    ('kms_key_arn', 'cidr_ipv4', 's3_config')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def plan(environment: Environment) -> dict[str, Any]:
    """The plan that makes all resources of an environment, by Checkov's needs.

    Raises:
        NotTheSameError: something in it has no counterpart in a plan.
    """
    made = [_Made(resource, environment) for resource in environment.resources]
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": [item.planned for item in made]}},
        "resource_changes": [item.change for item in made],
        "configuration": {"root_module": {"resources": [item.configured for item in made]}},
    }


def address_of(resource: Resource) -> str:
    """What a plan calls a resource."""
    return f"{terraform_type(resource.type)}.{resource.name.replace(' ', '_')}"


class _Made:
    """One resource of a plan."""

    def __init__(self, resource: Resource, environment: Environment) -> None:
        shape = _shape(resource.type)
        self._resource, self._environment = resource, environment
        self._type = terraform_type(resource.type)
        self._values, self._expressions = self._object(shape, resource.inputs, "")

    @property
    def _base(self) -> dict[str, Any]:
        address = address_of(self._resource)
        name = address.partition(".")[2]
        return {"address": address, "mode": "managed", "type": self._type, "name": name}

    @property
    def planned(self) -> dict[str, Any]:
        more = {"provider_name": "aws", "schema_version": 0}
        return {**self._base, **more, "values": self._values}

    @property
    def configured(self) -> dict[str, Any]:
        return {**self._base, "provider_config_key": "aws", "expressions": self._expressions}

    @property
    def change(self) -> dict[str, Any]:
        change = {"actions": ["create"], "before": None, "after": self._values, "after_unknown": {}}
        return {**self._base, "provider_name": "aws", "change": change}

    def _object(
        self, shape: Shape, value: Mapping[str, Any], path: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The known values of a block, and the expressions of what refers to other resources."""
        values: dict[str, Any] = {}
        expressions: dict[str, Any] = {}
        for key, item in value.items():
            field = shape.fields.get(key)
            below = field.shape if field else ANY
            name = self._name(key, below)
            at = path or key
            if _is_block(below) and isinstance(item, Mapping | list):
                blocks = item if isinstance(item, list) else [item]
                inner = below if below.kind == "object" else (below.element or ANY)
                pairs = [self._object(inner, block, at) for block in blocks]
                values[name] = [found for found, _ in pairs]
                expressions[name] = [referred for _, referred in pairs]
            elif references := self._references(item, at):
                expressions[name] = {"references": references}
                listed = item if isinstance(item, list) else []
                if known := [part for part in listed if not self._references(part, at)]:
                    values[name] = [*known, None]
            else:
                values[name] = self._known(item, (self._type, name))
        return values, expressions

    def _name(self, key: str, shape: Shape) -> str:
        name = snake(key)
        is_many = shape.kind == "list" and shape.element is not None
        if is_many and _is_block(shape) and name not in SAME:
            return _singular(name)
        return name

    def _references(self, item: Any, top: str) -> list[str]:
        items = item if isinstance(item, list) else [item]
        found = [
            target
            for part in items
            if isinstance(part, str)
            for target in self._environment.named(part)
            if target.urn != self._resource.urn
        ]
        if any(part is UNKNOWN for part in items):
            urns = self._resource.property_dependencies.get(top, ())
            found += [self._environment.by_urn[urn] for urn in urns]
            if not found:
                raise NotTheSameError
        addresses = [address_of(target) for target in found]
        return [text for address in addresses for text in (f"{address}.id", address)]

    def _known(self, item: Any, place: tuple[str, str]) -> Any:
        """A value that holds no reference; one that is not known cannot be said."""
        if item is UNKNOWN:
            raise NotTheSameError
        if isinstance(item, Mapping):
            return {key: self._known(value, place) for key, value in item.items()}
        if isinstance(item, list):
            return [self._known(value, ("", "")) for value in item]
        return [item] if place in LISTED else item


def _is_block(shape: Shape) -> bool:
    return shape.kind == "object" or (
        shape.kind == "list" and shape.element is not None and shape.element.kind == "object"
    )


def _singular(name: str) -> str:
    """One of many blocks.

    >>> _singular("ebs_block_devices"), _singular("policies"), _singular("statuses")
    ('ebs_block_device', 'policy', 'status')
    """
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if name.endswith(("sses", "uses", "xes")):
        return name[:-2]
    return name.removesuffix("s")


def _shape(token: str) -> Shape:
    _, path, name = token.split(":")
    folder = path.partition("/")[0]
    module = importlib.import_module(f"pulumi_aws.{FOLDERS.get(folder, folder)}")
    getattr(module, name, None)
    found = SCHEMAS.resource(token)
    if found is None or found.inputs is None:
        raise NotTheSameError
    return found.inputs


def known_types(resources: Iterable[Resource]) -> bool:
    """Whether all are of the AWS provider, declared and not read."""
    return all(item.type.startswith("aws:") and not item.existing for item in resources)

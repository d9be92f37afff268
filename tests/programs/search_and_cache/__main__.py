import json

import pulumi
import pulumi_aws as aws

subnets = pulumi.Config().require_object("subnets")
account = aws.get_caller_identity_output().account_id
region = aws.get_region_output().region

domain_name = f"search-{pulumi.get_stack()}"
domain = aws.opensearch.Domain(
    "search",
    domain_name=domain_name,
    engine_version="OpenSearch_2.11",
    cluster_config=aws.opensearch.DomainClusterConfigArgs(
        instance_type="r6g.large.search", instance_count=2, zone_awareness_enabled=True
    ),
    ebs_options={"ebs_enabled": True, "volume_size": 100},
    encrypt_at_rest={"enabled": True},
    node_to_node_encryption={"enabled": True},
    domain_endpoint_options={
        "enforce_https": True,
        "tls_security_policy": "Policy-Min-TLS-1-2-2019-07",
    },
    access_policies=pulumi.Output.all(region=region, account=account).apply(
        lambda where: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{where['account']}:root"},
                        "Action": "es:*",
                        "Resource": f"arn:aws:es:{where['region']}:{where['account']}:"
                        f"domain/{domain_name}/*",
                    }
                ],
            }
        )
    ),
)

subnet_group = aws.elasticache.SubnetGroup("cache", subnet_ids=subnets)
parameters = aws.elasticache.ParameterGroup(
    "cache",
    family="redis7",
    parameters=[{"name": "maxmemory-policy", "value": "allkeys-lru"}],
)
redis = aws.elasticache.ReplicationGroup(
    "cache",
    description="sessions",
    engine="redis",
    node_type="cache.t4g.small",
    num_cache_clusters=2,
    automatic_failover_enabled=True,
    at_rest_encryption_enabled=True,
    transit_encryption_enabled=True,
    auth_token=pulumi.Output.secret("correct-horse-battery-staple"),
    subnet_group_name=subnet_group.name,
    parameter_group_name=parameters.name,
)
memcached = aws.elasticache.Cluster(
    "memcached", engine="memcached", node_type="cache.t4g.micro", num_cache_nodes=1
)

pulumi.export("search", domain.endpoint.apply(lambda e: f"https://{e}/_search"))
pulumi.export("redis", pulumi.Output.concat("rediss://", redis.primary_endpoint_address, ":6379"))
pulumi.export("memcached", memcached.cache_nodes[0].address)

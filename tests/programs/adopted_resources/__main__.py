import pulumi
import pulumi_aws as aws
from pulumi import CustomTimeouts, ResourceOptions

vpc = aws.ec2.Vpc.get("shared", "vpc-0123456789abcdef0")
zone = aws.route53.Zone.get("zone", id="Z0123456789ABCDEFGHIJ")
logs = aws.s3.Bucket.get("logs", pulumi.Output.from_input("acme-logs"))

data = aws.s3.Bucket(
    "data",
    bucket="acme-data",
    opts=ResourceOptions(import_="acme-data", protect=True, retain_on_delete=True),
)
cluster = aws.rds.Cluster(
    "cluster",
    engine="aurora-postgresql",
    master_username="root",
    master_password=pulumi.Output.secret("correct-horse"),
    skip_final_snapshot=True,
    opts=ResourceOptions(
        ignore_changes=["masterPassword", "tags['cost']"],
        replace_on_changes=["engine"],
        delete_before_replace=True,
        custom_timeouts=CustomTimeouts(create="60m", delete="2h"),
        additional_secret_outputs=["endpoint"],
    ),
)
instance = aws.rds.ClusterInstance(
    "writer",
    cluster_identifier=cluster.id,
    instance_class="db.r6g.large",
    engine=cluster.engine.apply(aws.rds.EngineType),
    opts=ResourceOptions(deleted_with=cluster),
)
group = aws.ec2.SecurityGroup(
    "app", vpc_id=vpc.id, opts=ResourceOptions(version="7.51.1", depends_on=cluster)
)
aws.s3.BucketNotification("events", bucket=logs.bucket, eventbridge=True)
aws.route53.Record(
    "db", zone_id=zone.zone_id, name="db", type="CNAME", ttl=60, records=[cluster.endpoint]
)
stash = pulumi.Stash("first-deployed", input="2024-01-01")

pulumi.export("vpc_cidr", vpc.cidr_block)
pulumi.export("endpoint", cluster.endpoint)
pulumi.export("stash", stash.output)

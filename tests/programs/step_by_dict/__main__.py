"""The data-driven style: configuration decides what exists, keyword arguments are built up."""

import functools

import pulumi
import pulumi_aws as aws
from pulumi import ResourceOptions

config = pulumi.Config()
buckets = config.require_object("buckets")


def memoize(function):
    return functools.lru_cache(maxsize=None)(function)


@memoize
def topic(name):
    return aws.sns.Topic(name)


for name, options in buckets.items():
    kwargs = {"tags": {"name": name}}
    if options.get("days"):
        kwargs["lifecycle_rules"] = [{"enabled": True, "expiration": {"days": options["days"]}}]
    bucket = aws.s3.Bucket(name, **kwargs)
    if options["versioned"]:
        aws.s3.BucketVersioning(
            name,
            bucket=bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=ResourceOptions(parent=bucket),
        )
    aws.s3.BucketNotification(
        name,
        bucket=bucket.id,
        topics=[{"topic_arn": topic("notices").arn, "events": ["s3:ObjectCreated:*"]}],
    )
    pulumi.export(f"{name}_domain", bucket.bucket_domain_name)

alarm = {
    "comparison_operator": "GreaterThanThreshold",
    "evaluation_periods": 2,
    "metric_name": "4xxErrors",
    "namespace": "AWS/S3",
    "period": 300,
    "statistic": "Average",
    "threshold": 0.05,
}
aws.cloudwatch.MetricAlarm("errors", **alarm, alarm_actions=[topic("notices").arn])

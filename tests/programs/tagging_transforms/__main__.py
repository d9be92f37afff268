import autotag
import pulumi
import pulumi_aws as aws

autotag.register_auto_tags(
    {
        "user:Project": pulumi.get_project(),
        "user:Stack": pulumi.get_stack(),
    }
)
pulumi.runtime.register_resource_transform(autotag.stamp)
pulumi.runtime.register_invoke_transform(autotag.only_us_east)

bucket = aws.s3.Bucket("plain")
queue = aws.sqs.Queue("tagged", tags={"Name": "tagged", "stamped-by": "hand"})
group = pulumi.ComponentResource("acme:index:Group", "group")
topic = aws.sns.Topic("inside", opts=pulumi.ResourceOptions(parent=group))
aws.s3.BucketVersioning(
    "untagged", bucket=bucket.id, versioning_configuration={"status": "Enabled"}
)

pulumi.export("region", aws.get_region_output().region)
pulumi.export("topic", topic.arn)

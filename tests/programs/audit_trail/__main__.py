import pulumi
import pulumi_aws as aws

current = aws.get_caller_identity()
partition = aws.get_partition()
region = aws.get_region()
elb_account = aws.elb.get_service_account()

trail_name = "audit"
trail_arn = (
    f"arn:{partition.partition}:cloudtrail:{region.region}:{current.account_id}:trail/{trail_name}"
)

bucket = aws.s3.Bucket("trail", force_destroy=False)
document = aws.iam.get_policy_document_output(
    statements=[
        aws.iam.GetPolicyDocumentStatementArgs(
            sid="AWSCloudTrailAclCheck",
            effect="Allow",
            principals=[
                aws.iam.GetPolicyDocumentStatementPrincipalArgs(
                    type="Service", identifiers=["cloudtrail.amazonaws.com"]
                )
            ],
            actions=["s3:GetBucketAcl"],
            resources=[bucket.arn],
            conditions=[
                aws.iam.GetPolicyDocumentStatementConditionArgs(
                    test="StringEquals", variable="aws:SourceArn", values=[trail_arn]
                )
            ],
        ),
        aws.iam.GetPolicyDocumentStatementArgs(
            sid="AWSCloudTrailWrite",
            principals=[
                aws.iam.GetPolicyDocumentStatementPrincipalArgs(
                    type="Service", identifiers=["cloudtrail.amazonaws.com"]
                )
            ],
            actions=["s3:PutObject"],
            resources=[
                bucket.arn.apply(lambda arn: f"{arn}/AWSLogs/{current.account_id}/*"),
            ],
            conditions=[
                aws.iam.GetPolicyDocumentStatementConditionArgs(
                    test="StringEquals",
                    variable="s3:x-amz-acl",
                    values=["bucket-owner-full-control"],
                )
            ],
        ),
    ]
)
policy = aws.s3.BucketPolicy("trail", bucket=bucket.id, policy=document.json)
topic = aws.sns.Topic("trail")
trail = aws.cloudtrail.Trail(
    "audit",
    name=trail_name,
    s3_bucket_name=bucket.id,
    include_global_service_events=True,
    is_multi_region_trail=True,
    enable_log_file_validation=True,
    event_selectors=[
        aws.cloudtrail.TrailEventSelectorArgs(
            read_write_type="All",
            include_management_events=True,
            data_resources=[
                aws.cloudtrail.TrailEventSelectorDataResourceArgs(
                    type="AWS::S3::Object", values=[f"arn:{partition.partition}:s3"]
                )
            ],
        )
    ],
    opts=pulumi.ResourceOptions(depends_on=[policy]),
)

recorder_role = aws.iam.Role(
    "recorder",
    assume_role_policy=aws.iam.get_policy_document(
        statements=[
            {
                "actions": ["sts:AssumeRole"],
                "principals": [{"type": "Service", "identifiers": ["config.amazonaws.com"]}],
            }
        ]
    ).json,
)
recorder = aws.cfg.Recorder(
    "recorder",
    role_arn=recorder_role.arn,
    recording_group={"all_supported": True, "include_global_resource_types": True},
)
channel = aws.cfg.DeliveryChannel(
    "channel",
    s3_bucket_name=bucket.bucket,
    sns_topic_arn=topic.arn,
    opts=pulumi.ResourceOptions(depends_on=recorder),
)
aws.cfg.RecorderStatus(
    "recorder",
    name=recorder.name,
    is_enabled=True,
    opts=pulumi.ResourceOptions(depends_on=[channel]),
)
for identifier in ("S3_BUCKET_VERSIONING_ENABLED", "ENCRYPTED_VOLUMES"):
    aws.cfg.Rule(
        identifier.lower().replace("_", "-"),
        source=aws.cfg.RuleSourceArgs(owner="AWS", source_identifier=identifier),
        opts=pulumi.ResourceOptions(depends_on=[recorder]),
    )

aws.cloudwatch.LogMetricFilter(
    "root-usage",
    pattern='{ $.userIdentity.type = "Root" }',
    log_group_name=aws.cloudwatch.LogGroup("trail").name,
    metric_transformation={"name": "RootUsage", "namespace": "Audit", "value": "1"},
)
aws.guardduty.Detector("detector", enable=True)
aws.securityhub.Account("hub")

pulumi.export("trail", trail.arn)
pulumi.export("elb", elb_account.arn)

from pulumi import ComponentResource, Input, Output, ResourceOptions
from pulumi_aws import s3


class LoggedBucketArgs:
    def __init__(self, name: Input[str], days: int = 30, versioned=False):
        self.name = name
        self.days = days
        self.versioned = versioned


class LoggedBucket(ComponentResource):
    def __init__(self, name: str, args: LoggedBucketArgs, opts: ResourceOptions = None):
        super().__init__("classic:modules:LoggedBucket", name, vars(args), opts)
        child_opts = ResourceOptions(parent=self)
        self.logs = s3.Bucket(name + "-logs", acl="log-delivery-write", opts=child_opts)
        self.bucket = s3.Bucket(
            name,
            bucket=args.name,
            versioning=s3.BucketVersioningArgs(enabled=args.versioned),
            logging=s3.BucketLoggingArgs(target_bucket=self.logs.id, target_prefix="log/"),
            lifecycle_rules=[
                s3.BucketLifecycleRuleArgs(
                    enabled=True,
                    expiration=s3.BucketLifecycleRuleExpirationArgs(days=args.days),
                    prefix="tmp/",
                )
            ],
            server_side_encryption_configuration=s3.BucketServerSideEncryptionConfigurationArgs(
                rule=s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    )
                )
            ),
            opts=child_opts,
        )
        self.summary = Output.all(bucket=self.bucket.bucket, logs=self.logs.bucket).apply(
            lambda names: f"{names['bucket']} -> {names['logs']}"
        )
        self.register_outputs({"bucket": self.bucket, "summary": self.summary})

import pulumi
from pulumi import Alias, ComponentResource, Output, ResourceOptions
from pulumi_aws import kms, s3, sns


def add_owner(args: pulumi.ResourceTransformationArgs):
    """The old client-side transformation: sees Python names."""
    if args.type_ == "aws:s3/bucket:Bucket":
        tags = {**(args.props.get("tags") or {}), "owner": "ledger"}
        return pulumi.ResourceTransformationResult({**args.props, "tags": tags}, args.opts)
    return None


def never_force(args: pulumi.ResourceTransformArgs):
    """The engine-side transform: sees wire names."""
    if args.type_ == "aws:s3/bucket:Bucket":
        return pulumi.ResourceTransformResult(
            props={**args.props, "forceDestroy": False},
            opts=ResourceOptions.merge(args.opts, ResourceOptions(protect=True)),
        )
    return None


class Vault(ComponentResource):
    bucket: Output[str]

    def __init__(self, name: str, key_arn: pulumi.Input[str], opts: ResourceOptions | None = None):
        super().__init__("acme:storage:Vault", name, {"key_arn": key_arn}, opts)
        self._bucket = s3.Bucket(
            f"{name}-bucket",
            force_destroy=True,
            tags={"vault": name},
            opts=ResourceOptions(
                parent=self, aliases=[Alias(name=f"{name}-store"), Alias(parent=None)]
            ),
        )
        s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=self._bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": key_arn,
                    }
                }
            ],
            opts=ResourceOptions(parent=self._bucket),
        )
        self.bucket = self._bucket.bucket
        self.register_outputs({"bucket": self.bucket})


class Ledger(ComponentResource):
    """Was called `Books`, and its vault once lay at the top."""

    def __init__(self, name: str, opts: ResourceOptions | None = None):
        super().__init__(
            "acme:ledger:Ledger",
            name,
            None,
            ResourceOptions.merge(
                ResourceOptions(aliases=[Alias(type_="acme:ledger:Books"), Alias(name="books")]),
                opts,
            ),
        )
        key = kms.Key(f"{name}-key", enable_key_rotation=True, opts=ResourceOptions(parent=self))
        self.topic = sns.Topic(
            f"{name}-events", kms_master_key_id=key.id, opts=ResourceOptions(parent=self)
        )
        self.vault = Vault(f"{name}-vault", key.arn, ResourceOptions(parent=self))
        self.register_outputs({"topic": self.topic.arn, "bucket": self.vault.bucket})


ledger = Ledger("main", ResourceOptions(transformations=[add_owner], transforms=[never_force]))
spare = Ledger(
    "spare",
    ResourceOptions(
        protect=True,
        aliases=["urn:pulumi:dev::old-project::acme:ledger:Ledger::reserve"],
    ),
)

pulumi.export("bucket", ledger.vault.bucket)
pulumi.export("urn", ledger.vault.urn)

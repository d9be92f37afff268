import pulumi
import pulumi_aws as aws
from pulumi import InvokeOptions, ResourceOptions


class Replica(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("acme:index:Replica", name, {}, opts)
        inner = ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(name, opts=inner)
        self.queue = aws.sqs.Queue(name, opts=ResourceOptions.merge(inner, ResourceOptions()))
        self.register_outputs({})


home = aws.s3.Bucket("home", tags={"team": "ledger", "tier": "gold"})
regions = ["us-east-1", "ap-southeast-2"]
providers = {
    region: aws.Provider(
        region,
        region=region,
        default_tags=aws.ProviderDefaultTagsArgs(tags={"region": region}),
    )
    for region in regions
}
replicas = [
    Replica(f"replica-{region}", ResourceOptions(providers={"aws": provider}))
    for region, provider in providers.items()
]
listed = Replica("listed", ResourceOptions(providers=[providers["us-east-1"]]))
single = Replica("single", ResourceOptions(provider=providers["ap-southeast-2"]))

other_account = aws.Provider(
    "audit",
    region="eu-central-1",
    allowed_account_ids=["210987654321"],
    assume_roles=[
        aws.ProviderAssumeRoleArgs(
            role_arn="arn:aws:iam::210987654321:role/deploy", session_name="pulumi"
        )
    ],
)
audit = aws.s3.Bucket("audit", opts=ResourceOptions(provider=other_account))
who = aws.get_caller_identity(opts=InvokeOptions(provider=other_account))
where = aws.get_region(opts=InvokeOptions(provider=other_account))
zones = aws.get_availability_zones_output(
    opts=pulumi.InvokeOutputOptions(provider=providers["us-east-1"])
)
overridden = aws.sqs.Queue("overridden", region="sa-east-1")

pulumi.export("home", home.arn)
pulumi.export("queues", [replica.queue.arn for replica in replicas])
pulumi.export("where", where.region)
pulumi.export("account", who.account_id)
pulumi.export("zone", zones.names[0])
pulumi.export("overridden", overridden.arn)

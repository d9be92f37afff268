import pulumi
import pulumi_aws as aws

vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
subnets = [
    aws.ec2.Subnet(f"subnet-{i}", vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24") for i in range(2)
]
tokens = pulumi.Config().require_secret_object("tokens")

pulumi.export("vpc_id", vpc.id)
pulumi.export("subnet_ids", [subnet.id for subnet in subnets])
pulumi.export("token", tokens.apply(lambda items: items[0]))
pulumi.export("zones", {"a": subnets[0].availability_zone})

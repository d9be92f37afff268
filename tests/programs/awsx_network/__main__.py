import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

vpc = awsx.ec2.Vpc(
    "vpc",
    number_of_availability_zones=2,
    nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=awsx.ec2.NatGatewayStrategy.SINGLE),
    subnet_specs=[
        {"type": awsx.ec2.SubnetType.PUBLIC, "cidr_mask": 24},
        {"type": awsx.ec2.SubnetType.PRIVATE, "cidr_mask": 22},
    ],
)

repository = awsx.ecr.Repository("repository", force_delete=True)
cluster = aws.ecs.Cluster("cluster")
group = aws.ec2.SecurityGroup(
    "database",
    vpc_id=vpc.vpc_id,
    ingress=[
        {"protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr_blocks": ["10.0.0.0/8"]}
    ],
)
subnets = aws.rds.SubnetGroup("database", subnet_ids=vpc.private_subnet_ids)

pulumi.export("vpcId", vpc.vpc_id)
pulumi.export("firstSubnet", vpc.public_subnet_ids[0])
pulumi.export("repository", repository.url)
pulumi.export("subnetGroup", subnets.name)

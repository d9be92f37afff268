import ipaddress

import pulumi
import pulumi_aws as aws

cfg = pulumi.Config()
network = ipaddress.ip_network(cfg.require("cidr"))
zones = aws.get_availability_zones(state="available").names[:3]
ranges = list(network.subnets(new_prefix=20))

vpc = aws.ec2.Vpc(
    "main",
    cidr_block=str(network),
    enable_dns_hostnames=True,
    enable_dns_support=True,
    tags={"Name": "main"},
)
igw = aws.ec2.InternetGateway("igw", vpc_id=vpc.id)
public = aws.ec2.RouteTable(
    "public",
    vpc_id=vpc.id,
    routes=[aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=igw.id)],
)

public_subnets, private_subnets = [], []
for i, zone in enumerate(zones):
    suffix = zone[-1]
    subnet = aws.ec2.Subnet(
        f"public-{suffix}",
        vpc_id=vpc.id,
        availability_zone=zone,
        cidr_block=str(ranges[i]),
        map_public_ip_on_launch=True,
        tags={"Name": f"public-{suffix}", "kubernetes.io/role/elb": "1"},
    )
    aws.ec2.RouteTableAssociation(f"public-{suffix}", subnet_id=subnet.id, route_table_id=public.id)
    public_subnets.append(subnet)

    eip = aws.ec2.Eip(f"nat-{suffix}", domain="vpc")
    nat = aws.ec2.NatGateway(f"nat-{suffix}", subnet_id=subnet.id, allocation_id=eip.id)

    inner = aws.ec2.Subnet(
        f"private-{suffix}",
        vpc_id=vpc.id,
        availability_zone=zone,
        cidr_block=str(ranges[len(zones) + i]),
        tags={"Name": f"private-{suffix}"},
    )
    table = aws.ec2.RouteTable(f"private-{suffix}", vpc_id=vpc.id)
    aws.ec2.Route(
        f"private-{suffix}",
        route_table_id=table.id,
        destination_cidr_block="0.0.0.0/0",
        nat_gateway_id=nat.id,
    )
    aws.ec2.RouteTableAssociation(f"private-{suffix}", subnet_id=inner.id, route_table_id=table.id)
    private_subnets.append(inner)

ami = aws.ec2.get_ami_output(
    most_recent=True,
    owners=["amazon"],
    filters=[{"name": "name", "values": ["al2023-ami-*-x86_64"]}],
)
bastion_sg = aws.ec2.SecurityGroup("bastion", vpc_id=vpc.id, description="Bastion")
aws.vpc.SecurityGroupIngressRule(
    "bastion-ssh",
    security_group_id=bastion_sg.id,
    cidr_ipv4="203.0.113.0/24",
    from_port=22,
    to_port=22,
    ip_protocol="tcp",
)
bastion = aws.ec2.Instance(
    "bastion",
    ami=ami.id,
    instance_type=aws.ec2.InstanceType.T3_MICRO,
    subnet_id=public_subnets[0].id,
    vpc_security_group_ids=[bastion_sg.id],
    user_data="#!/bin/bash\nyum update -y\n",
)
endpoint = aws.ec2.VpcEndpoint(
    "s3",
    vpc_id=vpc.id,
    service_name=aws.get_region_output().region.apply(lambda r: f"com.amazonaws.{r}.s3"),
    route_table_ids=[public.id],
)

pulumi.export("vpc_id", vpc.id)
pulumi.export("public_subnet_ids", [s.id for s in public_subnets])
pulumi.export("private_subnet_ids", pulumi.Output.all(*[s.id for s in private_subnets]))
pulumi.export("bastion_ip", bastion.public_ip)

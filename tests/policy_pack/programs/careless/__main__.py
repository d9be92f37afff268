"""Everything that a control could ask for is missing, in resources of the provider itself."""

import json

import pulumi
import pulumi_aws as aws

vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
gateway = aws.ec2.InternetGateway("main", vpc_id=vpc.id)
subnet = aws.ec2.Subnet(
    "public", vpc_id=vpc.id, cidr_block="10.0.0.0/24", map_public_ip_on_launch=True
)
routes = aws.ec2.RouteTable(
    "public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}]
)
aws.ec2.RouteTableAssociation("public", subnet_id=subnet.id, route_table_id=routes.id)
group = aws.ec2.SecurityGroup(
    "open",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 0, "to_port": 65535, "cidr_blocks": ["0.0.0.0/0"]}],
)
subnets = aws.rds.SubnetGroup("database", subnet_ids=[subnet.id])
aws.rds.Instance(
    "database",
    engine="postgres",
    instance_class="db.t4g.micro",
    allocated_storage=20,
    username="root",
    password=pulumi.Output.secret("correct horse battery staple"),
    publicly_accessible=True,
    skip_final_snapshot=True,
    db_subnet_group_name=subnets.name,
    vpc_security_group_ids=[group.id],
)
bucket = aws.s3.Bucket("open", force_destroy=True)
aws.s3.BucketPolicy(
    "open",
    bucket=bucket.id,
    policy=bucket.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "s3:GetObject",
                        "Resource": f"{arn}/*",
                    }
                ],
            }
        )
    ),
)
aws.kms.Key("short", deletion_window_in_days=7)
role = aws.iam.Role(
    "all",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
            ],
        }
    ),
)
aws.iam.RolePolicy(
    "all",
    role=role.id,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
    ),
)
# Not this program's: read, so nobody here answers for it.
aws.s3.Bucket.get("theirs", "their-bucket")
# A replica of a database elsewhere: nobody can tell from here whether that is encrypted.
aws.rds.Instance(
    "replica",
    instance_class="db.t4g.micro",
    replicate_source_db="arn:aws:rds:eu-west-1:111122223333:db:elsewhere",
    skip_final_snapshot=True,
)

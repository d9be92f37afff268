import json

import pulumi
import pulumi_aws as aws
from pulumi import Config, Output, ResourceOptions, export

config = Config()
port = config.require_int("port")

default_vpc = aws.ec2.get_vpc(default=True)
default_subnets = aws.ec2.get_subnets(
    filters=[aws.ec2.GetSubnetsFilterArgs(name="vpc-id", values=[default_vpc.id])]
)

cluster = aws.ecs.Cluster(
    "cluster", settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled")]
)

group = aws.ec2.SecurityGroup(
    "web-secgrp",
    vpc_id=default_vpc.id,
    description="Enable HTTP access",
    ingress=[
        aws.ec2.SecurityGroupIngressArgs(
            protocol="tcp", from_port=port, to_port=port, cidr_blocks=["0.0.0.0/0"]
        )
    ],
    egress=[
        aws.ec2.SecurityGroupEgressArgs(
            protocol="-1", from_port=0, to_port=0, cidr_blocks=["0.0.0.0/0"]
        )
    ],
)

alb = aws.lb.LoadBalancer("app-lb", security_groups=[group.id], subnets=default_subnets.ids)
target = aws.lb.TargetGroup(
    "app-tg", port=port, protocol="HTTP", target_type="ip", vpc_id=default_vpc.id
)
listener = aws.lb.Listener(
    "web",
    load_balancer_arn=alb.arn,
    port=80,
    default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=target.arn)],
)

role = aws.iam.Role(
    "task-exec-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2008-10-17",
            "Statement": [
                {
                    "Sid": "",
                    "Effect": "Allow",
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)
aws.iam.RolePolicyAttachment(
    "task-exec-policy",
    role=role.name,
    policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
)

logs = aws.cloudwatch.LogGroup("app-logs", retention_in_days=7)
region = aws.get_region()

task = aws.ecs.TaskDefinition(
    "app-task",
    family="fargate-task-definition",
    cpu="256",
    memory="512",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    execution_role_arn=role.arn,
    container_definitions=Output.all(logs.name, alb.dns_name).apply(
        lambda args: json.dumps(
            [
                {
                    "name": "my-app",
                    "image": config.require("image"),
                    "portMappings": [{"containerPort": port, "hostPort": port, "protocol": "tcp"}],
                    "environment": [{"name": "PUBLIC_HOST", "value": args[1]}],
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": args[0],
                            "awslogs-region": region.region,
                            "awslogs-stream-prefix": "app",
                        },
                    },
                }
            ]
        )
    ),
)

service = aws.ecs.Service(
    "app-svc",
    cluster=cluster.arn,
    desired_count=3,
    launch_type="FARGATE",
    task_definition=task.arn,
    network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
        assign_public_ip=True, subnets=default_subnets.ids, security_groups=[group.id]
    ),
    load_balancers=[
        aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=target.arn, container_name="my-app", container_port=port
        )
    ],
    opts=ResourceOptions(depends_on=[listener]),
)

scaling = aws.appautoscaling.Target(
    "app-scaling",
    max_capacity=10,
    min_capacity=3,
    resource_id=Output.concat("service/", cluster.name, "/", service.name),
    scalable_dimension="ecs:service:DesiredCount",
    service_namespace="ecs",
)

export("url", alb.dns_name.apply(lambda name: f"http://{name}"))
export("service_arn", pulumi.Output.unsecret(service.id))

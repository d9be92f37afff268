import json

import pulumi
import pulumi_aws as aws

password = pulumi.Config().require_secret("password")

role = aws.iam.Role(
    "redshift",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "redshift.amazonaws.com"},
                "Action": "sts:AssumeRole",
            },
        }
    ),
    managed_policy_arns=[aws.iam.ManagedPolicy.AMAZON_S3_READ_ONLY_ACCESS],
)
parameters = aws.redshift.ParameterGroup(
    "warehouse",
    family="redshift-1.0",
    parameters=[{"name": "require_ssl", "value": "true"}],
)
cluster = aws.redshift.Cluster(
    "warehouse",
    cluster_identifier="warehouse",
    cluster_type="multi-node",
    node_type="ra3.xlplus",
    number_of_nodes=2,
    database_name="dwh",
    master_username="admin_user",
    master_password=password,
    encrypted=True,
    iam_roles=[role.arn],
    cluster_parameter_group_name=parameters.name,
    skip_final_snapshot=True,
)
aws.redshift.Logging(
    "warehouse",
    cluster_identifier=cluster.id,
    log_destination_type="cloudwatch",
    log_exports=["connectionlog"],
)

aurora = aws.rds.Cluster(
    "aurora",
    engine=aws.rds.EngineType.AURORA_POSTGRESQL,
    engine_version="16.4",
    database_name="app",
    master_username="app",
    manage_master_user_password=True,
    storage_encrypted=True,
    serverlessv2_scaling_configuration={"min_capacity": 0.5, "max_capacity": 4.0},
    skip_final_snapshot=True,
)
for index in range(2):
    aws.rds.ClusterInstance(
        f"aurora-{index}",
        cluster_identifier=aurora.cluster_identifier,
        engine=aurora.engine,
        engine_version=aurora.engine_version,
        instance_class="db.serverless",
    )
reader = aws.iam.Policy(
    "reads-password",
    policy=aurora.master_user_secrets[0].secret_arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}
                ],
            }
        )
    ),
)

pulumi.export(
    "jdbc",
    pulumi.Output.all(cluster.endpoint, cluster.database_name).apply(
        lambda args: f"jdbc:redshift://{args[0]}/{args[1]}"
    ),
)
pulumi.export(
    "dsn", pulumi.Output.concat("postgres://admin_user:", password, "@", cluster.dns_name)
)
pulumi.export("writer", aurora.endpoint)
pulumi.export("port", aurora.port)

import json

import pulumi
from pulumi_aws import apigatewayv2, cloudwatch, iam, lambda_

config = pulumi.Config()
memory = config.get_int("memory") or 128

role = iam.Role(
    "lambdaRole",
    assume_role_policy="""{
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "sts:AssumeRole",
                "Principal": {
                    "Service": "lambda.amazonaws.com"
                },
                "Effect": "Allow",
                "Sid": ""
            }
        ]
    }""",
)

role_policy = iam.RolePolicy(
    "lambdaRolePolicy",
    role=role.id,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": "arn:aws:logs:*:*:*",
                }
            ],
        }
    ),
)

layer = lambda_.LayerVersion(
    "shared",
    layer_name="shared",
    compatible_runtimes=[lambda_.Runtime.PYTHON3D12],
    code=pulumi.FileArchive("./layer"),
)

function = lambda_.Function(
    "api",
    role=role.arn,
    runtime="python3.12",
    handler="handler.handler",
    memory_size=memory,
    timeout=15,
    layers=[layer.arn],
    code=pulumi.AssetArchive(
        {
            "handler.py": pulumi.FileAsset("./app/handler.py"),
            "settings.json": pulumi.StringAsset(json.dumps({"stage": pulumi.get_stack()})),
            "vendor": pulumi.FileArchive("./app"),
        }
    ),
    environment={"variables": {"STAGE": pulumi.get_stack()}},
    opts=pulumi.ResourceOptions(depends_on=[role_policy]),
)

logs = cloudwatch.LogGroup(
    "apiLogs",
    name=function.name.apply(lambda name: f"/aws/lambda/{name}"),
    retention_in_days=30,
)

api = apigatewayv2.Api("http", protocol_type="HTTP", cors_configuration={"allow_origins": ["*"]})
integration = apigatewayv2.Integration(
    "proxy",
    api_id=api.id,
    integration_type="AWS_PROXY",
    integration_uri=function.invoke_arn,
    payload_format_version="2.0",
)
for method in ("GET", "POST"):
    apigatewayv2.Route(
        f"{method.lower()}-orders",
        api_id=api.id,
        route_key=f"{method} /orders",
        target=integration.id.apply(lambda target_id: "integrations/" + target_id),
    )
stage = apigatewayv2.Stage("live", api_id=api.id, name="$default", auto_deploy=True)
permission = lambda_.Permission(
    "invoke",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="apigateway.amazonaws.com",
    source_arn=api.execution_arn.apply(lambda arn: arn + "/*/*"),
)

pulumi.export("url", api.api_endpoint)
pulumi.export("invoke_url", stage.invoke_url)
pulumi.export("function", function.arn)

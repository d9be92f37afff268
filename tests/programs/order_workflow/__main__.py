import json

import pulumi
import pulumi_aws as aws

steps = pulumi.Config().require_object("steps")


def trust(service: str) -> str:
    return aws.iam.get_policy_document(
        statements=[
            {
                "actions": ["sts:AssumeRole"],
                "principals": [{"type": "Service", "identifiers": [f"{service}.amazonaws.com"]}],
            }
        ]
    ).json


lambda_role = aws.iam.Role("lambda", assume_role_policy=trust("lambda"))
states_role = aws.iam.Role(
    "states",
    assume_role_policy=aws.get_region_output().region.apply(lambda r: trust(f"states.{r}")),
)
functions = {
    step: aws.lambda_.Function(
        step,
        runtime=aws.lambda_.Runtime.NODE_JS20D_X,
        handler="index.handler",
        role=lambda_role.arn,
        code=pulumi.FileArchive("functions"),
        tracing_config={"mode": "Active"},
    )
    for step in steps
}


def definition(arns: dict) -> str:
    states = {}
    for step, following in zip(steps, [*steps[1:], None]):
        states[step] = {
            "Type": "Task",
            "Resource": arns[step],
            **({"Next": following} if following else {"End": True}),
        }
    return json.dumps({"StartAt": steps[0], "States": states})


logs = aws.cloudwatch.LogGroup("states", name="/aws/vendedlogs/states/orders")
machine = aws.sfn.StateMachine(
    "orders",
    role_arn=states_role.arn,
    type="EXPRESS",
    definition=pulumi.Output.all(**{step: f.arn for step, f in functions.items()}).apply(
        definition
    ),
    logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
        level="ERROR",
        include_execution_data=False,
        log_destination=pulumi.Output.concat(logs.arn, ":*"),
    ),
)
aws.iam.RolePolicy(
    "states-invoke",
    role=states_role.id,
    policy=aws.iam.get_policy_document_output(
        statements=[
            {"actions": ["lambda:InvokeFunction"], "resources": [f.arn for f in functions.values()]}
        ]
    ).json,
)
pulumi.export("machine", machine.arn)

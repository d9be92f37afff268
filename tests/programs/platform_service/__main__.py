import pulumi
import pulumi_aws as aws
from pulumi import StackReference

config = pulumi.Config()
org, project, stack = pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()

if stack == "shared":
    topic = aws.sns.Topic("alarms")
    pulumi.export("alarms", topic.arn)
else:
    network = StackReference("network", stack_name=f"{org}/platform-network/{stack}")
    shared = StackReference(config.require("shared"))

    group = aws.ec2.SecurityGroup("service", vpc_id=network.get_output("vpc_id"))
    subnet_ids = network.require_output("subnet_ids")
    database = aws.rds.SubnetGroup("service", subnet_ids=subnet_ids)
    first = subnet_ids.apply(lambda ids: ids[0])
    interface = aws.ec2.NetworkInterface("service", subnet_id=first, security_groups=[group.id])

    alarm = aws.cloudwatch.MetricAlarm(
        "errors",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        threshold=1,
        metric_name="Errors",
        namespace="Service",
        period=60,
        statistic="Sum",
        alarm_actions=[shared.outputs["alarms"]],
    )
    parameter = aws.ssm.Parameter("token", type="SecureString", value=network.get_output("token"))

    async def described():
        details = await network.get_output_details("vpc_id")
        secret = await network.get_output_details("token")
        return f"{details.value is not None} {secret.secret_value is not None}"

    pulumi.export("vpc", network.get_output("vpc_id"))
    pulumi.export("missing", network.get_output("no-such-output"))
    pulumi.export("zone", network.outputs.apply(lambda outputs: outputs["zones"]["a"]))
    pulumi.export("details", pulumi.Output.from_input(described()))
    pulumi.export("alarms", shared.get_output("alarms"))

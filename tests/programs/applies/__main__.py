import asyncio

import pulumi
import pulumi_aws as aws
from pulumi import Output

topic = aws.sns.Topic("events")


def subscribe(arn):
    """Makes resources inside apply: discouraged, and everywhere."""
    return [
        aws.sns.TopicSubscription(
            f"mail-{index}", topic=arn, protocol="email", endpoint=f"ops{index}@example.com"
        )
        for index in range(2)
    ]


subscriptions = topic.arn.apply(subscribe)
queue = topic.name.apply(lambda name: aws.sqs.Queue("mirror", name=f"{name}-mirror"))


async def slow_setting(value):
    await asyncio.sleep(0)
    return {"limit": value}


async def nested():
    settings = await asyncio.gather(slow_setting(1), slow_setting(2))
    return sum(item["limit"] for item in settings)


def chain(value: Output) -> Output:
    for step in ("a", "b", "c"):
        value = value.apply(lambda text, step=step: f"{text}-{step}")
    return value


branch = "preview" if pulumi.runtime.is_dry_run() else "update"
parameter = aws.ssm.Parameter(
    "branch", type="String", value=branch, tags={"stack": pulumi.get_stack()}
)
limit = aws.ssm.Parameter("limit", type="String", value=Output.from_input(nested()).apply(str))

flattened = Output.all(topic.arn, parameter.name).apply(
    lambda args: Output.all(args[0], limit.name, *args[1:]).apply("|".join)
)
lookup = parameter.name.apply(lambda name: aws.ssm.get_parameter(name=name).value)
looked_up = aws.ssm.get_parameter_output(name=limit.name).value

pulumi.export("endpoints", subscriptions.apply(lambda subs: [s.endpoint for s in subs]))
pulumi.export("queue", queue.apply(lambda q: q.name))
pulumi.export("queue_arn", queue.arn)
pulumi.export("chain", chain(Output.from_input("start")))
pulumi.export("flattened", flattened)
pulumi.export("limit", limit.value)
pulumi.export("lookup", lookup)
pulumi.export("looked_up", looked_up)
pulumi.export("branch", branch)
topic.arn.apply(lambda arn: pulumi.export("late", arn.rpartition(":")[2]))
topic.arn.apply(lambda arn: print(f"topic is {arn}"))

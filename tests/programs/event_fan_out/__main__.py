import json

import pulumi
from pulumi import Output
from pulumi_aws import cloudwatch, kms, pipes, scheduler, sns, sqs

key = kms.Key("events", enable_key_rotation=True)
alias = kms.Alias("events", name="alias/events", target_key_id=key.key_id)
topic = sns.Topic("orders", kms_master_key_id=alias.name)
dead = sqs.Queue("dead", message_retention_seconds=1209600)

consumers = {}
for consumer in ["billing", "shipping"]:
    queue = sqs.Queue(
        consumer,
        kms_master_key_id=key.id,
        redrive_policy=dead.arn.apply(
            lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        ),
    )
    sqs.QueuePolicy(
        consumer,
        queue_url=queue.id,
        policy=Output.all(queue.arn, topic.arn).apply(
            lambda arns: json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "sns.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": arns[0],
                            "Condition": {"ArnEquals": {"aws:SourceArn": arns[1]}},
                        }
                    ],
                }
            )
        ),
    )
    sns.TopicSubscription(
        consumer,
        topic=topic.arn,
        protocol="sqs",
        endpoint=queue.arn,
        filter_policy=json.dumps({"kind": [consumer]}),
        raw_message_delivery=True,
    )
    consumers[consumer] = queue

bus = cloudwatch.EventBus("shop", name="shop")
rule = cloudwatch.EventRule(
    "placed",
    event_bus_name=bus.name,
    event_pattern=json.dumps({"detail-type": ["OrderPlaced"]}),
)
cloudwatch.EventTarget("placed-to-topic", rule=rule.name, event_bus_name=bus.name, arn=topic.arn)
cloudwatch.EventTarget(
    "placed-to-queue",
    rule=rule.name,
    event_bus_name=bus.name,
    arn=consumers["billing"].arn,
    dead_letter_config=cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead.arn),
    retry_policy={"maximum_retry_attempts": 5},
)
nightly = scheduler.Schedule(
    "nightly",
    schedule_expression="rate(1 day)",
    flexible_time_window={"mode": "OFF"},
    target={
        "arn": consumers["shipping"].arn,
        "role_arn": "arn:aws:iam::123456789012:role/scheduler",
    },
)
pipe = pipes.Pipe(
    "billing-to-shipping",
    role_arn="arn:aws:iam::123456789012:role/pipe",
    source=consumers["billing"].arn,
    target=consumers["shipping"].arn,
)

pulumi.export("topic", topic.arn)
pulumi.export("urls", {name: queue.url for name, queue in consumers.items()})
pulumi.export("rule", rule.arn)
pulumi.export("schedule", nightly.arn)

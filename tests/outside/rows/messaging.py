"""SNS, SQS, EventBridge and its scheduler: what tells whom."""

from __future__ import annotations

from tests.outside.cloud import Call, Rows
from tests.outside.rows.parts import constant

_QUEUE_ATTRIBUTES = {
    "fifoQueue": "FifoQueue",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}
_SUBSCRIPTION_ATTRIBUTES = {
    "filterPolicy": "FilterPolicy",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}


def _attributes(names: dict[str, str]) -> dict[str, str]:
    return {name: f"Attributes.{attribute}" for name, attribute in names.items()}


MESSAGING: Rows = {
    "aws:cloudwatch/eventRule:EventRule": (Call("events", "put_rule", also=("name",)),),
    "aws:cloudwatch/eventTarget:EventTarget": (
        Call(
            "events",
            "put_targets",
            names={
                name: f"Targets.{name}"
                for name in (
                    "arn",
                    "deadLetterConfig",
                    "input",
                    "inputPath",
                    "inputTransformer",
                    "retryPolicy",
                    "roleArn",
                )
            }
            | {
                "inputTransformer.inputPaths": "InputPathsMap",
                "targetId": "Targets.Id",
            },
            also=("targetId",),
        ),
    ),
    "aws:scheduler/schedule:Schedule": (Call("scheduler", "create_schedule", also=("name",)),),
    "aws:scheduler/scheduleGroup:ScheduleGroup": (
        Call("scheduler", "create_schedule_group", also=("name",)),
    ),
    "aws:sns/topic:Topic": (
        Call(
            "sns",
            "create_topic",
            names=_attributes(_TOPIC_ATTRIBUTES),
            also=("name",),
            gives={"arn": "TopicArn"},
        ),
    ),
    "aws:sns/topicPolicy:TopicPolicy": (
        Call(
            "sns",
            "set_topic_attributes",
            names={"arn": "TopicArn", "policy": "AttributeValue"},
            adds=constant(AttributeName="Policy"),
        ),
    ),
    "aws:sns/topicSubscription:TopicSubscription": (
        Call(
            "sns",
            "subscribe",
            names={"topic": "TopicArn", **_attributes(_SUBSCRIPTION_ATTRIBUTES)},
        ),
    ),
    "aws:sqs/queue:Queue": (
        Call(
            "sqs",
            "create_queue",
            names={"name": "QueueName", **_attributes(_QUEUE_ATTRIBUTES)},
            also=("name",),
            gives={"id": "QueueUrl", "url": "QueueUrl"},
        ),
    ),
    "aws:sqs/queuePolicy:QueuePolicy": (
        Call("sqs", "set_queue_attributes", names={"policy": "Attributes.Policy"}),
    ),
}

"""Controls over topics, queues, buses and streams, case by case."""

from __future__ import annotations

import json
from typing import Any

import pytest

TOPIC = "aws:sns/topic:Topic"
TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
BUS_POLICY = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
STREAM_POLICY = "aws:kinesis/resourcePolicy:ResourcePolicy"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
TLS = "sns-sqs-policy-tls-only"
PUBLIC = "sns-sqs-events-policy-not-public"


def statement(effect: str, principal: Any, *actions: str, **more: Any) -> dict[str, Any]:
    found = {"Effect": effect, "Principal": principal, "Action": list(actions)}
    return found | {"Resource": "*"} | more


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


PLAINTEXT = {"Bool": {"aws:SecureTransport": "false"}}
OWN = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
ANY_TOPIC = {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}
DENIAL = document(statement("Deny", "*", "sns:Publish", Condition=PLAINTEXT))
QUEUE_DENIAL = document(statement("Deny", {"AWS": "*"}, "sqs:*", Condition=PLAINTEXT))
ALARMS = {"Service": "cloudwatch.amazonaws.com"}
EVENTS = {"Service": "events.amazonaws.com"}

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    ("sns-topic-encrypted", "a key", [(TOPIC, "t", {"kmsMasterKeyId": KEY})], []),
    ("sns-topic-encrypted", "a key of the program", [(TOPIC, "t", {"kmsMasterKeyId": "?"})], []),
    ("sns-topic-encrypted", "none", [(TOPIC, "t", {})], ["violated t kmsMasterKeyId"]),
    (
        "sns-topic-encrypted",
        "the key that no service can use",
        [(TOPIC, "t", {"kmsMasterKeyId": "alias/aws/sns"})],
        ["violated t kmsMasterKeyId"],
    ),
    ("sns-subscription-https", "https", [(SUBSCRIPTION, "s", {"protocol": "https"})], []),
    (
        "sns-subscription-https",
        "plain http",
        [(SUBSCRIPTION, "s", {"protocol": "http"})],
        ["violated s protocol"],
    ),
    (
        "sns-subscription-https",
        "not known",
        [(SUBSCRIPTION, "s", {"protocol": "?"})],
        ["undecided s protocol"],
    ),
    ("sqs-queue-encrypted", "by default", [(QUEUE, "q", {})], []),
    ("sqs-queue-encrypted", "a key", [(QUEUE, "q", {"kmsMasterKeyId": "?"})], []),
    (
        "sqs-queue-encrypted",
        "switched off",
        [(QUEUE, "q", {"sqsManagedSseEnabled": False})],
        ["violated q sqsManagedSseEnabled"],
    ),
    (
        "sqs-queue-encrypted",
        "classified data, with a key that SQS owns",
        [(QUEUE, "q", {"tags": {"data-class": "pii"}})],
        ["violated q kmsMasterKeyId"],
    ),
    (
        "sqs-queue-encrypted",
        "internal data, with a key that SQS owns",
        [(QUEUE, "q", {"tags": {"data-class": "internal"}})],
        [],
    ),
    (
        "sqs-queue-encrypted",
        "not known",
        [(QUEUE, "q", {"sqsManagedSseEnabled": "?"})],
        ["undecided q sqsManagedSseEnabled"],
    ),
    (TLS, "denied inline", [(TOPIC, "t", {"policy": DENIAL})], []),
    (
        TLS,
        "denied in a policy of its own",
        [(TOPIC, "t", {}), (TOPIC_POLICY, "p", {"arn": "t-id", "policy": DENIAL})],
        [],
    ),
    (
        TLS,
        "denied for a queue",
        [(QUEUE, "q", {}), (QUEUE_POLICY, "p", {"queueUrl": "q-id", "policy": QUEUE_DENIAL})],
        [],
    ),
    (
        TLS,
        "no policy",
        [(TOPIC, "t", {}), (QUEUE, "q", {})],
        ["violated q policy", "violated t policy"],
    ),
    (
        TLS,
        "sending is denied, receiving is not",
        [
            (
                QUEUE,
                "q",
                {"policy": document(statement("Deny", "*", "sqs:Send*", Condition=PLAINTEXT))},
            )
        ],
        ["violated q policy"],
    ),
    (
        TLS,
        "denied to one principal only",
        [
            (
                TOPIC_POLICY,
                "p",
                {
                    "arn": "t",
                    "policy": document(
                        statement("Deny", {"AWS": "444455556666"}, "sns:*", Condition=PLAINTEXT)
                    ),
                },
            )
        ],
        ["violated p policy"],
    ),
    (
        TLS,
        "a policy that is not known may be the topic's",
        [(TOPIC, "t", {}), (TOPIC_POLICY, "p", {"arn": "?", "policy": DENIAL})],
        ["undecided t"],
    ),
    (TLS, "not known", [(TOPIC, "t", {"policy": "?"})], ["undecided t policy"]),
    (
        PUBLIC,
        "a service, for this account",
        [
            (
                TOPIC,
                "t",
                {"policy": document(statement("Allow", ALARMS, "sns:Publish", Condition=OWN))},
            )
        ],
        [],
    ),
    (
        PUBLIC,
        "a service, for anybody",
        [(TOPIC, "t", {"policy": document(statement("Allow", ALARMS, "sns:Publish"))})],
        ["violated t policy.Statement[0].Principal"],
    ),
    (
        PUBLIC,
        "EventBridge says nothing about its source to a topic",
        [(TOPIC_POLICY, "p", {"policy": document(statement("Allow", EVENTS, "sns:Publish"))})],
        [],
    ),
    (
        PUBLIC,
        "and does to a queue",
        [(QUEUE_POLICY, "p", {"policy": document(statement("Allow", EVENTS, "sqs:SendMessage"))})],
        ["violated p policy.Statement[0].Principal"],
    ),
    (
        PUBLIC,
        "anyone may put events, sign in to a stream, or subscribe",
        [
            (BUS_POLICY, "b", {"policy": document(statement("Allow", "*", "events:PutEvents"))}),
            (STREAM_POLICY, "s", {"policy": document(statement("Allow", "*", "kinesis:Get*"))}),
            (TOPIC, "t", {"policy": document(statement("Allow", {"AWS": "*"}, "sns:Subscribe"))}),
        ],
        [
            "violated b policy.Statement[0].Principal",
            "violated s policy.Statement[0].Principal",
            "violated t policy.Statement[0].Principal",
        ],
    ),
    (
        PUBLIC,
        "a source pattern that names nobody",
        [
            (
                QUEUE,
                "q",
                {
                    "policy": document(
                        statement("Allow", "*", "sqs:SendMessage", Condition=ANY_TOPIC)
                    )
                },
            )
        ],
        ["violated q policy.Statement[0].Principal"],
    ),
    (PUBLIC, "an account", [(TOPIC, "t", {"policy": DENIAL})], []),
    (PUBLIC, "not known", [(QUEUE_POLICY, "p", {"policy": "?"})], ["undecided p policy"]),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_messaging_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)


def test_foreign_accounts_are_strangers_once_the_trusted_are_named(judged: Any) -> None:
    policy = document(statement("Allow", {"AWS": "444455556666"}, "sns:Publish"))
    topic = (TOPIC, "t", {"policy": policy})

    assert judged(PUBLIC, [topic]) == []
    assert judged(PUBLIC, [topic], trusted_accounts=["111122223333"]) == [
        "violated t policy.Statement[0].Principal"
    ]

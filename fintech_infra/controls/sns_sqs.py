"""Controls over topics, queues, event buses and streams: encryption, transport, who gets in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.controls.classification import CLASSIFIED, tag_of
from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import (
    denies_plaintext,
    hold_statements,
    read_policy,
    strangers,
    trusting_services,
)
from fintech_infra.controls.remedies import denying_plaintext
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.documents import Document
from fintech_infra.environment.relations import managed_companions, refuse_if_hidden
from fintech_infra.environment.undecided import reading

TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_POLICY: Final = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
QUEUE: Final = "aws:sqs/queue:Queue"
QUEUE_POLICY: Final = "aws:sqs/queuePolicy:QueuePolicy"
BUS_POLICY: Final = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
STREAM_POLICY: Final = "aws:kinesis/resourcePolicy:ResourcePolicy"


@dataclass(frozen=True, slots=True)
class _Policed:
    """What a policy is about.

    `sidecar` holds the policy and names its subject at `path`; `actions` are those that carry data.
    """

    subject: str
    sidecar: str
    path: str
    actions: tuple[str, ...]


_ABOUT_TOPIC: Final = _Policed("the topic", TOPIC_POLICY, "arn", ("sns:Publish",))
_ABOUT_QUEUE: Final = _Policed(
    "the queue", QUEUE_POLICY, "queueUrl", ("sqs:SendMessage", "sqs:ReceiveMessage")
)
_ABOUT: Final[Mapping[str, _Policed]] = {
    TOPIC: _ABOUT_TOPIC,
    TOPIC_POLICY: _ABOUT_TOPIC,
    QUEUE: _ABOUT_QUEUE,
    QUEUE_POLICY: _ABOUT_QUEUE,
    BUS_POLICY: _Policed("the event bus", BUS_POLICY, "", ("events:PutEvents",)),
    STREAM_POLICY: _Policed("the stream", STREAM_POLICY, "", ("kinesis:PutRecord",)),
}


@control(
    on=[TOPIC],
    severity=Severity.MEDIUM,
    fix="Set kmsMasterKeyId to a customer-managed key that the publishers may use; AlarmTopic "
    "does.",
    source="Amazon SNS developer guide, Key management; FSBP SNS.1",
    properties=["kmsMasterKeyId"],
)
def sns_topic_encrypted(topic: Resource) -> Iterator[Fault]:
    """Topics are encrypted with a key that their publishers can use.

    The key that AWS manages encrypts as well, but no AWS service may use it: what an alarm or a
    rule publishes is lost without an error.
    """
    try:
        key = topic.value("kmsMasterKeyId")
    except UnknownValueError:  # one that is not known yet is made by somebody
        return
    if not key:
        yield Fault("kmsMasterKeyId", "messages are not encrypted at rest")
    elif str(key).endswith("alias/aws/sns"):
        yield Fault("kmsMasterKeyId", "AWS services cannot publish with the key that AWS manages")


@control(
    on=[SUBSCRIPTION],
    severity=Severity.HIGH,
    fix="Subscribe an https endpoint; AlarmTopic takes no other.",
    source="PCI DSS 4.0.1 4.2.1",
    properties=["protocol", "endpoint"],
)
def sns_subscription_https(subscription: Resource) -> Iterator[Fault]:
    """Subscriptions do not deliver over plain HTTP.

    What alarms say about a system helps whoever attacks it, and a message that can be changed on
    the way can be silenced.
    """
    if subscription.value("protocol") == "http":
        yield Fault("protocol", "messages are delivered over plain HTTP")


def _encrypted(queue: Resource) -> Mapping[str, Any]:
    if tag_of(queue, "data-class") in CLASSIFIED:
        return {}
    return {"sqsManagedSseEnabled": True}


@control(
    on=[QUEUE],
    severity=Severity.MEDIUM,
    fix="Leave sqsManagedSseEnabled on, or set kmsMasterKeyId, which a queue whose tag data-class "
    "is confidential, pii or cardholder needs.",
    source="Amazon SQS developer guide, Encryption at rest; FSBP SQS.1",
    properties=["sqsManagedSseEnabled", "kmsMasterKeyId", "tags"],
    remedy=_encrypted,
)
def sqs_queue_encrypted(queue: Resource) -> Iterator[Fault]:
    """Queues are encrypted, those of classified data with a customer-managed key.

    A dead letter queue keeps for two weeks what the rest of a system handles for milliseconds.
    SQS encrypts with a key of its own unless that is switched off.
    """
    if queue.is_set("kmsMasterKeyId"):
        return
    if queue.value("sqsManagedSseEnabled") is False:
        yield Fault("sqsManagedSseEnabled", "messages are not encrypted at rest")
    elif (label := tag_of(queue, "data-class")) in CLASSIFIED:
        yield Fault("kmsMasterKeyId", f"{label} data needs a customer-managed key")


def _encrypted_only(resource: Resource) -> Mapping[str, Any]:
    about = _ABOUT[resource.type]
    action = "sns:Publish" if about is _ABOUT_TOPIC else "sqs:*"
    return denying_plaintext(action, room=30 * 1024)(resource)


@control(
    on=[TOPIC, TOPIC_POLICY, QUEUE, QUEUE_POLICY],
    severity=Severity.MEDIUM,
    fix="Deny sns:Publish, or sqs:*, to everyone where aws:SecureTransport is false; AlarmTopic "
    "does, and so do the dead letter queues of every component.",
    source="Amazon SNS and Amazon SQS developer guides, Security best practices",
    properties=["policy"],
    remedy=_encrypted_only,
)
def sns_sqs_policy_tls_only(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Topic and queue policies deny calls that are made without TLS.

    Both services answer plain HTTP, too. Messages and signatures that cross a network in the clear
    can be read and changed on the way.
    """
    about = _ABOUT[resource.type]
    if resource.type != about.sidecar:
        if managed_companions(environment, resource, about.path, about.sidecar):
            return
        if not resource.is_set("policy"):
            refuse_if_hidden(environment, resource, about.path, about.sidecar)
            yield Fault("policy", f"{about.subject} has no policy, so plain HTTP is not denied")
            return
    with reading(resource.name, "policy"):
        denied = _denies_plaintext(read_policy(resource, "policy"), about.actions)
    if not denied:
        yield Fault("policy", f"no statement denies {', '.join(about.actions)} without TLS")


def _denies_plaintext(document: Document, actions: tuple[str, ...]) -> bool:
    denying = [statement for statement in document.denying if denies_plaintext(statement)]
    return all(any(statement.covers_action(action) for statement in denying) for action in actions)


@control(
    on=[TOPIC, TOPIC_POLICY, QUEUE, QUEUE_POLICY, BUS_POLICY, STREAM_POLICY],
    severity=Severity.CRITICAL,
    fix="Name the principals, and confine AWS services with aws:SourceArn or aws:SourceAccount; "
    "AlarmTopic does, and so do the dead letter queues of every component.",
    source="IAM user guide, The confused deputy problem; FSBP SNS.4",
    properties=["policy"],
)
def sns_sqs_events_policy_not_public(
    resource: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Policies of topics, queues, buses and streams let in named principals, for known sources.

    Whoever may publish can drown an alarm or feed a consumer; whoever may subscribe reads along. A
    service that may act for anybody is used by anybody. EventBridge on a topic is excused: it says
    nothing about its source there, so a condition would only lose every event.
    """
    about = _ABOUT[resource.type]
    excused = ("events.amazonaws.com",) if about is _ABOUT_TOPIC else ()
    check = trusting_services(strangers(trusted_accounts, about.subject), about.actions, excused)
    yield from hold_statements(resource, ["policy"], check)


CONTROLS: Final = (
    sns_topic_encrypted,
    sns_subscription_https,
    sqs_queue_encrypted,
    sns_sqs_policy_tls_only,
    sns_sqs_events_policy_not_public,
)

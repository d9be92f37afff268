"""AlarmTopic: an encrypted topic that alarms and events of this account reach, and nobody else's.

Other components take its ARN as their `alarm_topic_arn`.
"""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import sns

from fintech_infra.components._account import account_of
from fintech_infra.components._alarm_topic.checks import topic_problems
from fintech_infra.components._alarm_topic.policy import publishing, topic_policy
from fintech_infra.components._alarm_topic.publishers import Publisher, key_services
from fintech_infra.components._alarm_topic.subscriptions import subscribe, watch_delivery
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._queue import make_dead_letter_queue
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs


class AlarmTopicArgs(TypedDict):
    """What an AlarmTopic needs to know: nothing; with a subscriber, somebody hears of it."""

    emails: NotRequired[dict[str, Input[str]]]
    """Email addresses that are told, by a name for each, such as `{"oncall": "oncall@bank.eu"}`.
    Nothing arrives until whoever reads them confirms. Default: none. Changing an address replaces
    the subscription."""
    https_endpoints: NotRequired[dict[str, Input[str]]]
    """URLs that are told, by a name for each, such as the integration of a paging service. They
    become secrets. Plain HTTP is refused. The endpoint has to confirm. Default: none. Changing a
    URL replaces the subscription."""
    publishers: NotRequired[list[str]]
    """AWS services that may publish, for resources of this account: `backup`, `budgets`,
    `cloudwatch` (alarms), `costalerts` (cost anomalies), `events` (EventBridge) and `rds`. AWS
    Config cannot publish to an encrypted topic. Default: all of them, as the other components of
    this package use them all."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts messages, in the same region. It must let
    `sns`, `sqs`, `sns-delivery` and what belongs to `publishers` use it: `backup-events`,
    `budgets`, `cloudwatch`, `costalerts`, `events`, `rds-events`. Default: a key of its own."""
    fallback_topic_arn: NotRequired[Input[str]]
    """ARN of another topic, which is told, beside this one, when a notification could not be
    delivered. Default: only the other subscribers of this topic are told."""
    region: NotRequired[Input[str]]
    """Region of the topic and everything with it; alarms and rules publish in their own region.
    Default: the provider's. Changing it replaces the topic, and its key, which `protect` refuses.
    """
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class AlarmTopic(Component):
    """An SNS topic with a key of its own, to which AWS services publish for this account.

    It makes the topic with its policy, an EncryptionKey unless a key is given, subscriptions, a
    dead letter queue that keeps for 14 days what a subscriber did not take, and an alarm for that.
    Services publish for resources of this account only, as far as each says for whom it publishes:
    EventBridge does not. Publishing and subscribing need TLS.

    Its own key reports tampering to no topic: without the key this one could not tell.

    Deliberately absent: plain HTTP and SMS subscribers, publishers of other accounts, AWS Config,
    and FIFO ordering, which the services that publish do not support.
    """

    arn: Output[str]
    """ARN of the topic, known once the services may publish to it."""
    name: Output[str]
    """Name of the topic, as metrics call it."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts it."""
    dead_letter_queue_arn: Output[str]
    """ARN of the queue for what could not be delivered; subscriptions made elsewhere can use it."""
    publish_policy: Output[str]
    """JSON policy for a role that publishes, use of the key included."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: AlarmTopicArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the topic.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown or wrong; all mistakes are listed.
        """
        super().__init__(name, args, opts)
        publishers = sorted({Publisher(item) for item in args.get("publishers", list(Publisher))})
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        account = account_of(self, site.region)
        key_arn = args["kms_key_arn"] if "kms_key_arn" in args else _make_key(site, publishers)

        topic = sns.Topic(
            name,
            kms_master_key_id=key_arn,
            # Subscribers verify SHA-256, not SHA-1.
            signature_version=2,
            region=site.region,
            tags=site.tagged(name),
            opts=self.child(),
        )
        policy = sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=Output.all(account, topic.arn).apply(
                lambda both: topic_policy(both[0], both[1], publishers)
            ),
            region=site.region,
            opts=self.child(),
        )
        dead_letters = make_dead_letter_queue(
            site,
            "dead-letters",
            key_arn=key_arn,
            account=account,
            senders={"sns.amazonaws.com": topic.arn},
        )
        subscribe(site, policy.arn, args.get("emails", {}), "email", dead_letters)
        subscribe(site, policy.arn, args.get("https_endpoints", {}), "https", dead_letters)
        watch_delivery(site, topic, _told(policy.arn, args))

        satisfied: dict[str, tuple[Resource, str]] = {
            "sns-sqs-events-policy-not-public": (policy, "policy"),
            "sns-sqs-policy-tls-only": (policy, "policy"),
            "sns-topic-encrypted": (topic, "kmsMasterKeyId"),
            "sqs-queue-encrypted": (dead_letters, "kmsMasterKeyId"),
        }
        self.publish(
            arn=policy.arn,
            name=topic.name,
            kms_key_arn=Output.from_input(key_arn),
            dead_letter_queue_arn=dead_letters.arn,
            publish_policy=Output.all(account, topic.arn, key_arn).apply(
                lambda found: publishing(found[0], found[1], found[2])
            ),
            evidence=evidence(satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note names that AWS refuses, unknown publishers, and endpoints that are not encrypted."""
        for path, reason in topic_problems(problems.name, args):
            problems.add(path, reason)


def _make_key(site: Site, publishers: list[Publisher]) -> Output[str]:
    """Make the key of the topic, for its publishers, its queue and those whom IAM lets."""
    services = [KeyService.SNS.value, KeyService.SQS.value, KeyService.SNS_DELIVERY.value]
    wanted: EncryptionKeyArgs = {
        "description": f"Notifications of {site.name}",
        "services": [*services, *key_services(publishers)],
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    return EncryptionKey(site.named("key"), wanted, site.child()).arn


def _told(topic: Input[str], args: AlarmTopicArgs) -> list[Input[str]]:
    """The topics that hear of what was not delivered."""
    return [topic, args["fallback_topic_arn"]] if "fallback_topic_arn" in args else [topic]

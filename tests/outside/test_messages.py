"""What SNS, SQS, EventBridge and its scheduler would tell."""

from __future__ import annotations

from typing import Any

from tests.outside.cloud import ACCOUNT, Cloud, Subject
from tests.outside.documents import allowed, open_to_everyone, plain_http_denied_for
from tests.outside.programs import but, of

_EMAILS = but("edge-shield", "egress-firewall", "ephemeral-compute", "hardened-vpc")
_PAGING = but("edge-shield", "egress-firewall", "hardened-vpc")


def _keys(cloud: Cloud) -> set[str]:
    return {key.output("arn") for key in cloud.of("aws:kms/key:Key")}


def _topic(topic: Subject) -> dict[str, str]:
    return topic.client("sns").get_topic_attributes(TopicArn=topic.output("arn"))["Attributes"]


def _queue(queue: Subject) -> dict[str, str]:
    return queue.client("sqs").get_queue_attributes(
        QueueUrl=queue.output("url"), AttributeNames=["All"]
    )["Attributes"]


def _sent_by_services_of_this_account(document: str) -> None:
    assert open_to_everyone(document) == []
    for item in allowed(document):
        assert list(item["Principal"]) == ["Service"]
        if item.get("Condition"):
            assert item["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
        else:
            # EventBridge publishes to no topic whose policy has a condition (EventBridge User
            # Guide, "Amazon SNS permissions").
            assert item["Principal"] == {"Service": "events.amazonaws.com"}
            assert item["Action"] == "sns:Publish"


@_PAGING
def test_a_topic_is_encrypted_takes_tls_alone_and_hears_services_of_this_account(
    cloud: Cloud,
) -> None:
    topics = cloud.of("aws:sns/topic:Topic")
    assert topics
    for topic in topics:
        known = _topic(topic)
        ((arn, *actions),) = plain_http_denied_for(known["Policy"])
        assert known["KmsMasterKeyId"] in _keys(cloud)
        assert arn == known["TopicArn"]
        assert {"sns:Publish", "sns:Subscribe"} <= set(actions)
        _sent_by_services_of_this_account(known["Policy"])


@_EMAILS
def test_a_notification_that_is_not_delivered_is_kept(cloud: Cloud) -> None:
    queues = {_queue(queue)["QueueArn"] for queue in cloud.of("aws:sqs/queue:Queue")}
    subscriptions = cloud.of("aws:sns/topicSubscription:TopicSubscription")
    assert subscriptions
    for subscription in subscriptions:
        sns, topic = subscription.client("sns"), subscription.value("topic")
        (known,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        attributes = sns.get_subscription_attributes(SubscriptionArn=known["SubscriptionArn"])
        assert known["Protocol"] == "email"
        assert any(arn in attributes["Attributes"]["RedrivePolicy"] for arn in queues)


@_PAGING
def test_a_queue_of_dead_letters_is_encrypted_keeps_them_and_takes_tls_alone(cloud: Cloud) -> None:
    queues = cloud.of("aws:sqs/queue:Queue")
    assert queues
    for queue in queues:
        known = _queue(queue)
        assert known["KmsMasterKeyId"] in _keys(cloud)
        assert known["MessageRetentionPeriod"] == str(14 * 24 * 3600)
        assert plain_http_denied_for(known["Policy"]) == {(known["QueueArn"], "sqs:*")}
        _sent_by_services_of_this_account(known["Policy"])


def _targets(cloud: Cloud) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    found: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for rule in cloud.of("aws:cloudwatch/eventRule:EventRule"):
        events, name = rule.client("events"), rule.output("name")
        targets = events.list_targets_by_rule(Rule=name)["Targets"]
        found.append((events.describe_rule(Name=name), targets))
    return found


@_PAGING
def test_every_rule_is_on_and_has_a_target_that_exists_and_accepts_it(cloud: Cloud) -> None:
    policies = {
        topic.output("arn"): _topic(topic)["Policy"] for topic in cloud.of("aws:sns/topic:Topic")
    }
    made = _made_arns(cloud)
    for rule, targets in _targets(cloud):
        assert rule["State"].startswith("ENABLED")
        assert targets
        for target in targets:
            assert target["Arn"] in made
            assert (
                target["Arn"] not in policies or "events.amazonaws.com" in policies[target["Arn"]]
            )


def _made_arns(cloud: Cloud) -> set[str]:
    return {
        str(item.output("arn")).removesuffix(":*") for item in map(cloud.subject, cloud.created)
    }


@of("cost-guard", "ephemeral-compute")
def test_a_schedule_is_on_and_runs_as_a_role_that_only_the_scheduler_assumes(cloud: Cloud) -> None:
    (schedule,) = cloud.of("aws:scheduler/schedule:Schedule")
    known = schedule.client("scheduler").get_schedule(
        Name=schedule.output("name"), GroupName=schedule.value("groupName")
    )
    (role,) = [
        item
        for item in cloud.of("aws:iam/role:Role")
        if item.output("arn") == known["Target"]["RoleArn"]
    ]
    assert known["State"] == "ENABLED"
    assert '"scheduler.amazonaws.com"' in role.value("assumeRolePolicy")
    assert known["Target"]["RetryPolicy"]["MaximumRetryAttempts"] <= 10

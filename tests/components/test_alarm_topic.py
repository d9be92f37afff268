"""AlarmTopic: its resources, who may publish, who is told, and what it refuses.

What these tests do not prove: that SNS accepts the policy, or that a message arrives.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import ResourceOptions
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._alarm_topic.policy import ACTIONS
from fintech_infra.components._alarm_topic.publishers import Publisher, key_services, publication
from fintech_infra.components._key.services import SERVICE_PRINCIPALS, KeyService
from fintech_infra.components._policy import Account
from fintech_infra.components.alarm_topic import AlarmTopic
from fintech_infra.engine import preview

Deploy = Callable[..., Any]
ACCOUNT = Account(
    id="111122223333", partition="aws-cn", region="cn-north-1", dns_suffix="amazonaws.com.cn"
)
OWN = {"aws:SourceAccount": "111122223333"}
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd"
FALLBACK = "arn:aws:sns:eu-west-1:111122223333:fallback"
TOPIC = "aws:sns/topic:Topic"
POLICY = "aws:sns/topicPolicy:TopicPolicy"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
QUEUE = "aws:sqs/queue:Queue"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
WITH_KEY = [
    (ALARM, "page-undelivered"),
    (TOPIC, "page"),
    (POLICY, "page"),
    (QUEUE, "page-dead-letters"),
    ("aws:sqs/queuePolicy:QueuePolicy", "page-dead-letters"),
    ("fintech_infra:index:AlarmTopic", "page"),
]
OWN_KEY = [
    ("aws:kms/alias:Alias", "page-key"),
    ("aws:kms/key:Key", "page-key"),
    ("fintech_infra:index:EncryptionKey", "page-key"),
]


@pytest.fixture
def topic(deploy: Deploy) -> Callable[..., Any]:
    """Return `topic(**args)`, which deploys an alarm topic named page."""

    def run(**args: Any) -> Any:
        given: Any = args
        return deploy(lambda: AlarmTopic("page", given))

    return run


def statements_of(found: Any) -> list[dict[str, Any]]:
    return json.loads(found.one(POLICY).inputs["policy"])["Statement"]


def reasons(name: str = "page", **args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    given: Any = args
    with pytest.raises(pulumi.InputPropertiesError) as error:
        AlarmTopic(name, given)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_without_options_it_has_a_key_a_policy_a_queue_and_an_alarm(
    topic: Callable[..., Any],
) -> None:
    found = topic()
    assert found.identities == sorted([*WITH_KEY, *OWN_KEY])
    assert found.snake_case_keys() == []


def test_a_given_key_encrypts_topic_and_queue(topic: Callable[..., Any]) -> None:
    found = topic(kms_key_arn=KEY)
    assert found.identities == sorted(WITH_KEY)
    assert found.one(TOPIC).inputs["kmsMasterKeyId"] == KEY
    assert found.one(QUEUE).inputs["kmsMasterKeyId"] == KEY
    assert found.outputs("page")["kms_key_arn"] == KEY


def test_a_subscriber_more_leaves_the_others_untouched(topic: Callable[..., Any]) -> None:
    few = topic(emails={"oncall": "oncall@example.com"}).identities
    more = topic(
        emails={"audit": "audit@example.com", "oncall": "oncall@example.com"},
        https_endpoints={"oncall": "https://events.example.com/x"},
    ).identities
    assert sorted(set(few) - set(topic().identities)) == [(SUBSCRIPTION, "page-email-oncall")]
    assert sorted(set(more) - set(few)) == [
        (SUBSCRIPTION, "page-email-audit"),
        (SUBSCRIPTION, "page-https-oncall"),
    ]
    assert set(few) < set(more)


def test_nothing_is_done_to_the_topic_without_tls(topic: Callable[..., Any]) -> None:
    found = topic()
    arn = found.one(TOPIC).state["arn"]
    assert statements_of(found)[:2] == [
        {
            "Sid": "OnlyWithTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": list(ACTIONS),
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "NoPlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Subscribe",
            "Resource": arn,
            "Condition": {"StringEquals": {"sns:Protocol": "http"}},
        },
    ]


@pytest.mark.parametrize(
    ("publisher", "principal", "condition"),
    [
        (
            Publisher.BACKUP,
            "backup.amazonaws.com",
            {
                "StringEquals": OWN,
                "ArnLike": {
                    "aws:SourceArn": "arn:aws-cn:backup:cn-north-1:111122223333:backup-vault:*"
                },
            },
        ),
        (
            Publisher.BUDGETS,
            "budgets.amazonaws.com",
            {
                "StringEquals": OWN,
                "ArnLike": {"aws:SourceArn": "arn:aws-cn:budgets::111122223333:*"},
            },
        ),
        (
            Publisher.CLOUDWATCH,
            "cloudwatch.amazonaws.com",
            {
                "StringEquals": OWN,
                "ArnLike": {
                    "aws:SourceArn": "arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:*"
                },
            },
        ),
        (Publisher.COST_ALERTS, "costalerts.amazonaws.com", {"StringEquals": OWN}),
        (Publisher.EVENTS, "events.amazonaws.com", None),
        (
            Publisher.RDS,
            "events.rds.amazonaws.com",
            {
                "StringEquals": OWN,
                "ArnLike": {"aws:SourceArn": "arn:aws-cn:rds:cn-north-1:111122223333:*"},
            },
        ),
    ],
)
def test_a_service_publishes_for_this_account_as_far_as_it_says_for_whom(
    publisher: Publisher, principal: str, condition: Any
) -> None:
    found = publication(ACCOUNT, "arn:aws-cn:sns:cn-north-1:111122223333:page", publisher)
    assert found["Principal"] == {"Service": principal}
    assert found["Action"] == "sns:Publish"
    assert found.get("Condition") == condition


@pytest.mark.parametrize("publisher", Publisher)
def test_a_publisher_gets_what_it_needs_of_the_key(publisher: Publisher) -> None:
    (name,) = key_services([publisher])
    principal = publication(ACCOUNT, "", publisher)["Principal"]["Service"]
    (granted, *_) = SERVICE_PRINCIPALS[KeyService(name)]
    assert granted[1:3] == (principal, ("kms:Decrypt", "kms:GenerateDataKey*"))


def test_only_named_publishers_publish_and_use_the_key(topic: Callable[..., Any]) -> None:
    found = topic(publishers=["rds", "cloudwatch"])
    key = json.loads(found.one("aws:kms/key:Key").inputs["policy"])["Statement"]
    assert [item["Sid"] for item in statements_of(found)[2:]] == [
        "PublishedByCloudwatch",
        "PublishedByRds",
    ]
    assert [item["Sid"] for item in key] == [
        "AdministrationByAccount",
        "UseThroughServices",
        "DelegationToServices",
        "UseByAlarms",
        "UseByRdsEvents",
        "UseByTopics",
    ]


def test_by_default_every_publisher_publishes(topic: Callable[..., Any]) -> None:
    assert len(statements_of(topic())) == 2 + len(Publisher)


def test_subscribers_get_https_and_email_and_their_failures_are_kept(
    topic: Callable[..., Any],
) -> None:
    url = "https://events.example.com/integration/token"
    found = topic(emails={"oncall": "oncall@example.com"}, https_endpoints={"pager": url})
    queue = found.one(QUEUE)
    redrive = json.dumps({"deadLetterTargetArn": queue.state["arn"]})
    arn = found.one(TOPIC).state["arn"]
    assert {item.name: item.inputs for item in found.of_type(SUBSCRIPTION)} == {
        "page-email-oncall": {
            "topic": arn,
            "protocol": "email",
            "endpoint": "oncall@example.com",
            "redrivePolicy": redrive,
        },
        "page-https-pager": {
            "topic": arn,
            "protocol": "https",
            "endpoint": url,
            "redrivePolicy": redrive,
        },
    }
    (sender,) = json.loads(found.one("aws:sqs/queuePolicy:QueuePolicy").inputs["policy"])[
        "Statement"
    ][1:]
    assert sender["Principal"] == {"Service": "sns.amazonaws.com"}
    assert sender["Condition"] == {"StringEquals": OWN, "ArnLike": {"aws:SourceArn": arn}}


def test_what_is_not_delivered_is_told_here_and_to_the_fallback(topic: Callable[..., Any]) -> None:
    found = topic(fallback_topic_arn=FALLBACK)
    inputs = found.one(ALARM).inputs
    arn = found.one(TOPIC).state["arn"]
    assert inputs["alarmActions"] == [arn, FALLBACK]
    assert (inputs["metricName"], inputs["threshold"]) == ("NumberOfNotificationsFailed", 0)
    assert inputs["dimensions"] == {"TopicName": found.one(TOPIC).state["name"]}
    assert inputs["treatMissingData"] == "notBreaching"
    assert topic().one(ALARM).inputs["alarmActions"] == [
        topic().one(TOPIC).state["arn"],
    ]


def test_whoever_is_given_its_arn_waits_for_its_policy(deploy: Deploy) -> None:
    def program() -> None:
        arn = AlarmTopic("page", {"kms_key_arn": KEY}).arn
        aws.sns.TopicSubscription("other", topic=arn, protocol="sqs", endpoint="arn:aws:sqs:::q")

    found = deploy(program)
    assert found.one(POLICY).urn in found.one(SUBSCRIPTION, "other").depends_on


def test_a_role_publishes_with_the_policy_that_comes_out(topic: Callable[..., Any]) -> None:
    found = topic(kms_key_arn=KEY)
    assert json.loads(found.outputs("page")["publish_policy"])["Statement"] == [
        {
            "Sid": "Publish",
            "Effect": "Allow",
            "Action": "sns:Publish",
            "Resource": found.one(TOPIC).state["arn"],
        },
        {
            "Sid": "Key",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": KEY,
            "Condition": {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}},
        },
    ]


def test_region_tags_and_providers_reach_every_child(deploy: Deploy) -> None:
    args: Any = {
        "region": "eu-central-1",
        "tags": {"team": "sre"},
        "emails": {"oncall": "oncall@example.com"},
    }

    def program() -> None:
        provider = aws.Provider("other", region="eu-west-3")
        AlarmTopic("page", args, ResourceOptions(providers=[provider], protect=True))

    found = deploy(program)
    children = [item for item in found if item.custom and not item.type.startswith("pulumi:")]
    assert {item.inputs["region"] for item in children} == {"eu-central-1"}
    assert {item.provider.split("::")[-2] for item in children} == {"other"}
    assert {item.protect for item in children} == {True}
    assert {item.inputs["tags"]["team"] for item in children if "tags" in item.inputs} == {"sre"}


def test_evidence_names_the_property_of_each_control(topic: Callable[..., Any]) -> None:
    found = topic()
    by_urn = {item.urn: item for item in found}
    evidence = json.loads(found.outputs("page")["evidence"])
    assert {
        control: (by_urn[item["resource"]].type, item["property"])
        for control, item in evidence.items()
    } == {
        "sns-sqs-events-policy-not-public": (POLICY, "policy"),
        "sns-sqs-policy-tls-only": (POLICY, "policy"),
        "sns-topic-encrypted": (TOPIC, "kmsMasterKeyId"),
        "sqs-queue-encrypted": (QUEUE, "kmsMasterKeyId"),
    }


def test_all_mistakes_are_listed_and_no_address_is_repeated() -> None:
    found = reasons(
        "page topic",
        publishers=["config", "cloudwach"],
        emails={"On Call": "oncall@example.com", "nobody": "nobody"},
        https_endpoints={"pager": "http://events.example.com/secret"},
        topic="x",
    )
    assert found == {
        "topic": "is not an argument; accepted are emails, fallback_topic_arn, https_endpoints, "
        "kms_key_arn, publishers, region, tags",
        "name": "is 'page topic'; names of topic and queue start with it: accepted are up to 59 "
        "letters, digits, '-' and '_'",
        "publishers[0]": "is 'config'; AWS Config does not support encrypted topics; let a rule "
        "for its events publish",
        "publishers[1]": "is 'cloudwach'; did you mean 'cloudwatch'?",
        "emails.On Call": "is named 'On Call'; accepted is a name of up to 32 lower-case letters, "
        "digits and '-'",
        "emails.nobody": "is not accepted; accepted is one such as 'oncall@example.com'",
        "https_endpoints.pager": "is not accepted; accepted is one such as "
        "'https://events.example.com/alarms'",
    }


def test_a_topic_that_nobody_publishes_to_is_refused() -> None:
    assert reasons(publishers=[])["publishers"].startswith("is empty; accepted are backup, ")


def test_an_address_can_be_an_output_and_becomes_a_secret(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: proof\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / "__main__.py").write_text(
        "import pulumi\nfrom fintech_infra import AlarmTopic\n"
        "url = pulumi.Output.from_input('https://events.example.com/x')\n"
        "AlarmTopic('page', {'https_endpoints': {'pager': url}})\n"
    )
    (found,) = preview(tmp_path, "dev").environment.of_type(SUBSCRIPTION)
    assert found.inputs["endpoint"] == "https://events.example.com/x"
    assert "inputs.endpoint" in found.secrets


def test_it_can_be_published_to_other_languages() -> None:
    component = Analyzer("fintech_infra").analyze_component(AlarmTopic)
    assert component.inputs["emails"].description
    assert all(item.description for item in component.outputs.values())


def test_it_is_clean_and_what_a_transform_breaks_is_caught(judged: Callable[..., Any]) -> None:
    found = judged(
        """
def breaking(type_, **changes):
    def transform(args):
        if args.type_ == type_:
            return pulumi.ResourceTransformResult({**args.props, **changes}, args.opts)
    return pulumi.ResourceOptions(transforms=[transform])

PUBLIC = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:*"}]}'
SUBSCRIBED = {"https_endpoints": {"pager": "https://events.example.com/x"}}
AlarmTopic("plain", {})
AlarmTopic("full", {**SUBSCRIBED, "publishers": ["events"], "region": "eu-central-1"})
AlarmTopic("keyless", {}, breaking("aws:sns/topic:Topic", kmsMasterKeyId=None))
AlarmTopic("managed", {}, breaking("aws:sns/topic:Topic", kmsMasterKeyId="alias/aws/sns"))
AlarmTopic("public", {}, breaking("aws:sns/topicPolicy:TopicPolicy", policy=PUBLIC))
AlarmTopic("http", SUBSCRIBED, breaking("aws:sns/topicSubscription:TopicSubscription",
    protocol="http", endpoint="http://events.example.com/x"))
AlarmTopic("queue", {}, breaking("aws:sqs/queue:Queue", kmsMasterKeyId=None,
    sqsManagedSseEnabled=False))
"""
    )
    assert found == [
        ("sns-sqs-events-policy-not-public", "violated", "public", "policy.Statement[0].Principal"),
        ("sns-sqs-policy-tls-only", "violated", "public", "policy"),
        ("sns-subscription-https", "violated", "http-https-pager", "protocol"),
        ("sns-topic-encrypted", "violated", "keyless", "kmsMasterKeyId"),
        ("sns-topic-encrypted", "violated", "managed", "kmsMasterKeyId"),
        ("sqs-queue-encrypted", "violated", "queue-dead-letters", "sqsManagedSseEnabled"),
    ]

"""Makes the subscriptions of a topic, and the alarm for what they could not deliver."""

from collections.abc import Mapping

from pulumi import Input, Output
from pulumi_aws import cloudwatch, sns, sqs

from fintech_infra.components._site import Site

_PERIOD_SECONDS = 300


def subscribe(
    site: Site,
    topic: Input[str],
    subscribers: Mapping[str, Input[str]],
    protocol: str,
    dead_letters: sqs.Queue,
) -> list[sns.TopicSubscription]:
    """Subscribe each of `subscribers`, a map from name to endpoint, to the topic with this ARN.

    What SNS gives up delivering goes to `dead_letters`. Endpoints become secrets: the address of a
    paging service usually holds its credential.
    """
    redrive = Output.json_dumps({"deadLetterTargetArn": dead_letters.arn})
    return [
        sns.TopicSubscription(
            site.named(f"{protocol}-{name}"),
            topic=topic,
            protocol=protocol,
            endpoint=Output.secret(endpoint),
            redrive_policy=redrive,
            region=site.region,
            opts=site.child(),
        )
        for name, endpoint in subscribers.items()
    ]


def watch_delivery(
    site: Site, topic: sns.Topic, actions: list[Input[str]]
) -> cloudwatch.MetricAlarm:
    """Alarm when the topic could not deliver to a subscriber, its own or another's."""
    name = site.named("undelivered")
    return cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: a notification did not reach a subscriber",
        namespace="AWS/SNS",
        metric_name="NumberOfNotificationsFailed",
        dimensions={"TopicName": topic.name},
        statistic="Sum",
        period=_PERIOD_SECONDS,
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        # A topic that had nothing to deliver reports nothing.
        treat_missing_data="notBreaching",
        actions_enabled=True,
        alarm_actions=actions,
        ok_actions=actions,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )

"""Makes rules that tell a topic about events."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi import Input
from pulumi_aws import cloudwatch

from fintech_infra.components._site import Site


def report_events(
    site: Site,
    role: str,
    what: str,
    pattern: Input[str],
    topic: Input[str],
    *,
    state: str = "ENABLED",
) -> cloudwatch.EventRule:
    """Make the rule and the target `role` that tell the topic with this ARN of matching events."""
    name = site.named(role)
    rule = cloudwatch.EventRule(
        name,
        description=f"{what} of {site.name}",
        event_pattern=pattern,
        state=state,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )
    cloudwatch.EventTarget(name, rule=rule.name, arn=topic, region=site.region, opts=site.child())
    return rule


def calls(service: str, names: Sequence[str | Mapping[str, str]], about: Mapping[str, Any]) -> str:
    """Return the pattern of API calls to a service that a trail records in the region.

    A name can be a pattern, such as `{"prefix": "Assume"}`. `about` narrows the detail of the
    event, to one resource as a rule.
    """
    return json.dumps(
        {
            "source": [f"aws.{service}"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": [f"{service}.amazonaws.com"],
                "eventName": list(names),
                **about,
            },
        }
    )

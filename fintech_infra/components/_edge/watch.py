"""Tells when a web ACL blocks far more than usual, and puts Shield Advanced in front of it."""

from collections.abc import Mapping

from pulumi import Input, Output, Resource
from pulumi_aws import cloudwatch, shield, wafv2

from fintech_infra.components._edge.rules import metric
from fintech_infra.components._site import Site

_DEVIATIONS = 3
_PERIOD = 300


def make_alarm(
    site: Site, acl: wafv2.WebAcl, topic: Input[str], *, cloudfront: bool
) -> cloudwatch.MetricAlarm:
    """Make the alarm on blocked requests beyond the band that CloudWatch learns for them."""
    name = site.named("blocked")
    query = cloudwatch.MetricAlarmMetricQueryArgs
    # The name of the metric, not that of the web ACL.
    dimensions: dict[str, Input[str]] = {"WebACL": metric(site.name, "all"), "Rule": "ALL"}
    if not cloudfront:
        dimensions["Region"] = acl.region
    return cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name} blocks far more requests than usual: an attack, or a rule "
        "that catches real users",
        comparison_operator="GreaterThanUpperThreshold",
        evaluation_periods=3,
        datapoints_to_alarm=2,
        threshold_metric_id="usual",
        metric_queries=[
            query(
                id="blocked",
                return_data=True,
                metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace="AWS/WAFV2",
                    metric_name="BlockedRequests",
                    dimensions=dimensions,
                    period=_PERIOD,
                    stat="Sum",
                ),
            ),
            query(
                id="usual",
                expression=f"ANOMALY_DETECTION_BAND(blocked, {_DEVIATIONS})",
                label="Blocked requests as expected",
                return_data=True,
            ),
        ],
        # No data means that nothing was blocked.
        treat_missing_data="notBreaching",
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def make_shield(
    site: Site,
    ticket: str,
    associations: Mapping[str, Resource],
    balancers: Mapping[str, Input[str]],
) -> None:
    """Subscribe to Shield Advanced as `ticket` approves, and let it mitigate on each balancer."""
    subscription = shield.Subscription(
        site.named("shield"),
        auto_renew="ENABLED",
        skip_destroy=True,
        opts=site.child(retain_on_delete=True),
    )
    for key, arn in balancers.items():
        name = site.named(f"shield-{key}")
        protection = shield.Protection(
            name,
            name=name,
            resource_arn=arn,
            tags={**site.tagged(name), "approved-by": ticket},
            opts=site.child(depends_on=[subscription]),
        )
        # Mitigation writes rules into the web ACL, so that has to be there.
        shield.ApplicationLayerAutomaticResponse(
            name,
            resource_arn=Output.from_input(arn),
            action="BLOCK",
            opts=site.child(depends_on=[protection, associations[key]]),
        )

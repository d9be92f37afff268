"""Makes the heartbeat of the detectors: who is off or silent pages (PCI DSS 4.0.1 10.7.2)."""

from typing import Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, lambda_

from fintech_infra.components._baseline.design import FEATURES, SCANS
from fintech_infra.components._function import FunctionPlan, make_function, run_regularly
from fintech_infra.components._policy import Account, Statement, permit
from fintech_infra.components._site import Site

NAMESPACE: Final = "FintechInfra/SecurityBaseline"
METRIC: Final = "Awake"

SERVICES: Final = ("config", "guardduty", "inspector", "macie", "security-hub")
"""Who is asked: the values of `fintech_infra.functions.detection_heartbeat.decide.Service`."""

_ROLE: Final = "heartbeat"
_MINUTES: Final = 15
_MINUTE: Final = 60
_BEATS: Final = 2

_QUESTIONS: Final = (
    "config:DescribeConfigurationRecorderStatus",
    "guardduty:GetDetector",
    "guardduty:ListDetectors",
    "inspector2:BatchGetAccountStatus",
    "macie2:GetMacieSession",
    "securityhub:DescribeHub",
)


def make_heartbeat(
    site: Site, topic: Input[str], *, key_arn: Input[str], account: Output[Account]
) -> list[cloudwatch.MetricAlarm]:
    """Make the function that asks every 15 minutes, its clock, and an alarm for each service.

    An alarm rings after half an hour in which the service, or the function itself, was not well.
    """
    run_regularly(
        site,
        _ROLE,
        _make_function(site, key_arn, account),
        rate=f"{_MINUTES} minutes",
        what=f"Asks the detectors of {site.name} every {_MINUTES} minutes",
        account=account,
    )
    return [_make_alarm(site, service, topic) for service in SERVICES]


def _make_function(site: Site, key_arn: Input[str], account: Output[Account]) -> lambda_.Function:
    plan = FunctionPlan(
        package="detection_heartbeat",
        description=f"Asks the detectors of {site.name} whether they are awake",
        permissions=_permissions(),
        environment={
            "ACCOUNT_ID": account.apply(lambda found: found.id),
            "BASELINE": site.name,
            "FEATURES": ",".join(FEATURES),
            "METRIC_NAME": METRIC,
            "METRIC_NAMESPACE": NAMESPACE,
            "SCANS": ",".join(SCANS),
        },
    )
    return make_function(site, _ROLE, plan, key_arn=key_arn, account=account).function


def _make_alarm(site: Site, service: str, topic: Input[str]) -> cloudwatch.MetricAlarm:
    name = site.named(f"{service}-awake")
    return cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: {service} is off, ill or silent",
        namespace=NAMESPACE,
        metric_name=METRIC,
        dimensions={"Baseline": site.name, "Service": service},
        statistic="Minimum",
        period=_MINUTES * _MINUTE,
        comparison_operator="LessThanThreshold",
        threshold=1,
        evaluation_periods=_BEATS,
        datapoints_to_alarm=_BEATS,
        treat_missing_data="breaching",
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def _permissions() -> list[Statement]:
    # A metric is no resource; its namespace is what can be named.
    own = {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
    return [
        permit("Ask", actions=_QUESTIONS, on="*"),
        permit("Report", actions=["cloudwatch:PutMetricData"], on="*", when=own),
    ]

"""Makes what tells the owners of a secret: failed rotations, tampering, and a value grown old."""

import json
from typing import Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, secretsmanager

from fintech_infra.components._events import calls, report_events
from fintech_infra.components._function import FunctionPlan, make_function, run_regularly
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import Account, Statement, permit
from fintech_infra.components._site import Site

FUNCTION_SERVICES: Final = (
    KeyService.LAMBDA.value,
    KeyService.LOGS.value,
    KeyService.SQS.value,
)
"""What a key must let use it, beside Secrets Manager, so that the age can be measured."""

FAILURES: Final = ("RotationAbandoned", "RotationFailed", "TestRotationFailed")
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html"""

TAMPERING: Final = (
    "CancelRotateSecret",
    "DeleteResourcePolicy",
    "DeleteSecret",
    "PutResourcePolicy",
    "RemoveRegionsFromReplication",
    "ReplicateSecretToRegions",
    "StopReplicationToReplica",
    "UpdateSecret",
)
"""Calls after which a secret is not kept, rotated or read as it was."""

NAMESPACE: Final = "FintechInfra/Secrets"
METRIC: Final = "ValueAgeDays"

GRACE_DAYS: Final = 2
"""A rotation starts some time in the day that it is due, and is tried again when it fails."""

_HOURS: Final = 6
_PERIOD: Final = 12 * 60 * 60
"""Two measurements, so that one that comes late is not taken for silence."""

_SUFFIX: Final = len("-a1b2c3")


def watch(
    site: Site,
    secret: secretsmanager.Secret,
    topic: Input[str],
    *,
    days: int,
    key_arn: Input[str],
    account: Output[Account],
) -> cloudwatch.MetricAlarm:
    """Tell `topic` when rotation fails, when calls weaken the secret, and when its value is old.

    Returns the alarm on the age of the value. It also pages when the age is no longer measured
    (PCI DSS 4.0.1 10.7.2).
    """
    report_events(site, "rotation-failures", "Failed rotations", secret.arn.apply(_failed), topic)
    called = Output.all(secret.arn, secret.name).apply(lambda both: _tampered(both[0], both[1]))
    report_events(site, "tampering", "Calls that weaken the secret", called, topic)
    _measure(site, secret, key_arn=key_arn, account=account)
    name = site.named("age")
    return cloudwatch.MetricAlarm(
        name,
        alarm_description=f"{site.name}: the value is older than {days} days, or nobody looks",
        namespace=NAMESPACE,
        metric_name=METRIC,
        dimensions={"SecretName": secret.name},
        statistic="Maximum",
        period=_PERIOD,
        comparison_operator="GreaterThanThreshold",
        threshold=days + GRACE_DAYS,
        evaluation_periods=1,
        treat_missing_data="breaching",
        actions_enabled=True,
        alarm_actions=[topic],
        ok_actions=[topic],
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def _failed(arn: str) -> str:
    return json.dumps(
        {
            "source": ["aws.secretsmanager"],
            "detail-type": ["AWS Service Event via CloudTrail"],
            "detail": {
                "eventSource": ["secretsmanager.amazonaws.com"],
                "eventName": list(FAILURES),
                "additionalEventData": {"SecretId": [arn]},
            },
        }
    )


def _tampered(arn: str, name: str) -> str:
    # A caller names the secret as it likes: by ARN, by ARN without the random end, or by name.
    said = [arn, arn[:-_SUFFIX], name]
    return calls("secretsmanager", TAMPERING, {"requestParameters": {"secretId": said}})


def _measure(
    site: Site, secret: secretsmanager.Secret, *, key_arn: Input[str], account: Output[Account]
) -> None:
    """Make the function that measures the age every six hours, and the clock that calls it."""
    plan = FunctionPlan(
        package="secret_age",
        description=f"Measures how old the value of {site.name} is",
        permissions=secret.arn.apply(_permissions),
        environment={
            "SECRET_ARN": secret.arn,
            "SECRET_NAME": secret.name,
            "METRIC_NAMESPACE": NAMESPACE,
            "METRIC_NAME": METRIC,
        },
    )
    function = make_function(site, "age", plan, key_arn=key_arn, account=account).function
    run_regularly(
        site,
        "age",
        function,
        rate=f"{_HOURS} hours",
        what=f"Measures the age of {site.name} every {_HOURS} hours",
        account=account,
    )


def _permissions(secret: str) -> list[Statement]:
    looking = ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"]
    # A metric is no resource; its namespace is what can be named.
    own = {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
    return [
        permit("LookWithoutReading", actions=looking, on=secret),
        permit("ReportAge", actions=["cloudwatch:PutMetricData"], on="*", when=own),
    ]

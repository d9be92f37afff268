"""ServiceObservability: alarms, masking and a dashboard for one service."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import cloudwatch

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._events import calls, report_events
from fintech_infra.components._evidence import evidence
from fintech_infra.components._log_group import mask
from fintech_infra.components._observability.alarms import (
    MissingData,
    Watch,
    make_heartbeat,
    make_objective,
    make_own,
    make_unusual,
)
from fintech_infra.components._observability.checks import observability_problems
from fintech_infra.components._observability.dashboard import Facts, body
from fintech_infra.components._observability.logs import make_detectors
from fintech_infra.components._observability.objectives import DEFAULT_TARGET, DEFAULT_WINDOW_DAYS
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

_DEVIATIONS = 3.0
_TAMPERING = ("DeleteAlarms", "DisableAlarmActions", "SetAlarmState")


class HeartbeatArgs(TypedDict):
    """A metric that must not fall silent, such as one that a job sends when it is done."""

    namespace: str
    """Namespace of the metric."""
    metric_name: str
    """Name of the metric."""
    dimensions: NotRequired[dict[str, Input[str]]]
    """Dimensions of the metric. Default: none."""
    within_minutes: NotRequired[int]
    """Minutes within which a value must come, 1 to 1440. Default: 15."""


class AlarmArgs(TypedDict):
    """An alarm on a metric that is above a threshold."""

    description: str
    """What it means, for the person who is woken by it."""
    namespace: str
    """Namespace of the metric."""
    metric_name: str
    """Name of the metric."""
    above: float
    """Greatest value at which all is well."""
    missing_data: MissingData
    """What it means that the metric has no value: `breaching`, `not-breaching` or `ignore`."""
    dimensions: NotRequired[dict[str, Input[str]]]
    """Dimensions of the metric. Default: none."""
    statistic: NotRequired[str]
    """`Average`, `Maximum`, `Minimum`, `SampleCount` or `Sum`. Default: Sum."""
    period_seconds: NotRequired[int]
    """Seconds of a period: 10, 20, 30 or a multiple of 60. Default: 300."""
    periods: NotRequired[int]
    """Periods in a row that must be above. Default: 1."""
    page: NotRequired[bool]
    """Whether it cannot wait for the morning. Default: false."""


class MuteArgs(TypedDict):
    """A recurring window, such as one for maintenance, in which no alarm notifies; it ends."""

    schedule: str
    """When the window opens, such as `cron(0 2 ? * SUN *)`."""
    duration: str
    """How long it stays open (ISO 8601), such as `PT2H`."""
    expires: str
    """Day on which it opens for the last time, such as `2027-01-31`."""
    reason: str
    """Why, in a sentence."""
    timezone: NotRequired[str]
    """Time zone of the schedule, such as `Europe/Berlin`. Default: UTC."""


class ServiceObservabilityArgs(TypedDict):
    """What a ServiceObservability needs to know: whom to tell, and what to watch."""

    page_topic_arn: Input[str]
    """ARN of the SNS topic for what cannot wait, such as an AlarmTopic's `arn`."""
    ticket_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic for what can. Default: the one for what cannot."""
    load_balancer_arn_suffix: NotRequired[Input[str]]
    """What follows `loadbalancer/` in the ARN of the application load balancer of the service, such
    as an ImmutableService's `load_balancer_arn_suffix`. Default: none, and so neither an objective
    nor alarms on what is unusual."""
    target_percent: NotRequired[float]
    """Requests that have to succeed, in percent, 90 to less than 100. Default: 99.9."""
    window_days: NotRequired[int]
    """Days over which they are counted, 7 to 90. Default: 30."""
    anomaly_deviations: NotRequired[float]
    """Standard deviations from the usual that are still usual, 1 to 10. Default: 3."""
    log_group_names: NotRequired[dict[str, Input[str]]]
    """Names of log groups in which unusual patterns are looked for, by a short name, such as an
    ImmutableService's `log_group_name`. Default: none."""
    unmasked_log_group_names: NotRequired[dict[str, Input[str]]]
    """Names of log groups that are to be masked, by a short name: those of programs of your own.
    Log groups that a component of this package makes for personal data are masked by it; a second
    policy would replace theirs. Default: none. What was logged before stays as it is."""
    heartbeats: NotRequired[dict[str, HeartbeatArgs]]
    """Metrics that must not fall silent, by a short name. Default: none."""
    alarms: NotRequired[dict[str, AlarmArgs]]
    """Further alarms, by a short name. Default: none."""
    mutes: NotRequired[dict[str, MuteArgs]]
    """Windows in which none of these alarms notifies, by a short name. Default: none."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of a customer-managed key that lets CloudWatch Logs use it, for what is found in logs.
    Default: a key of its own, if there are log groups."""
    region: NotRequired[Input[str]]
    """Region of the service. Default: the provider's. Changing it replaces everything."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: none."""


class ServiceObservability(Component):
    """Alarms that tell somebody, logs that do not tell too much, and one dashboard, for a service.

    The objective is watched by how fast failures use up what is allowed, in two windows each, so
    that a short spike wakes nobody and a slow leak is noticed (SOC 2 CC7.2). Latency and traffic
    are compared with what CloudWatch learned to expect. Card and personal data can be masked in
    logs (PCI DSS 4.0.1 3.3.1, 3.4.1; GDPR Art. 25). Deleting or silencing an alarm pages (10.7.2).

    Every alarm has a topic, or is part of one that has, and says what missing data means. There is
    no way to make one without, nor to mute one for ever.
    """

    alarm_names: Output[list[str]]
    """Names of all alarms."""
    objective_alarm_names: Output[list[str]]
    """Names of the alarms on the objective: fast, steady and slow. Empty without load balancer."""
    dashboard_name: Output[str]
    """Name of the dashboard."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: ServiceObservabilityArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make alarms, masks and the dashboard.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all are listed.
        """
        super().__init__(name, args, opts)
        page = args["page_topic_arn"]
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        watch = Watch(site, page, args.get("ticket_topic_arn", page))
        objective = _make_service_alarms(watch, args)
        _make_other_alarms(watch, args)
        masks = self._make_logs(watch, args)
        _report_tampering(watch)
        alarms = [*(item.name for item in watch.made), *(item.alarm_name for item in objective)]
        _make_mutes(watch, alarms, args)
        arns = [*(item.arn for item in objective), *(item.arn for item in watch.made)]
        dashboard = self._make_dashboard(watch, arns, args)
        satisfied: dict[str, tuple[Resource, str]] = {}
        if watch.made:
            satisfied["cloudwatch-alarm-notifies"] = (watch.made[0], "alarmActions")
            satisfied["cloudwatch-alarm-missing-data-stated"] = (watch.made[0], "treatMissingData")
        if masks:
            satisfied["cloudwatch-log-data-masked"] = (masks[0], "policyDocument")
        self.publish(
            alarm_names=Output.all(*alarms),
            objective_alarm_names=Output.all(*(item.alarm_name for item in objective)),
            dashboard_name=dashboard.dashboard_name,
            evidence=evidence(satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note objectives out of reach, malformed names and periods that CloudWatch lacks."""
        for path, reason in observability_problems(args):
            problems.add(path, reason)

    def _make_logs(
        self, watch: Watch, args: ServiceObservabilityArgs
    ) -> list[cloudwatch.LogDataProtectionPolicy]:
        groups = {**args.get("log_group_names", {}), **args.get("unmasked_log_group_names", {})}
        if groups:
            account = account_of(self, watch.site.region)
            make_detectors(watch, groups, account, _key_arn(watch, args))
        return [
            mask(watch.site, f"mask-{key}", group)
            for key, group in args.get("unmasked_log_group_names", {}).items()
        ]

    def _make_dashboard(
        self, watch: Watch, alarm_arns: list[Output[str]], args: ServiceObservabilityArgs
    ) -> cloudwatch.Dashboard:
        site = watch.site
        facts = Output.all(
            region=account_of(self, site.region).apply(lambda account: account.region),
            balancer=args.get("load_balancer_arn_suffix", ""),
            target_percent=args.get("target_percent", DEFAULT_TARGET),
            alarm_arns=alarm_arns,
            log_groups=[
                *args.get("log_group_names", {}).values(),
                *args.get("unmasked_log_group_names", {}).values(),
            ],
        )
        return cloudwatch.Dashboard(
            site.name,
            dashboard_name=site.name,
            dashboard_body=facts.apply(lambda found: body(Facts(**found))),
            region=site.region,
            opts=site.child(),
        )


def _make_service_alarms(
    watch: Watch, args: ServiceObservabilityArgs
) -> list[cloudwatch.CompositeAlarm]:
    if "load_balancer_arn_suffix" not in args:
        return []
    balancer = args["load_balancer_arn_suffix"]
    make_unusual(watch, balancer, args.get("anomaly_deviations", _DEVIATIONS))
    return make_objective(
        watch,
        balancer,
        target_percent=args.get("target_percent", DEFAULT_TARGET),
        window_days=int(args.get("window_days", DEFAULT_WINDOW_DAYS)),
    )


def _make_other_alarms(watch: Watch, args: ServiceObservabilityArgs) -> None:
    for key, beat in args.get("heartbeats", {}).items():
        make_heartbeat(watch, key, beat)
    for key, alarm in args.get("alarms", {}).items():
        make_own(watch, key, alarm)


def _report_tampering(watch: Watch) -> None:
    pattern = calls("monitoring", _TAMPERING, {})
    report_events(watch.site, "tampering", "Calls that silence alarms", pattern, watch.page)


def _make_mutes(watch: Watch, alarms: list[Output[str]], args: ServiceObservabilityArgs) -> None:
    for key, mute in args.get("mutes", {}).items():
        name = watch.site.named(f"mute-{key}")
        cloudwatch.AlarmMuteRule(
            name,
            name=name,
            description=mute["reason"],
            rule=cloudwatch.AlarmMuteRuleRuleArgs(
                schedule=cloudwatch.AlarmMuteRuleRuleScheduleArgs(
                    expression=mute["schedule"],
                    duration=mute["duration"],
                    timezone=mute.get("timezone", "UTC"),
                )
            ),
            mute_targets=cloudwatch.AlarmMuteRuleMuteTargetsArgs(alarm_names=alarms),
            expire_date=f"{mute['expires']}T23:59:00Z",
            region=watch.site.region,
            tags=watch.site.tagged(name),
            opts=watch.site.child(),
        )


def _key_arn(watch: Watch, args: ServiceObservabilityArgs) -> Input[str]:
    if "kms_key_arn" in args:
        return args["kms_key_arn"]
    key: EncryptionKeyArgs = {
        "services": ["logs"],
        "alarm_topic_arn": watch.page,
        "tags": dict(watch.site.tags),
    }
    if watch.site.region is not None:
        key["region"] = watch.site.region
    return EncryptionKey(watch.site.name, key, watch.site.child()).arn

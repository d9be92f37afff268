"""CostGuard: an environment whose spending somebody hears of, and that ends when it should."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._cost.anomalies import activate_tags, make_anomalies
from fintech_infra.components._cost.budget import make_budget, make_freeze
from fintech_infra.components._cost.checks import guard_problems
from fintech_infra.components._cost.reaper import make_reaper
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs


class CostFreezeArgs(TypedDict):
    """Whom a used-up budget keeps from beginning to spend."""

    role_arns: list[Input[str]]
    """ARNs of 1 to 100 roles of the environment, such as those that deploy it or submit its jobs.
    Each must carry the tag `environment` with the environment's name: AWS refuses to freeze any
    other."""
    at_percent: NotRequired[int]
    """Percent of the limit, actually spent, at which they are frozen. Default: 100."""


class CostGuardArgs(TypedDict):
    """What a CostGuard needs to know. `alarm_topic_arn`, `emails` or both are required."""

    environment: str
    """Name of the environment, as in its resources' tag `environment`. Production is what is called
    `prod`, `production`, `prd` or `live`, or begins or ends so."""
    monthly_limit_usd: int
    """Whole US dollars that a month may cost."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears of thresholds, anomalies and ends. Its policy must let
    `budgets`, `costalerts` and, with `ttl_hours`, `cloudwatch` and `events` publish."""
    emails: NotRequired[list[Input[str]]]
    """Up to 10 addresses that hear of thresholds at once, and of anomalies once a day."""
    only_tagged: NotRequired[bool]
    """Whether the budget is for what carries the environment's tag alone, which has to be active as
    a cost allocation tag. Default: false, the whole account."""
    actual_percent: NotRequired[list[int]]
    """Percent of the limit that are told once spent. Default: 50, 80 and 100. With
    `forecast_percent` up to 5."""
    forecast_percent: NotRequired[list[int]]
    """Percent of the limit that are told once expected by the end of the month. Default: 100."""
    anomaly_monitor_arn: NotRequired[Input[str]]
    """ARN of the account's monitor of AWS services, where there is one: AWS allows one, and says
    `Limit exceeded` to a second. Default: one is made."""
    anomaly_min_usd: NotRequired[int]
    """Whole dollars from which an anomaly is told. Default: 100."""
    allocation_tags: NotRequired[list[str]]
    """Keys of tags by which costs are to be told apart, such as `environment` and `owner`. Only the
    account that pays can activate them, a day after they were first used. They stay active when
    they are removed here. Default: none."""
    freeze: NotRequired[CostFreezeArgs]
    """Whom a used-up budget keeps from beginning to spend; what runs keeps running. Refused for
    production. Default: nobody."""
    ttl_hours: NotRequired[int]
    """Hours from the first deployment, 1 to 336, after which ECS services, Batch queues and Aurora
    clusters that carry the environment's tag are stopped, every hour anew, until the environment is
    destroyed. More hours give it more time. Refused for production. Default: it does not end."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of a customer-managed key that lets `lambda`, `logs` and `sqs` use it, for `ttl_hours`.
    Default: an EncryptionKey of its own."""
    region: NotRequired[Input[str]]
    """Region of the function that ends the environment, and so of what it stops. Default: the
    provider's. Budgets and monitors belong to no region."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class CostGuard(Component):
    """A monthly budget, the watch for unusual spending, and an end for what is ephemeral.

    Somebody always hears: of what is spent, of what will be, and of what is unusual. Outside
    production a used-up budget can keep roles from beginning to spend, and an environment can have
    an end, at which a function stops what costs by the hour; Pulumi remains who destroys it.

    Nothing here can stop production: arguments refuse it by the environment's name, the roles that
    act may touch only what carries the environment's tag, and the function asks each resource's
    tags again.

    Deliberately absent: service control policies and stopping instances as budget actions, which
    cannot be confined by tag; prices, as they change daily.
    """

    budget_name: Output[str]
    """Name of the budget."""
    monitor_arn: Output[str]
    """ARN of the monitor of unusual spending, adopted or made."""
    function_name: Output[str]
    """Name of the function that ends the environment; empty without `ttl_hours`."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(self, name: str, args: CostGuardArgs, opts: ResourceOptions | None = None) -> None:
        """Check the arguments and make the guard.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed.
        """
        super().__init__(name, args, opts)
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        account = account_of(self, site.region)

        budget = make_budget(site, args)
        monitor_arn = make_anomalies(site, args)
        activate_tags(site, args.get("allocation_tags", []))
        satisfied: dict[str, tuple[Resource, str]] = {
            "budgets-told": (budget, "notifications"),
        }
        if args.get("freeze") is not None:
            action = make_freeze(site, args, budget, account)
            satisfied["budgets-action-not-production"] = (action, "executionRoleArn")
        function_name = Output.from_input("")
        if args.get("ttl_hours") is not None:
            made = make_reaper(site, args, key_arn=_key_arn(site, args), account=account)
            function_name = made.function.name

        self.publish(
            budget_name=budget.name,
            monitor_arn=monitor_arn,
            function_name=function_name,
            evidence=evidence(satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note limits, thresholds, recipients and ends that cannot be, or not for production."""
        for path, reason in guard_problems(problems.name, args):
            problems.add(path, reason)


def _key_arn(site: Site, args: CostGuardArgs) -> Output[str]:
    """Return the ARN of the key that is given, or of one made for the function."""
    if (given := args.get("kms_key_arn")) is not None:
        return Output.from_input(given)
    services = (KeyService.LAMBDA, KeyService.LOGS, KeyService.SQS)
    wanted: EncryptionKeyArgs = {
        "description": f"Function that ends the environment of {site.name}",
        "services": [service.value for service in services],
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if (topic := args.get("alarm_topic_arn")) is not None:
        wanted["alarm_topic_arn"] = topic
    return EncryptionKey(site.named("key"), wanted, opts=site.child()).arn

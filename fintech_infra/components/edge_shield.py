"""EdgeShield: the web ACL in front of what the internet can reach."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import wafv2

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._edge.checks import edge_problems
from fintech_infra.components._edge.logs import make_logs, protected
from fintech_infra.components._edge.rules import TakeoverArgs, metric, rules
from fintech_infra.components._edge.watch import make_alarm, make_shield
from fintech_infra.components._evidence import evidence
from fintech_infra.components._retention import DEFAULT_DAYS, retention_problems
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

_CLOUDFRONT_REGION = "us-east-1"


class EdgeScope(StrEnum):
    """What a web ACL protects."""

    REGIONAL = "regional"
    """Load balancers and APIs of one region."""
    CLOUDFRONT = "cloudfront"
    """CloudFront distributions, which name the web ACL as theirs."""


class DdosSensitivity(StrEnum):
    """How suspicious a request must be, during an attack, to be blocked."""

    LOW = "low"
    """Blocks what is suspicious beyond doubt."""
    MEDIUM = "medium"
    """Blocks what is suspicious, with little doubt."""
    HIGH = "high"
    """Blocks at the first suspicion, some of the real users included."""


class EdgeShieldArgs(TypedDict):
    """What an EdgeShield needs to know: nothing, but it protects what is attached to it."""

    scope: NotRequired[EdgeScope]
    """`regional` or `cloudfront`. Default: regional. Changing it replaces the web ACL."""
    load_balancer_arns: NotRequired[dict[str, Input[str]]]
    """ARNs of the load balancers to protect, by a short name, such as `api`. Removing one leaves it
    open to the internet without a web ACL. Default: none yet."""
    rate_per_5_minutes: NotRequired[int]
    """Requests that one address may send within five minutes, 10 to 2,000,000,000. Default: 2000.
    Requests beyond it are blocked until the rate falls."""
    login_paths: NotRequired[list[str]]
    """Paths where credentials are tried, such as `/login`; what lies below them counts, too.
    Default: none."""
    login_rate_per_5_minutes: NotRequired[int]
    """Requests to `login_paths` that one address may send within five minutes. Default: 100."""
    blocked_countries: NotRequired[list[str]]
    """Countries whose requests are blocked, in two letters (ISO 3166-1). Default: none."""
    ddos_sensitivity: NotRequired[DdosSensitivity]
    """How readily requests are blocked during a denial-of-service attack. Default: low."""
    challenge_exempt_patterns: NotRequired[list[str]]
    """Regular expressions of paths whose callers cannot answer a browser challenge, up to 5.
    Default: paths with `/api/` in them and static files."""
    takeover: NotRequired[TakeoverArgs]
    """Where users sign in, to find stolen credentials and attempts with many accounts. Default: not
    looked for; AWS charges per request."""
    shield_advanced_commitment: NotRequired[str]
    """Reference of the approval to subscribe to Shield Advanced: a commitment for a year of 3,000
    USD a month, which nothing here ends early. Default: no subscription. Taking it away later keeps
    the subscription and takes its protection off the load balancers."""
    log_retention_days: NotRequired[int]
    """Days that logs are kept: 365 or a longer period of CloudWatch Logs. Default: 400. Shortening
    it deletes what is older."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of a customer-managed key that lets CloudWatch Logs use it, in the web ACL's region.
    Default: a key of its own."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic, in the web ACL's region, that is told when far more is blocked than
    usual. Default: nobody is told."""
    region: NotRequired[Input[str]]
    """Region of the web ACL. Default: the provider's; us-east-1 for the scope `cloudfront`.
    Changing it replaces everything."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: none."""


class EdgeShield(Component):
    """A web ACL that blocks attacks, floods and password guessing, and logs what it judges.

    Its rules, in order: AWS's anti-DDoS group, addresses of ill repute, a limit of requests per
    address, a stricter one for sign-in paths, and AWS's groups for common attacks, known bad
    inputs and SQL injection (PCI DSS 4.0.1 6.4.2). Every request is logged, encrypted and for more
    than a year (10.2.1, 10.5.1), without credentials and queries (8.3.2, 3.3.1).

    Everything blocks; there is no mode that only counts. AWS charges monthly for the anti-DDoS
    group and, where they are chosen, for account takeover rules and Shield Advanced.

    Bodies are inspected up to 8 KiB behind load balancers and 16 KiB behind CloudFront; longer
    ones are blocked by the group for common attacks, so uploads need a way of their own.
    """

    web_acl_arn: Output[str]
    """ARN of the web ACL, for a CloudFront distribution or an association elsewhere. It is known
    when requests are logged."""
    log_group_name: Output[str]
    """Name of the log group of the requests."""
    metric_names: Output[list[str]]
    """Names of the rules' metrics in the namespace `AWS/WAFV2`."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: EdgeShieldArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the web ACL.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all are listed.
        """
        super().__init__(name, args, opts)
        scope = EdgeScope(args.get("scope", EdgeScope.REGIONAL))
        region = _CLOUDFRONT_REGION if scope is EdgeScope.CLOUDFRONT else args.get("region")
        site = Site(self, name, region, args.get("tags", {}))
        account = account_of(self, region)
        acl = _make_acl(site, scope, args)
        logs = make_logs(
            site,
            acl,
            key_arn=_key_arn(site, args),
            account=account,
            days=int(args.get("log_retention_days", DEFAULT_DAYS)),
        )
        balancers = args.get("load_balancer_arns", {})
        associations = {
            key: wafv2.WebAclAssociation(
                site.named(key),
                resource_arn=arn,
                web_acl_arn=acl.arn,
                region=region,
                opts=site.child(),
            )
            for key, arn in balancers.items()
        }
        if "alarm_topic_arn" in args:
            make_alarm(site, acl, args["alarm_topic_arn"], cloudfront=region == _CLOUDFRONT_REGION)
        if ticket := args.get("shield_advanced_commitment"):
            make_shield(site, ticket, associations, balancers)
        self._publish(acl, logs, list(associations.values()))

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note limits out of range, malformed paths and arguments that do not fit the scope."""
        for path, reason in edge_problems(problems.name, args):
            problems.add(path, reason)
        for reason in retention_problems(int(args.get("log_retention_days", DEFAULT_DAYS))):
            problems.add("log_retention_days", reason)

    def _publish(
        self,
        acl: wafv2.WebAcl,
        logs: wafv2.WebAclLoggingConfiguration,
        associations: list[wafv2.WebAclAssociation],
    ) -> None:
        satisfied: dict[str, tuple[Resource, str]] = {
            "wafv2-managed-rules-baseline": (acl, "rules"),
            "wafv2-rate-limit": (acl, "rules"),
            "wafv2-logging-redacted": (logs, "redactedFields"),
        }
        if associations:
            satisfied["lb-waf-associated"] = (associations[0], "webAclArn")
        groups = logs.log_destination_configs
        self.publish(
            web_acl_arn=Output.all(acl.arn, logs.id).apply(lambda both: str(both[0])),
            log_group_name=groups.apply(lambda arns: arns[0].rpartition(":")[2]),
            metric_names=acl.rules.apply(
                lambda made: [rule.visibility_config.metric_name for rule in made or []]
            ),
            evidence=evidence(satisfied),
        )


def _make_acl(site: Site, scope: EdgeScope, args: EdgeShieldArgs) -> wafv2.WebAcl:
    return wafv2.WebAcl(
        site.name,
        description=f"Guards what {site.name} is attached to",
        scope=scope.value.upper(),
        default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
        rules=rules(site.name, args),
        data_protection_config=protected(),
        visibility_config=wafv2.WebAclVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True,
            metric_name=metric(site.name, "all"),
            sampled_requests_enabled=True,
        ),
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def _key_arn(site: Site, args: EdgeShieldArgs) -> Input[str]:
    if "kms_key_arn" in args:
        return args["kms_key_arn"]
    key: EncryptionKeyArgs = {"services": ["logs"], "tags": dict(site.tags)}
    if site.region is not None:
        key["region"] = site.region
    if "alarm_topic_arn" in args:
        key["alarm_topic_arn"] = args["alarm_topic_arn"]
    return EncryptionKey(site.name, key, site.child()).arn

"""The rules of a web ACL, in the order in which they judge a request.

Priorities are fixed, so that adding a rule moves no other. The cheap rules come first: what an
attack sends in masses is refused before it is inspected.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypedDict

from pulumi_aws import wafv2

# Renamed, because the SDK's names are as long as these.
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigArgs as GroupConfigArgs,
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAntiDdosRuleSetArgs as AntiDdosArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAntiDdosRuleSetClientSideActionConfigArgs as AntiDdosActionArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAntiDdosRuleSetClientSideActionConfigChallengeArgs as AntiDdosChallengeArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAntiDdosRuleSetClientSideActionConfigChallengeExemptUriRegularExpressionArgs as ExemptArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAtpRuleSetArgs as AtpArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAtpRuleSetRequestInspectionArgs as AtpRequestArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAtpRuleSetRequestInspectionPasswordFieldArgs as PasswordFieldArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementManagedRuleGroupStatementManagedRuleGroupConfigAwsManagedRulesAtpRuleSetRequestInspectionUsernameFieldArgs as UsernameFieldArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementRateBasedStatementScopeDownStatementArgs as WhereArgs,
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementRateBasedStatementScopeDownStatementRegexMatchStatementArgs as PathArgs,
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementRateBasedStatementScopeDownStatementRegexMatchStatementFieldToMatchArgs as FieldArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementRateBasedStatementScopeDownStatementRegexMatchStatementFieldToMatchUriPathArgs as UriPathArgs,  # noqa: E501
)
from pulumi_aws.wafv2 import (
    WebAclRuleStatementRateBasedStatementScopeDownStatementRegexMatchStatementTextTransformationArgs as TransformationArgs,  # noqa: E501
)

DEFAULT_RATE: Final = 2000
DEFAULT_LOGIN_RATE: Final = 100
LEAST_RATE: Final = 10
GREATEST_RATE: Final = 2_000_000_000
"""https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"""

EXEMPT_FROM_CHALLENGE: Final = (
    r"\/api\/",
    r"\.(css|gif|ico|jpe?g|js|json|png|svg|txt|webp|woff2?|xml)$",
)
"""Paths whose callers are programs, which cannot answer a browser challenge."""

_WINDOW_SECONDS: Final = 300
_VENDOR: Final = "AWS"

DDOS: Final = "anti-ddos"
BASELINE: Final = {
    "ip-reputation": (10, "AWSManagedRulesAmazonIpReputationList"),
    "common": (50, "AWSManagedRulesCommonRuleSet"),
    "known-bad-inputs": (60, "AWSManagedRulesKnownBadInputsRuleSet"),
    "sql-injection": (70, "AWSManagedRulesSQLiRuleSet"),
}
"""Managed rule groups that every web ACL has (PCI DSS 4.0.1 6.4.2), with their priorities."""


class TakeoverArgs(TypedDict):
    """Where users sign in, for the rules that find stolen credentials. Priced per request."""

    login_path: str
    """Path of the sign-in request, such as `/session`."""
    username_field: str
    """JSON pointer of the user's name in the request's body, such as `/username`."""
    password_field: str
    """JSON pointer of the password in the request's body, such as `/password`."""


def rules(name: str, options: Mapping[str, Any]) -> list[wafv2.WebAclRuleArgs]:
    """Return the rules of the web ACL of this name, by priority."""
    made = [_anti_ddos(name, options), *_managed(name), *_rates(name, options)]
    if countries := options.get("blocked_countries"):
        made.append(_geography(name, countries))
    if takeover := options.get("takeover"):
        made.append(_takeover(name, takeover))
    return sorted(made, key=lambda rule: int(rule.priority))  # pyright: ignore[reportArgumentType]


def metric(name: str, rule: str) -> str:
    """Return the name of a rule's metric in the namespace `AWS/WAFV2`."""
    return f"{name}-{rule}"


def _rule(
    name: str, rule: str, priority: int, statement: wafv2.WebAclRuleStatementArgs, **action: Any
) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name=rule,
        priority=priority,
        statement=statement,
        visibility_config=wafv2.WebAclRuleVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True,
            metric_name=metric(name, rule),
            sampled_requests_enabled=True,
        ),
        **action,
    )


def _group(name: str, rule: str, priority: int, group: str, **more: Any) -> wafv2.WebAclRuleArgs:
    """A managed rule group, with the actions that its vendor gave its rules."""
    statement = wafv2.WebAclRuleStatementArgs(
        managed_rule_group_statement=wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
            name=group, vendor_name=_VENDOR, **more
        )
    )
    override = wafv2.WebAclRuleOverrideActionArgs(none=wafv2.WebAclRuleOverrideActionNoneArgs())
    return _rule(name, rule, priority, statement, override_action=override)


def _blocking(
    name: str, rule: str, priority: int, statement: wafv2.WebAclRuleStatementArgs
) -> wafv2.WebAclRuleArgs:
    action = wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs())
    return _rule(name, rule, priority, statement, action=action)


def _managed(name: str) -> Iterator[wafv2.WebAclRuleArgs]:
    for rule, (priority, group) in BASELINE.items():
        yield _group(name, rule, priority, group)


def _anti_ddos(name: str, options: Mapping[str, Any]) -> wafv2.WebAclRuleArgs:
    patterns = options.get("challenge_exempt_patterns") or EXEMPT_FROM_CHALLENGE
    challenge = AntiDdosChallengeArgs(
        usage_of_action="ENABLED",
        sensitivity="HIGH",
        exempt_uri_regular_expressions=[ExemptArgs(regex_string=pattern) for pattern in patterns],
    )
    config = GroupConfigArgs(
        aws_managed_rules_anti_ddos_rule_set=AntiDdosArgs(
            client_side_action_config=AntiDdosActionArgs(challenge=challenge),
            sensitivity_to_block=str(options.get("ddos_sensitivity", "low")).upper(),
        )
    )
    return _group(
        name, DDOS, 0, "AWSManagedRulesAntiDDoSRuleSet", managed_rule_group_configs=[config]
    )


def _rates(name: str, options: Mapping[str, Any]) -> Iterator[wafv2.WebAclRuleArgs]:
    limit = int(options.get("rate_per_5_minutes", DEFAULT_RATE))
    yield _blocking(name, "rate", 20, _rate(limit, None))
    if paths := options.get("login_paths"):
        login = int(options.get("login_rate_per_5_minutes", DEFAULT_LOGIN_RATE))
        yield _blocking(name, "login-rate", 30, _rate(login, _at(paths)))


def _rate(limit: int, where: WhereArgs | None) -> wafv2.WebAclRuleStatementArgs:
    return wafv2.WebAclRuleStatementArgs(
        rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
            aggregate_key_type="IP",
            limit=limit,
            evaluation_window_sec=_WINDOW_SECONDS,
            scope_down_statement=where,
        )
    )


def paths_pattern(paths: Sequence[str]) -> str:
    """Return the regular expression that finds requests to any of `paths`, or below them."""
    return "^(" + "|".join(re.escape(path.lower()) for path in paths) + ")(/|$)"


def _at(paths: Sequence[str]) -> WhereArgs:
    # What an application may take for the same path must not escape the limit.
    transformations = ("URL_DECODE", "NORMALIZE_PATH", "LOWERCASE")
    return WhereArgs(
        regex_match_statement=PathArgs(
            regex_string=paths_pattern(paths),
            field_to_match=FieldArgs(uri_path=UriPathArgs()),
            text_transformations=[
                TransformationArgs(priority=number, type=kind)
                for number, kind in enumerate(transformations)
            ],
        )
    )


def _geography(name: str, countries: Sequence[str]) -> wafv2.WebAclRuleArgs:
    statement = wafv2.WebAclRuleStatementArgs(
        geo_match_statement=wafv2.WebAclRuleStatementGeoMatchStatementArgs(
            country_codes=sorted(countries)
        )
    )
    return _blocking(name, "geography", 15, statement)


def _takeover(name: str, takeover: TakeoverArgs) -> wafv2.WebAclRuleArgs:
    config = GroupConfigArgs(
        aws_managed_rules_atp_rule_set=AtpArgs(
            login_path=takeover["login_path"],
            request_inspection=AtpRequestArgs(
                payload_type="JSON",
                username_field=UsernameFieldArgs(identifier=takeover["username_field"]),
                password_field=PasswordFieldArgs(identifier=takeover["password_field"]),
            ),
        )
    )
    return _group(
        name, "account-takeover", 80, "AWSManagedRulesATPRuleSet",
        managed_rule_group_configs=[config],
    )  # fmt: skip

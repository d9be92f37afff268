"""EdgeShield: its rules, its logs and what it refuses.

What these tests do not prove: that AWS WAF accepts the rules, that they fit into the capacity that
is included, or that they stop an attack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from fintech_infra.components._edge.rules import EXEMPT_FROM_CHALLENGE, paths_pattern
from fintech_infra.components.edge_shield import EdgeShield

TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k-1"
API = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/api/1"
ACL = "aws:wafv2/webAcl:WebAcl"
BARE = [
    ("aws:cloudwatch/logGroup:LogGroup", "edge-logs"),
    ("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "edge-logs"),
    (ACL, "edge"),
    ("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "edge-logs"),
    ("fintech_infra:index:EdgeShield", "edge"),
]
OWN_KEY = [
    ("aws:kms/alias:Alias", "edge"),
    ("aws:kms/key:Key", "edge"),
    ("fintech_infra:index:EncryptionKey", "edge"),
]


def made(deploy: Callable[..., Any], **args: Any) -> Any:
    """The shield with these arguments, with a given key so that only its own children show."""
    found = deploy(lambda: EdgeShield("edge", {"kms_key_arn": KEY, **args}))  # type: ignore[typeddict-item]
    assert found.snake_case_keys() == []
    return found


def rules(found: Any) -> dict[str, Any]:
    """The rules of the only web ACL by name."""
    return {rule["name"]: rule for rule in found.one(ACL).inputs["rules"]}


def reasons(name: str = "edge", **args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    with pytest.raises(pulumi.InputPropertiesError) as error:
        EdgeShield(name, args)  # type: ignore[arg-type]
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_without_options_it_is_a_logged_web_acl_with_a_key(deploy: Callable[..., Any]) -> None:
    assert deploy(lambda: EdgeShield("edge", {})).identities == sorted([*BARE, *OWN_KEY])


def test_rules_are_in_order_and_all_of_them_block(deploy: Callable[..., Any]) -> None:
    found = rules(made(deploy, login_paths=["/login"], blocked_countries=["KP"]))
    assert [(rule["priority"], name) for name, rule in found.items()] == [
        (0, "anti-ddos"),
        (10, "ip-reputation"),
        (15, "geography"),
        (20, "rate"),
        (30, "login-rate"),
        (50, "common"),
        (60, "known-bad-inputs"),
        (70, "sql-injection"),
    ]
    actions = {json.dumps(rule.get("action") or rule["overrideAction"]) for rule in found.values()}
    assert actions == {'{"block": {}}', '{"none": {}}'}


def test_the_limit_for_sign_in_is_for_these_paths_however_they_are_written(
    deploy: Callable[..., Any],
) -> None:
    found = rules(made(deploy, login_paths=["/Login"], login_rate_per_5_minutes=50))
    limit = found["login-rate"]["statement"]["rateBasedStatement"]
    match = limit["scopeDownStatement"]["regexMatchStatement"]
    assert limit["limit"] == 50
    assert match["regexString"] == "^(/login)(/|$)"
    kinds = [item["type"] for item in match["textTransformations"]]
    assert kinds == ["URL_DECODE", "NORMALIZE_PATH", "LOWERCASE"]
    assert found["rate"]["statement"]["rateBasedStatement"]["limit"] == 2000
    assert "scopeDownStatement" not in found["rate"]["statement"]["rateBasedStatement"]


@pytest.mark.parametrize(
    ("path", "limited"),
    [("/login", True), ("/login/2", True), ("/loginx", False), ("/a/login", False)],
)
def test_paths_are_matched_whole(path: str, limited: bool) -> None:
    assert bool(re.search(paths_pattern(["/login", "/a.b"]), path)) is limited


@pytest.mark.parametrize(
    ("path", "challenged"),
    [("/v1/api/pay", False), ("/logo.SVG".lower(), False), ("/account", True), ("/api", True)],
)
def test_programs_are_not_challenged_as_browsers_are(path: str, challenged: bool) -> None:
    assert any(re.search(item, path) for item in EXEMPT_FROM_CHALLENGE) is not challenged


def test_requests_are_logged_without_credentials(deploy: Callable[..., Any]) -> None:
    found = made(deploy)
    group = found.one("aws:cloudwatch/logGroup:LogGroup")
    logging = found.one("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").inputs
    assert group.inputs["name"] == "aws-waf-logs-edge"
    assert group.inputs["retentionInDays"] == 400
    assert logging["logDestinationConfigs"] == [group.state["arn"]]
    assert logging["redactedFields"] == [
        {"singleHeader": {"name": "authorization"}},
        {"singleHeader": {"name": "cookie"}},
        {"singleHeader": {"name": "set-cookie"}},
        {"singleHeader": {"name": "x-api-key"}},
        {"queryString": {}},
    ]


def test_only_the_log_delivery_of_this_account_writes(deploy: Callable[..., Any]) -> None:
    found = made(deploy)
    text = found.one("aws:cloudwatch/logResourcePolicy:LogResourcePolicy").inputs["policyDocument"]
    group = found.one("aws:cloudwatch/logGroup:LogGroup").state["arn"]
    assert json.loads(text)["Statement"] == [
        {
            "Sid": "Delivery",
            "Effect": "Allow",
            "Principal": {"Service": "delivery.logs.amazonaws.com"},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"{group}:*",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"},
            },
        }
    ]


def test_a_load_balancer_more_changes_nothing_else(deploy: Callable[..., Any]) -> None:
    one = made(deploy, load_balancer_arns={"api": API})
    two = made(deploy, load_balancer_arns={"api": API, "web": API.replace("api", "web")})
    added = ("aws:wafv2/webAclAssociation:WebAclAssociation", "edge-web")
    assert two.identities == sorted([*one.identities, added])
    assert one.one(ACL).inputs == two.one(ACL).inputs


def test_for_cloudfront_everything_is_in_north_virginia(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: EdgeShield("edge", {"scope": "cloudfront", "alarm_topic_arn": TOPIC}))  # type: ignore[typeddict-item]
    assert found.one(ACL).inputs["scope"] == "CLOUDFRONT"
    regions = {item.inputs.get("region") for item in found if item.custom}
    assert regions == {"us-east-1"}


def test_an_unusual_number_of_blocked_requests_pages(deploy: Callable[..., Any]) -> None:
    alarm = made(deploy, alarm_topic_arn=TOPIC).one("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert alarm.name == "edge-blocked"
    assert alarm.inputs["alarmActions"] == [TOPIC]
    assert alarm.inputs["treatMissingData"] == "notBreaching"
    assert alarm.inputs["metricQueries"][0]["metric"]["dimensions"] == {
        "WebACL": "edge-all",
        "Rule": "ALL",
        "Region": "eu-west-1",
    }


def test_shield_advanced_is_bought_only_with_the_reference_of_an_approval(
    deploy: Callable[..., Any],
) -> None:
    assert not made(deploy, load_balancer_arns={"api": API}).of_type(
        "aws:shield/subscription:Subscription"
    )
    found = made(deploy, load_balancer_arns={"api": API}, shield_advanced_commitment="CHG-7")
    subscription = found.one("aws:shield/subscription:Subscription")
    assert subscription.inputs["skipDestroy"] is True
    assert subscription.retain_on_delete is True
    protection = found.one("aws:shield/protection:Protection", "edge-shield-api")
    assert protection.inputs["tags"]["approved-by"] == "CHG-7"
    response = found.one(
        "aws:shield/applicationLayerAutomaticResponse:ApplicationLayerAutomaticResponse"
    )
    assert response.inputs["action"] == "BLOCK"


def test_every_mistake_is_in_one_message() -> None:
    found = reasons(
        "edge of it all",
        rate_per_5_minutes=9,
        login_rate_per_5_minutes=50,
        blocked_countries=["Korea"],
        challenge_exempt_patterns=["("] * 6,
        takeover={"login_path": "session", "username_field": "/u", "password_field": "/p"},
        scope="cloudfront",
        load_balancer_arns={"api": API},
        log_retention_days=30,
        mode="count",
    )
    assert found.keys() == {
        "name",
        "mode",
        "rate_per_5_minutes",
        "login_rate_per_5_minutes",
        "blocked_countries[0]",
        "challenge_exempt_patterns",
        *(f"challenge_exempt_patterns[{index}]" for index in range(6)),
        "takeover.login_path",
        "load_balancer_arns",
        "log_retention_days",
    }
    assert found["rate_per_5_minutes"] == "is 9 requests; accepted are 10 to 2,000,000,000"


def test_paths_that_do_not_fit_into_one_pattern_are_refused() -> None:
    found = reasons(login_paths=[f"/sign-in/of/tenant/number/{number}" for number in range(30)])
    assert list(found) == ["login_paths"]
    assert "AWS accepts 512" in found["login_paths"]
    assert list(reasons(login_paths=["login"])) == ["login_paths[0]"]


def test_it_is_clean_under_every_control(judged: Callable[..., Any]) -> None:
    assert (
        judged(
            f"""
EdgeShield("edge", {{}})
EdgeShield("full", {{
    "load_balancer_arns": {{"api": "{API}"}}, "login_paths": ["/login"],
    "blocked_countries": ["KP"], "alarm_topic_arn": "{TOPIC}", "ddos_sensitivity": "high",
    "takeover": {{"login_path": "/s", "username_field": "/u", "password_field": "/p"}},
    "shield_advanced_commitment": "CHG-7"}})
EdgeShield("global", {{"scope": "cloudfront"}})
"""
        )
        == []
    )


def test_what_a_transform_takes_away_a_control_finds(judged: Callable[..., Any]) -> None:
    program = """
def change(type_, key, value):
    def transform(args):
        if args.type_ != type_:
            return None
        return pulumi.ResourceTransformResult({**args.props, key: value}, args.opts)
    return pulumi.ResourceOptions(transforms=[transform])

EdgeShield("open", {}, change("aws:wafv2/webAcl:WebAcl", "rules", []))
EdgeShield("told", {}, pulumi.ResourceOptions.merge(
    change("aws:wafv2/webAcl:WebAcl", "dataProtectionConfig", None),
    change("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
           "redactedFields", [])))
"""
    assert judged(program) == [
        ("wafv2-logging-redacted", "violated", "told", ""),
        *[("wafv2-managed-rules-baseline", "violated", "open", "rules")] * 3,
        ("wafv2-rate-limit", "violated", "open", "rules"),
    ]

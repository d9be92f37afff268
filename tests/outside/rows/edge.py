"""What lets traffic in and out: web ACLs, firewalls, DNS firewalls."""

from __future__ import annotations

from tests.outside.cloud import LACKING, Call, Rows
from tests.outside.rows.parts import constant

_NAME = ("name",)

_FIREWALLS: Rows = {
    "aws:networkfirewall/firewall:Firewall": (
        Call(
            "network-firewall",
            "create_firewall",
            names={"name": "FirewallName"},
            also=_NAME,
            gives={"arn": "Firewall.FirewallArn", "id": "Firewall.FirewallArn"},
        ),
    ),
    "aws:networkfirewall/firewallPolicy:FirewallPolicy": (
        Call(
            "network-firewall",
            "create_firewall_policy",
            names={"name": "FirewallPolicyName"},
            also=_NAME,
            unmade=LACKING,
        ),
    ),
    "aws:networkfirewall/loggingConfiguration:LoggingConfiguration": (
        Call("network-firewall", "update_logging_configuration"),
    ),
    "aws:networkfirewall/ruleGroup:RuleGroup": (
        Call(
            "network-firewall",
            "create_rule_group",
            names={"name": "RuleGroupName"},
            also=_NAME,
            unmade=LACKING,
        ),
    ),
}

_RESOLVER: Rows = {
    "aws:route53/resolverFirewallConfig:ResolverFirewallConfig": (
        Call("route53resolver", "update_firewall_config", unmade=LACKING),
    ),
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": (
        Call("route53resolver", "create_firewall_domain_list", also=_NAME, unmade=LACKING),
        Call(
            "route53resolver",
            "update_firewall_domains",
            names={"id": "FirewallDomainListId"},
            takes=("domains",),
            also=("id",),
            adds=constant(Operation="REPLACE"),
            unmade=LACKING,
        ),
    ),
    "aws:route53/resolverFirewallRule:ResolverFirewallRule": (
        Call("route53resolver", "create_firewall_rule", also=_NAME, unmade=LACKING),
    ),
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": (
        Call("route53resolver", "create_firewall_rule_group", also=_NAME, unmade=LACKING),
    ),
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": (
        Call("route53resolver", "associate_firewall_rule_group", also=_NAME, unmade=LACKING),
    ),
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": (
        Call(
            "route53resolver",
            "create_resolver_query_log_config",
            also=_NAME,
            gives={"id": "ResolverQueryLogConfig.Id"},
        ),
    ),
    "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation": (
        Call("route53resolver", "associate_resolver_query_log_config"),
    ),
}

_WEB: Rows = {
    "aws:wafv2/webAcl:WebAcl": (
        Call(
            "wafv2",
            "create_web_acl",
            also=_NAME,
            gives={"id": "Summary.Id", "arn": "Summary.ARN"},
        ),
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": (Call("wafv2", "associate_web_acl"),),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (
        Call(
            "wafv2",
            "put_logging_configuration",
            names={
                name: f"LoggingConfiguration.{name}"
                for name in ("logDestinationConfigs", "redactedFields", "resourceArn")
            },
        ),
    ),
}

EDGE: Rows = {**_FIREWALLS, **_RESOLVER, **_WEB}

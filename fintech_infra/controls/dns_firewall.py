"""Controls over Route 53 Resolver DNS Firewall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.environment import Resource

CONFIG: Final = "aws:route53/resolverFirewallConfig:ResolverFirewallConfig"
RULE: Final = "aws:route53/resolverFirewallRule:ResolverFirewallRule"
ASSOCIATION: Final = (
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation"
)


@control(
    on=[CONFIG, RULE, ASSOCIATION],
    severity=Severity.MEDIUM,
    fix="Block instead of alerting, set firewallFailOpen to DISABLED and mutationProtection to "
    "ENABLED; EgressFirewall does.",
    source="SOC 2 CC6.6, CC6.8; Amazon Route 53 developer guide, DNS Firewall",
    properties=["action", "firewallFailOpen", "mutationProtection"],
)
def route53_dns_firewall_enforced(resource: Resource) -> Iterator[Fault]:
    """DNS Firewall blocks what it finds, also when it fails, and cannot be taken off unnoticed.

    DNS leads out of every network, also of one without a route to the internet: malware asks it
    for orders and hides data in its questions.
    """
    if resource.type == CONFIG:
        if resource.value("firewallFailOpen") == "ENABLED":
            yield Fault("firewallFailOpen", "names are resolved unchecked when the firewall fails")
    elif resource.type == ASSOCIATION:
        if resource.value("mutationProtection") != "ENABLED":
            yield Fault("mutationProtection", "the rules can be taken off the network by one call")
    elif resource.value("action") == "ALERT":
        yield Fault("action", "the rule reports the name and resolves it")
    elif resource.value("action") == "ALLOW" and resource.is_set("dnsThreatProtection"):
        yield Fault("action", "the rule resolves names that look generated or like a tunnel")


CONTROLS: Final = (route53_dns_firewall_enforced,)

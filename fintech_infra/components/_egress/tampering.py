"""Tells a topic about calls that weaken egress firewalls."""

import json
from collections.abc import Mapping
from typing import Final

from pulumi import Input

from fintech_infra.components._events import report_events
from fintech_infra.components._site import Site

TAMPERING: Final[Mapping[str, tuple[str, ...]]] = {
    "network-firewall.amazonaws.com": (
        "AssociateFirewallPolicy",
        "DeleteFirewall",
        "DeleteFirewallPolicy",
        "DisassociateSubnets",
        "UpdateFirewallDeleteProtection",
        "UpdateFirewallEncryptionConfiguration",
        "UpdateFirewallPolicy",
        "UpdateFirewallPolicyChangeProtection",
        "UpdateLoggingConfiguration",
        "UpdateRuleGroup",
        "UpdateSubnetChangeProtection",
    ),
    "route53resolver.amazonaws.com": (
        "DeleteFirewallRule",
        "DisassociateFirewallRuleGroup",
        "DisassociateResolverQueryLogConfig",
        "UpdateFirewallConfig",
        "UpdateFirewallDomains",
        "UpdateFirewallRule",
        "UpdateFirewallRuleGroupAssociation",
    ),
}
"""Calls after which a firewall may let through what it did not, by the service that records them.
Deployments make some of them: whoever is told compares with the change that was approved."""


def report_tampering(site: Site, topic: Input[str]) -> None:
    """Make the rule and the target that report tampering to the topic with this ARN.

    Rule groups and domain lists can be named by name, ARN or id, so the rule is for all of the
    account and region.
    """
    what = "Calls that weaken egress firewalls"
    report_events(site, "tampering", what, _pattern(), topic)


def _pattern() -> str:
    calls = sorted({call for names in TAMPERING.values() for call in names})
    return json.dumps(
        {
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventSource": sorted(TAMPERING), "eventName": calls},
        }
    )

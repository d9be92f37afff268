"""Makes the DNS Firewall of a network, and the log of what its workloads ask for."""

from collections.abc import Sequence
from typing import Final

from pulumi import Input
from pulumi_aws import cloudwatch, route53

from fintech_infra.components._egress.domains import dns_names
from fintech_infra.components._site import Site

ASSOCIATION_PRIORITY: Final = 101
"""First of those that AWS leaves to accounts, 101 to 9899.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-vpc-associating-rule-group.html"""

_THREATS: Final = 100
_ALLOWED: Final = 200
_HEURISTICS: Final = {
    "dga": ("DGA", 300),
    "dictionary-dga": ("DICTIONARY_DGA", 310),
    "tunnelling": ("DNS_TUNNELING", 320),
}
_CONFIDENCE: Final = "MEDIUM"
_ANSWER: Final = "NODATA"


def make_name_guard(
    site: Site, *, vpc_id: Input[str], threat_list_id: str, domains: Sequence[str]
) -> route53.ResolverFirewallRuleGroupAssociation:
    """Keep the network from resolving what is malicious or looks like it, also when in doubt.

    Known threats come first. The heuristics come last, so that they never take a declared domain
    for a generated one.
    """
    group = route53.ResolverFirewallRuleGroup(
        site.name, region=site.region, tags=site.tagged(site.name), opts=site.child()
    )
    _block_threats(site, group, threat_list_id)
    _allow_domains(site, group, domains)
    for role, (threat, priority) in _HEURISTICS.items():
        route53.ResolverFirewallRule(
            site.named(role),
            firewall_rule_group_id=group.id,
            priority=priority,
            dns_threat_protection=threat,
            confidence_threshold=_CONFIDENCE,
            action="BLOCK",
            block_response=_ANSWER,
            region=site.region,
            opts=site.child(),
        )
    route53.ResolverFirewallConfig(
        site.name,
        resource_id=vpc_id,
        firewall_fail_open="DISABLED",
        region=site.region,
        opts=site.child(),
    )
    return route53.ResolverFirewallRuleGroupAssociation(
        site.name,
        firewall_rule_group_id=group.id,
        vpc_id=vpc_id,
        priority=ASSOCIATION_PRIORITY,
        mutation_protection="ENABLED",
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def make_query_log(site: Site, vpc_id: Input[str], group: cloudwatch.LogGroup) -> None:
    """Record every query of the network, answered or blocked."""
    config = route53.ResolverQueryLogConfig(
        site.name,
        destination_arn=group.arn,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )
    route53.ResolverQueryLogConfigAssociation(
        site.name,
        resolver_query_log_config_id=config.id,
        resource_id=vpc_id,
        region=site.region,
        opts=site.child(),
    )


def _block_threats(
    site: Site, group: route53.ResolverFirewallRuleGroup, threat_list_id: str
) -> None:
    route53.ResolverFirewallRule(
        site.named("threats"),
        firewall_rule_group_id=group.id,
        priority=_THREATS,
        firewall_domain_list_id=threat_list_id,
        firewall_domain_redirection_action="INSPECT_REDIRECTION_DOMAIN",
        action="BLOCK",
        block_response=_ANSWER,
        region=site.region,
        opts=site.child(),
    )


def _allow_domains(
    site: Site, group: route53.ResolverFirewallRuleGroup, domains: Sequence[str]
) -> None:
    names = route53.ResolverFirewallDomainList(
        site.named("allowed"),
        domains=dns_names(domains),
        region=site.region,
        tags=site.tagged(site.named("allowed")),
        opts=site.child(),
    )
    route53.ResolverFirewallRule(
        site.named("allowed"),
        firewall_rule_group_id=group.id,
        priority=_ALLOWED,
        firewall_domain_list_id=names.id,
        # Where a declared domain is an alias of a content network's, that need not be declared.
        firewall_domain_redirection_action="TRUST_REDIRECTION_DOMAIN",
        action="ALLOW",
        region=site.region,
        opts=site.child(),
    )

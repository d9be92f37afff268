"""Makes the Network Firewall: what it passes, that it drops the rest, and what it logs."""

from collections.abc import Mapping, Sequence
from typing import Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch
from pulumi_aws import networkfirewall as nf

from fintech_infra.components._egress.plan import endpoint_of
from fintech_infra.components._egress.transport import HTTPS, transport_rules
from fintech_infra.components._site import Site

DOMAIN_CAPACITY: Final = 1000
"""Of a list of domains: two for each of `MOST_DOMAINS`. Changing it replaces the rule group.
https://docs.aws.amazon.com/network-firewall/latest/developerguide/nwfw-rule-group-capacity.html"""

TRANSPORT_CAPACITY: Final = 10
"""Of the rules for protocols and ports; each takes one."""

DEFAULT_ACTIONS: Final = (
    "aws:drop_established_app_layer_to_server",
    "aws:alert_established_app_layer_to_server",
)
"""Drop, and say so, whatever no rule passes. The application-layer form waits for the whole
ClientHello, which may span packets; the server's flow control is let back.
https://docs.aws.amazon.com/network-firewall/latest/developerguide/suricata-rule-evaluation-order.html"""

_STRICT: Final = "STRICT_ORDER"
_LOGGED: Final = {"ALERT": "alerts", "FLOW": "flows"}


def make_firewall(
    site: Site,
    *,
    vpc_id: Input[str],
    subnet_ids: Mapping[str, Input[str]],
    domains: Mapping[int, Sequence[str]],
    key_arn: Input[str],
) -> nf.Firewall:
    """Make the firewall, its policy and rules. `domains` are the allowed ones by port."""
    policy = _make_policy(site, domains, key_arn)
    return nf.Firewall(
        site.name,
        description=f"Allow-listed egress of {site.name}",
        vpc_id=vpc_id,
        subnet_mappings=[
            nf.FirewallSubnetMappingArgs(subnet_id=subnet_ids[zone], ip_address_type="IPV4")
            for zone in sorted(subnet_ids)
        ],
        firewall_policy_arn=policy.arn,
        delete_protection=True,
        firewall_policy_change_protection=True,
        subnet_change_protection=True,
        enabled_analysis_types=["HTTP_HOST", "TLS_SNI"],
        encryption_configuration=nf.FirewallEncryptionConfigurationArgs(
            type="CUSTOMER_KMS", key_id=key_arn
        ),
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def make_logging(
    site: Site, firewall: nf.Firewall, groups: Mapping[str, cloudwatch.LogGroup]
) -> None:
    """Log what the firewall drops, and every flow. `groups` are log groups by role."""
    nf.LoggingConfiguration(
        site.name,
        firewall_arn=firewall.arn,
        logging_configuration=nf.LoggingConfigurationLoggingConfigurationArgs(
            log_destination_configs=[
                nf.LoggingConfigurationLoggingConfigurationLogDestinationConfigArgs(
                    log_type=kind,
                    log_destination_type="CloudWatchLogs",
                    log_destination={"logGroup": groups[role].name},
                )
                for kind, role in _LOGGED.items()
            ]
        ),
        region=site.region,
        opts=site.child(),
    )


def endpoint_ids(
    firewall: nf.Firewall, subnet_ids: Mapping[str, Input[str]]
) -> dict[str, Output[str]]:
    """Return the ids of the firewall's endpoints by zone."""
    return {
        zone: Output.from_input(subnet_id).apply(lambda found: _endpoint_id(firewall, found))
        for zone, subnet_id in subnet_ids.items()
    }


def _endpoint_id(firewall: nf.Firewall, subnet_id: str) -> Output[str]:
    return firewall.firewall_statuses.apply(lambda found: endpoint_of(found, subnet_id))


def _make_policy(
    site: Site, domains: Mapping[int, Sequence[str]], key_arn: Input[str]
) -> nf.FirewallPolicy:
    ports = sorted(domains, reverse=True)
    groups = [_make_transport(site, ports, key_arn)]
    groups += [_make_domains(site, port, domains[port], key_arn) for port in ports]
    return nf.FirewallPolicy(
        site.name,
        description=f"Default deny for {site.name}",
        firewall_policy=nf.FirewallPolicyFirewallPolicyArgs(
            # The stateless engine would drop without a log entry, so everything goes on.
            stateless_default_actions=["aws:forward_to_sfe"],
            stateless_fragment_default_actions=["aws:forward_to_sfe"],
            stateful_engine_options=nf.FirewallPolicyFirewallPolicyStatefulEngineOptionsArgs(
                rule_order=_STRICT,
                # Fails closed like DROP, and lets clients notice at once.
                stream_exception_policy="REJECT",
            ),
            stateful_default_actions=list(DEFAULT_ACTIONS),
            stateful_rule_group_references=[
                nf.FirewallPolicyFirewallPolicyStatefulRuleGroupReferenceArgs(
                    priority=place, resource_arn=group.arn
                )
                for place, group in enumerate(groups, start=1)
            ],
        ),
        encryption_configuration=nf.FirewallPolicyEncryptionConfigurationArgs(
            type="CUSTOMER_KMS", key_id=key_arn
        ),
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def _make_transport(site: Site, ports: Sequence[int], key_arn: Input[str]) -> nf.RuleGroup:
    source = nf.RuleGroupRuleGroupRulesSourceArgs(rules_string=transport_rules(ports))
    return _make_rules(site, "transport", source, TRANSPORT_CAPACITY, key_arn)


def _make_domains(
    site: Site, port: int, domains: Sequence[str], key_arn: Input[str]
) -> nf.RuleGroup:
    role, target = ("domains", "TLS_SNI") if port == HTTPS else ("http-domains", "HTTP_HOST")
    source = nf.RuleGroupRuleGroupRulesSourceArgs(
        rules_source_list=nf.RuleGroupRuleGroupRulesSourceRulesSourceListArgs(
            generated_rules_type="ALLOWLIST",
            target_types=[target],
            targets=sorted(domains),
        )
    )
    return _make_rules(site, role, source, DOMAIN_CAPACITY, key_arn)


def _make_rules(
    site: Site,
    role: str,
    source: nf.RuleGroupRuleGroupRulesSourceArgs,
    capacity: int,
    key_arn: Input[str],
) -> nf.RuleGroup:
    return nf.RuleGroup(
        site.named(role),
        type="STATEFUL",
        capacity=capacity,
        description=f"Allow-listed egress of {site.name}: {role}",
        rule_group=nf.RuleGroupRuleGroupArgs(
            rules_source=source,
            stateful_rule_options=nf.RuleGroupRuleGroupStatefulRuleOptionsArgs(rule_order=_STRICT),
        ),
        encryption_configuration=nf.RuleGroupEncryptionConfigurationArgs(
            type="CUSTOMER_KMS", key_id=key_arn
        ),
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(),
    )

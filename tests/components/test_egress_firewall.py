"""EgressFirewall against a recording monitor: what it registers, not what AWS makes of that."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components.egress_firewall import EgressFirewall

Deploy = Callable[..., Any]
SUBNETS = {"eu-west-1a": "subnet-a", "eu-west-1b": "subnet-b"}
DOMAINS = ["api.example.com", ".example.org"]
KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"


@pytest.fixture
def egress(deploy: Deploy) -> Callable[..., Any]:
    """Return `egress(**args)`, which deploys a firewall named payments in two zones."""

    def run(**args: Any) -> Any:
        given: Any = {"vpc_id": "vpc-1", "subnet_ids": SUBNETS, "allowed_domains": DOMAINS, **args}
        return deploy(lambda: EgressFirewall("payments", given))

    return run


def identities(deployment: Any) -> list[str]:
    return [f"{type_.removeprefix('aws:')} {name}" for type_, name in deployment.identities]


MINIMAL = [
    "cloudwatch/logGroup:LogGroup payments-alerts",
    "cloudwatch/logGroup:LogGroup payments-flows",
    "cloudwatch/logGroup:LogGroup payments-queries",
    "kms/alias:Alias payments-key",
    "kms/key:Key payments-key",
    "networkfirewall/firewall:Firewall payments",
    "networkfirewall/firewallPolicy:FirewallPolicy payments",
    "networkfirewall/loggingConfiguration:LoggingConfiguration payments",
    "networkfirewall/ruleGroup:RuleGroup payments-domains",
    "networkfirewall/ruleGroup:RuleGroup payments-transport",
    "route53/resolverFirewallConfig:ResolverFirewallConfig payments",
    "route53/resolverFirewallDomainList:ResolverFirewallDomainList payments-allowed",
    "route53/resolverFirewallRule:ResolverFirewallRule payments-allowed",
    "route53/resolverFirewallRule:ResolverFirewallRule payments-dga",
    "route53/resolverFirewallRule:ResolverFirewallRule payments-dictionary-dga",
    "route53/resolverFirewallRule:ResolverFirewallRule payments-threats",
    "route53/resolverFirewallRule:ResolverFirewallRule payments-tunnelling",
    "route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup payments",
    "route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation payments",
    "route53/resolverQueryLogConfig:ResolverQueryLogConfig payments",
    "route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation payments",
    "fintech_infra:index:EgressFirewall payments",
    "fintech_infra:index:EncryptionKey payments-key",
]


def test_the_names_of_all_children_are_pinned(egress: Deploy):
    assert identities(egress()) == MINIMAL


def test_options_add_children_and_leave_the_others(egress: Deploy):
    deployment = egress(http_domains=["crl.example.net"], alarm_topic_arn=TOPIC)
    assert [item for item in identities(deployment) if item not in MINIMAL] == [
        "cloudwatch/eventRule:EventRule payments-key-tampering",
        "cloudwatch/eventRule:EventRule payments-tampering",
        "cloudwatch/eventTarget:EventTarget payments-key-tampering",
        "cloudwatch/eventTarget:EventTarget payments-tampering",
        "networkfirewall/ruleGroup:RuleGroup payments-http-domains",
    ]
    assert set(MINIMAL) <= set(identities(deployment))


def test_the_firewall_resists_deletion_and_changes_of_policy_and_subnets(egress: Deploy):
    deployment = egress()
    firewall = deployment.one("aws:networkfirewall/firewall:Firewall")
    assert firewall.inputs == {
        "description": "Allow-listed egress of payments",
        "vpcId": "vpc-1",
        "subnetMappings": [
            {"subnetId": "subnet-a", "ipAddressType": "IPV4"},
            {"subnetId": "subnet-b", "ipAddressType": "IPV4"},
        ],
        "firewallPolicyArn": deployment.one(
            "aws:networkfirewall/firewallPolicy:FirewallPolicy"
        ).state["arn"],
        "deleteProtection": True,
        "firewallPolicyChangeProtection": True,
        "subnetChangeProtection": True,
        "enabledAnalysisTypes": ["HTTP_HOST", "TLS_SNI"],
        "encryptionConfiguration": {
            "type": "CUSTOMER_KMS",
            "keyId": deployment.one("aws:kms/key:Key").state["arn"],
        },
        "region": "eu-west-1",
        "tags": {"Name": "payments"},
    }


def test_the_policy_drops_what_no_rule_passes_and_fails_closed(egress: Deploy):
    deployment = egress()
    policy = deployment.one("aws:networkfirewall/firewallPolicy:FirewallPolicy")
    assert policy.inputs["firewallPolicy"] == {
        "statelessDefaultActions": ["aws:forward_to_sfe"],
        "statelessFragmentDefaultActions": ["aws:forward_to_sfe"],
        "statefulEngineOptions": {
            "ruleOrder": "STRICT_ORDER",
            "streamExceptionPolicy": "REJECT",
        },
        "statefulDefaultActions": [
            "aws:drop_established_app_layer_to_server",
            "aws:alert_established_app_layer_to_server",
        ],
        "statefulRuleGroupReferences": [
            {"priority": 1, "resourceArn": rules(deployment, "transport").state["arn"]},
            {"priority": 2, "resourceArn": rules(deployment, "domains").state["arn"]},
        ],
    }


def rules(deployment: Any, role: str) -> Any:
    return deployment.one("aws:networkfirewall/ruleGroup:RuleGroup", f"payments-{role}")


def test_only_the_declared_names_pass_over_tls(egress: Deploy):
    group = rules(egress(), "domains").inputs
    assert group["ruleGroup"] == {
        "rulesSource": {
            "rulesSourceList": {
                "generatedRulesType": "ALLOWLIST",
                "targetTypes": ["TLS_SNI"],
                "targets": [".example.org", "api.example.com"],
            }
        },
        "statefulRuleOptions": {"ruleOrder": "STRICT_ORDER"},
    }
    assert (group["type"], group["capacity"]) == ("STATEFUL", 1000)


def test_what_is_not_tcp_to_an_accepted_port_is_dropped_first(egress: Deploy):
    assert rules(egress(), "transport").inputs["ruleGroup"]["rulesSource"] == {
        "rulesString": (
            'drop ip any any -> any any (msg:"protocol other than TCP"; ip_proto:!TCP; sid:1;)\n'
            'drop tcp $HOME_NET any -> any ![443] (msg:"port not accepted"; flow:to_server; sid:2;)'
        )
    }


def test_plain_http_is_a_list_and_a_port_of_its_own(egress: Deploy):
    deployment = egress(http_domains=["crl.example.net"])
    listed = rules(deployment, "http-domains").inputs["ruleGroup"]["rulesSource"]["rulesSourceList"]
    assert (listed["targetTypes"], listed["targets"]) == (["HTTP_HOST"], ["crl.example.net"])
    transport = rules(deployment, "transport").inputs["ruleGroup"]["rulesSource"]["rulesString"]
    assert "any ![80,443] (" in transport
    assert rules(deployment, "domains").inputs == rules(egress(), "domains").inputs


def test_alerts_flows_and_queries_are_kept_in_encrypted_groups(egress: Deploy):
    deployment = egress(log_retention_days=731.0)
    key = deployment.one("aws:kms/key:Key").state["arn"]
    groups = {item.name: item for item in deployment.of_type("aws:cloudwatch/logGroup:LogGroup")}
    for role in ("alerts", "flows", "queries"):
        group = groups[f"payments-{role}"]
        assert group.inputs == {
            "name": f"/aws/vendedlogs/vpc-1/payments-{role}",
            "kmsKeyId": key,
            "retentionInDays": 731,
            "deletionProtectionEnabled": True,
            "region": "eu-west-1",
            "tags": {"Name": f"payments-{role}"},
        }
        assert group.protect
    logging = deployment.one("aws:networkfirewall/loggingConfiguration:LoggingConfiguration")
    assert logging.inputs["loggingConfiguration"]["logDestinationConfigs"] == [
        {
            "logType": kind,
            "logDestinationType": "CloudWatchLogs",
            "logDestination": {"logGroup": f"/aws/vendedlogs/vpc-1/payments-{role}"},
        }
        for kind, role in (("ALERT", "alerts"), ("FLOW", "flows"))
    ]
    queries = deployment.one("aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig")
    assert queries.inputs["destinationArn"] == groups["payments-queries"].state["arn"]


def test_the_key_is_for_logs_and_the_firewall_only(egress: Deploy):
    statements = json.loads(egress().one("aws:kms/key:Key").inputs["policy"])["Statement"]
    assert [item["Sid"] for item in statements] == [
        "AdministrationByAccount",
        "UseThroughServices",
        "DelegationToServices",
        "UseByLogGroups",
    ]
    assert statements[1]["Condition"]["StringEquals"] == {
        "kms:CallerAccount": "111122223333",
        "kms:ViaService": "network-firewall.eu-west-1.amazonaws.com",
    }


def test_a_given_key_takes_the_place_of_an_own_one(egress: Deploy):
    deployment = egress(kms_key_arn=KEY)
    assert [item for item in MINIMAL if item not in identities(deployment)] == [
        "kms/alias:Alias payments-key",
        "kms/key:Key payments-key",
        "fintech_infra:index:EncryptionKey payments-key",
    ]
    encrypted = [item for item in deployment if "encryptionConfiguration" in item.inputs]
    assert {item.inputs["encryptionConfiguration"]["keyId"] for item in encrypted} == {KEY}
    assert len(encrypted) == 4
    assert deployment.outputs("payments")["kms_key_arn"] == KEY


def test_names_are_blocked_by_list_and_by_likeness_and_declared_ones_allowed_between(
    egress: Deploy,
):
    deployment = egress()
    found = {
        item.name: item.inputs
        for item in deployment.of_type("aws:route53/resolverFirewallRule:ResolverFirewallRule")
    }
    group = deployment.one("aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup")
    assert {item.pop("firewallRuleGroupId") for item in found.values()} == {group.state["id"]}
    assert {item.pop("region") for item in found.values()} == {"eu-west-1"}
    names = deployment.one("aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList")
    likeness = {"confidenceThreshold": "MEDIUM", "action": "BLOCK", "blockResponse": "NODATA"}
    assert found == {
        "payments-threats": {
            "priority": 100,
            "firewallDomainListId": "rslvr-fdl-a88f2f26cc6a4296",
            "firewallDomainRedirectionAction": "INSPECT_REDIRECTION_DOMAIN",
            "action": "BLOCK",
            "blockResponse": "NODATA",
        },
        "payments-allowed": {
            "priority": 200,
            "firewallDomainListId": names.state["id"],
            "firewallDomainRedirectionAction": "TRUST_REDIRECTION_DOMAIN",
            "action": "ALLOW",
        },
        "payments-dga": {"priority": 300, "dnsThreatProtection": "DGA", **likeness},
        "payments-dictionary-dga": {
            "priority": 310,
            "dnsThreatProtection": "DICTIONARY_DGA",
            **likeness,
        },
        "payments-tunnelling": {
            "priority": 320,
            "dnsThreatProtection": "DNS_TUNNELING",
            **likeness,
        },
    }
    assert names.inputs["domains"] == ["*.example.org", "api.example.com", "example.org"]


def test_the_dns_firewall_fails_closed_and_cannot_be_taken_off(egress: Deploy):
    deployment = egress()
    config = deployment.one("aws:route53/resolverFirewallConfig:ResolverFirewallConfig")
    assert config.inputs == {
        "resourceId": "vpc-1",
        "firewallFailOpen": "DISABLED",
        "region": "eu-west-1",
    }
    association = deployment.one(
        "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation"
    )
    assert association.inputs["mutationProtection"] == "ENABLED"
    assert (association.inputs["vpcId"], association.inputs["priority"]) == ("vpc-1", 101)
    logged = deployment.one(
        "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation"
    )
    assert logged.inputs["resourceId"] == "vpc-1"


def test_weakening_calls_are_reported_where_a_topic_is_given(egress: Deploy):
    deployment = egress(alarm_topic_arn=TOPIC)
    rule = deployment.one("aws:cloudwatch/eventRule:EventRule", "payments-tampering")
    target = deployment.one("aws:cloudwatch/eventTarget:EventTarget", "payments-tampering")
    pattern = json.loads(rule.inputs["eventPattern"])
    assert pattern["detail"]["eventSource"] == [
        "network-firewall.amazonaws.com",
        "route53resolver.amazonaws.com",
    ]
    assert {"UpdateLoggingConfiguration", "UpdateFirewallConfig"} <= set(
        pattern["detail"]["eventName"]
    )
    assert target.inputs["arn"] == TOPIC


def test_endpoints_are_known_by_zone(egress: Deploy):
    assert egress().outputs("payments")["endpoint_ids"] == {
        "eu-west-1a": "vpce-of-subnet-a",
        "eu-west-1b": "vpce-of-subnet-b",
    }


def test_another_zone_changes_nothing_but_the_list_of_subnets(egress: Deploy):
    before = {item.urn: item.inputs for item in egress()}
    more = {"eu-west-1c": "subnet-c", **SUBNETS}
    after = {item.urn: item.inputs for item in egress(subnet_ids=more)}
    assert before.keys() == after.keys()
    changed = {
        (urn.split("::")[-1], key)
        for urn, inputs in before.items()
        for key in inputs
        if inputs[key] != after[urn][key]
    }
    assert changed == {("payments", "subnetMappings")}


def test_the_region_of_the_zones_reaches_every_child(egress: Deploy):
    deployment = egress(subnet_ids={"eu-central-1a": "subnet-a"}, alarm_topic_arn=TOPIC)
    assert {item.inputs.get("region") for item in deployment if item.custom} == {"eu-central-1"}
    threats = deployment.one(
        "aws:route53/resolverFirewallRule:ResolverFirewallRule", "payments-threats"
    )
    assert threats.inputs["firewallDomainListId"] == "rslvr-fdl-54a2c1ef5b014042"


def test_tags_reach_every_child_that_can_carry_them(egress: Deploy):
    deployment = egress(tags={"owner": "payments"})
    without = {
        item.type.rpartition(":")[2]
        for item in deployment
        if item.custom and "owner" not in item.inputs.get("tags", {})
    }
    assert without == {
        "Alias",
        "LoggingConfiguration",
        "ResolverFirewallConfig",
        "ResolverFirewallRule",
        "ResolverQueryLogConfigAssociation",
    }


def test_no_key_that_the_provider_does_not_know_is_sent(egress: Deploy):
    assert egress(http_domains=["crl.example.net"]).snake_case_keys() == []


def test_the_callers_options_reach_children_through_the_parent_only(deploy: Deploy):
    opts = pulumi.ResourceOptions(protect=True, ignore_changes=["tags"], delete_before_replace=True)
    args: Any = {"vpc_id": "vpc-1", "subnet_ids": SUBNETS, "allowed_domains": DOMAINS}
    children = [item for item in deploy(lambda: EgressFirewall("p", args, opts)) if item.custom]
    assert {item.protect for item in children} == {True}
    assert {item.ignore_changes for item in children} == {()}


def test_outputs_are_declared_and_evidence_points_at_registered_properties(egress: Deploy):
    deployment = egress()
    outputs = deployment.outputs("payments")
    assert outputs.keys() == EgressFirewall.__annotations__.keys()
    inputs = {item.urn: item.inputs for item in deployment}
    found = json.loads(outputs["evidence"])
    assert sorted(found) == [
        "networkfirewall-cmk",
        "networkfirewall-default-drop",
        "route53-dns-firewall-enforced",
    ]
    for entry in found.values():
        assert entry["property"] in inputs[entry["resource"]]


def test_all_mistakes_are_reported_at_once_and_nothing_is_registered(deploy: Deploy):
    args: Any = {
        "subnet_ids": {"eu-west-1a": "subnet-a", "us-east-1b": "subnet-b"},
        "allowed_domains": ["*.example.com", ".com", "10.0.0.1", ".amazonaws.com", "a.io", "a.io"],
        "http_domains": [],
        "log_retention_days": 30,
        "mode": "alert",
    }
    with pytest.raises(pulumi.InputPropertiesError) as caught:
        deploy(lambda: EgressFirewall("payments", args))
    lines = str(caught.value.args[0]).splitlines()
    assert lines[0] == "EgressFirewall 'payments' cannot be built:"
    assert sorted(line.split(":")[0].strip() for line in lines[1:]) == [
        "allowed_domains",
        "allowed_domains",
        "allowed_domains",
        "allowed_domains",
        "allowed_domains",
        "http_domains",
        "log_retention_days",
        "mode",
        "subnet_ids",
        "vpc_id",
    ]


def test_a_region_without_a_known_threat_list_asks_for_one(egress: Deploy):
    there = {"ap-east-1a": "subnet-a"}
    with pytest.raises(pulumi.InputPropertiesError, match="threat_list_id: is needed, because"):
        egress(subnet_ids=there)
    deployment = egress(subnet_ids=there, threat_list_id="rslvr-fdl-0123456789abcdef")
    threats = deployment.one(
        "aws:route53/resolverFirewallRule:ResolverFirewallRule", "payments-threats"
    )
    assert threats.inputs["firewallDomainListId"] == "rslvr-fdl-0123456789abcdef"


def test_every_argument_and_output_is_described_in_the_schema():
    schema = Analyzer("fintech_infra").analyze([EgressFirewall])
    definition = schema["component_definitions"]["EgressFirewall"]
    described = [definition, *definition.inputs.values(), *definition.outputs.values()]
    assert all(item.description for item in described)


CLEAN = """
subnets = {"eu-west-1a": "subnet-a"}
EgressFirewall("minimal", {
    "vpc_id": "vpc-1", "subnet_ids": subnets, "allowed_domains": ["api.example.com"],
})
EgressFirewall("full", {
    "vpc_id": "vpc-2", "subnet_ids": subnets | {"eu-west-1b": "subnet-b"},
    "allowed_domains": [".example.com"], "http_domains": ["crl.example.net"],
    "alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:page",
    "threat_list_id": "rslvr-fdl-0123456789abcdef", "log_retention_days": 731,
})
"""


def test_every_variant_is_clean(judged: Any):
    assert judged(CLEAN) == []


BROKEN = """
def breaking(kind, **changed):
    def transform(given):
        if given.type_.endswith(":" + kind):
            return pulumi.ResourceTransformResult({**given.props, **changed}, given.opts)
    return pulumi.ResourceOptions(transforms=[transform])

def firewall(name, opts):
    EgressFirewall(name, {
        "vpc_id": "vpc-" + name, "subnet_ids": {"eu-west-1a": "subnet-" + name},
        "allowed_domains": ["api.example.com"],
    }, opts)

open_policy = {
    "statelessDefaultActions": ["aws:forward_to_sfe"],
    "statelessFragmentDefaultActions": ["aws:pass"],
    "statefulDefaultActions": ["aws:alert_strict"],
    "statefulEngineOptions": {"ruleOrder": "STRICT_ORDER", "streamExceptionPolicy": "CONTINUE"},
}
tld = {"rulesSource": {"rulesSourceList": {
    "generatedRulesType": "ALLOWLIST", "targetTypes": ["TLS_SNI"], "targets": [".com"]}}}
flows = {"logDestinationConfigs": [{
    "logType": "FLOW", "logDestinationType": "S3", "logDestination": {"bucketName": "b"}}]}
theirs = {"type": "AWS_OWNED_KMS_KEY"}
firewall("deletable", breaking("Firewall", deleteProtection=False, encryptionConfiguration=theirs))
firewall("passing", breaking("FirewallPolicy", firewallPolicy=open_policy))
firewall("wide", breaking("RuleGroup", ruleGroup=tld))
firewall("silent", breaking("LoggingConfiguration", loggingConfiguration=flows))
firewall("reporting", breaking("ResolverFirewallRule", action="ALERT", blockResponse=None))
firewall("loose", breaking("ResolverFirewallRuleGroupAssociation", mutationProtection="DISABLED"))
firewall("failing", breaking("ResolverFirewallConfig", firewallFailOpen="ENABLED"))
firewall("forgetful", breaking("LogGroup", retentionInDays=7, kmsKeyId=None))
"""


def test_what_transforms_break_is_caught(judged: Any):
    found = {(control, name, path) for control, _, name, path in judged(BROKEN)}
    drop, names = "networkfirewall-default-drop", "route53-dns-firewall-enforced"
    policy = "firewallPolicy."
    targets = "ruleGroup.rulesSource.rulesSourceList.targets[0]"
    assert {item for item in found if not item[1].startswith("forgetful")} == {
        (drop, "deletable", "deleteProtection"),
        ("networkfirewall-cmk", "deletable", "encryptionConfiguration.type"),
        (drop, "passing", f"{policy}statelessFragmentDefaultActions[0]"),
        (drop, "passing", f"{policy}statefulDefaultActions"),
        (drop, "passing", f"{policy}statefulEngineOptions.streamExceptionPolicy"),
        ("networkfirewall-no-broad-pass", "wide-domains", targets),
        ("networkfirewall-no-broad-pass", "wide-transport", targets),
        (drop, "silent", ""),
        *(
            (names, f"reporting-{role}", "action")
            for role in ("allowed", "dga", "dictionary-dga", "threats", "tunnelling")
        ),
        (names, "loose", "mutationProtection"),
        (names, "failing", "firewallFailOpen"),
    }
    assert {name for _, name, _ in found if name.startswith("forgetful")} == {
        "forgetful-alerts",
        "forgetful-flows",
        "forgetful-queries",
    }

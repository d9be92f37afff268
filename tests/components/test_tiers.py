"""The tier graph and what it compiles to. That AWS evaluates rules as we do is not proven here."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.components._network.subnet_plan import INSPECTION, Tier, plan_subnets
from fintech_infra.components._network.tiers import (
    AclRule,
    Edge,
    acl_rules,
    numbered,
    port_problems,
    scope,
    security_rules,
    tier_graph,
)

PLAN = plan_subnets("10.0.0.0/16", ["eu-west-1a", "eu-west-1b"])
APP, DATA, PUBLIC, ANYWHERE = "10.0.0.0/17", "10.0.128.0/19", "10.0.160.0/20", "0.0.0.0/0"
PORTS = st.integers(1, 65535)


def graph(*, from_internet: bool = False, to_internet: bool = False) -> tuple[Edge, ...]:
    return tier_graph(
        app_port=8443, data_ports=[5432], from_internet=from_internet, to_internet=to_internet
    )


def table(rules: tuple[AclRule, ...]) -> set[tuple[str, str, int, int]]:
    return {
        ("in" if rule.inbound else "out", rule.cidr, rule.first_port, rule.last_port)
        for rule in rules
    }


def admits(rules: tuple[AclRule, ...], source: str, port: int) -> bool:
    return any(
        rule.inbound
        and IPv4Address(source) in IPv4Network(rule.cidr)
        and rule.first_port <= port <= rule.last_port
        for rule in rules
    )


def test_only_the_app_tier_reaches_the_data_tier_and_only_on_the_declared_ports():
    edges = tier_graph(
        app_port=8443, data_ports=[6379, 5432, 5432], from_internet=True, to_internet=True
    )
    into_data = [(edge.source, edge.port) for edge in edges if edge.target is Tier.DATA]
    assert into_data == [(Tier.APP, 5432), (Tier.APP, 6379)]
    assert [edge for edge in edges if edge.source is Tier.DATA] == []


def test_the_acl_of_the_data_tier_knows_the_app_tier_only():
    rules = acl_rules(
        Tier.DATA, graph(from_internet=True, to_internet=True), PLAN, nat_in_public=True
    )
    assert table(rules) == {("in", APP, 5432, 5432), ("out", APP, 1024, 65535)}


def test_the_acl_of_a_closed_public_tier_knows_the_app_tier_only():
    rules = acl_rules(Tier.PUBLIC, graph(), PLAN, nat_in_public=False)
    assert table(rules) == {("out", APP, 8443, 8443), ("in", APP, 1024, 65535)}


def test_the_acl_of_an_open_public_tier_with_nat_lets_https_through_and_its_replies():
    rules = acl_rules(
        Tier.PUBLIC, graph(from_internet=True, to_internet=True), PLAN, nat_in_public=True
    )
    assert table(rules) == {
        ("out", APP, 8443, 8443),
        ("in", APP, 1024, 65535),
        ("in", ANYWHERE, 443, 443),
        ("out", ANYWHERE, 1024, 65535),
        ("in", APP, 443, 443),
        ("out", APP, 1024, 65535),
        ("out", ANYWHERE, 443, 443),
        ("in", ANYWHERE, 1024, 3388),
        ("in", ANYWHERE, 3390, 65535),
    }


def test_the_acl_of_the_app_tier_lets_workloads_reach_stores_endpoints_and_gateways():
    rules = acl_rules(Tier.APP, graph(), PLAN, nat_in_public=False)
    assert table(rules) == {
        ("in", PUBLIC, 8443, 8443),
        ("out", PUBLIC, 1024, 65535),
        ("in", APP, 8443, 8443),
        ("out", APP, 8443, 8443),
        ("out", DATA, 5432, 5432),
        ("in", DATA, 1024, 65535),
        ("out", APP, 443, 443),
        ("in", APP, 1024, 65535),
        ("in", APP, 443, 443),
        ("out", APP, 1024, 65535),
        ("out", ANYWHERE, 443, 443),
        ("in", ANYWHERE, 1024, 3388),
        ("in", ANYWHERE, 3390, 65535),
    }


def test_the_acls_around_an_egress_firewall_let_https_from_workloads_through_and_its_replies():
    edges = graph(from_internet=True, to_internet=True)
    for tier in INSPECTION:
        assert table(acl_rules(tier, edges, PLAN, nat_in_public=False)) == {
            ("in", APP, 443, 443),
            ("out", APP, 1024, 65535),
            ("out", ANYWHERE, 443, 443),
            ("in", ANYWHERE, 1024, 3388),
            ("in", ANYWHERE, 3390, 65535),
        }
        assert acl_rules(tier, graph(), PLAN, nat_in_public=False) == ()


@given(st.sampled_from(Tier), st.booleans(), st.booleans(), st.booleans())
def test_no_acl_lets_the_world_reach_an_administration_port(
    tier: Tier, from_internet: bool, to_internet: bool, nat: bool
):
    edges = graph(from_internet=from_internet, to_internet=to_internet)
    rules = acl_rules(tier, edges, PLAN, nat_in_public=nat)
    assert not admits(rules, "203.0.113.7", 22)
    assert not admits(rules, "203.0.113.7", 3389)


@given(PORTS, st.sets(PORTS, min_size=1, max_size=4), st.booleans(), st.booleans(), PORTS)
def test_the_data_tier_admits_nothing_that_is_no_edge(
    app_port: int, data_ports: set[int], from_internet: bool, to_internet: bool, tried: int
):
    edges = tier_graph(
        app_port=app_port,
        data_ports=sorted(data_ports),
        from_internet=from_internet,
        to_internet=to_internet,
    )
    rules = acl_rules(Tier.DATA, edges, PLAN, nat_in_public=to_internet)
    assert admits(rules, "10.0.0.9", tried) is (tried in data_ports)
    assert not admits(rules, "10.0.160.9", tried)
    assert not admits(rules, "10.0.128.9", tried)
    assert not admits(rules, "203.0.113.7", tried)


@given(st.booleans(), st.booleans())
def test_an_acl_fits_into_what_aws_allows_without_asking(from_internet: bool, to_internet: bool):
    edges = graph(from_internet=from_internet, to_internet=to_internet)
    for tier in Tier:
        rules = acl_rules(tier, edges, PLAN, nat_in_public=to_internet)
        assert len(numbered(rules, inbound=True)) <= 20
        assert len(numbered(rules, inbound=False)) <= 20


def test_acl_entries_are_numbered_per_direction():
    rules = (AclRule(True, APP, 5432, 5432), AclRule(False, APP, 1024, 65535))
    assert numbered(rules, inbound=True) == [
        {
            "rule_no": 100,
            "action": "allow",
            "protocol": "tcp",
            "cidr_block": APP,
            "from_port": 5432,
            "to_port": 5432,
        }
    ]
    assert [entry["rule_no"] for entry in numbered(rules * 2, inbound=False)] == [100, 110]


def test_security_rules_name_groups_where_they_admit_and_blocks_where_they_open():
    rules = security_rules(graph(), PLAN)
    assert {rule.key: rule.cidr for rule in rules} == {
        "public-to-app-8443": APP,
        "app-from-public-8443": None,
        "app-to-data-5432": DATA,
        "data-from-app-5432": None,
        "app-to-endpoints-443": None,
        "endpoints-from-app-443": APP,
        "app-to-gateways-443": None,
    }


def test_the_internet_appears_in_security_rules_only_where_declared():
    rules = security_rules(graph(from_internet=True, to_internet=True), PLAN)
    assert {rule.key for rule in rules if rule.cidr == ANYWHERE} == {
        "public-from-internet-443",
        "app-to-internet-443",
    }


def test_the_scope_names_tiers_edges_and_what_stays_free():
    found = scope(graph(), PLAN, {Tier.APP: "regional-nat"})
    assert found["reserved"] == ["10.0.176.0/20", "10.0.192.0/18"]
    assert found["tiers"] == {
        "public": {
            "block": PUBLIC,
            "subnets": {"eu-west-1a": "10.0.160.0/23", "eu-west-1b": "10.0.162.0/23"},
            "defaultRoute": "none",
        },
        "app": {
            "block": APP,
            "subnets": {"eu-west-1a": "10.0.0.0/20", "eu-west-1b": "10.0.16.0/20"},
            "defaultRoute": "regional-nat",
        },
        "data": {
            "block": DATA,
            "subnets": {"eu-west-1a": "10.0.128.0/22", "eu-west-1b": "10.0.132.0/22"},
            "defaultRoute": "none",
        },
    }
    edges = found["edges"]
    assert isinstance(edges, list)
    assert edges[1]["from"] == "balancers"
    assert edges[1]["crossesTrustBoundary"] is False
    assert edges[2] == {
        "from": "app",
        "to": "data",
        "protocol": "tcp",
        "port": 5432,
        "purpose": "workloads to data stores",
        "crossesTrustBoundary": True,
        "enforcedBy": ["security group", "network ACL"],
    }


@pytest.mark.parametrize(
    ("port", "problems"),
    [
        (443, []),
        (65535, []),
        (0, ["is 0; accepted are TCP ports from 1 to 65535"]),
        (65536, ["is 65536; accepted are TCP ports from 1 to 65535"]),
        (22, ["is 22, which is for remote administration; use AWS Systems Manager for that"]),
        (3389, ["is 3389, which is for remote administration; use AWS Systems Manager for that"]),
    ],
)
def test_ports_that_cannot_be_are_explained(port: int, problems: list[str]):
    assert list(port_problems(port)) == problems

"""What holds in every network: openings only add, order says nothing, what is shut is shut."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.environment.graph import INTERNET, Kind, graph_of, is_certain
from fintech_infra.environment.graph.shapes import DATA_STORES

GROUPS = ("g0", "g1", "g2")
SUBNETS = ("public", "private")
WORLD = "0.0.0.0/0"
SOURCES = (WORLD, "?", "10.0.0.0/16", "10.0.2.0/24", *GROUPS)

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Opening:
    """A rule of a group: what it admits, at which port, and whether it is a resource by itself."""

    group: str
    source: str
    port: int
    separate: bool


@dataclass(frozen=True)
class Network:
    """A network with two subnets, openings, and stores and instances that stand in it."""

    openings: tuple[Opening, ...]
    stores: tuple[tuple[str, str, bool], ...]
    instances: tuple[tuple[str, str, bool], ...]

    def rows(self) -> list[Row]:
        return [
            ("aws:ec2/vpc:Vpc", "v", {"cidrBlock": "10.0.0.0/16"}),
            ("aws:ec2/subnet:Subnet", "public", {"vpcId": "v-id", "cidrBlock": "10.0.1.0/24"}),
            ("aws:ec2/subnet:Subnet", "private", {"vpcId": "v-id", "cidrBlock": "10.0.2.0/24"}),
            ("aws:ec2/internetGateway:InternetGateway", "igw", {"vpcId": "v-id"}),
            ("aws:ec2/routeTable:RouteTable", "t", {
                "vpcId": "v-id", "routes": [{"cidrBlock": WORLD, "gatewayId": "igw-id"}]}),
            ("aws:ec2/routeTableAssociation:RouteTableAssociation", "a",
             {"routeTableId": "t-id", "subnetId": "public-id"}),
            *self._groups(),
            *self._stores(),
            *self._instances(),
        ]  # fmt: skip

    def _groups(self) -> list[Row]:
        inline: dict[str, list[Any]] = {name: [] for name in GROUPS}
        separate: list[Row] = []
        for index, item in enumerate(self.openings):
            ports = {"protocol": "tcp", "fromPort": item.port, "toPort": item.port}
            grouped = item.source in GROUPS
            if not item.separate:
                key, value = "securityGroups" if grouped else "cidrBlocks", item.source
                inline[item.group].append(ports | {key: [f"{value}-id" if grouped else value]})
                continue
            source = (
                {"sourceSecurityGroupId": f"{item.source}-id"}
                if grouped
                else {"cidrBlocks": [item.source]}
            )
            given = {"type": "ingress", "securityGroupId": f"{item.group}-id"} | ports | source
            separate.append(("aws:ec2/securityGroupRule:SecurityGroupRule", f"r{index}", given))
        groups: list[Row] = [
            ("aws:ec2/securityGroup:SecurityGroup", name, {"vpcId": "v-id", "ingress": rules})
            for name, rules in inline.items()
        ]
        return groups + separate

    def _stores(self) -> list[Row]:
        return [
            ("aws:redshiftserverless/workgroup:Workgroup", f"db{index}", {
                "subnetIds": [f"{subnet}-id"], "securityGroupIds": [f"{group}-id"],
                "publiclyAccessible": open_, "port": 5432})
            for index, (subnet, group, open_) in enumerate(self.stores)
        ]  # fmt: skip

    def _instances(self) -> list[Row]:
        return [
            ("aws:ec2/instance:Instance", f"i{index}", {
                "subnetId": f"{subnet}-id", "vpcSecurityGroupIds": [f"{group}-id"],
                "associatePublicIpAddress": open_})
            for index, (subnet, group, open_) in enumerate(self.instances)
        ]  # fmt: skip


OPENINGS = st.builds(
    Opening,
    st.sampled_from(GROUPS),
    st.sampled_from(SOURCES),
    st.sampled_from((443, 5432)),
    st.booleans(),
)
PLACED = st.tuples(st.sampled_from(SUBNETS), st.sampled_from(GROUPS), st.booleans())
NETWORKS = st.builds(
    Network,
    st.lists(OPENINGS, max_size=6).map(tuple),
    st.lists(PLACED, max_size=3).map(tuple),
    st.lists(PLACED, max_size=3).map(tuple),
)


def reached(program: Any, rows: list[Row]) -> dict[str, bool]:
    """What the internet reaches, and whether that is certain."""
    graph = graph_of(program(rows))
    found = graph.paths(INTERNET, {Kind.REACHES})
    return {node: is_certain(chain) for node, chain in found.items()}


@given(NETWORKS, OPENINGS)
def test_an_opening_never_takes_a_node_away(
    program: Any, network: Network, opening: Opening
) -> None:
    before = reached(program, network.rows())
    after = reached(program, replace(network, openings=(*network.openings, opening)).rows())
    assert before.keys() <= after.keys()
    assert {node for node, certain in before.items() if certain} <= {
        node for node, certain in after.items() if certain
    }


@given(NETWORKS, st.randoms(use_true_random=False))
def test_the_order_of_resources_says_nothing(
    program: Any, network: Network, shuffler: random.Random
) -> None:
    rows = network.rows()
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)
    assert reached(program, rows) == reached(program, shuffled)


@given(NETWORKS)
def test_a_network_that_admits_no_stranger_is_closed(program: Any, network: Network) -> None:
    closed = tuple(item for item in network.openings if item.source not in {WORLD, "?"})
    rows = replace(network, openings=closed).rows()
    stores = {row[1] for row in rows if row[0] in DATA_STORES}
    assert stores.isdisjoint(reached(program, rows))


@given(NETWORKS)
def test_nothing_is_reached_without_a_gateway(program: Any, network: Network) -> None:
    rows = [row for row in network.rows() if row[1] not in {"igw", "t", "a"}]
    assert reached(program, rows) == {}

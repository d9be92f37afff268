from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.components._network.subnet_plan import (
    INSPECTION,
    LAYOUT,
    TIERS,
    SubnetPlan,
    Tier,
    cidr_problems,
    plan_subnets,
    range_problems,
)

LETTERS = "abcdefgh"
ZONES = st.lists(
    st.sampled_from([f"eu-west-1{letter}" for letter in LETTERS]), min_size=2, unique=True
)


@st.composite
def networks(draw: st.DrawFn) -> str:
    length = draw(st.integers(16, 20))
    private = draw(st.sampled_from(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]))
    home = IPv4Network(private)
    place = draw(st.integers(0, 2 ** (length - home.prefixlen) - 1))
    return str(IPv4Network((int(home.network_address) + place * 2 ** (32 - length), length)))


def ranges(plan: SubnetPlan) -> list[IPv4Network]:
    return [IPv4Network(subnet.cidr) for subnet in plan.subnets]


@given(networks(), ZONES)
def test_subnets_lie_in_their_tiers_block_and_no_two_ranges_overlap(cidr: str, zones: list[str]):
    plan = plan_subnets(cidr, zones)
    for subnet in plan.subnets:
        assert IPv4Network(subnet.cidr).subnet_of(IPv4Network(plan.blocks[subnet.tier]))
    found = ranges(plan)
    assert len(found) == 3 * len(zones)
    assert not any(a.overlaps(b) for a in found for b in found if a is not b)


@given(networks(), ZONES)
def test_blocks_and_reserved_ranges_fill_the_network_exactly(cidr: str, zones: list[str]):
    plan = plan_subnets(cidr, zones)
    parts = [IPv4Network(part) for part in (*plan.blocks.values(), *plan.reserved)]
    assert sum(part.num_addresses for part in parts) == IPv4Network(cidr).num_addresses
    assert all(part.subnet_of(IPv4Network(cidr)) for part in parts)
    assert not any(a.overlaps(b) for a in parts for b in parts if a is not b)


@given(networks(), ZONES, st.randoms(use_true_random=False))
def test_the_order_of_zones_does_not_matter(cidr: str, zones: list[str], random: object):
    shuffled = sorted(zones, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert plan_subnets(cidr, shuffled) == plan_subnets(cidr, zones)


@given(networks(), ZONES, st.sampled_from(LETTERS))
def test_another_zone_only_adds_subnets(cidr: str, zones: list[str], letter: str):
    added = f"eu-west-1{letter}"
    before = {subnet.key: subnet for subnet in plan_subnets(cidr, zones).subnets}
    after = {subnet.key: subnet for subnet in plan_subnets(cidr, sorted({*zones, added})).subnets}
    assert before.items() <= after.items()
    new = set() if added in zones else {f"{tier}-{letter}" for tier in TIERS}
    assert after.keys() - before.keys() == new


@given(networks(), ZONES)
def test_public_subnets_hold_a_load_balancer_and_app_subnets_are_largest(
    cidr: str, zones: list[str]
):
    plan = plan_subnets(cidr, zones)
    length = IPv4Network(cidr).prefixlen
    assert {tier: {IPv4Network(s.cidr).prefixlen for s in plan.of(tier)} for tier in TIERS} == {
        Tier.APP: {length + 4},
        Tier.DATA: {length + 6},
        Tier.PUBLIC: {length + 7},
    }
    assert length + 7 <= 27


def test_layout_v1_is_frozen():
    plan = plan_subnets("10.0.0.0/16", [f"eu-west-1{letter}" for letter in LETTERS])
    assert LAYOUT == plan.layout == "v1"
    assert plan.blocks == {
        Tier.PUBLIC: "10.0.160.0/20",
        Tier.APP: "10.0.0.0/17",
        Tier.DATA: "10.0.128.0/19",
    }
    assert plan.reserved == ("10.0.176.0/20", "10.0.192.0/18")
    assert {subnet.key: subnet.cidr for subnet in plan.subnets} == {
        "app-a": "10.0.0.0/20",
        "app-b": "10.0.16.0/20",
        "app-c": "10.0.32.0/20",
        "app-d": "10.0.48.0/20",
        "app-e": "10.0.64.0/20",
        "app-f": "10.0.80.0/20",
        "app-g": "10.0.96.0/20",
        "app-h": "10.0.112.0/20",
        "data-a": "10.0.128.0/22",
        "data-b": "10.0.132.0/22",
        "data-c": "10.0.136.0/22",
        "data-d": "10.0.140.0/22",
        "data-e": "10.0.144.0/22",
        "data-f": "10.0.148.0/22",
        "data-g": "10.0.152.0/22",
        "data-h": "10.0.156.0/22",
        "public-a": "10.0.160.0/23",
        "public-b": "10.0.162.0/23",
        "public-c": "10.0.164.0/23",
        "public-d": "10.0.166.0/23",
        "public-e": "10.0.168.0/23",
        "public-f": "10.0.170.0/23",
        "public-g": "10.0.172.0/23",
        "public-h": "10.0.174.0/23",
    }


def test_layout_v1_of_the_smallest_network_is_frozen():
    plan = plan_subnets("192.168.48.0/20", ["eu-west-1a", "eu-west-1c"])
    assert {subnet.key: subnet.cidr for subnet in plan.subnets} == {
        "app-a": "192.168.48.0/24",
        "app-c": "192.168.50.0/24",
        "data-a": "192.168.56.0/26",
        "data-c": "192.168.56.128/26",
        "public-a": "192.168.58.0/27",
        "public-c": "192.168.58.64/27",
    }
    assert plan.reserved == ("192.168.59.0/24", "192.168.60.0/22")


def test_layout_v1_of_the_firewall_and_nat_tiers_is_frozen():
    plan = plan_subnets("10.0.0.0/16", ["eu-west-1a", "eu-west-1h"], inspection=True)
    assert (plan.layout, plan.reserved) == ("v1", ("10.0.192.0/18",))
    assert (plan.blocks[Tier.FIREWALL], plan.blocks[Tier.NAT]) == ("10.0.176.0/21", "10.0.184.0/21")
    found = {subnet.key: subnet.cidr for subnet in plan.subnets if subnet.tier in INSPECTION}
    assert found == {
        "firewall-a": "10.0.176.0/24",
        "firewall-h": "10.0.183.0/24",
        "nat-a": "10.0.184.0/24",
        "nat-h": "10.0.191.0/24",
    }


@given(networks(), ZONES)
def test_an_egress_firewall_takes_free_space_and_moves_nothing(cidr: str, zones: list[str]):
    before, after = plan_subnets(cidr, zones), plan_subnets(cidr, zones, inspection=True)
    assert set(before.subnets) < set(after.subnets)
    parts = [IPv4Network(part) for part in (*after.blocks.values(), *after.reserved)]
    assert sum(part.num_addresses for part in parts) == IPv4Network(cidr).num_addresses
    assert not any(a.overlaps(b) for a in parts for b in parts if a is not b)


@given(networks(), ZONES)
def test_subnets_for_endpoints_and_nat_gateways_are_as_large_as_aws_asks(
    cidr: str, zones: list[str]
):
    plan = plan_subnets(cidr, zones, inspection=True)
    found = [subnet for tier in INSPECTION for subnet in plan.of(tier)]
    assert len(found) == 2 * len(zones)
    assert max(IPv4Network(subnet.cidr).prefixlen for subnet in found) <= 28


@given(networks())
def test_private_ranges_of_the_accepted_sizes_have_no_problem(cidr: str):
    docker = IPv4Network("172.17.0.0/16")
    assert (list(cidr_problems(cidr, [])) == []) is not IPv4Network(cidr).overlaps(docker)


ACCEPTED = "accepted is a private (RFC 1918) range from /16 to /20, such as '10.0.0.0/16'"


@pytest.mark.parametrize(
    ("cidr", "taken", "problems"),
    [
        ("10.0.0.0/15", [], [f"'10.0.0.0/15' is too large; {ACCEPTED}"]),
        ("10.0.0.0/21", [], [f"'10.0.0.0/21' is too small; {ACCEPTED}"]),
        ("11.0.0.0/16", [], [f"'11.0.0.0/16' is not private; {ACCEPTED}"]),
        ("100.64.0.0/16", [], [f"'100.64.0.0/16' is not private; {ACCEPTED}"]),
        (
            "8.8.8.0/24",
            [],
            [f"'8.8.8.0/24' is too small; {ACCEPTED}", f"'8.8.8.0/24' is not private; {ACCEPTED}"],
        ),
        *(
            (wrong, [], [f"{wrong!r} is not an IPv4 range with its first address; {ACCEPTED}"])
            for wrong in ("10.0.0.1/16", "10.0.0.0", "10.0.0/16", "fd00::/16", "")
        ),
        (
            "172.17.0.0/20",
            [],
            [
                (
                    "'172.17.0.0/20' overlaps 172.17.0.0/16, which Docker and several AWS "
                    "services use on hosts"
                )
            ],
        ),
        (
            "10.0.0.0/16",
            ["10.1.0.0/16", "10.0.64.0/20", "nonsense"],
            ["'10.0.0.0/16' overlaps the reserved range '10.0.64.0/20'; choose another"],
        ),
    ],
)
def test_ranges_that_cannot_be_are_explained(cidr: str, taken: list[str], problems: list[str]):
    assert list(cidr_problems(cidr, taken)) == problems


def test_reserved_ranges_must_be_ranges():
    assert list(range_problems(["10.20.0.0/16", "10.20.0.5/16"])) == [
        "'10.20.0.5/16' is not an IPv4 range with its first address, such as '10.20.0.0/16'"
    ]

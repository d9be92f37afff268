"""Address ranges. What rules let through is tested with the controls over security groups."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.environment.network import Opening, is_world


@pytest.mark.parametrize(
    ("cidr", "world"),
    [
        ("0.0.0.0/0", True),
        (" 0.0.0.0/0 ", True),
        ("1.2.3.4/0", True),
        ("::/0", True),
        ("2000::/3", True),
        ("0.0.0.0/1", True),
        ("8.0.0.0/7", True),
        ("8.0.0.0/8", False),
        ("10.0.0.0/7", True),
        ("10.0.0.0/8", False),
        ("172.16.0.0/12", False),
        ("fd00::/8", False),
        ("2001:db8::/32", False),
        ("203.0.113.7", False),
        ("not an address", False),
    ],
)
def test_the_internet_is_told_from_networks(cidr: str, world: bool) -> None:
    assert is_world(cidr) is world


@given(st.ip_addresses(v=4), st.integers(0, 8))
def test_a_range_that_holds_the_internet_is_the_internet(address: object, bits: int) -> None:
    network = ip_network(f"{address}/{bits}", strict=False)

    assert is_world(str(network)) or bits == 8


@pytest.mark.parametrize(
    ("opening", "traffic", "everything"),
    [
        (Opening("p", "s", "all", 0, 65535), "all traffic", True),
        (Opening("p", "s", "tcp", 22, 22), "tcp port 22", False),
        (Opening("p", "s", "udp", 1000, 2000), "udp ports 1000-2000", False),
        (Opening("p", "s", "icmp", 0, 65535), "icmp", False),
        (Opening("p", "s", "udp", 1, 65535), "udp ports 1-65535", True),
    ],
)
def test_an_opening_says_what_it_admits(opening: Opening, traffic: str, everything: bool) -> None:
    assert opening.traffic == traffic
    assert opening.is_everything is everything


def test_ping_carries_no_connections() -> None:
    assert not Opening("p", "s", "icmp", 0, 65535).admits(22)
    assert Opening("p", "s", "all", 0, 65535).admits(22)

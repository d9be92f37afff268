"""What an egress firewall is told, as pure functions: domains, threat lists, ports, endpoints."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.components._egress.domains import MOST_DOMAINS, dns_names, domain_problems
from fintech_infra.components._egress.firewall import DOMAIN_CAPACITY, TRANSPORT_CAPACITY
from fintech_infra.components._egress.plan import egress_problems, endpoint_of
from fintech_infra.components._egress.tampering import TAMPERING
from fintech_infra.components._egress.threats import AGGREGATE_THREAT_LIST, threat_list_problems
from fintech_infra.components._egress.transport import transport_rules

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    "domain",
    [
        "example.com",
        ".example.com",
        "a.b.c.example.co.uk",
        ".example.co.uk",
        "xn--bcher-kva.example",
    ],
)
def test_names_and_whole_domains_are_accepted(domain: str):
    assert list(domain_problems([domain])) == []


@pytest.mark.parametrize(
    "domain",
    ["*.example.com", "com", ".com", "Example.com", "example.com.", "10.0.0.1", "-a.example.com",
     "a_b.example.com", "https://example.com", "", "..example.com", "a" * 64 + ".example.com",
     ".".join(["a" * 60] * 5) + ".com"],
)  # fmt: skip
def test_what_is_no_domain_is_refused(domain: str):
    (problem,) = domain_problems([domain])
    assert problem == (
        f"{domain!r} is not a domain; accepted are names in lower case, such as 'api.example.com', "
        "or with a dot in front for the name and all below it, such as '.example.com'"
    )


@pytest.mark.parametrize(
    "domain",
    [".amazonaws.com", ".s3.eu-west-1.amazonaws.com", ".cloudfront.net", ".co.uk", ".com.au"],
)
def test_domains_below_which_anybody_gets_a_name_are_refused_as_a_whole(domain: str):
    assert list(domain_problems([domain])) == [
        f"{domain!r} allows names that anybody can get; name those that you use"
    ]
    assert list(domain_problems([f"mine{domain}"])) == []


def test_a_list_is_neither_empty_nor_repetitive_nor_longer_than_its_rule_group():
    assert list(domain_problems([])) == [
        "is empty; name at least one domain, or give the network no way out"
    ]
    assert list(domain_problems(["example.com", "example.com"])) == [
        "'example.com' is repeated; name each domain once"
    ]
    many = [f"n{number}.example.com" for number in range(MOST_DOMAINS + 1)]
    assert list(domain_problems(many)) == ["has 501 domains; accepted are up to 500"]
    assert list(domain_problems(many[:-1])) == []


def test_capacities_hold_what_is_accepted():
    assert DOMAIN_CAPACITY >= 2 * MOST_DOMAINS
    assert len(transport_rules([80, 443]).splitlines()) <= TRANSPORT_CAPACITY


def test_dns_names_spell_whole_domains_twice():
    assert dns_names([".example.com", "api.example.org", "api.example.org"]) == [
        "*.example.com",
        "api.example.org",
        "example.com",
    ]


@given(st.lists(st.tuples(st.booleans(), LABELS), max_size=5))
def test_dns_names_never_reach_beyond_what_is_allowed(parts: list[tuple[bool, str]]):
    domains = [("." if below else "") + f"{label}.example.com" for below, label in parts]
    for name in dns_names(domains):
        assert name in domains or name.removeprefix("*") in domains or f".{name}" in domains


def test_threat_lists_are_ids_of_one_region_each():
    ids = list(AGGREGATE_THREAT_LIST.values())
    assert len(set(ids)) == len(ids) == 20
    for region, given_id in AGGREGATE_THREAT_LIST.items():
        assert list(threat_list_problems(None, region)) == []
        assert list(threat_list_problems(given_id, region)) == []
    (problem,) = threat_list_problems("AWSManagedDomainsAggregateThreatList", "eu-west-1")
    assert problem == (
        "is 'AWSManagedDomainsAggregateThreatList'; accepted is the id of a domain list, "
        "'rslvr-fdl-...'; `aws route53resolver list-firewall-domain-lists` shows it"
    )


def test_a_repeated_zone_cannot_be_and_a_foreign_one_is_named():
    assert [path for path, _ in egress_problems({"subnet_ids": {}})] == ["subnet_ids"]
    mixed = {"subnet_ids": {"eu-west-1a": "a", "eu-north-1a": "b"}}
    assert [path for path, _ in egress_problems(mixed)] == ["subnet_ids"]


def status(*attachments: tuple[str, str]) -> Any:
    states = [
        SimpleNamespace(attachments=[SimpleNamespace(subnet_id=subnet, endpoint_id=endpoint)])
        for subnet, endpoint in attachments
    ]
    return [SimpleNamespace(sync_states=[*states, SimpleNamespace(attachments=None)])]


def test_an_endpoint_is_found_by_its_subnet_and_not_by_its_place():
    found = status(("subnet-b", "vpce-b"), ("subnet-a", "vpce-a"))
    assert endpoint_of(found, "subnet-a") == "vpce-a"
    with pytest.raises(ValueError, match="the firewall has no endpoint in subnet subnet-c"):
        endpoint_of(found, "subnet-c")


def test_calls_that_weaken_a_firewall_have_the_names_that_the_services_give_them():
    botocore = pytest.importorskip("botocore.session").get_session()
    for source, calls in TAMPERING.items():
        service = source.removesuffix(".amazonaws.com")
        known = botocore.get_service_model(service).operation_names
        assert set(calls) <= set(known), service

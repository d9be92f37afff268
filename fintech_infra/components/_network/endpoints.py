"""Makes the VPC endpoints of a network, each with its perimeter policy."""

from collections.abc import Mapping, Sequence

from pulumi import Output
from pulumi_aws import ec2

from fintech_infra.components._network.endpoint_policy import (
    GATEWAYS,
    GUARDDUTY,
    endpoint_policy,
    service_name,
)
from fintech_infra.components._network.routing import Network
from fintech_infra.components._network.subnet_plan import Tier
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site


def make_gateways(
    site: Site,
    network: Network,
    tables: Mapping[str, ec2.RouteTable],
    policies: Mapping[str, Output[str]],
) -> dict[str, ec2.VpcEndpoint]:
    """Make the gateway endpoints, reached from the app tier only, keyed by service."""
    routes = [tables[planned.key].id for planned in network.plan.of(Tier.APP)]
    return {
        service: ec2.VpcEndpoint(
            site.named(service),
            vpc_id=network.vpc.id,
            service_name=service_name(service, network.plan.region),
            vpc_endpoint_type="Gateway",
            route_table_ids=routes,
            policy=policies[service],
            region=site.region,
            tags=site.tagged(site.named(service)),
            opts=site.child(),
        )
        for service in GATEWAYS
    }


def make_interfaces(
    site: Site, network: Network, group: ec2.SecurityGroup, policies: Mapping[str, Output[str]]
) -> None:
    """Make an interface endpoint in every zone's app subnet for each service that has no gateway.

    They wear `group`, and answer at the services' usual names inside the VPC.
    """
    for service in sorted(policies.keys() - set(GATEWAYS)):
        name = site.named(service.replace(".", "-"))
        ec2.VpcEndpoint(
            name,
            vpc_id=network.vpc.id,
            service_name=service_name(service, network.plan.region),
            vpc_endpoint_type="Interface",
            subnet_ids=network.ids(Tier.APP),
            security_group_ids=[group.id],
            private_dns_enabled=True,
            ip_address_type="ipv4",
            # The provider's own default has changed (terraform-provider-aws#46404).
            dns_options={
                "dns_record_ip_type": "ipv4",
                "private_dns_only_for_inbound_resolver_endpoint": False,
            },
            policy=policies[service],
            region=site.region,
            tags=site.tagged(name),
            opts=site.child(),
        )


def endpoint_policies(
    account: Output[Account], interfaces: Sequence[str], organization: str | None
) -> dict[str, Output[str]]:
    """Return the policy of every endpoint of the network, keyed by service."""
    services = {*GATEWAYS, GUARDDUTY, *interfaces}
    return {
        service: account.apply(
            lambda found, service=service: endpoint_policy(service, found, organization)
        )
        for service in sorted(services)
    }

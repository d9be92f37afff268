"""Makes the group of subnets that databases of the isolated data tier live in."""

from pulumi_aws import rds

from fintech_infra.components._network.routing import Network
from fintech_infra.components._network.subnet_plan import Tier
from fintech_infra.components._site import Site


def make_db_subnet_group(site: Site, network: Network) -> rds.SubnetGroup:
    """Make the group over the data tier, and no other subnet."""
    return rds.SubnetGroup(
        site.named("data"),
        subnet_ids=network.ids(Tier.DATA),
        description=f"Isolated data tier of {site.name}",
        region=site.region,
        tags=site.tagged(site.named("data")),
        opts=site.child(),
    )

"""Makes the exceptions that an account's VPC Block Public Access needs for one network."""

from pulumi_aws import ec2

from fintech_infra.components._network.design import Egress, PublicAccess
from fintech_infra.components._network.routing import Network
from fintech_infra.components._network.subnet_plan import Tier
from fintech_infra.components._site import Site
from fintech_infra.components._zones import letter_of


def make_exclusions(site: Site, network: Network, access: PublicAccess, egress: Egress) -> None:
    """Exclude the declared ways to and from the internet, and nothing else.

    Connections outwards are excluded for the VPC, where only NAT gateways make any: a regional one
    lies in no subnet. Connections inwards are excluded for the public subnets one by one.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
    """
    if egress is not Egress.NONE:
        ec2.VpcBlockPublicAccessExclusion(
            site.named("egress"),
            vpc_id=network.vpc.id,
            internet_gateway_exclusion_mode="allow-egress",
            region=site.region,
            tags=site.tagged(site.named("egress")),
            opts=site.child(),
        )
    for public in network.plan.of(Tier.PUBLIC) if access is PublicAccess.HTTPS else ():
        name = site.named(f"{Tier.PUBLIC}-{letter_of(public.zone)}")
        ec2.VpcBlockPublicAccessExclusion(
            name,
            subnet_id=network.subnets[public].id,
            internet_gateway_exclusion_mode="allow-bidirectional",
            region=site.region,
            tags=site.tagged(name),
            opts=site.child(),
        )

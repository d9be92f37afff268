"""HardenedVpc: a three-tier network in which everything that is not declared is refused."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions
from pulumi_aws import ec2, rds

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._network.design import (
    Egress,
    PublicAccess,
    default_routes,
    design_network,
    design_problems,
)
from fintech_infra.components._network.endpoint_policy import DEFAULT_INTERFACES
from fintech_infra.components._network.endpoints import (
    endpoint_policies,
    make_gateways,
    make_interfaces,
)
from fintech_infra.components._network.flow_logs import (
    make_flow_log_to_bucket,
    make_flow_log_to_group,
)
from fintech_infra.components._network.routing import (
    Network,
    make_internet_access,
    make_network,
    make_route_tables,
)
from fintech_infra.components._network.rules import (
    Groups,
    empty_the_defaults,
    make_acls,
    make_group_rules,
    make_groups,
)
from fintech_infra.components._network.subnet_plan import Tier
from fintech_infra.components._network.tiers import Outside, scope
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._site import Site
from fintech_infra.components._zones import region_of


class HardenedVpcArgs(TypedDict):
    """What a HardenedVpc needs to know."""

    zones: list[str]
    """Names of 2 to 4 availability zones of one region, such as `eu-west-1a`, in any order. They
    are never discovered, because a zone that AWS adds would then move every subnet (pulumi-awsx
    #321). The region is theirs. Adding a zone only adds subnets; removing one deletes its own.
    Zones of another region replace everything."""
    cidr: NotRequired[str]
    """Private range (RFC 1918) of the network, /16 to /20. Default: `10.0.0.0/16`. Changing it
    replaces the network and everything in it, so plan for what it will ever be connected to."""
    reserved_cidrs: NotRequired[list[str]]
    """Ranges of networks that this one will be connected to, such as offices, peers and other
    environments. A `cidr` that overlaps one of them is refused. Default: none."""
    egress: NotRequired[Egress]
    """How the app tier reaches the internet, over HTTPS only: `none`, `regional-nat` or
    `zonal-nat`. Default: `none`; AWS services are reached through endpoints. Switching replaces
    the app tier's default routes, which interrupts its connections to the internet."""
    public_access: NotRequired[PublicAccess]
    """What the internet may reach in the public tier: `blocked` or `https`. Default: `blocked`; the
    tier has no way in or out. Changing it adds or removes routes and rules, and no address."""
    app_port: NotRequired[int]
    """TCP port on which workloads of the app tier accept connections from the public tier.
    Default: 8443. Changing it replaces rules, and interrupts connections."""
    data_ports: NotRequired[list[int]]
    """TCP ports on which data stores accept connections from the app tier. Default: 5432. Adding
    one adds rules; removing one removes them."""
    interface_endpoints: NotRequired[list[str]]
    """Short names of the AWS services to reach through interface endpoints, such as `ecr.api`;
    each costs by the hour in each zone. Default: `ecr.api`, `ecr.dkr`, `kms`, `logs`,
    `secretsmanager`, `ssm` and `sts`. There are always gateway endpoints for S3 and DynamoDB, and
    the `guardduty-data` one, which GuardDuty would otherwise make by itself and leave behind."""
    organization_id: NotRequired[str]
    """Id of the AWS Organization, such as `o-a1b2c3d4e5`. Endpoints let its principals reach its
    resources. Default: only principals and resources of the same account. Changing it updates the
    endpoints' policies in place."""
    flow_log_bucket_arn: NotRequired[Input[str]]
    """ARN of an existing bucket (with a prefix, if wanted) for flow logs, whose policy and key let
    `delivery.logs.amazonaws.com` write. Default: a log group with a key of its own. Setting it
    later replaces the flow log; that log group and key are protected, so Pulumi refuses to delete
    them until `pulumi state unprotect`."""
    flow_log_retention_days: NotRequired[int]
    """Days that the log group keeps flow logs: 365 or a longer period of CloudWatch Logs. Default:
    400. Not accepted together with `flow_log_bucket_arn`. Shortening it deletes what is older."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears tampering with the key of the flow logs; see EncryptionKey.
    Default: nobody is told."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class HardenedVpc(Component):
    """A VPC of three tiers over 2 to 4 zones: public, app, and isolated data.

    Connections between tiers are one graph of single TCP ports: public to app, app to data, app to
    endpoints, and, where declared, the internet to public and app to the internet. Security
    groups and network ACLs are compiled from it (PCI DSS 4.0.1 1.2.5, 1.3.1, 1.3.2, 1.4.4). The
    data tier has no route but the local one. The default security group, network ACL and route
    table are adopted and emptied. No subnet hands out public addresses. All traffic is logged
    (10.2.1). AWS services are reached through endpoints that keep to the data perimeter.

    Workloads wear `app_security_group_id` (and groups of their own) to reach data stores, load
    balancers wear `public_security_group_id`, and data stores either wear
    `data_security_group_id` or bring a group that admits `app_security_group_id`.

    Where its subnets lie is layout v1, which is frozen: a subnet's range and name depend on the
    network's range, its tier and its zone's letter, and 5/16 of the range stay free.

    Deliberately absent: IPv6, peering and transit routes; firewalls for domain names; VPC Block
    Public Access, which is a setting of the account and region and not of one network.
    """

    vpc_id: Output[str]
    """Id of the VPC."""
    cidr: Output[str]
    """Range of the VPC."""
    region: Output[str]
    """Region of the zones."""
    public_subnet_ids: Output[list[str]]
    """Ids of the public tier's subnets, by zone name."""
    app_subnet_ids: Output[list[str]]
    """Ids of the app tier's subnets, by zone name."""
    data_subnet_ids: Output[list[str]]
    """Ids of the data tier's subnets, by zone name."""
    subnet_ids: Output[dict[str, str]]
    """Ids of all subnets, keyed by tier and zone letter, such as `app-a`."""
    route_table_ids: Output[dict[str, str]]
    """Ids of the subnets' route tables, under the same keys."""
    db_subnet_group_name: Output[str]
    """Name of the database subnet group over the data tier."""
    public_security_group_id: Output[str]
    """Id of the security group that load balancers wear."""
    app_security_group_id: Output[str]
    """Id of the security group that workloads wear."""
    data_security_group_id: Output[str]
    """Id of the security group that data stores wear."""
    endpoint_security_group_id: Output[str]
    """Id of the interface endpoints' security group."""
    flow_log_id: Output[str]
    """Id of the flow log."""
    scope: Output[str]
    """JSON for the description of the network that PCI DSS 4.0.1 1.2.3, 1.2.4 and 12.5.2 ask for:
    `tiers` with their ranges and default routes, `edges` with ports, purposes and trust
    boundaries, and `reserved` ranges. Holds no id, so environments can be compared."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: HardenedVpcArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the network.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed.
        """
        super().__init__(name, args, opts)
        site = Site(self, name, region_of(args["zones"]), args.get("tags", {}))
        design = design_network(args)

        vpc = ec2.Vpc(
            name,
            cidr_block=design.plan.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            instance_tenancy="default",
            region=site.region,
            tags=site.tagged(name),
            opts=self.child(),
        )
        default_group = empty_the_defaults(site, vpc)
        network = make_network(site, vpc, design.plan)
        tables = make_route_tables(site, network)
        make_internet_access(site, network, tables, design.access, design.egress)
        make_acls(site, network, design.graph, nat_in_public=design.egress is Egress.ZONAL_NAT)
        groups = make_groups(site, vpc)
        gateways = self._make_endpoints(site, network, tables, groups, args)
        make_group_rules(site, network, design.graph, groups, gateways)
        databases = _make_db_subnet_group(site, network)
        flow_log = _make_flow_log(site, vpc, args)

        self._publish_network(network, tables, databases)
        self._publish_groups(groups)
        self.flow_log_id = flow_log.id
        self.scope = Output.json_dumps(
            scope(design.graph, design.plan, default_routes(design.access, design.egress))
        )
        self.evidence = evidence(
            {
                "ec2-default-sg-closed": (default_group, "ingress"),
                "vpc-data-subnets-isolated": (databases, "subnetIds"),
                "vpc-endpoint-policy-restricted": (gateways["s3"], "policy"),
                "vpc-flow-logs-enabled": (flow_log, "trafficType"),
                "vpc-subnet-no-auto-public-ip": (
                    network.subnets[design.plan.of(Tier.PUBLIC)[0]],
                    "mapPublicIpOnLaunch",
                ),
            }
        )
        self.register_outputs({output: getattr(self, output) for output in _OUTPUTS})

    def _make_endpoints(
        self,
        site: Site,
        network: Network,
        tables: Mapping[str, ec2.RouteTable],
        groups: Groups,
        args: HardenedVpcArgs,
    ) -> dict[str, ec2.VpcEndpoint]:
        """Make all endpoints and return the gateway ones by service."""
        policies = endpoint_policies(
            account_of(self, site.region),
            args.get("interface_endpoints", list(DEFAULT_INTERFACES)),
            args.get("organization_id"),
        )
        gateways = make_gateways(site, network, tables, policies)
        make_interfaces(site, network, groups[Outside.ENDPOINTS], policies)
        return gateways

    def _publish_network(
        self,
        network: Network,
        tables: Mapping[str, ec2.RouteTable],
        databases: rds.SubnetGroup,
    ) -> None:
        self.vpc_id = network.vpc.id
        self.cidr = Output.from_input(network.plan.cidr)
        self.region = network.vpc.region
        self.public_subnet_ids = Output.all(*network.ids(Tier.PUBLIC))
        self.app_subnet_ids = Output.all(*network.ids(Tier.APP))
        self.data_subnet_ids = Output.all(*network.ids(Tier.DATA))
        self.subnet_ids = Output.all(
            **{planned.key: subnet.id for planned, subnet in network.subnets.items()}
        )
        self.route_table_ids = Output.all(**{key: table.id for key, table in tables.items()})
        self.db_subnet_group_name = databases.name

    def _publish_groups(self, groups: Groups) -> None:
        self.public_security_group_id = groups[Tier.PUBLIC].id
        self.app_security_group_id = groups[Tier.APP].id
        self.data_security_group_id = groups[Tier.DATA].id
        self.endpoint_security_group_id = groups[Outside.ENDPOINTS].id

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note zones, ranges, ports and endpoints that cannot be, and settings that contradict."""
        for path, reason in design_problems(args):
            problems.add(path, reason)


_OUTPUTS: Final = tuple(HardenedVpc.__annotations__)


def _make_db_subnet_group(site: Site, network: Network) -> rds.SubnetGroup:
    return rds.SubnetGroup(
        site.named("data"),
        subnet_ids=network.ids(Tier.DATA),
        description=f"Isolated data tier of {site.name}",
        region=site.region,
        tags=site.tagged(site.named("data")),
        opts=site.child(),
    )


def _make_flow_log(site: Site, vpc: ec2.Vpc, args: HardenedVpcArgs) -> ec2.FlowLog:
    bucket = args.get("flow_log_bucket_arn")
    if bucket is not None:
        return make_flow_log_to_bucket(site, vpc, bucket)
    account = account_of(site.component, site.region)
    days = int(args.get("flow_log_retention_days", DEFAULT_DAYS))
    return make_flow_log_to_group(site, vpc, account, days, args.get("alarm_topic_arn"))

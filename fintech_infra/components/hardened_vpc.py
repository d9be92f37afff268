"""HardenedVpc: a three-tier network in which everything that is not declared is refused."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions
from pulumi_aws import ec2, rds

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._network.data_tier import make_db_subnet_group
from fintech_infra.components._network.design import (
    Design,
    Egress,
    EncryptionControl,
    PublicAccess,
    default_routes,
    design_network,
    design_problems,
)
from fintech_infra.components._network.encryption import make_encryption_control
from fintech_infra.components._network.endpoint_policy import DEFAULT_INTERFACES
from fintech_infra.components._network.endpoints import (
    endpoint_policies,
    make_gateways,
    make_interfaces,
)
from fintech_infra.components._network.firewalled import make_egress_firewall
from fintech_infra.components._network.flow_logs import make_flow_log
from fintech_infra.components._network.public_access import make_exclusions
from fintech_infra.components._network.routing import (
    Network,
    fixed_addresses,
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
    """How the app tier reaches the internet, over HTTPS only: `none`, `regional-nat`, `zonal-nat`
    or, to `allowed_domains` only, `firewall`. Default: `none`; AWS services are reached through
    endpoints. Switching changes the app tier's default routes, which interrupts its connections to
    the internet; from `zonal-nat` to `firewall` the addresses stay. The firewall is protected
    against deletion, and its logs and key against Pulumi: lift that before switching away."""
    allowed_domains: NotRequired[list[str]]
    """Domains that the app tier may reach where `egress` is `firewall`, and required there:
    `api.example.com`, or `.example.com` for it and all names below; see EgressFirewall. Changing
    the list takes effect on new connections."""
    threat_list_id: NotRequired[str]
    """Id of the region's list of malicious domains where `egress` is `firewall`; see
    EgressFirewall. Default: known for most regions; required elsewhere."""
    public_access: NotRequired[PublicAccess]
    """What the internet may reach in the public tier: `blocked` or `https`. Default: `blocked`; the
    tier has no way in or out. Changing it adds or removes routes and rules, and no address."""
    block_public_access_exclusions: NotRequired[bool]
    """Whether to except the declared ways to and from the internet, and nothing else, from the
    account's VPC Block Public Access: needed where that blocks both directions, or inbound and
    `public_access` is `https`. An account can have 50. Default: false; then that setting, where it
    is on, cuts the ways off."""
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
    """ARN of the SNS topic that hears tampering with the key of the flow logs and with the egress
    firewall; see EncryptionKey and EgressFirewall. Default: nobody is told."""
    encryption_control: NotRequired[EncryptionControl]
    """Whether VPC Encryption Control watches (`monitor`) or enforces (`enforce`) encryption in
    transit inside the network (PCI DSS 4.0.1 4.2.1); it costs by the hour. Default: neither.
    Setting it replaces the flow log, which then says of each flow whether it was encrypted. Not
    `enforce` together with a firewall, which AWS refuses."""
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
    network's range, its tier and its zone's letter, and 5/16 of the range stay free, or 4/16
    where there is an egress firewall.

    Deliberately absent: IPv6, peering and transit routes; VPC Block Public Access itself, which is
    a setting of the account and region and not of one network; a DNS firewall without `firewall`.
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
    egress_addresses: Output[list[str]]
    """Addresses that partners see, by zone, where `egress` is `zonal-nat` or `firewall`; none
    elsewhere."""
    egress_alert_log_group_name: Output[str]
    """Name of the log group of what the egress firewall dropped; empty without one."""
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
        nats = make_internet_access(site, network, tables, design.access, design.egress)
        firewall = None
        if design.egress is Egress.FIREWALL:
            firewall = make_egress_firewall(site, network, tables, nats, args)
        _make_account_settings(site, network, design, args)
        make_acls(site, network, design.graph, nat_in_public=design.egress is Egress.ZONAL_NAT)
        groups = make_groups(site, vpc)
        policies = endpoint_policies(
            account_of(self, site.region),
            args.get("interface_endpoints", list(DEFAULT_INTERFACES)),
            args.get("organization_id"),
        )
        gateways = make_gateways(site, network, tables, policies)
        make_interfaces(site, network, groups[Outside.ENDPOINTS], policies)
        make_group_rules(site, network, design.graph, groups, gateways)
        databases = make_db_subnet_group(site, network)
        flow_log = make_flow_log(site, vpc, args)

        self._publish_network(network, tables, databases)
        self._publish_groups(groups)
        self.egress_addresses = Output.all(*fixed_addresses(nats))
        self.egress_alert_log_group_name = (
            firewall.alert_log_group_name if firewall else Output.from_input("")
        )
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


def _make_account_settings(
    site: Site, network: Network, design: Design, args: HardenedVpcArgs
) -> None:
    """Make what this network has of settings that accounts have for all networks."""
    if args.get("block_public_access_exclusions"):
        make_exclusions(site, network, design.access, design.egress)
    if mode := args.get("encryption_control"):
        make_encryption_control(site, network, EncryptionControl(mode), design)

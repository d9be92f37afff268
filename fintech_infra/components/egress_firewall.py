"""EgressFirewall: lets a network reach the domains that it names, and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions
from pulumi_aws import cloudwatch

from fintech_infra.components._component import Component, Problems
from fintech_infra.components._egress.firewall import endpoint_ids, make_firewall, make_logging
from fintech_infra.components._egress.names import make_name_guard, make_query_log
from fintech_infra.components._egress.plan import egress_problems
from fintech_infra.components._egress.tampering import report_tampering
from fintech_infra.components._egress.threats import AGGREGATE_THREAT_LIST
from fintech_infra.components._egress.transport import HTTP, HTTPS
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._site import Site
from fintech_infra.components._zones import region_of
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs


class EgressFirewallArgs(TypedDict):
    """What an EgressFirewall needs to know."""

    vpc_id: Input[str]
    """Id of the VPC. Changing it replaces the firewall."""
    subnet_ids: dict[str, Input[str]]
    """Ids of the subnets for the firewall's endpoints, by zone name such as `eu-west-1a`; one in
    each zone that it serves, of /28 or larger, with nothing else in it. The region is that of the
    zones. Adding or removing a zone of a live firewall changes its list of subnets, which is
    locked: lift the lock first, with `aws network-firewall update-subnet-change-protection
    --no-subnet-change-protection`; the next refresh and update closes it again."""
    allowed_domains: list[str]
    """Domains to be reached over TLS on port 443, up to 500: `api.example.com` for the name alone,
    `.example.com` for it and all names below. Names below which everybody can get one, such as
    `.amazonaws.com`, are refused. Changing the list takes effect on new connections."""
    http_domains: NotRequired[list[str]]
    """Domains to be reached over plain HTTP on port 80, in the same form: certificate revocation
    lists and responders, which are signed and served without TLS. Default: none."""
    threat_list_id: NotRequired[str]
    """Id of the managed domain list `AWSManagedDomainsAggregateThreatList` of the region. Default:
    known for the commercial regions that are enabled by default and eu-central-2, eu-south-1 and
    eu-south-2; required elsewhere."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of an existing key that encrypts rules and logs, whose policy lets `network-firewall` and
    `logs` use it; see the services of EncryptionKey. Default: a key of its own. Setting it later
    encrypts what is logged from then on; the key made before is protected and stays."""
    log_retention_days: NotRequired[int]
    """Days that alerts, flows and queries are kept: 365 or a longer period of CloudWatch Logs.
    Default: 400. Shortening it deletes what is older."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears calls that weaken egress firewalls of the account and region,
    and tampering with the firewall's own key. Needs a trail that records management events, and a
    topic whose policy lets `events.amazonaws.com` publish. Default: nobody is told."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class EgressFirewall(Component):
    """Allow-listed egress: a Network Firewall and a DNS Firewall that drop what is not declared.

    Only TCP to port 443 (and 80, where `http_domains` are given) passes, and only connections
    whose TLS server name (or HTTP host) is on the list; everything else is dropped and logged (PCI
    DSS 4.0.1 1.3.2, 1.4.4). Connections that break midstream are refused. Names that AWS knows as
    malicious, or that look generated or like a tunnel, are not resolved, also when the DNS Firewall
    cannot decide (SOC 2 CC6.6, CC6.8). Alerts, flows and queries go to log groups of their own
    (10.2.1). The firewall is protected against deletion and against another policy or other
    subnets; the rules for names are protected against being taken off the network.

    It filters what is routed through it and routes nothing by itself. HardenedVpc with `egress`
    set to `firewall` makes one together with all routes. In a network of another make, send each
    zone's workloads to that zone's endpoint (`endpoint_ids`), the firewall subnet to the NAT
    gateway of the same zone, and the NAT gateway's subnet back through the same endpoint: a route
    to the workloads' subnets that leads past it makes every connection fail.

    Whom a client names in its TLS handshake is its own claim: it can name an allowed domain and
    connect to another address. That takes control of the client; alerts and flow logs show the
    address. Deliberately absent: inspection of encrypted content, which needs an authority that
    every workload trusts; IPv6; names that resolve inside the VPC only.
    """

    firewall_arn: Output[str]
    """ARN of the firewall."""
    endpoint_ids: Output[dict[str, str]]
    """Ids of the firewall's endpoints, by zone name; targets for routes."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts rules and logs."""
    alert_log_group_name: Output[str]
    """Name of the log group of what was dropped."""
    flow_log_group_name: Output[str]
    """Name of the log group of all connections."""
    query_log_group_name: Output[str]
    """Name of the log group of DNS queries."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: EgressFirewallArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the firewalls.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed.
        """
        super().__init__(name, args, opts)
        vpc_id, subnet_ids = args["vpc_id"], args["subnet_ids"]
        site = Site(self, name, region_of(list(subnet_ids)), args.get("tags", {}))
        domains = _domains(args)

        key_arn = _key_arn(site, args)
        groups = _make_log_groups(site, args, key_arn)
        firewall = make_firewall(
            site, vpc_id=vpc_id, subnet_ids=subnet_ids, domains=domains, key_arn=key_arn
        )
        make_logging(site, firewall, groups)
        guard = make_name_guard(
            site,
            vpc_id=vpc_id,
            threat_list_id=args.get("threat_list_id") or AGGREGATE_THREAT_LIST[str(site.region)],
            domains=[domain for listed in domains.values() for domain in listed],
        )
        make_query_log(site, vpc_id, groups["queries"])
        if (topic := args.get("alarm_topic_arn")) is not None:
            report_tampering(site, topic)

        self.publish(
            firewall_arn=firewall.arn,
            endpoint_ids=Output.all(**endpoint_ids(firewall, subnet_ids)),
            kms_key_arn=Output.from_input(key_arn),
            alert_log_group_name=groups["alerts"].name,
            flow_log_group_name=groups["flows"].name,
            query_log_group_name=groups["queries"].name,
            evidence=evidence(
                {
                    "networkfirewall-cmk": (firewall, "encryptionConfiguration"),
                    "networkfirewall-default-drop": (firewall, "deleteProtection"),
                    "route53-dns-firewall-enforced": (guard, "mutationProtection"),
                }
            ),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note zones, domains and periods that cannot be, and a region without a threat list."""
        for path, reason in egress_problems(args):
            problems.add(path, reason)


_LOGS: Final = ("alerts", "flows", "queries")


def _domains(args: EgressFirewallArgs) -> dict[int, Sequence[str]]:
    """The allowed domains by port."""
    found: dict[int, Sequence[str]] = {HTTPS: args["allowed_domains"]}
    if (listed := args.get("http_domains")) is not None:
        found[HTTP] = listed
    return found


def _key_arn(site: Site, args: EgressFirewallArgs) -> Input[str]:
    given = args.get("kms_key_arn")
    if given is not None:
        return given
    wanted: EncryptionKeyArgs = {
        "description": f"Firewall rules and logs of {site.name}",
        "services": [KeyService.LOGS.value, KeyService.NETWORK_FIREWALL.value],
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if (topic := args.get("alarm_topic_arn")) is not None:
        wanted["alarm_topic_arn"] = topic
    return EncryptionKey(site.named("key"), wanted, opts=site.child()).arn


def _make_log_groups(
    site: Site, args: EgressFirewallArgs, key_arn: Input[str]
) -> dict[str, cloudwatch.LogGroup]:
    """Make the log groups, by role, under the prefix that AWS asks of vended logs.

    Log delivery adds itself to the policy of a group; for the prefix one entry serves all groups,
    where single ones outgrow the policy's 5,120 characters.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
    """
    vpc_id = Output.from_input(args["vpc_id"])
    return {
        role: make_log_group(
            site,
            role,
            key_arn=key_arn,
            days=int(args.get("log_retention_days", DEFAULT_DAYS)),
            name=Output.concat("/aws/vendedlogs/", vpc_id, "/", site.named(role)),
        )
        for role in _LOGS
    }

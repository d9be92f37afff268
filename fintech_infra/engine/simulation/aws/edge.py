"""What AWS makes of what stands at the edge: load balancers, DNS, distributions, firewalls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fintech_infra.engine.simulation.aws.arn import everywhere, public, regional
from fintech_infra.engine.simulation.aws.regions import zones_of
from fintech_infra.engine.simulation.draft import Draft

_LB: Final = "loadbalancer/%s/{name}/{SEED:x16}"
_LB_KINDS: Final = {"network": "net", "gateway": "gwy"}


def _lb_arn(draft: Draft) -> str:
    kind = _LB_KINDS.get(draft["loadBalancerType"], "app")
    return regional("elasticloadbalancing", _LB % kind).format_map(draft)


def _lb_host(draft: Draft) -> str:
    internal = "internal-" if draft.get("internal") else ""
    if draft["loadBalancerType"] == "network":
        return "{name}-{SEED:x16}.elb.{REGION}.{DNS}".format_map(draft)
    return internal + "{name}-{SEED:d10/dns}.{REGION}.elb.{DNS}".format_map(draft)


_LOAD_BALANCER: Final = {
    "id": "{arn}",
    "arn": _lb_arn,
    "arnSuffix": lambda draft: draft["arn"].partition("loadbalancer/")[2],
    "dnsName": _lb_host,
    "zoneId": "Z{SEED:U13/zone}",
    "loadBalancerType": "application",
    "ipAddressType": "ipv4",
    "vpcId": "vpc-0{SEED:x16/vpc}",
}
_TARGET_GROUP: Final = {
    "id": "{arn}",
    "arn": regional("elasticloadbalancing", "targetgroup/{name}/{SEED:x16}"),
    "arnSuffix": "targetgroup/{name}/{SEED:x16}",
    "targetType": "instance",
}


def _firewall_status(draft: Draft) -> Any:
    """An endpoint in each subnet. Which zone a subnet lies in is not known here: any will do."""
    zones = zones_of(draft.facts.REGION)
    return [
        {
            "syncStates": [
                {
                    "availabilityZone": zones[index % len(zones)],
                    "attachments": [
                        {
                            "endpointId": f"vpce-0{draft.seed.digest(mapping['subnetId'])[:16]}",
                            "subnetId": mapping["subnetId"],
                        }
                    ],
                }
                for index, mapping in enumerate(draft.get("subnetMappings") or [])
            ]
        }
    ]


def _listener_arn(draft: Draft) -> str:
    return draft["loadBalancerArn"].replace(":loadbalancer/", ":listener/") + f"/{draft.seed:x16}"


def _rule_arn(draft: Draft) -> str:
    return draft["listenerArn"].replace(":listener/", ":listener-rule/") + f"/{draft.seed:x16}"


def _ssl_policy(draft: Draft) -> str:
    """What a listener that speaks TLS gets when it names no policy."""
    return "ELBSecurityPolicy-2016-08" if draft.get("protocol") in {"HTTPS", "TLS"} else ""


_LISTENER: Final = {"id": "{arn}", "arn": _listener_arn, "sslPolicy": _ssl_policy}
_LISTENER_RULE: Final = {"id": "{arn}", "arn": _rule_arn}


def _name_servers(draft: Draft) -> list[str]:
    numbers = [draft.seed.number(f"ns{index}", 512) + 512 * index for index in range(4)]
    return [
        f"ns-{number}.awsdns-{number % 64:02d}.{domain}"
        for number, domain in zip(numbers, ("com", "net", "org", "co.uk"), strict=True)
    ]


def _record_id(draft: Draft) -> str:
    parts = [draft["zoneId"], draft["name"], draft["type"], draft.get("setIdentifier")]
    return "_".join(str(part) for part in parts if part)


def _fqdn(draft: Draft) -> str:
    return str(draft["name"]).rstrip(".")


ROWS: Final[Mapping[str, Mapping[str, Any]]] = {
    "aws:lb/loadBalancer:LoadBalancer": _LOAD_BALANCER,
    "aws:alb/loadBalancer:LoadBalancer": _LOAD_BALANCER,
    "aws:lb/targetGroup:TargetGroup": _TARGET_GROUP,
    "aws:alb/targetGroup:TargetGroup": _TARGET_GROUP,
    "aws:lb/listener:Listener": _LISTENER,
    "aws:alb/listener:Listener": _LISTENER,
    "aws:lb/listenerRule:ListenerRule": _LISTENER_RULE,
    "aws:alb/listenerRule:ListenerRule": _LISTENER_RULE,
    "aws:elb/loadBalancer:LoadBalancer": {
        "id": "{name}",
        "arn": regional("elasticloadbalancing", "loadbalancer/{name}"),
        "dnsName": "{name}-{SEED:d10}.{REGION}.elb.{DNS}",
        "zoneId": "Z{SEED:U13/zone}",
    },
    "aws:route53/zone:Zone": {
        "id": "{zoneId}",
        "zoneId": "Z{SEED:U20}",
        "arn": public("route53", "hostedzone/{zoneId}"),
        "nameServers": _name_servers,
        "primaryNameServer": lambda draft: draft["nameServers"][0],
        "comment": "Managed by Pulumi",
    },
    "aws:route53/record:Record": {"id": _record_id, "fqdn": _fqdn},
    "aws:route53/healthCheck:HealthCheck": {
        "id": "{SEED:uuid}",
        "arn": public("route53", "healthcheck/{id}"),
    },
    "aws:cloudfront/distribution:Distribution": {
        "id": "E{SEED:U13}",
        "arn": everywhere("cloudfront", "distribution/{id}"),
        "domainName": "d{SEED:a13/domain}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",  # the same for every distribution
        "status": "Deployed",
        "callerReference": "terraform-{SEED:d26/reference}",
    },
    "aws:cloudfront/originAccessControl:OriginAccessControl": {"id": "E{SEED:U13}"},
    "aws:cloudfront/originAccessIdentity:OriginAccessIdentity": {
        "id": "E{SEED:U13}",
        "iamArn": "arn:{PARTITION}:iam::cloudfront:user/CloudFront Origin Access Identity {id}",
        "cloudfrontAccessIdentityPath": "origin-access-identity/cloudfront/{id}",
        "s3CanonicalUserId": "{SEED:x96/canonical}",
    },
    "aws:cloudfront/function:Function": {
        "id": "{name}",
        "arn": everywhere("cloudfront", "function/{name}"),
        "status": "UNASSOCIATED",
    },
    "aws:networkfirewall/firewall:Firewall": {
        "id": "{arn}",
        "arn": regional("network-firewall", "firewall/{name}"),
        "firewallStatuses": _firewall_status,
    },
    "aws:networkfirewall/firewallPolicy:FirewallPolicy": {
        "id": "{arn}",
        "arn": regional("network-firewall", "firewall-policy/{name}"),
    },
    "aws:networkfirewall/ruleGroup:RuleGroup": {
        "id": "{arn}",
        "arn": regional("network-firewall", "stateful-rulegroup/{name}"),
    },
    "aws:networkfirewall/loggingConfiguration:LoggingConfiguration": {"id": "{firewallArn}"},
    "aws:route53/resolverFirewallConfig:ResolverFirewallConfig": {"id": "rslvr-fc-{SEED:x16}"},
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": {
        "id": "rslvr-fdl-{SEED:x16}",
        "arn": regional("route53resolver", "firewall-domain-list/{id}"),
    },
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": {
        "id": "rslvr-frg-{SEED:x16}",
        "arn": regional("route53resolver", "firewall-rule-group/{id}"),
        "shareStatus": "NOT_SHARED",
    },
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": {
        "id": "rslvr-frgassoc-{SEED:x16}",
        "arn": regional("route53resolver", "firewall-rule-group-association/{id}"),
    },
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": {
        "id": "rqlc-{SEED:x16}",
        "arn": regional("route53resolver", "resolver-query-log-config/{id}"),
        "shareStatus": "NOT_SHARED",
    },
    "aws:globalaccelerator/accelerator:Accelerator": {
        "id": "{arn}",
        "arn": everywhere("globalaccelerator", "accelerator/{SEED:uuid}"),
        "dnsName": "{SEED:x16/dns}.awsglobalaccelerator.com",
        "hostedZoneId": "Z2BJ6XQ5FK7U4H",  # the same for every accelerator
    },
}

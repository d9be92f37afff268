"""Makes the entrance of a service: a load balancer that speaks TLS only, and target groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input, Resource
from pulumi_aws import ec2, lb, wafv2

from fintech_infra.components._service.access import HTTPS
from fintech_infra.components._service.checks import DEFAULT_HEALTH_PATH, DEFAULT_PORT
from fintech_infra.components._service.exposure import ServiceExposure
from fintech_infra.components._site import Site

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2 with forward secrecy, and key exchange that quantum computers cannot undo: what
AWS recommends. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""

TLS_13_POLICY: Final = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
"""TLS 1.3 only."""

STRICT_TRANSPORT: Final = "max-age=31536000; includeSubDomains"
"""Browsers stay with HTTPS for a year (RFC 6797)."""

DRAIN_SECONDS: Final = 60
"""How long a task that is taken out may finish its requests; as long as it has to stop."""

_PREFIX_LENGTH: Final = 5
"""A prefix of a target group's name has six characters, of which one is a hyphen. A fixed name
would make its replacement impossible (pulumi/pulumi-aws#4220)."""

_SHIFTED_PRIORITY: Final = 10
_DIRECT_PRIORITY: Final = 20


@dataclass(frozen=True)
class Entrance:
    """A load balancer and where it leads. The rule is `production` to ECS."""

    balancer: lb.LoadBalancer
    listener: lb.Listener
    rule: lb.ListenerRule
    groups: list[lb.TargetGroup]


def make_entrance(
    site: Site,
    args: Mapping[str, Any],
    access: ec2.SecurityGroup,
    logs: tuple[Input[str], list[Resource]],
    *,
    shifts: bool,
) -> Entrance:
    """Make the entrance, with two target groups where traffic `shifts` between versions."""
    balancer = _make_balancer(site, args, access, logs)
    if (web_acl := args.get("web_acl_arn")) is not None:
        wafv2.WebAclAssociation(
            site.name,
            resource_arn=balancer.arn,
            web_acl_arn=web_acl,
            region=site.region,
            opts=site.child(),
        )
    groups = [
        _make_group(site, args, role) for role in (("blue", "green") if shifts else ("blue",))
    ]
    listener = _make_listener(site, args, balancer)
    rule = _make_rule(site, args["hosts"], listener, groups)
    return Entrance(balancer, listener, rule, groups)


def _make_balancer(
    site: Site,
    args: Mapping[str, Any],
    access: ec2.SecurityGroup,
    logs: tuple[Input[str], list[Resource]],
) -> lb.LoadBalancer:
    bucket, after = logs
    return lb.LoadBalancer(
        site.name,
        load_balancer_type="application",
        internal=args.get("exposure") != ServiceExposure.INTERNET,
        ip_address_type="ipv4",
        subnets=args.get("load_balancer_subnet_ids", args["subnet_ids"]),
        security_groups=[access.id],
        drop_invalid_header_fields=True,
        desync_mitigation_mode="strictest",
        xff_header_processing_mode="append",
        enable_deletion_protection=True,
        enable_waf_fail_open=False,
        enable_zonal_shift=True,
        access_logs=lb.LoadBalancerAccessLogsArgs(
            bucket=bucket, prefix=f"{site.name}/access", enabled=True
        ),
        connection_logs=lb.LoadBalancerConnectionLogsArgs(
            bucket=bucket, prefix=f"{site.name}/connections", enabled=True
        ),
        region=site.region,
        tags=site.tagged(site.name),
        # Its name is in DNS: a replacement would be another address.
        opts=site.child(protect=True, depends_on=after),
    )


def _make_listener(site: Site, args: Mapping[str, Any], balancer: lb.LoadBalancer) -> lb.Listener:
    """Make the only listener, which refuses requests for hosts that nobody named."""
    trust_store = args.get("trust_store_arn")
    return lb.Listener(
        site.name,
        load_balancer_arn=balancer.arn,
        port=HTTPS,
        protocol="HTTPS",
        ssl_policy=TLS_13_POLICY if args.get("tls13_only") else TLS_POLICY,
        certificate_arn=args["certificate_arn"],
        mutual_authentication=None
        if trust_store is None
        else lb.ListenerMutualAuthenticationArgs(
            mode="verify", trust_store_arn=trust_store, ignore_client_certificate_expiry=False
        ),
        default_actions=[
            lb.ListenerDefaultActionArgs(
                type="fixed-response",
                fixed_response=lb.ListenerDefaultActionFixedResponseArgs(
                    content_type="text/plain", message_body="Not found", status_code="404"
                ),
            )
        ],
        routing_http_response_strict_transport_security_header_value=STRICT_TRANSPORT,
        routing_http_response_x_content_type_options_header_value="nosniff",
        routing_http_response_x_frame_options_header_value="DENY",
        routing_http_response_content_security_policy_header_value=args.get(
            "content_security_policy"
        ),
        routing_http_response_server_enabled=False,
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(),
    )


def _make_group(site: Site, args: Mapping[str, Any], role: str) -> lb.TargetGroup:
    return lb.TargetGroup(
        site.named(role),
        name_prefix=f"{site.name[:_PREFIX_LENGTH].rstrip('-')}-",
        vpc_id=args["vpc_id"],
        target_type="ip",
        port=int(args.get("port", DEFAULT_PORT)),
        protocol="HTTPS",
        protocol_version="HTTP1",
        deregistration_delay=DRAIN_SECONDS,
        load_balancing_algorithm_type="weighted_random",
        load_balancing_anomaly_mitigation="on",
        health_check=lb.TargetGroupHealthCheckArgs(
            enabled=True,
            protocol="HTTPS",
            path=args.get("health_path", DEFAULT_HEALTH_PATH),
            matcher="200",
            interval=15,
            timeout=5,
            healthy_threshold=2,
            unhealthy_threshold=3,
        ),
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(),
    )


def _make_rule(
    site: Site, hosts: list[str], listener: lb.Listener, groups: list[lb.TargetGroup]
) -> lb.ListenerRule:
    """Make the rule that leads to the tasks.

    Where traffic shifts its weights are ECS's: an update of the stack that set them again would
    send traffic to a version that is gone (hashicorp/terraform-provider-aws#45678). So its actions
    are never touched after the rule is made, and a rule that does not shift is another one.
    """
    shifts = len(groups) > 1
    role = "shifted" if shifts else "direct"
    return lb.ListenerRule(
        site.named(role),
        listener_arn=listener.arn,
        priority=_SHIFTED_PRIORITY if shifts else _DIRECT_PRIORITY,
        conditions=[
            lb.ListenerRuleConditionArgs(
                host_header=lb.ListenerRuleConditionHostHeaderArgs(values=hosts)
            )
        ],
        actions=[
            lb.ListenerRuleActionArgs(
                type="forward",
                forward=lb.ListenerRuleActionForwardArgs(
                    target_groups=[
                        lb.ListenerRuleActionForwardTargetGroupArgs(arn=group.arn, weight=weight)
                        for group, weight in zip(groups, (100, 0), strict=False)
                    ]
                ),
            )
        ],
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(ignore_changes=["actions"] if shifts else None),
    )

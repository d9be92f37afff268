"""Controls over load balancers, their listeners and target groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.log_buckets import LOAD_BALANCERS
from fintech_infra.controls.remedies import differing, setting
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import UndecidedError

CLASSIC: Final = "aws:elb/loadBalancer:LoadBalancer"
LISTENERS: Final = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
TARGET_GROUPS: Final = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
WEB_ACL_ASSOCIATIONS: Final = (
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "aws:wafregional/webAclAssociation:WebAclAssociation",
)

_APPLICATION: Final = "application"
# Of the policies that AWS defines, those whose oldest protocol is TLS 1.2.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
_MODERN: Final = (
    "ELBSecurityPolicy-FS-1-2-",
    "ELBSecurityPolicy-TLS-1-2-",
    "ELBSecurityPolicy-TLS13-1-2-",
    "ELBSecurityPolicy-TLS13-1-3-",
)
_RECOMMENDED: Final = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""What AWS recommends, and gives to listeners made in its console."""
_ENCRYPTED: Final = ("HTTPS", "TLS")


def _kind(balancer: Resource) -> str:
    return str(balancer.value("loadBalancerType") or _APPLICATION)


@control(
    on=LISTENERS,
    severity=Severity.HIGH,
    fix="Set protocol to HTTPS with a certificate, or let the listener only redirect to HTTPS; "
    "ImmutableService has no other listener.",
    source="PCI DSS 4.0.1 4.2.1; FSBP ELB.1, ELB.3",
    properties=["protocol", "defaultActions"],
)
def lb_listener_tls(listener: Resource, environment: Environment) -> Iterator[Fault]:
    """Client listeners use HTTPS or TLS, and a plain HTTP one only redirects to HTTPS.

    Whoever shares a network with a client of a plain listener reads, and changes, what it sends.
    TCP and UDP listeners are not judged: what passes through them may be encrypted end to end.
    """
    protocol = listener.value("protocol")
    if protocol is None:
        yield from _without_protocol(listener, environment)
    elif protocol == "HTTP" and not _only_redirects(listener):
        yield Fault("protocol", "the listener serves plain HTTP")


def _without_protocol(listener: Resource, environment: Environment) -> Iterator[Fault]:
    """The default is HTTP for an application load balancer; a gateway's knows no protocol."""
    found = environment.references(listener, "loadBalancerArn", *LOAD_BALANCERS)
    if not found or found[0].existing:
        raise UndecidedError("protocol", "the load balancer is not in this program")
    if _kind(found[0]) == _APPLICATION and not _only_redirects(listener):
        yield Fault("protocol", "the listener serves plain HTTP, which is the default")


def _only_redirects(listener: Resource) -> bool:
    actions = [path for path, _ in listener.each("defaultActions")]
    return bool(actions) and all(
        listener.value(f"{path}.type") == "redirect"
        and listener.value(f"{path}.redirect.protocol") == "HTTPS"
        for path in actions
    )


def _modern(_: Resource, *, approved_prefixes: tuple[str, ...]) -> Mapping[str, Any]:
    return {"sslPolicy": _RECOMMENDED} if _RECOMMENDED.startswith(tuple(approved_prefixes)) else {}


@control(
    on=LISTENERS,
    severity=Severity.HIGH,
    fix=f"Set sslPolicy to {_RECOMMENDED}, as ImmutableService does.",
    source="PCI DSS 4.0.1 4.2.1; FSBP ELB.17",
    properties=["sslPolicy", "protocol"],
    remedy=_modern,
)
def lb_listener_modern_policy(
    listener: Resource, *, approved_prefixes: tuple[str, ...] = _MODERN
) -> Iterator[Fault]:
    """Encrypted listeners use a security policy that accepts TLS 1.2 and later only.

    The default policy of the API still accepts TLS 1.0, which breaks with known attacks.
    """
    if listener.value("protocol") not in _ENCRYPTED:
        return
    policy = listener.value("sslPolicy")
    if policy is None:
        yield Fault("sslPolicy", "no policy is named, and the default accepts TLS 1.0")
    elif not str(policy).startswith(tuple(approved_prefixes)):
        yield Fault("sslPolicy", f"{policy} is not on the list of approved policies")


@control(
    on=TARGET_GROUPS,
    severity=Severity.LOW,
    fix="Set protocol to HTTPS and let the targets serve TLS, with any certificate; "
    "ImmutableService does.",
    source="NIST SP 800-53 SC-8; AWS Well-Architected SEC09-BP02",
    properties=["protocol", "targetType"],
)
def lb_target_tls(group: Resource) -> Iterator[Fault]:
    """Load balancers encrypt what they send to their targets.

    Behind a listener that ends TLS the request goes on in the clear: whoever can read in the
    network reads it. TCP and UDP target groups are not judged, like their listeners.
    """
    if group.value("protocol") == "HTTP" and group.value("targetType") != "lambda":
        yield Fault("protocol", "requests go to the targets in the clear")


@control(
    on=[*LOAD_BALANCERS, CLASSIC],
    severity=Severity.MEDIUM,
    fix="Set accessLogs with a bucket that receives load balancer logs; ImmutableService does.",
    source="PCI DSS 4.0.1 10.2.1; FSBP ELB.5",
    properties=["accessLogs", "loadBalancerType"],
)
def lb_access_logs(balancer: Resource) -> Iterator[Fault]:
    """Load balancers write access logs.

    They are the only record of requests that never reached the application. Gateway load balancers
    have none.
    """
    classic = balancer.type == CLASSIC
    if not classic and _kind(balancer) == "gateway":
        return
    enabled = balancer.value("accessLogs.enabled")
    if balancer.value("accessLogs") is None:
        yield Fault("accessLogs", "no access log is configured")
    elif enabled is False or (enabled is None and not classic):
        yield Fault("accessLogs.enabled", "the access log is configured, but off")


def _hardened(balancer: Resource) -> Mapping[str, Any]:
    wanted: dict[str, Any] = {"dropInvalidHeaderFields": True}
    if balancer.value("desyncMitigationMode") == "monitor":
        wanted["desyncMitigationMode"] = "defensive"
    return differing(balancer, wanted)


@control(
    on=LOAD_BALANCERS,
    severity=Severity.MEDIUM,
    fix="Set dropInvalidHeaderFields, and desyncMitigationMode to defensive or strictest; "
    "ImmutableService does.",
    source="FSBP ELB.4, ELB.12",
    properties=["dropInvalidHeaderFields", "desyncMitigationMode", "loadBalancerType"],
    remedy=_hardened,
)
def lb_request_hardening(balancer: Resource) -> Iterator[Fault]:
    """Application load balancers drop malformed headers and mitigate request smuggling.

    Where the balancer and the application read one request differently, a second one can hide in
    it, past the web ACL and under another client's session.
    """
    if _kind(balancer) != _APPLICATION:
        return
    if balancer.value("dropInvalidHeaderFields") is not True:
        yield Fault("dropInvalidHeaderFields", "malformed headers are passed on")
    if balancer.value("desyncMitigationMode") == "monitor":
        yield Fault("desyncMitigationMode", "ambiguous requests are only counted")


@control(
    on=LOAD_BALANCERS,
    severity=Severity.MEDIUM,
    fix="Set enableDeletionProtection and name subnets of two zones; ImmutableService does.",
    source="FSBP ELB.6, ELB.13",
    scope=Scope.PROD,
    properties=["enableDeletionProtection", "subnets", "subnetMappings"],
    remedy=setting({"enableDeletionProtection": True}),
)
def lb_deletion_protection(balancer: Resource) -> Iterator[Fault]:
    """Production load balancers resist deletion and span two or more zones.

    Its address is in DNS and in partners' configuration: one that is made again is another one.
    """
    if balancer.value("enableDeletionProtection") is not True:
        yield Fault("enableDeletionProtection", "deletion protection is off")
    for path in ("subnets", "subnetMappings"):
        given = balancer.listed(path)
        if balancer.is_set(path) and len(given) < 2:  # noqa: PLR2004 - two zones
            yield Fault(path, "the load balancer stands in one zone only")


@control(
    on=LOAD_BALANCERS,
    severity=Severity.HIGH,
    fix="Associate a web ACL: EdgeShield makes one, and ImmutableService takes its ARN.",
    source="PCI DSS 4.0.1 6.4.2; FSBP ELB.16",
    properties=["internal", "loadBalancerType"],
)
def lb_waf_associated(balancer: Resource, environment: Environment) -> Iterator[Fault]:
    """Internet-facing application load balancers have a web ACL.

    It refuses the attacks that everybody runs against everything, before the application sees them.
    """
    if _kind(balancer) != _APPLICATION or balancer.value("internal") is True:
        return
    if not companions(environment, balancer, "resourceArn", *WEB_ACL_ASSOCIATIONS):
        yield Fault("", "no web ACL in this program is associated with it")


CONTROLS: Final = (
    lb_listener_tls,
    lb_listener_modern_policy,
    lb_target_tls,
    lb_access_logs,
    lb_request_hardening,
    lb_deletion_protection,
    lb_waf_associated,
)

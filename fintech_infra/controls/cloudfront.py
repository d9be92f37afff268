"""Controls over CloudFront distributions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.remedies import decided
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.relations import companions
from fintech_infra.environment.undecided import decided_first

DISTRIBUTION: Final = "aws:cloudfront/distribution:Distribution"
ORIGIN_ACCESS_CONTROL: Final = "aws:cloudfront/originAccessControl:OriginAccessControl"
LOG_DELIVERY_SOURCE: Final = "aws:cloudwatch/logDeliverySource:LogDeliverySource"

_ENCRYPTED: Final = ("https-only", "redirect-to-https")
_CERTIFICATES: Final = ("acmCertificateArn", "iamCertificateId")
# Of the policies that AWS defines, those whose oldest protocol is TLS 1.2.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
_MODERN: Final = ("TLSv1.2_", "TLSv1.3_")
_OUTDATED: Final = frozenset({"SSLv3", "TLSv1", "TLSv1.1"})


def _redirected(distribution: Resource) -> Mapping[str, Any]:
    faults = decided(fault for part in _behaviors(distribution) for fault in part)
    found: dict[str, Any] = {fault.path: "redirect-to-https" for fault in faults}
    # A certificate of one's own is for somebody to get; the oldest protocol goes with it.
    at = "viewerCertificate.minimumProtocolVersion"
    outdated = [fault for fault in decided(_certificate(distribution)) if fault.path == at]
    return found | {fault.path: "TLSv1.2_2021" for fault in outdated}


@control(
    on=[DISTRIBUTION],
    severity=Severity.HIGH,
    fix="Set viewerProtocolPolicy to redirect-to-https in every cache behavior, and in "
    "viewerCertificate a certificate of your own with minimumProtocolVersion TLSv1.2_2021.",
    source="PCI DSS 4.0.1 4.2.1; FSBP CloudFront.3, CloudFront.7",
    properties=["defaultCacheBehavior", "orderedCacheBehaviors", "viewerCertificate"],
    remedy=_redirected,
)
def cloudfront_viewer_tls(distribution: Resource) -> Iterator[Fault]:
    """Viewers are redirected to HTTPS and negotiate TLS 1.2 or later.

    What crosses the internet in the clear can be read and changed on the way. The certificate that
    every distribution has by default accepts TLS 1.0, whatever else is set.
    """
    yield from decided_first((*_behaviors(distribution), _certificate(distribution)))


def _behaviors(distribution: Resource) -> Iterator[Iterator[Fault]]:
    yield _plaintext(distribution, "defaultCacheBehavior")
    yield _ordered(distribution)


def _ordered(distribution: Resource) -> Iterator[Fault]:
    yield from decided_first(
        _plaintext(distribution, path) for path, _ in distribution.each("orderedCacheBehaviors")
    )


def _plaintext(distribution: Resource, path: str) -> Iterator[Fault]:
    policy = distribution.value(f"{path}.viewerProtocolPolicy")
    if policy not in _ENCRYPTED:
        yield Fault(f"{path}.viewerProtocolPolicy", "viewers are served over plain HTTP")


def _certificate(distribution: Resource) -> Iterator[Fault]:
    path = "viewerCertificate.minimumProtocolVersion"
    distribution.value("viewerCertificate")
    if not any(distribution.is_set(f"viewerCertificate.{name}") for name in _CERTIFICATES):
        yield Fault("viewerCertificate", "the default certificate accepts TLS 1.0")
    elif not str(distribution.value(path) or "TLSv1").startswith(_MODERN):
        yield Fault(path, "viewers may negotiate a protocol older than TLS 1.2")


@control(
    on=[DISTRIBUTION, ORIGIN_ACCESS_CONTROL],
    severity=Severity.HIGH,
    fix="Set originProtocolPolicy to https-only and originSslProtocols to TLSv1.2 alone; give "
    "buckets an OriginAccessControl with signingBehavior always.",
    source="PCI DSS 4.0.1 4.2.1; FSBP CloudFront.9, CloudFront.10, CloudFront.13",
    properties=["origins", "signingBehavior"],
)
def cloudfront_origin_protected(resource: Resource) -> Iterator[Fault]:
    """Origins are reached over TLS 1.2 or later, and buckets through origin access control.

    Behind an encrypted front the request would go on in the clear. A bucket that CloudFront reads
    without signing is a bucket that everybody can read, past the web ACL.
    """
    if resource.type == ORIGIN_ACCESS_CONTROL:
        if resource.value("signingBehavior") == "never":
            yield Fault("signingBehavior", "requests to the bucket are not signed")
        return
    yield from decided_first(_origin(resource, path) for path, _ in resource.each("origins"))


def _origin(distribution: Resource, path: str) -> Iterator[Fault]:
    if distribution.is_set(f"{path}.vpcOriginConfig"):
        return
    if distribution.value(f"{path}.customOriginConfig") is not None:
        at = f"{path}.customOriginConfig"
        yield from decided_first((_protocol(distribution, at), _versions(distribution, at)))
    elif not _is_given(distribution, f"{path}.originAccessControlId"):
        legacy = _is_given(distribution, f"{path}.s3OriginConfig.originAccessIdentity")
        how = "with a legacy identity" if legacy else "without origin access control"
        yield Fault(f"{path}.originAccessControlId", f"the bucket is read {how}")


def _is_given(distribution: Resource, path: str) -> bool:
    """Whether there is a value that is not the empty one; one that is not known yet is given."""
    try:
        return bool(distribution.value(path))
    except UnknownValueError:
        return True


def _protocol(distribution: Resource, at: str) -> Iterator[Fault]:
    policy = distribution.value(f"{at}.originProtocolPolicy")
    path = f"{at}.originProtocolPolicy"
    if policy == "match-viewer":
        if any(True for faults in _behaviors(distribution) for _ in faults):
            yield Fault(path, "requests of viewers without TLS go to the origin in the clear")
    elif policy != "https-only":
        yield Fault(path, "requests go to the origin in the clear")


def _versions(distribution: Resource, at: str) -> Iterator[Fault]:
    path = f"{at}.originSslProtocols"
    old = sorted({str(item) for _, item in distribution.each(path)} & _OUTDATED)
    if old:
        yield Fault(path, f"the origin may choose {', '.join(old)}")


@control(
    on=[DISTRIBUTION],
    severity=Severity.MEDIUM,
    fix="Set loggingConfig with a bucket, or make a LogDeliverySource of the type ACCESS_LOGS.",
    source="PCI DSS 4.0.1 10.2.1; FSBP CloudFront.5",
    properties=["loggingConfig"],
)
def cloudfront_access_logs(distribution: Resource, environment: Environment) -> Iterator[Fault]:
    """Distributions write access logs.

    What the cache answers never reaches the origin: there is no other record of it. Real-time logs
    are not counted, since AWS delivers them without a promise to be complete.
    """
    if distribution.value("loggingConfig") and distribution.is_set("loggingConfig.bucket"):
        return
    sources = companions(environment, distribution, "resourceArn", LOG_DELIVERY_SOURCE)
    if not any(source.value("logType") == "ACCESS_LOGS" for source in sources):
        yield Fault("loggingConfig", "no access log is configured")


@control(
    on=[DISTRIBUTION],
    severity=Severity.HIGH,
    fix="Set webAclId to the ARN of a web ACL: EdgeShield with the scope cloudfront makes one.",
    source="PCI DSS 4.0.1 6.4.2; FSBP CloudFront.6",
    properties=["webAclId"],
)
def cloudfront_waf_associated(distribution: Resource, environment: Environment) -> Iterator[Fault]:
    """Distributions have a web ACL.

    It refuses the attacks that everybody runs against everything, before the application sees them.
    A web ACL that the program makes counts, even where its ARN is not known yet.
    """
    if environment.references(distribution, "webAclId"):
        return
    if not distribution.value("webAclId"):
        yield Fault("webAclId", "the distribution has no web ACL")


CONTROLS: Final = (
    cloudfront_viewer_tls,
    cloudfront_origin_protected,
    cloudfront_access_logs,
    cloudfront_waf_associated,
)

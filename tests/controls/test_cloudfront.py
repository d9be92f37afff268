"""Controls over CloudFront distributions, case by case."""

from __future__ import annotations

from typing import Any

import pytest

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
ACCESS_CONTROL = "aws:cloudfront/originAccessControl:OriginAccessControl"
SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
REDIRECT = {"viewerProtocolPolicy": "redirect-to-https"}
PLAIN = {"viewerProtocolPolicy": "allow-all"}
OWN = {"acmCertificateArn": "?", "minimumProtocolVersion": "TLSv1.2_2021"}
HTTPS = {"originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1.2"]}
POLICY = "customOriginConfig.originProtocolPolicy"


def distribution(**inputs: Any) -> list[Any]:
    given = {"defaultCacheBehavior": REDIRECT, "viewerCertificate": OWN}
    return [(DISTRIBUTION, "d", given | inputs)]


def origin(**inputs: Any) -> list[Any]:
    return distribution(origins=[inputs])


VIEWERS: list[tuple[str, list[Any], list[str]]] = [
    ("encrypted", distribution(orderedCacheBehaviors=[REDIRECT]), []),
    (
        "TLS 1.3",
        distribution(viewerCertificate=OWN | {"minimumProtocolVersion": "TLSv1.3_2025"}),
        [],
    ),
    (
        "plain",
        distribution(defaultCacheBehavior=PLAIN, orderedCacheBehaviors=[REDIRECT, PLAIN]),
        [
            "violated d defaultCacheBehavior.viewerProtocolPolicy",
            "violated d orderedCacheBehaviors[1].viewerProtocolPolicy",
        ],
    ),
    (
        "the default certificate",
        distribution(viewerCertificate={"cloudfrontDefaultCertificate": True}),
        ["violated d viewerCertificate"],
    ),
    (
        "an old protocol",
        distribution(viewerCertificate=OWN | {"minimumProtocolVersion": "TLSv1.1_2016"}),
        ["violated d viewerCertificate.minimumProtocolVersion"],
    ),
    (
        "no protocol",
        distribution(viewerCertificate={"iamCertificateId": "i"}),
        ["violated d viewerCertificate.minimumProtocolVersion"],
    ),
    (
        "not known",
        distribution(defaultCacheBehavior="?", viewerCertificate="?"),
        ["undecided d defaultCacheBehavior.viewerProtocolPolicy"],
    ),
    (
        "not known, beside plain",
        distribution(defaultCacheBehavior=PLAIN, viewerCertificate="?"),
        [
            "undecided d viewerCertificate",
            "violated d defaultCacheBehavior.viewerProtocolPolicy",
        ],
    ),
]

ORIGINS: list[tuple[str, list[Any], list[str]]] = [
    ("https", origin(customOriginConfig=HTTPS), []),
    ("a bucket", origin(domainName="?", originAccessControlId="?"), []),
    ("in a VPC", origin(vpcOriginConfig={"vpcOriginId": "v"}), []),
    (
        "as the viewer, who has TLS",
        origin(customOriginConfig=HTTPS | {"originProtocolPolicy": "match-viewer"}),
        [],
    ),
    (
        "as the viewer, who may have none",
        distribution(
            defaultCacheBehavior=PLAIN,
            origins=[{"customOriginConfig": HTTPS | {"originProtocolPolicy": "match-viewer"}}],
        ),
        [f"violated d origins[0].{POLICY}"],
    ),
    (
        "http",
        origin(customOriginConfig={"originProtocolPolicy": "http-only"}),
        [f"violated d origins[0].{POLICY}"],
    ),
    (
        "old protocols",
        origin(customOriginConfig=HTTPS | {"originSslProtocols": ["TLSv1", "TLSv1.2"]}),
        ["violated d origins[0].customOriginConfig.originSslProtocols"],
    ),
    (
        "an open bucket, and a legacy identity",
        distribution(origins=[{}, {"s3OriginConfig": {"originAccessIdentity": "?"}}]),
        [
            "violated d origins[0].originAccessControlId",
            "violated d origins[1].originAccessControlId",
        ],
    ),
    (
        "a bucket, with what AWS writes for no legacy identity",
        origin(s3OriginConfig={"originAccessIdentity": ""}, originAccessControlId="E1"),
        [],
    ),
    (
        "access controls",
        [
            (ACCESS_CONTROL, "a", {"signingBehavior": "always"}),
            (ACCESS_CONTROL, "n", {"signingBehavior": "never"}),
        ],
        ["violated n signingBehavior"],
    ),
    (
        "not known",
        origin(customOriginConfig={"originProtocolPolicy": "?"}),
        [f"undecided d origins[0].{POLICY}"],
    ),
]

LOGS: list[tuple[str, list[Any], list[str]]] = [
    ("a bucket", distribution(loggingConfig={"bucket": "?"}), []),
    (
        "delivered",
        [
            *distribution(),
            (SOURCE, "s", {"resourceArn": "arn:aws:s3:::d", "logType": "ACCESS_LOGS"}),
        ],
        [],
    ),
    ("none", distribution(), ["violated d loggingConfig"]),
    (
        "cookies alone",
        distribution(loggingConfig={"includeCookies": True}),
        ["violated d loggingConfig"],
    ),
    ("not known", distribution(loggingConfig="?"), ["undecided d loggingConfig"]),
    (
        "perhaps delivered",
        [*distribution(), (SOURCE, "s", {"resourceArn": "?", "logType": "ACCESS_LOGS"})],
        ["undecided d"],
    ),
]

WEB_ACLS: list[tuple[str, list[Any], list[str]]] = [
    ("by ARN", distribution(webAclId="arn:aws:wafv2:us-east-1:1:global/webacl/w/1"), []),
    ("of the program", [*distribution(webAclId="?w"), (WEB_ACL, "w", {})], []),
    ("none", distribution(), ["violated d webAclId"]),
    ("blank", distribution(webAclId=""), ["violated d webAclId"]),
    ("not known", distribution(webAclId="?"), ["undecided d webAclId"]),
]

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("cloudfront-viewer-tls", *row) for row in VIEWERS),
    *(("cloudfront-origin-protected", *row) for row in ORIGINS),
    *(("cloudfront-access-logs", *row) for row in LOGS),
    *(("cloudfront-waf-associated", *row) for row in WEB_ACLS),
]


@pytest.mark.parametrize(
    ("control", "resources", "expected"),
    [pytest.param(control, *rest, id=f"{control}: {case}") for control, case, *rest in CASES],
)
def test_the_verdict(judged: Any, control: str, resources: list[Any], expected: list[str]) -> None:
    assert judged(control, resources) == expected

"""Short names of types, resources and requirements."""

from collections.abc import Callable

import pytest

from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.report import Report
from fintech_infra.report.naming import compact, counted, label, owner, regions, short_type

Make = Callable[..., Resource]


@pytest.mark.parametrize(
    ("type_", "short"),
    [
        ("aws:s3/bucket:Bucket", "s3.Bucket"),
        ("aws:s3/bucketV2:BucketV2", "s3.BucketV2"),
        ("aws:ec2/securityGroupRule:SecurityGroupRule", "ec2.SecurityGroupRule"),
        ("aws-native:s3:Bucket", "aws-native.s3.Bucket"),
        ("kubernetes:apps/v1:Deployment", "kubernetes.apps/v1.Deployment"),
        ("kubernetes:core/v1:Secret", "kubernetes.core/v1.Secret"),
        ("random:index/randomPassword:RandomPassword", "random.RandomPassword"),
        ("docker:index:Image", "docker.Image"),
        ("pulumi:providers:aws", "pulumi.providers.aws"),
        ("pulumi:pulumi:StackReference", "pulumi.StackReference"),
        ("pulumi-python:dynamic:Resource", "pulumi-python.dynamic.Resource"),
        ("odd", "odd"),
        ("aws", "aws"),
    ],
)
def test_a_type_is_written_as_programs_write_it(type_: str, short: str) -> None:
    assert short_type(type_) == short


def test_a_component_is_called_by_its_class(resource: Make) -> None:
    assert label(resource("acme:net/index:Mesh", "core", custom=False)) == "Mesh core"


def test_the_owner_is_the_nearest_component_above(
    report: Callable[..., Report], resource: Make
) -> None:
    outer = resource("p:m:Outer", "o", custom=False)
    inner = resource("p:m:Inner", "i", custom=False, parent=outer.urn)
    bucket = resource("aws:s3/bucket:Bucket", "b", parent=inner.urn)
    policy = resource("aws:s3/bucketPolicy:BucketPolicy", "p", parent=bucket.urn)
    loose = resource("aws:s3/bucket:Bucket", "loose")
    orphan = resource("aws:s3/bucket:Bucket", "orphan", parent="urn:gone")
    everything = (outer, inner, bucket, policy, loose, orphan)
    environment = report(*everything).environment
    found = [owner(item, environment) for item in everything]
    assert [item.name if item else None for item in found] == [None, "o", "i", "i", None, None]


def test_requirements_name_each_framework_once() -> None:
    pairs = [("PCI", "1.4.2"), ("PCI", "7.2.1"), ("SOC2", "CC6.1")]
    assert compact(pairs) == "PCI 1.4.2, 7.2.1 · SOC2 CC6.1"
    assert compact(pairs, " | ") == "PCI 1.4.2, 7.2.1 | SOC2 CC6.1"
    assert compact([]) == ""


def test_numbers_have_their_noun() -> None:
    assert [counted(n, "control") for n in (0, 1, 2000)] == [
        "0 controls",
        "1 control",
        "2,000 controls",
    ]


def test_regions_that_are_not_known_are_left_out() -> None:
    resources = (
        Resource("a", "aws:s3/bucket:Bucket", "a", inputs={"region": UNKNOWN}),
        Resource("b", "aws:s3/bucket:Bucket", "b", outputs={"region": "eu-west-1"}),
        Resource("c", "pulumi:providers:aws", "c", inputs={"region": "eu-central-1"}),
    )
    environment = Environment("shop", "prod", resources=resources)
    assert regions(environment) == ["eu-central-1", "eu-west-1"]

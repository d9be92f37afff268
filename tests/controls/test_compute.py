"""Controls over instances and groups of them, case by case."""

from __future__ import annotations

from typing import Any

import pytest

INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
GROUP = "aws:autoscaling/group:Group"
SUBNET = "aws:ec2/subnet:Subnet"
EIP = "aws:ec2/eip:Eip"
ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
VOLUME = "aws:ebs/volume:Volume"
SNAPSHOT_COPY = "aws:ebs/snapshotCopy:SnapshotCopy"
AMI_COPY = "aws:ec2/amiCopy:AmiCopy"
ENCRYPTION = "aws:ebs/encryptionByDefault:EncryptionByDefault"
PUBLIC = "associatePublicIpAddress"
FROM_TEMPLATE = {"launchTemplate": {"id": "t-id"}}
T = (TEMPLATE, "t", {})


def instance(**inputs: Any) -> Any:
    return (INSTANCE, "i", inputs)


def interface(public: Any) -> list[Any]:
    return [(TEMPLATE, "t", {"networkInterfaces": [{PUBLIC: public}]})]


def mapping(**disk: Any) -> list[Any]:
    return [(TEMPLATE, "t", {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": disk}]})]


def group(**inputs: Any) -> list[Any]:
    return [(GROUP, "g", inputs)]


def subnet(*, public: Any) -> Any:
    return (SUBNET, "s", {"mapPublicIpOnLaunch": public})


IN_SUBNET = instance(subnetId="s-id")
RENEWED = {
    "launchTemplate": {"id": "t-id"},
    "instanceRefresh": {"strategy": "Rolling", "preferences": {"autoRollback": True}},
    "maxInstanceLifetime": 2592000,
}

ADDRESSES: list[tuple[str, list[Any], list[str]]] = [
    ("private", [instance(associatePublicIpAddress=False), (CONFIGURATION, "c", {})], []),
    ("public", [instance(associatePublicIpAddress=True)], [f"violated i {PUBLIC}"]),
    ("public of old", [(CONFIGURATION, "c", {PUBLIC: True})], [f"violated c {PUBLIC}"]),
    ("a private subnet", [IN_SUBNET, subnet(public=False)], []),
    ("a public subnet", [IN_SUBNET, subnet(public=True)], ["violated i subnetId"]),
    ("a subnet not known", [IN_SUBNET, subnet(public="?")], ["undecided i subnetId"]),
    ("which subnet is not known", [instance(subnetId="?")], ["undecided i subnetId"]),
    ("a private interface", interface("false"), []),
    ("a public interface", interface("true"), [f"violated t networkInterfaces[0].{PUBLIC}"]),
    ("not known", interface("?"), [f"undecided t networkInterfaces[0].{PUBLIC}"]),
    ("an address", [(EIP, "e", {"instance": "?"})], ["violated e instance"]),
    ("an address of a gateway", [(EIP, "e", {"domain": "vpc"})], []),
    ("an address given", [(ASSOCIATION, "a", {"instanceId": "i-1"})], ["violated a instanceId"]),
]
ROLES: list[tuple[str, list[Any], list[str]]] = [
    ("a role", [instance(iamInstanceProfile="?")], []),
    ("no role", [instance()], ["violated i iamInstanceProfile"]),
    ("no role of old", [(CONFIGURATION, "c", {})], ["violated c iamInstanceProfile"]),
    ("from a template", [instance(**FROM_TEMPLATE), T], ["violated t iamInstanceProfile"]),
    (
        "from a template with a role",
        [instance(**FROM_TEMPLATE), (TEMPLATE, "t", {"iamInstanceProfile": {"arn": "?"}})],
        [],
    ),
    ("a group of a template", [T, *group(**FROM_TEMPLATE)], ["violated t iamInstanceProfile"]),
    ("a template of nobody here", [T], []),
    ("from a template elsewhere", [instance(**FROM_TEMPLATE)], ["undecided i launchTemplate"]),
]
DISKS: list[tuple[str, list[Any], list[str]]] = [
    ("a volume", [(VOLUME, "v", {"encrypted": True})], []),
    ("a plain volume", [(VOLUME, "v", {})], ["violated v encrypted"]),
    ("a plain volume, by default none", [(VOLUME, "v", {}), (ENCRYPTION, "e", {})], []),
    (
        "a plain volume, by default, too",
        [(VOLUME, "v", {}), (ENCRYPTION, "e", {"enabled": False})],
        ["violated v encrypted"],
    ),
    ("disks", [instance(rootBlockDevice={"encrypted": True})], []),
    ("a disk as of the image", [instance()], ["violated i rootBlockDevice.encrypted"]),
    (
        "one plain disk",
        [
            instance(
                rootBlockDevice={"encrypted": True},
                ebsBlockDevices=[{"encrypted": True}, {"deviceName": "/dev/sdb"}],
            )
        ],
        ["violated i ebsBlockDevices[1].encrypted"],
    ),
    ("disks of a template", [instance(**FROM_TEMPLATE), *mapping(encrypted="true")], []),
    (
        "plain disks of a template",
        mapping(volumeSize=30),
        ["violated t blockDeviceMappings[0].ebs.encrypted"],
    ),
    ("no disk", [(TEMPLATE, "t", {"blockDeviceMappings": [{"noDevice": "true"}]})], []),
    (
        "plain copies",
        [(SNAPSHOT_COPY, "s", {}), (AMI_COPY, "a", {"encrypted": False})],
        ["violated a encrypted", "violated s encrypted"],
    ),
    ("not known", [(VOLUME, "v", {"encrypted": "?"})], ["undecided v encrypted"]),
]
ZONES: list[tuple[str, list[Any], list[str]]] = [
    ("two", group(vpcZoneIdentifiers=["a", "b"]), []),
    ("one", group(vpcZoneIdentifiers=["a"]), ["violated g vpcZoneIdentifiers"]),
    ("one by name", group(availabilityZones=["eu-west-1a"]), ["violated g availabilityZones"]),
    ("balanced", group(targetGroupArns=["?"], healthCheckType="ELB"), []),
    ("balanced and not asked", group(targetGroupArns=["?"]), ["violated g healthCheckType"]),
    ("not known", group(vpcZoneIdentifiers="?"), ["undecided g vpcZoneIdentifiers"]),
]
RENEWAL: list[tuple[str, list[Any], list[str]]] = [
    ("renewed", group(**RENEWED), []),
    ("never", group(**FROM_TEMPLATE), ["violated g instanceRefresh",
                                       "violated g maxInstanceLifetime"]),
    ("of old", group(**RENEWED, launchConfiguration="c"), ["violated g launchConfiguration"]),
    (
        "without return",
        group(**RENEWED | {"instanceRefresh": {"strategy": "Rolling"}}),
        ["violated g instanceRefresh.preferences.autoRollback"],
    ),
    ("not known", group(**RENEWED | {"maxInstanceLifetime": "?"}),
     ["undecided g maxInstanceLifetime"]),
]  # fmt: skip

CASES: list[tuple[str, str, list[Any], list[str]]] = [
    *(("ec2-instance-no-public-ip", *case) for case in ADDRESSES),
    *(("ec2-instance-profile-attached", *case) for case in ROLES),
    *(("ebs-volume-encrypted", *case) for case in DISKS),
    *(("autoscaling-group-multi-az", *case) for case in ZONES),
    *(("autoscaling-instances-replaced-not-patched", *case) for case in RENEWAL),
]


@pytest.mark.parametrize(("control", "case", "resources", "expected"), CASES)
def test_an_instance_or_group_is_judged(
    control: str, case: str, resources: list[Any], expected: list[str], judged: Any
) -> None:
    assert judged(control, resources) == sorted(expected)

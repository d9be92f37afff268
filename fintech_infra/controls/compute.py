"""Controls over instances and groups of them: addresses, roles, disks, zones and renewal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.controls.account import ENCRYPTION
from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.instances import CONFIGURATION, INSTANCE, TEMPLATE
from fintech_infra.environment import Environment, Resource, join
from fintech_infra.environment.routes import SUBNET
from fintech_infra.environment.undecided import UndecidedError, decided_first, reading

GROUP: Final = "aws:autoscaling/group:Group"
ADDRESS: Final = "aws:ec2/eip:Eip"
ADDRESS_ASSOCIATION: Final = "aws:ec2/eipAssociation:EipAssociation"
VOLUME: Final = "aws:ebs/volume:Volume"
SNAPSHOT_COPY: Final = "aws:ebs/snapshotCopy:SnapshotCopy"
AMI_COPY: Final = "aws:ec2/amiCopy:AmiCopy"

_TEMPLATE_PATHS: Final = ("launchTemplate.id", "launchTemplate.name")
_ZONES: Final = 2


def _is_true(value: Any) -> bool:
    """Whether a switch is on; launch templates write theirs as text."""
    return str(value).lower() == "true"


def _template(resource: Resource, environment: Environment) -> Resource | None:
    """The launch template that an instance is made from, None where it is made from none.

    Raises:
        UndecidedError: it is made from one that is not in this program.
    """
    if resource.type != INSTANCE or not resource.is_set("launchTemplate"):
        return None
    for path in _TEMPLATE_PATHS:
        for found in environment.references(resource, path, TEMPLATE):
            return found
    raise UndecidedError("launchTemplate", "the launch template is not in this program")


@control(
    on=[INSTANCE, TEMPLATE, CONFIGURATION, ADDRESS, ADDRESS_ASSOCIATION],
    severity=Severity.HIGH,
    fix="Unset associatePublicIpAddress and serve the internet through a load balancer, as "
    "ImmutableService does; HardenedVpc's subnets give no public address.",
    source="FSBP EC2.9, EC2.25, AutoScaling.5; PCI DSS 4.0.1 1.4.4",
    properties=["associatePublicIpAddress", "networkInterfaces", "instance", "instanceId"],
)
def ec2_instance_no_public_ip(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Instances have no public address.

    What has one is scanned within minutes, and one wrong rule of a security group away from being
    used. An instance that says nothing has what its subnet gives.
    """
    if resource.type in (ADDRESS, ADDRESS_ASSOCIATION):
        path = "instance" if resource.type == ADDRESS else "instanceId"
        if resource.is_set(path):
            yield Fault(path, "the instance gets a public address")
        return
    yield from decided_first((_own_address(resource, environment), _interfaces(resource)))


def _own_address(resource: Resource, environment: Environment) -> Iterator[Fault]:
    path = "associatePublicIpAddress"
    given = resource.value(path)
    if _is_true(given):
        yield Fault(path, "every instance gets a public address")
    elif given is None and resource.type == INSTANCE:
        subnets = environment.references(resource, "subnetId", SUBNET)
        if not subnets:
            resource.value("subnetId")  # undecided where it is not known which one
        for subnet in subnets:
            with reading(subnet.name, "subnetId"):
                public = not subnet.existing and _is_true(subnet.value("mapPublicIpOnLaunch"))
            if public:
                yield Fault("subnetId", f"subnet {subnet.name} gives it a public address")


def _interfaces(resource: Resource) -> Iterator[Fault]:
    if resource.type == TEMPLATE:
        for at, _ in resource.each("networkInterfaces"):
            path = f"{at}.associatePublicIpAddress"
            if _is_true(resource.value(path)):
                yield Fault(path, "every instance gets a public address")


@control(
    on=[INSTANCE, TEMPLATE, CONFIGURATION],
    severity=Severity.MEDIUM,
    fix="Set iamInstanceProfile to that of a role with what the instance needs.",
    source="CIS AWS Foundations 5.0 1.17; PCI DSS 4.0.1 8.6.2",
    properties=["iamInstanceProfile"],
)
def ec2_instance_profile_attached(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Instances have a role.

    Without one, Systems Manager cannot reach them, and their programs bring keys of their own that
    stay on the disk. Of launch templates those are judged that instances or groups in the program
    are made from: EKS and Batch set the role themselves.
    """
    if resource.is_set("iamInstanceProfile") or _template(resource, environment) is not None:
        return
    if resource.type != TEMPLATE or _is_launched(resource, environment):
        yield Fault("iamInstanceProfile", "no role is attached")


def _is_launched(template: Resource, environment: Environment) -> bool:
    return any(
        environment.referrers(template, type_, path)
        for type_ in (INSTANCE, GROUP)
        for path in _TEMPLATE_PATHS
    )


@control(
    on=[VOLUME, INSTANCE, TEMPLATE, CONFIGURATION, SNAPSHOT_COPY, AMI_COPY],
    severity=Severity.HIGH,
    fix="Set encrypted with the key of an EncryptionKey; SecurityBaseline encrypts every new "
    "volume of the account.",
    source="CIS AWS Foundations 5.0 5.1.1; FSBP EC2.3; PCI DSS 4.0.1 3.5.1",
    properties=["encrypted", "rootBlockDevice", "ebsBlockDevices", "blockDeviceMappings"],
)
def ebs_volume_encrypted(resource: Resource, environment: Environment) -> Iterator[Fault]:
    """Volumes, block devices, and copies of snapshots and images are encrypted.

    A snapshot of an unencrypted disk can be shared and read by whoever gets it. What a program does
    not say is left to encryption by default, where the program turns that on.
    """
    if any(item.value("enabled") is not False for item in environment.of_type(ENCRYPTION)):
        return
    if resource.type == TEMPLATE:
        paths = (f"{at}.ebs" for at, _ in resource.each("blockDeviceMappings"))
        yield from _unencrypted(resource, [path for path in paths if resource.is_set(path)])
    elif resource.type in (INSTANCE, CONFIGURATION):
        yield from _disks(resource, environment)
    else:
        yield from _unencrypted(resource, [""])


def _disks(resource: Resource, environment: Environment) -> Iterator[Fault]:
    at = "rootBlockDevice"
    if resource.is_set(at) or _template(resource, environment) is None:
        yield from _unencrypted(resource, [at])
    disks = list(resource.entries("ebsBlockDevices"))
    yield from _unencrypted(
        resource, [path for path, disk in disks if not _is_true(disk.get("noDevice"))]
    )


def _unencrypted(resource: Resource, paths: list[str]) -> Iterator[Fault]:
    for at in paths:
        path = join(at, "encrypted")
        if not _is_true(resource.value(path)):
            yield Fault(path, "the volume is not encrypted")


@control(
    on=[GROUP],
    severity=Severity.MEDIUM,
    fix="Name subnets of two zones in vpcZoneIdentifiers, and set healthCheckType to ELB behind a "
    "load balancer.",
    source="FSBP AutoScaling.1, AutoScaling.2",
    scope=Scope.PROD,
    properties=[
        "vpcZoneIdentifiers", "availabilityZones", "healthCheckType", "targetGroupArns",
        "loadBalancers", "trafficSources",
    ],
)  # fmt: skip
def autoscaling_group_multi_az(group: Resource) -> Iterator[Fault]:
    """Production groups span two zones and believe their load balancer about health.

    A zone fails as a whole. An instance that runs and answers nothing is healthy to EC2, and is
    not replaced.
    """
    yield from decided_first((_zones(group), _health(group)))


def _zones(group: Resource) -> Iterator[Fault]:
    for path in ("vpcZoneIdentifiers", "availabilityZones"):
        given = group.listed(path)
        if group.is_set(path) and len(given) < _ZONES:
            yield Fault(path, "the group stands in one zone only")


def _health(group: Resource) -> Iterator[Fault]:
    sources = ("targetGroupArns", "loadBalancers", "trafficSources")
    balanced = any(group.is_set(path) for path in sources)
    if balanced and "ELB" not in str(group.value("healthCheckType") or "EC2"):
        yield Fault("healthCheckType", "what the load balancer finds unhealthy is not replaced")


@control(
    on=[GROUP],
    severity=Severity.LOW,
    fix="Use a launch template, and set instanceRefresh with autoRollback and maxInstanceLifetime.",
    source="FSBP AutoScaling.9; PCI DSS 4.0.1 6.3.3",
    scope=Scope.PROD,
    properties=["launchConfiguration", "instanceRefresh", "maxInstanceLifetime"],
)
def autoscaling_instances_replaced_not_patched(group: Resource) -> Iterator[Fault]:
    """Groups replace instances with new ones: on every change, with rollback, and after a time.

    A machine that is changed in place is like no other after a year, and nobody dares to replace
    it. Launch configurations know neither versions nor newer types.
    """
    if group.is_set("launchConfiguration"):
        yield Fault("launchConfiguration", "a launch configuration has no versions to return to")
    if not group.is_set("instanceRefresh"):
        yield Fault("instanceRefresh", "a change reaches new instances only")
    elif not _is_true(group.value("instanceRefresh.preferences.autoRollback")):
        yield Fault("instanceRefresh.preferences.autoRollback", "a bad version is not rolled back")
    if not group.value("maxInstanceLifetime"):
        yield Fault("maxInstanceLifetime", "instances live for ever")


CONTROLS: Final = (
    ec2_instance_no_public_ip,
    ec2_instance_profile_attached,
    ebs_volume_encrypted,
    autoscaling_group_multi_az,
    autoscaling_instances_replaced_not_patched,
)

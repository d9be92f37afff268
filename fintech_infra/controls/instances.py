"""Controls over instances, and over the images and snapshots that are made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.remedies import differing, setting
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.undecided import UndecidedError

INSTANCE: Final = "aws:ec2/instance:Instance"
TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
CONFIGURATION: Final = "aws:ec2/launchConfiguration:LaunchConfiguration"
DEFAULTS: Final = "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults"
AMI_PERMISSION: Final = "aws:ec2/amiLaunchPermission:AmiLaunchPermission"
AMI_BLOCK: Final = "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess"
SNAPSHOT_PERMISSION: Final = "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission"
SNAPSHOT_BLOCK: Final = "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess"

_EVERYONE: Final = "all"


def _with_tokens(resource: Resource, *, maximum_hops: int) -> Mapping[str, Any]:
    if resource.type == CONFIGURATION:  # every change of one makes another one
        return {}
    prefix = "" if resource.type == DEFAULTS else "metadataOptions."
    hops = resource.number(f"{prefix}httpPutResponseHopLimit")
    wanted: dict[str, Any] = {f"{prefix}httpTokens": "required"}
    if hops is not None and hops > maximum_hops:
        wanted[f"{prefix}httpPutResponseHopLimit"] = maximum_hops
    return differing(resource, wanted)


@control(
    on=[INSTANCE, TEMPLATE, CONFIGURATION, DEFAULTS],
    severity=Severity.HIGH,
    fix="Set httpTokens to required; SecurityBaseline sets it for the whole region.",
    source="CIS AWS Foundations 5.0 5.7; FSBP EC2.8, AutoScaling.3",
    properties=["metadataOptions", "httpTokens", "httpPutResponseHopLimit"],
    remedy=_with_tokens,
)
def ec2_imdsv2_required(
    resource: Resource, environment: Environment, *, maximum_hops: int = 2
) -> Iterator[Fault]:
    """Instance metadata needs a session token and stays near the instance.

    Without a token, whoever can make a server on the instance fetch a URL gets the credentials of
    its role. Two hops are needed where containers ask for metadata. An instance that leaves it to a
    launch template, or to defaults of the region in the same program, is not judged by itself.
    """
    prefix = "" if resource.type == DEFAULTS else "metadataOptions."
    if resource.value(f"{prefix}httpEndpoint") == "disabled":
        return
    tokens = resource.value(f"{prefix}httpTokens")
    if tokens is None and _left_to_others(resource, environment):
        return
    if tokens != "required":
        yield Fault(f"{prefix}httpTokens", "metadata is given without a session token")
    hops = resource.number(f"{prefix}httpPutResponseHopLimit")
    if hops is not None and hops > maximum_hops:
        message = f"metadata travels {hops} hops; at most {maximum_hops}"
        yield Fault(f"{prefix}httpPutResponseHopLimit", message)


def _left_to_others(resource: Resource, environment: Environment) -> bool:
    """Whether a launch template, or the region's defaults, say what the resource does not."""
    if resource.type == INSTANCE and resource.is_set("launchTemplate"):
        paths = ("launchTemplate.id", "launchTemplate.name")
        if any(environment.references(resource, path, TEMPLATE) for path in paths):
            return True
        raise UndecidedError("launchTemplate", "the launch template is not in this program")
    return resource.type != DEFAULTS and any(True for _ in environment.of_type(DEFAULTS))


@control(
    on=[AMI_PERMISSION, AMI_BLOCK],
    severity=Severity.CRITICAL,
    fix="Name the accounts or organizations that may launch it; SecurityBaseline blocks publicity.",
    source="FSBP EC2.182; PCI DSS 4.0.1 1.4.2",
    properties=["group", "accountId", "state"],
    remedy=setting({"state": "block-new-sharing"}, AMI_BLOCK),
)
def ec2_ami_not_public(
    resource: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Machine images are not shared with everyone, and sharing so is blocked.

    An image holds whatever was on the machine: code, certificates, now and then a password.
    Accounts are judged only where trusted_accounts names some.
    """
    if resource.type == AMI_BLOCK:
        if resource.value("state") != "block-new-sharing":
            yield Fault("state", "images can be shared with everyone")
        return
    if resource.value("group") == _EVERYONE:
        yield Fault("group", "everyone may launch the image")
    yield from _foreign(resource, trusted_accounts, "launch the image")


@control(
    on=[SNAPSHOT_PERMISSION, SNAPSHOT_BLOCK],
    severity=Severity.CRITICAL,
    fix="Name the accounts that may use it; SecurityBaseline blocks public sharing.",
    source="FSBP EC2.1; PCI DSS 4.0.1 1.4.2",
    properties=["accountId", "state"],
)
def ebs_snapshot_not_shared(
    resource: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Snapshots of volumes are not shared with everyone, and sharing so is blocked.

    A snapshot is the whole disk. Accounts are judged only where trusted_accounts names some.
    """
    if resource.type == SNAPSHOT_BLOCK:
        if resource.value("state") == "unblocked":
            yield Fault("state", "snapshots can be shared with everyone")
        return
    if resource.value("accountId") == _EVERYONE:
        yield Fault("accountId", "everyone may make a volume of the snapshot")
        return
    yield from _foreign(resource, trusted_accounts, "make a volume of the snapshot")


def _foreign(resource: Resource, trusted: tuple[str, ...], what: str) -> Iterator[Fault]:
    account = resource.value("accountId") if trusted else None
    if account is not None and account not in trusted:
        yield Fault("accountId", f"account {account} is not trusted and may {what}")


CONTROLS: Final = (ec2_imdsv2_required, ec2_ami_not_public, ebs_snapshot_not_shared)

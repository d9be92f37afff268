"""Controls over settings that an account or a region has once.

That a stack does not make them is a fault only where `account_stacks` names it; see there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.account_stacks import missing
from fintech_infra.controls.control import Fault, Severity, control, expects
from fintech_infra.controls.remedies import differing
from fintech_infra.environment import STACK_TYPE, Environment, Resource

ENCRYPTION: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"
DEFAULT_KEY: Final = "aws:ebs/defaultKmsKey:DefaultKmsKey"
PUBLIC_BUCKETS: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
PASSWORDS: Final = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
CONTACT: Final = "aws:account/alternativeContact:AlternativeContact"
NETWORKS: Final = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"

_SWITCHES: Final = (
    "blockPublicAcls",
    "blockPublicPolicy",
    "ignorePublicAcls",
    "restrictPublicBuckets",
)
_CLASSES: Final = (
    "requireLowercaseCharacters",
    "requireNumbers",
    "requireSymbols",
    "requireUppercaseCharacters",
)


@control(
    on=[ENCRYPTION, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Set enabled, and name a customer-managed key in a DefaultKmsKey; SecurityBaseline does.",
    source="CIS AWS Foundations 5.0 5.1.1; FSBP EC2.7",
    properties=["enabled"],
)
def ebs_encryption_by_default(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """New volumes are encrypted by default, with a customer-managed key.

    A volume that somebody makes in a hurry is then encrypted all the same. That the default is not
    set is judged in the stacks that account_stacks names, as patterns of project/stack.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [ENCRYPTION], "EBS encryption by default")
        return
    if resource.value("enabled") is False:
        yield Fault("enabled", "new volumes are not encrypted by default")
    elif not any(True for _ in environment.of_type(DEFAULT_KEY)):
        yield Fault("", "new volumes are encrypted with the key of AWS: there is no DefaultKmsKey")


@control(
    on=[PUBLIC_BUCKETS, STACK_TYPE],
    severity=Severity.HIGH,
    fix="Set all four switches; SecurityBaseline does.",
    source="CIS AWS Foundations 5.0 2.1.4; FSBP S3.1",
    properties=_SWITCHES,
)
def s3_account_public_access_blocked(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """The account's public access block has all four switches on.

    It also covers the buckets that no program declares. That there is none is judged in the stacks
    that account_stacks names, as patterns of project/stack.
    """
    if resource.type == STACK_TYPE:
        what = "public access block of the account"
        yield from missing(environment, account_stacks, [PUBLIC_BUCKETS], what)
        return
    for switch in _SWITCHES:
        if resource.value(switch) is not True:
            yield Fault(switch, "the switch is off for the whole account")


def _stronger(resource: Resource, *, minimum_length: int) -> Mapping[str, Any]:
    if resource.type != PASSWORDS:
        return {}
    wanted: dict[str, Any] = dict.fromkeys(_CLASSES, True)
    if (resource.number("minimumPasswordLength") or 0) < minimum_length:
        wanted["minimumPasswordLength"] = minimum_length
    return differing(resource, wanted)


@control(
    on=[PASSWORDS, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Ask for 14 characters of all four classes; SecurityBaseline does.",
    source="CIS AWS Foundations 5.0 1.7; FSBP IAM.7, IAM.10; PCI DSS 4.0.1 8.3.6",
    properties=["minimumPasswordLength", *_CLASSES],
    remedy=_stronger,
)
def iam_password_policy_strength(
    resource: Resource,
    environment: Environment,
    *,
    minimum_length: int = 14,
    account_stacks: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Passwords of the account's users are long, and mix letters, digits and symbols.

    Short passwords are guessed. That there is no policy is judged in the stacks that account_stacks
    names, as patterns of project/stack.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [PASSWORDS], "password policy")
        return
    length = resource.number("minimumPasswordLength")
    if length is None or length < minimum_length:
        message = f"passwords may be shorter than {minimum_length} characters"
        yield Fault("minimumPasswordLength", message)
    for path in _CLASSES:
        if resource.value(path) is not True:
            yield Fault(path, "the class of characters is not asked for")


def _renewed(policy: Resource, *, remembered: int, maximum_days: int) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    if (policy.number("passwordReusePrevention") or 0) < remembered:
        found["passwordReusePrevention"] = remembered
    # With a hard expiry, whoever has an old password is locked out until somebody resets it.
    age = policy.number("maxPasswordAge") or 0
    if not 0 < age <= maximum_days and policy.value("hardExpiry") is not True:
        found["maxPasswordAge"] = maximum_days
    return found


@control(
    on=[PASSWORDS],
    severity=Severity.MEDIUM,
    fix="Set passwordReusePrevention to 24 and maxPasswordAge to 90; SecurityBaseline does.",
    source="CIS AWS Foundations 5.0 1.8; PCI DSS 4.0.1 8.3.7, 8.3.9",
    properties=["passwordReusePrevention", "maxPasswordAge"],
    remedy=_renewed,
)
def iam_password_policy_reuse_and_age(
    policy: Resource, *, remembered: int = 24, maximum_days: int = 90
) -> Iterator[Fault]:
    """Passwords of the account's users expire and are not used again.

    A password that was stolen once is tried for years.
    """
    reuse = policy.number("passwordReusePrevention")
    if reuse is None or reuse < remembered:
        yield Fault("passwordReusePrevention", f"fewer than {remembered} passwords are remembered")
    age = policy.number("maxPasswordAge")
    # 0 is how AWS writes that passwords never expire.
    if age is None or not 0 < age <= maximum_days:
        yield Fault("maxPasswordAge", f"passwords live longer than {maximum_days} days")


@control(
    on=[CONTACT, STACK_TYPE],
    severity=Severity.MEDIUM,
    fix="Register a contact of type SECURITY; SecurityBaseline requires one.",
    source="CIS AWS Foundations 5.0 1.2; FSBP Account.1",
    properties=["alternateContactType"],
)
def account_security_contact_set(
    resource: Resource, environment: Environment, *, account_stacks: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """An account that registers alternate contacts has one for security.

    Otherwise AWS writes to the owner of the account when a key of it is found in public. That there
    is no contact at all is judged in the stacks that account_stacks names.
    """
    if resource.type == STACK_TYPE:
        yield from missing(environment, account_stacks, [CONTACT], "alternate contact")
        return
    types = {str(item.value("alternateContactType")) for item in environment.of_type(CONTACT)}
    if "SECURITY" not in types:
        yield Fault("alternateContactType", "no contact of the account is for security")


ec2_serial_console_disabled = expects(
    "ec2-serial-console-disabled",
    on=["aws:ec2/serialConsoleAccess:SerialConsoleAccess"],
    path="enabled",
    equals=False,
    title="The serial console of instances is closed.",
    why="It is a way into an instance that no security group and no flow log sees.",
    fault="the serial console is open",
    severity=Severity.MEDIUM,
    fix="Set enabled to false; SecurityBaseline does.",
    source="AWS EC2 user guide, Account access to the EC2 serial console; PCI DSS 4.0.1 2.2.4",
    remediable=True,
)


@control(
    on=[NETWORKS],
    severity=Severity.HIGH,
    fix="Set internetGatewayBlockMode to block-bidirectional or block-ingress; SecurityBaseline "
    "does, and a HardenedVpc excludes itself where it has to.",
    source="AWS VPC user guide, Block public access to VPCs and subnets; FSBP EC2.172",
    properties=["internetGatewayBlockMode"],
)
def vpc_account_public_access_blocked(options: Resource) -> Iterator[Fault]:
    """VPC Block Public Access, where it is set, blocks the internet.

    Switched off, every network of the region with a gateway is open again at once.
    """
    if options.text("internetGatewayBlockMode") not in {"block-bidirectional", "block-ingress"}:
        yield Fault("internetGatewayBlockMode", "networks of the region are open to the internet")


CONTROLS: Final = (
    ebs_encryption_by_default,
    s3_account_public_access_blocked,
    iam_password_policy_strength,
    iam_password_policy_reuse_and_age,
    account_security_contact_set,
    ec2_serial_console_disabled,
    vpc_account_public_access_blocked,
)

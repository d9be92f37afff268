"""Controls over secrets in Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control
from fintech_infra.controls.policies import hold_statements, strangers
from fintech_infra.controls.schedules import longest_gap_days
from fintech_infra.environment import Environment, Resource, UnknownValueError
from fintech_infra.environment.relations import companions, managed_companions
from fintech_infra.environment.undecided import decided_first

CONTAINER: Final = "aws:secretsmanager/secret:Secret"
POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"
ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"
VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"

_AWS_MANAGED: Final = "alias/aws/secretsmanager"
_LONGEST_WINDOW: Final = 30
_VALUES: Final = ("secretString", "secretBinary", "secretStringWo")
_OWNER: Final = "rotation-owner"
_REASON: Final = "rotation-reason"


@control(
    on=[CONTAINER],
    severity=Severity.MEDIUM,
    fix="Set kmsKeyId, and that of every replica, to a customer-managed key; ManagedSecret takes "
    "an EncryptionKey's ARN or makes a key.",
    source="AWS Secrets Manager user guide, Secret encryption and decryption; AWS Config "
    "secretsmanager-using-cmk",
    properties=["kmsKeyId", "replicas"],
)
def secretsmanager_cmk(secret: Resource) -> Iterator[Fault]:
    """Secrets and their replicas are encrypted with a customer-managed key.

    The key that AWS manages decrypts for everyone in the account whom Secrets Manager lets read;
    with a key of one's own a second policy decides, and the secret can be made unreadable.
    """
    yield from decided_first((_key_faults(secret, "kmsKeyId"), _replica_faults(secret)))


def _replica_faults(secret: Resource) -> Iterator[Fault]:
    for path, _ in secret.each("replicas"):
        yield from _key_faults(secret, f"{path}.kmsKeyId")


def _key_faults(secret: Resource, path: str) -> Iterator[Fault]:
    try:
        key = secret.value(path)
    except UnknownValueError:
        return  # made by somebody, hence not by AWS
    if not key or str(key).endswith(_AWS_MANAGED):
        yield Fault(path, "encrypts with the key that AWS manages")


def _blocked(resource: Resource, *, trusted_accounts: tuple[str, ...]) -> Mapping[str, Any]:
    # Secrets Manager would refuse a policy that is public, and with it the deployment.
    check = strangers(trusted_accounts, "the secret")
    if resource.type != POLICY or any(True for _ in hold_statements(resource, ["policy"], check)):
        return {}
    return {"blockPublicPolicy": True}


@control(
    on=[POLICY, CONTAINER],
    severity=Severity.CRITICAL,
    fix="Name the roles that read the secret and set blockPublicPolicy; ManagedSecret compiles its "
    "policy from the consumers given.",
    source="AWS Secrets Manager user guide, Resource-based policies",
    properties=["policy", "blockPublicPolicy"],
    remedy=_blocked,
)
def secretsmanager_policy_not_public(
    resource: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """No secret policy admits anyone, or an account outside the trusted set.

    blockPublicPolicy has Secrets Manager itself refuse a policy that is public, whoever sets it;
    it is required where the policy is a resource of its own, which alone can ask for it.
    """
    held = hold_statements(resource, ["policy"], strangers(trusted_accounts, "the secret"))
    yield from decided_first((held, _unblocked(resource)))


def _unblocked(resource: Resource) -> Iterator[Fault]:
    if resource.type == POLICY and resource.value("blockPublicPolicy") is not True:
        yield Fault("blockPublicPolicy", "Secrets Manager is not asked to refuse public policies")


def _longer_window(_: Resource, *, minimum_days: int) -> Mapping[str, Any]:
    return {"recoveryWindowInDays": minimum_days} if minimum_days <= _LONGEST_WINDOW else {}


@control(
    on=[CONTAINER],
    severity=Severity.LOW,
    fix="Leave recoveryWindowInDays at 30; ManagedSecret waits 30 days and denies a shorter time.",
    source="AWS Secrets Manager API reference, DeleteSecret",
    properties=["recoveryWindowInDays"],
    remedy=_longer_window,
)
def secretsmanager_recovery_window(secret: Resource, *, minimum_days: int = 30) -> Iterator[Fault]:
    """Deleted secrets can be recovered for long enough to notice that they are missing.

    A secret that is deleted at once, by mistake or by an attacker, takes down what depends on it,
    and what it opened may be locked for good.
    """
    days = secret.number("recoveryWindowInDays")
    if days is None or days >= minimum_days:
        return
    message = f"can be recovered for {days} days; at least {minimum_days} are needed"
    if days == 0:
        message = "is deleted at once, without recovery"
    yield Fault("recoveryWindowInDays", message)


@control(
    on=[CONTAINER, ROTATION],
    severity=Severity.MEDIUM,
    fix="Add a secretsmanager.SecretRotation of 90 days or less; ManagedSecret requires a rotation "
    "function, or an owner who rotates elsewhere and the reason.",
    source="FSBP SecretsManager.1, SecretsManager.4; PCI DSS 4.0.1 8.6.3",
    properties=["rotationRules", "secretId", "tags"],
)
def secretsmanager_rotation_enabled(
    resource: Resource,
    environment: Environment,
    *,
    maximum_days: int = 90,
    rotation_owners: tuple[str, ...] = (),
) -> Iterator[Fault]:
    """Secrets have a rotation schedule, or somebody who rotates them elsewhere.

    Whoever gets hold of a secret can use it until it changes. Where Secrets Manager cannot change
    it, the tags rotation-owner and rotation-reason say who does and why; an organization may name
    the owners that it accepts.
    """
    if resource.type == ROTATION:
        yield from decided_first((_switched_off(resource), _period(resource, maximum_days)))
    elif managed_companions(environment, resource, "secretId", ROTATION):
        return
    elif _named(resource, _OWNER) and _named(resource, _REASON):
        owner = _named(resource, _OWNER)
        if rotation_owners and owner not in rotation_owners:
            yield Fault(f"tags.{_OWNER}", f"is rotated elsewhere by {owner}, who is not accepted")
    elif not companions(environment, resource, "secretId", ROTATION):
        yield Fault(
            "", "no rotation in this program refers to the secret, and no tags say who does"
        )


def _named(secret: Resource, tag: str) -> str:
    return str(secret.value(f"tags.{tag}") or "").strip()


def _switched_off(rotation: Resource) -> Iterator[Fault]:
    if rotation.value("rotationEnabled") is False:
        yield Fault("rotationEnabled", "the rotation is switched off")


def _period(rotation: Resource, maximum_days: int) -> Iterator[Fault]:
    path = "rotationRules.automaticallyAfterDays"
    days = rotation.number(path)
    if days is None:
        path = "rotationRules.scheduleExpression"
        expression = rotation.value(path)
        if expression is None:
            yield Fault("rotationRules", "says neither after how many days nor on what schedule")
            return
        days = longest_gap_days(str(expression))
        if days is None:
            message = f"{expression!r} is a schedule that cannot be told apart"
            yield Fault(path, message, undecided=True)
            return
    if days > maximum_days:
        message = f"rotates every {days:g} days; at most {maximum_days} are allowed"
        yield Fault(path, message)


@control(
    on=[VERSION],
    severity=Severity.MEDIUM,
    fix="Make the secret without a value and put the value in with PutSecretValue or a rotation "
    "function; ManagedSecret takes no value.",
    source="PCI DSS 4.0.1 8.6.2; pulumi/pulumi-terraform-bridge#3201",
    properties=_VALUES,
)
def secretsmanager_value_outside_state(version: Resource) -> Iterator[Fault]:
    """No program puts a value into a secret.

    What a program holds is in its state and its history, also what it made itself or declared
    write-only, so everyone who may deploy can read it and rotation does not reach it.
    """
    for path in _VALUES:
        if version.is_set(path):
            yield Fault(path, "the value of the secret is in the program's state")


CONTROLS: Final = (
    secretsmanager_cmk,
    secretsmanager_policy_not_public,
    secretsmanager_recovery_window,
    secretsmanager_rotation_enabled,
    secretsmanager_value_outside_state,
)

"""Controls over KMS keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.controls.control import Fault, Severity, control, expects
from fintech_infra.controls.policies import hold_statements, read_policy, strangers
from fintech_infra.controls.remedies import differing
from fintech_infra.environment import Resource
from fintech_infra.environment.access import is_account
from fintech_infra.environment.documents import Document, Principal, Statement
from fintech_infra.environment.undecided import reading

KEY: Final = "aws:kms/key:Key"
KEY_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"
REPLICA_KEY: Final = "aws:kms/replicaKey:ReplicaKey"
EXTERNAL_KEY: Final = "aws:kms/externalKey:ExternalKey"
REPLICA_EXTERNAL_KEY: Final = "aws:kms/replicaExternalKey:ReplicaExternalKey"
KEYS: Final = (KEY, REPLICA_KEY, EXTERNAL_KEY, REPLICA_EXTERNAL_KEY)

_SHORTEST_ROTATION: Final = 90
_LONGEST_WINDOW: Final = 30
_ADMINISTRATION: Final = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey")
_DECRYPTION: Final = ("kms:Decrypt", "kms:ReEncryptFrom")


def _rotated(key: Resource, *, maximum_days: int) -> Mapping[str, Any]:
    wanted: dict[str, Any] = {"enableKeyRotation": True}
    days = key.number("rotationPeriodInDays")
    if days is not None and days > maximum_days:
        wanted["rotationPeriodInDays"] = maximum_days
    # KMS rotates a key every 90 days at the most.
    return differing(key, wanted) if maximum_days >= _SHORTEST_ROTATION else {}


@control(
    on=[KEY],
    severity=Severity.MEDIUM,
    fix="Set enableKeyRotation; EncryptionKey rotates every key it makes.",
    source="AWS KMS developer guide, Rotate AWS KMS keys",
    properties=["enableKeyRotation", "rotationPeriodInDays"],
    remedy=_rotated,
)
def kms_rotation_enabled(key: Resource, *, maximum_days: int = 365) -> Iterator[Fault]:
    """Symmetric customer-managed keys rotate automatically.

    Whoever gets hold of old key material can read everything that it ever encrypted; rotation
    bounds how much that is. KMS cannot rotate asymmetric and HMAC keys or keys in a custom key
    store, so these are not judged.
    """
    if key.is_set("customKeyStoreId") or key.is_set("xksKeyId"):
        return
    if (key.value("customerMasterKeySpec") or "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return
    if key.value("enableKeyRotation") is not True:
        yield Fault("enableKeyRotation", "the key does not rotate")
        return
    days = key.number("rotationPeriodInDays")
    if days is not None and days > maximum_days:
        message = f"the key rotates every {days} days; at most {maximum_days} are allowed"
        yield Fault("rotationPeriodInDays", message)


@control(
    on=[*KEYS, KEY_POLICY],
    severity=Severity.CRITICAL,
    fix="Name the principals that use the key, or confine them with kms:CallerAccount or "
    "aws:PrincipalOrgID; EncryptionKey compiles its policy from the principals given.",
    source="AWS KMS developer guide, Key policies; FSBP KMS.5",
    properties=["policy"],
)
def kms_policy_not_public(
    key: Resource, *, trusted_accounts: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Key policies admit neither anyone nor an account outside the trusted set.

    A key that strangers may use turns every copy of the data it encrypts into plain text for them.
    """
    yield from hold_statements(key, ["policy"], strangers(trusted_accounts, "the key"))


@control(
    on=[*KEYS, KEY_POLICY],
    severity=Severity.HIGH,
    fix="Give administration and use to different roles; EncryptionKey takes administrators and "
    "users apart and refuses a principal that is both.",
    source="PCI DSS 4.0.1 7.2.2; NIST SP 800-53 AC-5",
    properties=["policy"],
)
def kms_policy_duties_separated(key: Resource) -> Iterator[Fault]:
    """No principal but the account itself both administers a key and decrypts with it.

    Whoever changes a key's policy and also reads with the key needs nobody else to take the data
    and to cover the traces.
    """
    with reading(key.name, "policy"):
        yield from _double_duties(read_policy(key, "policy"))


def _double_duties(document: Document) -> Iterator[Fault]:
    seen: dict[Principal, None] = {
        principal: None
        for statement in document.allowing
        for principal in statement.principals
        if principal.kind != "Service" and not is_account(principal)
    }
    for principal in seen:
        if _may(document, principal, _ADMINISTRATION) and _may(document, principal, _DECRYPTION):
            path = f"policy.{_first(document, principal).path}"
            yield Fault(path, f"{principal.value} both administers the key and decrypts with it")


def _may(document: Document, principal: Principal, actions: tuple[str, ...]) -> bool:
    return any(
        _covers(document.allowing, principal, action)
        and not _covers((s for s in document.denying if not s.conditions), principal, action)
        for action in actions
    )


def _covers(statements: Iterator[Statement], principal: Principal, action: str) -> bool:
    return any(
        (principal in statement.principals or any(p.value == "*" for p in statement.principals))
        and statement.covers_action(action)
        for statement in statements
    )


def _first(document: Document, principal: Principal) -> Statement:
    return next(statement for statement in document.allowing if principal in statement.principals)


def _longer_window(_: Resource, *, minimum_days: int) -> Mapping[str, Any]:
    return {"deletionWindowInDays": minimum_days} if minimum_days <= _LONGEST_WINDOW else {}


@control(
    on=KEYS,
    severity=Severity.MEDIUM,
    fix="Leave deletionWindowInDays at 30; EncryptionKey waits 30 days.",
    source="AWS KMS developer guide, Delete an AWS KMS key; FSBP KMS.3",
    properties=["deletionWindowInDays"],
    remedy=_longer_window,
)
def kms_deletion_window_long(key: Resource, *, minimum_days: int = 30) -> Iterator[Fault]:
    """Keys wait long enough between the order to delete them and their deletion.

    What a deleted key encrypted is gone for ever; the wait is the only time to notice a mistake or
    an attack.
    """
    days = key.number("deletionWindowInDays")
    if days is not None and days < minimum_days:
        message = f"the key is deleted after {days} days; at least {minimum_days} are needed"
        yield Fault("deletionWindowInDays", message)


@control(
    on=KEYS,
    severity=Severity.MEDIUM,
    fix="Make a single-region key, or have the regions approved and listed in approved_regions; "
    "EncryptionKey makes a multi-region key only where replicas are given.",
    source="AWS KMS developer guide, Multi-Region keys; GDPR Art. 44",
    properties=["multiRegion", "primaryKeyArn", "region"],
)
def kms_multi_region_key_approved(
    key: Resource, *, approved_regions: tuple[str, ...] = ()
) -> Iterator[Fault]:
    """Key material stays in its region unless the regions of its copies are approved.

    A copy decrypts in its region what was encrypted in another one, so it decides where data can
    be read, and under whose law. A key that can be copied needs one approved region at least.
    """
    if key.type in (REPLICA_KEY, REPLICA_EXTERNAL_KEY):
        region = key.value("region") or key.outputs.get("region")
        if region not in approved_regions:
            yield Fault("region", f"the key is copied to {region}, which is not approved")
    elif key.value("multiRegion") is True and not approved_regions:
        yield Fault("multiRegion", "the key can be copied to other regions; none is approved")


kms_lockout_check_enforced = expects(
    "kms-lockout-check-enforced",
    on=[*KEYS, KEY_POLICY],
    path="bypassPolicyLockoutSafetyCheck",
    equals=False,
    absent_is=True,
    title="Key policies are applied with the lockout safety check on.",
    why="Without it a policy can be set that nobody may change again, and the data it protects can "
    "be neither governed nor, at last, read.",
    fault="the key policy lockout safety check is bypassed",
    severity=Severity.MEDIUM,
    fix="Remove bypassPolicyLockoutSafetyCheck; EncryptionKey never bypasses the check.",
    source="AWS KMS API reference, PutKeyPolicy",
    remediable=True,
)


@control(
    on=KEYS,
    severity=Severity.HIGH,
    fix="Leave isEnabled (enabled, of replicas and of imported material) out, or set it to true.",
    source="AWS KMS developer guide, Enable and disable keys",
    properties=["isEnabled", "enabled"],
)
def kms_key_enabled(key: Resource) -> Iterator[Fault]:
    """KMS keys are enabled.

    What a disabled key protects can be neither read nor written: databases stop, backups cannot be
    restored, logs are lost. A key that waits for its deletion is disabled, too.
    """
    name = "isEnabled" if key.type == KEY else "enabled"
    if key.value(name) is False:
        yield Fault(name, "the key is disabled")


CONTROLS: Final = (
    kms_rotation_enabled,
    kms_policy_not_public,
    kms_policy_duties_separated,
    kms_deletion_window_long,
    kms_multi_region_key_approved,
    kms_lockout_check_enforced,
    kms_key_enabled,
)

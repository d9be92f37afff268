"""Controls over backup plans: how often, how long, where to, of what, and whether it restores."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from fintech_infra.controls.backup import AIR_GAPPED, VAULT, is_at, place_of
from fintech_infra.controls.control import Fault, Scope, Severity, control
from fintech_infra.controls.rds import CLUSTER, INSTANCE, is_replica
from fintech_infra.environment import UNKNOWN, Environment, Resource, UnknownValueError
from fintech_infra.environment.documents import matches
from fintech_infra.environment.relations import companions, refuse_if_hidden
from fintech_infra.environment.undecided import UndecidedError, decided_first

PLAN: Final = "aws:backup/plan:Plan"
SELECTION: Final = "aws:backup/selection:Selection"
RESTORE_PLAN: Final = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
RESTORE_SELECTION: Final = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
DATA_STORES: Final = (
    INSTANCE,
    CLUSTER,
    "aws:dynamodb/table:Table",
    "aws:efs/fileSystem:FileSystem",
    "aws:ebs/volume:Volume",
)

_RATE: Final = re.compile(r"rate\((?P<count>\d+) (?P<unit>minute|hour|day)s?\)")
_HOURS: Final = {"minute": 1 / 60, "hour": 1, "day": 24}
_EVERY: Final = frozenset({"*", "?", "*/1", "1/1"})
_CRON: Final = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+)(?: (\S+))?\)")
_OTHER_CONDITIONS: Final = ("stringLikes", "stringNotEquals", "stringNotLikes")
_TAG: Final = "aws:ResourceTag/"


@control(
    on=[PLAN],
    severity=Severity.MEDIUM,
    fix="Schedule a rule at least daily and set deleteAfter; BackupVault derives both from the "
    "recovery point objective and the retention.",
    source="AWS Backup Audit Manager, Backup plan minimum frequency and minimum retention",
    properties=["rules"],
)
def backup_plan_minimums(plan: Resource, *, minimum_days: int = 35) -> Iterator[Fault]:
    """Plans back up at least daily, and each of their rules keeps recovery points long enough.

    What was corrupted on Friday is found on Monday, and fraud weeks later; a plan of rare or
    short-lived backups has nothing from before. A rule that never expires is long enough.
    """
    yield from decided_first([_retention_faults(plan, minimum_days), _frequency_faults(plan)])


def _retention_faults(plan: Resource, minimum_days: int) -> Iterator[Fault]:
    for rule, _ in plan.each("rules"):
        days = plan.number(f"{rule}.lifecycle.deleteAfter")
        if days is not None and days < minimum_days:
            message = f"recovery points are kept for {days} days"
            yield Fault(f"{rule}.lifecycle.deleteAfter", f"{message}; {minimum_days} are needed")


def _frequency_faults(plan: Resource) -> Iterator[Fault]:
    if not any(_is_daily(plan, rule) for rule, _ in plan.each("rules")):
        yield Fault("rules", "no rule backs up at least daily")


def _is_daily(plan: Resource, rule: str) -> bool:
    schedule = str(plan.value(f"{rule}.schedule") or "")
    if match := _RATE.fullmatch(schedule):
        return int(match["count"]) * _HOURS[match["unit"]] <= _HOURS["day"]
    match = _CRON.fullmatch(schedule)
    return match is not None and all(part in _EVERY for part in match.groups()[2:] if part)


@control(
    on=[PLAN],
    severity=Severity.HIGH,
    fix="Add copyActions to a vault in another region or account; BackupVault requires one.",
    source="DORA Art. 11, 12; NIST SP 800-53 CP-6",
    scope=Scope.PROD,
    properties=["rules"],
)
def backup_plan_offsite_copy(plan: Resource, environment: Environment) -> Iterator[Fault]:
    """Production plans copy what they back up daily to another region or account.

    A region fails as a whole, and an account that is taken over is lost as a whole; backups that
    share the fate of the data are none.
    """
    unknown: UnknownValueError | None = None
    for rule, _ in plan.each("rules"):
        if not _is_daily(plan, rule):
            continue
        for copy, _ in plan.each(f"{rule}.copyActions"):
            try:
                if _is_offsite(environment, plan, f"{copy}.destinationVaultArn"):
                    return
            except UnknownValueError as error:
                unknown = unknown or error
    if unknown is not None:
        raise unknown
    yield Fault("rules", "no daily rule copies recovery points to another region or account")


def _is_offsite(environment: Environment, plan: Resource, path: str) -> bool:
    own = place_of(plan)
    try:
        region, account = _owner(plan.value(path))
    except UnknownValueError:
        vaults = environment.references(plan, path, VAULT, AIR_GAPPED)
        if any(place_of(vault) not in {own, None} for vault in vaults):
            return True
        raise
    _, own_account = _owner(plan.outputs.get("arn"))
    if own_account and account and own_account != account:
        return True
    if own is None:
        raise UndecidedError(path, f"it is not known whether {region} is the plan's own region")
    return region != own


def _owner(arn: Any) -> tuple[str, str]:
    """The region and the account in an ARN, empty where it is none."""
    parts = [*(arn.split(":") if isinstance(arn, str) else ()), *[""] * 5]
    return parts[3], parts[4]


@control(
    on=[PLAN],
    severity=Severity.MEDIUM,
    fix="Add a backup.RestoreTestingPlan that includes the vault, and a selection; BackupVault "
    "does.",
    source="DORA Art. 12, 24; SOC 2 A1.3",
    scope=Scope.PROD,
    properties=["rules"],
)
def backup_restore_testing_scheduled(plan: Resource, environment: Environment) -> Iterator[Fault]:
    """Restores from the vaults of production plans are tested on a schedule.

    A backup that was never restored is a hope. Copies in other regions are not judged: their tests
    belong to those regions.
    """
    for rule, _ in plan.each("rules"):
        path = f"{rule}.targetVaultName"
        vaults = [
            vault
            for vault in environment.references(plan, path, VAULT, AIR_GAPPED)
            if is_at(environment, vault, plan, path)
        ]
        if any(_is_tested(environment, vault) for vault in [*vaults, None]):
            continue
        if not vaults:
            raise UndecidedError(path, "the vault is not in this program, nor may its tests be")
        for vault in vaults:
            refuse_if_hidden(environment, vault, "recoveryPointSelection", RESTORE_PLAN)
        yield Fault(path, f"no restore testing plan with a selection includes {vaults[0].name}")


def _is_tested(environment: Environment, vault: Resource | None) -> bool:
    """Whether restores from the vault, or from every one, are tested by this program."""
    for tests in environment.of_type(RESTORE_PLAN):
        at = "recoveryPointSelection.includeVaults"
        if tests.existing or not _includes(environment, tests, at, vault):
            continue
        if companions(environment, tests, "restoreTestingPlanName", RESTORE_SELECTION):
            return True
    return False


def _includes(environment: Environment, tests: Resource, at: str, vault: Resource | None) -> bool:
    referred = vault is not None and vault in environment.references(tests, at, VAULT, AIR_GAPPED)
    try:
        items = [item for _, item in tests.each(at)]
    except UnknownValueError:
        return referred
    arn = None if vault is None else vault.outputs.get("arn")
    return "*" in items or (arn in items if isinstance(arn, str) else referred)


@control(
    on=DATA_STORES,
    severity=Severity.HIGH,
    fix="Name its ARN in a backup.Selection, or give it a tag that one selects by; BackupVault "
    "takes resource_arns and select_by_tags.",
    source="FSBP RDS.26, DynamoDB.4, EFS.2, EC2.28",
    scope=Scope.PROD,
)
def backup_plan_covers_data_stores(store: Resource, environment: Environment) -> Iterator[Fault]:
    """In a program that plans backups, every production data store is selected by one.

    The store that nobody added to the plan is the one that is missing after the incident. Programs
    without any selection are not judged: an organization's backup policy or another stack may
    select by tag, which no preview can see. Neither are read replicas: their source is backed up.
    """
    selections = [item for item in environment.of_type(SELECTION) if not item.existing]
    if not selections or is_replica(store):
        return
    unseen: Resource | None = None
    for selection in selections:
        try:
            if selects(environment, selection, store):
                return
        except UnknownValueError:
            unseen = unseen or selection
    if unseen is not None:
        raise UndecidedError("", f"what {unseen.name} selects is not known")
    yield Fault("", "no selection of a backup plan in this program covers it")


def selects(environment: Environment, selection: Resource, store: Resource) -> bool:
    """Whether a backup selection covers a data store, by name or by tag.

    Raises:
        UnknownValueError: it depends on something that is not known before deployment.
    """
    if _is_named(environment, selection, "notResources", store):
        return False
    if any(
        _has_tag(store, selection.text(f"{tag}.key"), selection.value(f"{tag}.value"))
        for tag, _ in selection.each("selectionTags")
    ):
        return True
    return _is_named(environment, selection, "resources", store) and _meets(selection, store)


def _is_named(environment: Environment, selection: Resource, path: str, store: Resource) -> bool:
    referred = store in environment.references(selection, path, store.type)
    try:
        items = [item for _, item in selection.each(path)]
    except UnknownValueError:
        if referred:
            return True
        raise
    arn = store.outputs.get("arn")
    if isinstance(arn, str) or not items or "*" in items:
        return any(matches(str(item), str(arn)) for item in items)
    if not referred:
        raise UndecidedError("", f"the ARN of {store.name} is not known")
    return True


def _meets(selection: Resource, store: Resource) -> bool:
    """Whether the store meets all conditions of a selection.

    Raises:
        UndecidedError: there are conditions other than that a tag has a value.
    """
    for condition, _ in selection.each("conditions"):
        if any(selection.is_set(f"{condition}.{kind}") for kind in _OTHER_CONDITIONS):
            raise UndecidedError("", f"the conditions of {selection.name} are not judged")
        for tag, _ in selection.each(f"{condition}.stringEquals"):
            key = str(selection.value(f"{tag}.key")).removeprefix(_TAG)
            if not _has_tag(store, key, selection.value(f"{tag}.value")):
                return False
    return True


def _has_tag(store: Resource, key: Any, value: Any) -> bool:
    """Whether the store has the tag, of its own or by its provider's default."""
    given: Any = store.value("tags")
    with_defaults: Any = store.outputs.get("tagsAll", given)
    if with_defaults is UNKNOWN:
        raise UnknownValueError("tags")
    tags = cast("Mapping[str, Any]", with_defaults) if isinstance(with_defaults, Mapping) else {}
    return key in tags and tags[key] == value


CONTROLS: Final = (
    backup_plan_minimums,
    backup_plan_offsite_copy,
    backup_restore_testing_scheduled,
    backup_plan_covers_data_stores,
)

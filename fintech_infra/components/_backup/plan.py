"""Makes what backs up: the plan, what it selects, and the region's consent to it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Input, Resource
from pulumi_aws import backup

from fintech_infra.components._backup.design import (
    COMPLETION_MINUTES,
    MONTHLY,
    START_MINUTES,
    kinds_of,
    recovery_of,
    retentions_of,
    schedule_of,
    vault_name_of,
)
from fintech_infra.components._backup.kinds import KINDS
from fintech_infra.components._backup.roles import BackupRole
from fintech_infra.components._site import Site

_TIMEZONE: Final = "Etc/UTC"


def make_plan(
    site: Site,
    args: Mapping[str, Any],
    vault: backup.Vault,
    copies: Sequence[Input[str]],
    after: Sequence[Resource],
) -> backup.Plan:
    """Make the plan, which stores into the vault and copies everything to the vaults `copies`."""
    schedules = {"rpo": schedule_of(recovery_of(args)["interval_hours"]), "monthly": MONTHLY}
    return backup.Plan(
        site.name,
        name=vault_name_of(site.name, args),
        rules=[
            _rule(rule, schedules[rule], days, vault, copies)
            for rule, days in retentions_of(args).items()
        ],
        region=site.region,
        tags=site.tagged(site.name),
        opts=site.child(depends_on=list(after)),
    )


def _rule(
    name: str, schedule: str, days: int, vault: backup.Vault, copies: Sequence[Input[str]]
) -> backup.PlanRuleArgs:
    return backup.PlanRuleArgs(
        rule_name=name,
        target_vault_name=vault.name,
        schedule=schedule,
        schedule_expression_timezone=_TIMEZONE,
        start_window=START_MINUTES,
        completion_window=COMPLETION_MINUTES,
        # A continuous backup would take the retention of RDS and Aurora out of their own hands,
        # and cannot be copied as such.
        enable_continuous_backup=False,
        lifecycle=backup.PlanRuleLifecycleArgs(delete_after=days),
        copy_actions=[
            backup.PlanRuleCopyActionArgs(
                destination_vault_arn=copy,
                lifecycle=backup.PlanRuleCopyActionLifecycleArgs(delete_after=days),
            )
            for copy in copies
        ],
    )


def select(
    site: Site, args: Mapping[str, Any], plan: backup.Plan, role: BackupRole
) -> dict[str, backup.Selection]:
    """Select the resources with the given ARNs, and those with one of the given tags.

    They are two selections, because within one AWS takes what both say.
    """
    found: dict[str, backup.Selection] = {}
    if arns := args.get("resource_arns"):
        found["resources"] = _selection(site, "arns", plan, role, resources=list(arns))
    if tags := args.get("select_by_tags"):
        wanted = [
            backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=key, value=tags[key])
            for key in sorted(tags)
        ]
        found["selectionTags"] = _selection(site, "tags", plan, role, selection_tags=wanted)
    return found


def _selection(
    site: Site, name: str, plan: backup.Plan, role: BackupRole, **selected: Any
) -> backup.Selection:
    return backup.Selection(
        site.named(name),
        name=name,
        plan_id=plan.id,
        iam_role_arn=role.role.arn,
        region=site.region,
        opts=site.child(depends_on=role.permissions),
        **selected,
    )


def opt_in(site: Site, args: Mapping[str, Any]) -> backup.RegionSettings:
    """Opt the account in to backups of the kinds that are protected, in the region.

    Without it AWS Backup passes over them and says nothing. There is one such setting for account
    and region: it takes over the one that exists, leaves other kinds as they are, and stays when
    it is removed from the program. A kind that the region does not know is an error
    (hashicorp/terraform-provider-aws#21801), so only those in use are named.
    """
    kinds = [KINDS[kind] for kind in kinds_of(args)]
    return backup.RegionSettings(
        site.name,
        resource_type_opt_in_preference={kind.resource_type: True for kind in kinds},
        resource_type_management_preference={
            kind.resource_type: True for kind in kinds if kind.managed
        }
        or None,
        region=site.region,
        opts=site.child(retain_on_delete=True),
    )

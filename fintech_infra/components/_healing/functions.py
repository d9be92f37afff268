"""Makes the two functions: one judges and changes nothing, one acts and judges nothing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import dynamodb, ec2, iam, ssm

from fintech_infra.components._function import Function, FunctionPlan, make_function
from fintech_infra.components._healing import permissions
from fintech_infra.components._healing.declared import ids
from fintech_infra.components._healing.remediations import HealingRisk, Remediation
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site

PACKAGE: Final = "remediation"


@dataclass(frozen=True)
class Healing:
    """What both functions are made of."""

    account: Output[Account]
    key_arn: Input[str]
    risks: Mapping[Remediation, HealingRisk]
    resources: Sequence[Mapping[str, Any]]
    declared: Mapping[Remediation, ssm.Parameter]
    quarantine: ec2.SecurityGroup | None
    budget: dynamodb.Table
    kill_switch_name: Output[str]
    ledger_bucket: Output[str]
    deployers: Sequence[Input[str]]
    dry_run: bool
    per_hour: int


def make_judge(site: Site, healing: Healing, actor: iam.Role) -> Function:
    """Make the function that judges, takes from the budget and records; it can change nothing.

    What the acting function does with the role `actor` restores what is declared, so it is judged
    like what a deployment does.
    """
    trusted = [*healing.deployers, actor.arn]
    wanted = Output.all(healing.account, _stores(healing)).apply(
        lambda both: permissions.judging(both[0], site.name, both[1], _enabled(healing))
    )
    plan = FunctionPlan(
        package=PACKAGE,
        description=f"Judges what was changed, for {site.name}",
        permissions=wanted,
        environment=_environment(site, healing, "judge", trusted),
        # Several may come at once; DynamoDB keeps what they take from the budget apart.
        concurrency=5,
    )
    return make_function(site, "judge", plan, key_arn=healing.key_arn, account=healing.account)


def make_actor(site: Site, healing: Healing) -> Function:
    """Make the function that restores what is declared, one event after the other."""
    wanted = Output.all(healing.account, _stores(healing), _declared_ids(healing)).apply(
        lambda all_: permissions.acting(all_[0], site.name, all_[1], all_[2], _enabled(healing))
    )
    plan = FunctionPlan(
        package=PACKAGE,
        description=f"Restores what is declared, for {site.name}",
        permissions=wanted,
        environment=_environment(site, healing, "act", healing.deployers),
        timeout_seconds=120,
    )
    return make_function(site, "act", plan, key_arn=healing.key_arn, account=healing.account)


def _enabled(healing: Healing) -> list[Remediation]:
    return sorted(healing.risks)


def _stores(healing: Healing) -> Output[permissions.Stores]:
    declared = [healing.declared[key].arn for key in sorted(healing.declared)]
    return Output.all(
        healing.account,
        healing.budget.arn,
        healing.key_arn,
        healing.kill_switch_name,
        declared,
        healing.ledger_bucket,
    ).apply(_stores_of)


def _stores_of(found: list[Any]) -> permissions.Stores:
    account, budget, key, kill_switch, declared, bucket = found
    return permissions.Stores(
        budget=budget,
        budget_key=key,
        kill_switch=account.arn("ssm", f"parameter/{kill_switch.removeprefix('/')}"),
        declared=declared,
        ledger=f"arn:{account.partition}:s3:::{bucket}",
    )


def _declared_ids(healing: Healing) -> Output[dict[Remediation, list[str]]]:
    """The ids that each remediation may write to; for quarantine, the group's."""
    group = healing.quarantine.id if healing.quarantine else None

    def sort(found: list[Any]) -> dict[Remediation, list[str]]:
        resources, group = found
        by_remediation = {key: ids(key, resources) for key in healing.risks}
        if group is not None:
            by_remediation[Remediation.QUARANTINE_INSTANCE] = [group]
        return by_remediation

    return Output.all(list(healing.resources), group).apply(sort)


def _environment(
    site: Site, healing: Healing, duty: str, deployers: Sequence[Input[str]]
) -> dict[str, Input[str]]:
    declared = {key.value: item.name for key, item in sorted(healing.declared.items())}
    risks = {key.value: risk.value for key, risk in sorted(healing.risks.items())}
    return {
        "ACCOUNT": healing.account.apply(lambda found: found.id),
        "ACTIONS_PER_HOUR": str(healing.per_hour),
        "BUDGET_TABLE": healing.budget.name,
        "DECLARED": Output.json_dumps(declared, sort_keys=True),
        "DEPLOYERS": Output.json_dumps(list(deployers)),
        "DRY_RUN": "true" if healing.dry_run else "false",
        "DUTY": duty,
        "KILL_SWITCH": healing.kill_switch_name,
        "LEDGER_BUCKET": healing.ledger_bucket,
        "NAME": site.name,
        "RISKS": json.dumps(risks, sort_keys=True),
    }

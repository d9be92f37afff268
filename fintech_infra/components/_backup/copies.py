"""Makes the vaults that recovery points are copied to, in other regions and behind an air gap."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, Resource
from pulumi_aws import backup

from fintech_infra.components._backup.design import air_gapped_name_of, kinds_of, vault_name_of
from fintech_infra.components._backup.lock import plan_lock
from fintech_infra.components._backup.vault import Vault, make_key, make_vault
from fintech_infra.components._backup.watch import report_tampering
from fintech_infra.components._site import Site

LEAST_AIR_GAPPED_DAYS: Final = 7
"""https://docs.aws.amazon.com/aws-backup/latest/devguide/logicallyairgappedvault.html"""


class BackupCopyArgs(TypedDict):
    """Where every recovery point is copied to."""

    region: str
    """Region of the copies, another one than the vault's, such as `eu-central-1`. It names the
    vault that is made there."""
    vault_arn: NotRequired[Input[str]]
    """ARN of a vault in that region that exists, of this account or another one of the
    organization. Copies of Aurora and RDS go to another region or to another account, never both.
    Default: a vault of its own, made there as this one is here."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of a customer-managed key of that region, for the vault made there. Default: a key of
    its own. Changing it replaces that vault, which `protect` refuses."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of an SNS topic of that region that hears of tampering with the vault and the key made
    there. Default: nobody is told."""


class BackupAirGapArgs(TypedDict):
    """A logically air-gapped vault: kept by AWS apart from the account's own, locked for ever."""

    token: str
    """The name of that vault, which is the vault's with `-air-gapped` behind it: it says that a
    vault from which nobody can delete anything, from its first day on, is meant."""
    most_days: NotRequired[int]
    """What a recovery point may be kept for at most to be accepted, no less than the plan's
    retention. Default: the plan's longest. It cannot be changed."""
    least_days: NotRequired[int]
    """What a recovery point must be kept for at least to be accepted, 7 to the plan's shortest
    retention. Default: 7. It cannot be changed."""


def make_copies(site: Site, args: Mapping[str, Any]) -> tuple[dict[str, Input[str]], list[Vault]]:
    """Return the ARNs of vaults that recovery points are copied to, by region, and the new ones."""
    arns: dict[str, Input[str]] = {}
    made: list[Vault] = []
    for copy in sorted(args["copy_to"], key=lambda copy: copy["region"]):
        region = copy["region"]
        if "vault_arn" in copy:
            arns[region] = copy["vault_arn"]
            continue
        there = Site(site.component, site.named(region), region, site.tags)
        topic = copy.get("alarm_topic_arn")
        vault = make_vault(
            there,
            vault_name_of(site.name, args),
            plan_lock(args.get("lock", {})),
            kinds_of(args),
            key_arn=copy.get("kms_key_arn"),
            topic=topic,
        )
        if topic is not None:
            report_tampering(there, topic)
        arns[region] = vault.vault.arn
        made.append(vault)
    return arns, made


def make_air_gapped(
    site: Site, args: Mapping[str, Any], retentions: Sequence[int]
) -> backup.LogicallyAirGappedVault:
    """Make the logically air-gapped vault, with a key that encrypts nothing else."""
    given, name = args["air_gap"], site.named("air-gapped")
    key = make_key(site, "air-gapped-key", kinds_of(args), args.get("alarm_topic_arn"))
    return backup.LogicallyAirGappedVault(
        name,
        name=air_gapped_name_of(site.name, args),
        min_retention_days=int(given.get("least_days", LEAST_AIR_GAPPED_DAYS)),
        max_retention_days=int(given.get("most_days", max(retentions))),
        encryption_key_arn=key,
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(protect=True),
    )


def elsewhere(own: Input[str], arns: Mapping[str, Input[str]]) -> dict[str, Output[str]]:
    """Return the ARNs by region, which raise ValueError where one is that of the vault `own`."""
    return {
        region: Output.all(own, arn).apply(lambda both: _distinct(both[0], both[1]))
        for region, arn in arns.items()
    }


def _distinct(own: str, copy: str) -> str:
    if own.split(":")[3:5] == copy.split(":")[3:5]:
        raise ValueError(
            f"recovery points would be copied to {copy}, in the region and account of {own}; "
            "name another region in copy_to"
        )
    return copy


def guards(vaults: Sequence[Vault]) -> list[Resource]:
    """Return what must be in place before anything is stored in the vaults."""
    return [guard for vault in vaults for guard in (vault.lock, vault.policy)]

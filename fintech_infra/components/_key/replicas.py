"""Makes the copies of a key in other regions, which decrypt what it encrypted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output
from pulumi_aws import kms

from fintech_infra.components._identifiers import REGION
from fintech_infra.components._key.tampering import report_tampering
from fintech_infra.components._policy import Account
from fintech_infra.components._site import Site


class KeyReplicaArgs(TypedDict):
    """A copy of a key in another region, with the same key material."""

    region: str
    """Region of the copy, such as `eu-central-1`. Data encrypted with the key can be decrypted
    there, so it counts as a place of the data (GDPR Art. 44)."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic, in that region, that hears of tampering with the copy. Default: nobody
    is told."""


def replica_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for what is wrong with the copies of a key."""
    replicas = args.get("replicas")
    if replicas is not None and not replicas:
        yield "replicas", "is empty; name a region, or leave it out: it decides what the key is"
    seen = {args.get("region")}
    for index, replica in enumerate(replicas or []):
        path, region = f"replicas[{index}].region", replica["region"]
        if not REGION.fullmatch(region):
            yield path, f"is {region!r}; accepted are regions such as 'eu-central-1'"
        elif region in seen:
            yield path, f"is {region!r}, where the key is already"
        seen.add(region)


def make_replica(
    site: Site,
    wanted: KeyReplicaArgs,
    primary: kms.Key,
    account: Output[Account],
    policy: Callable[[Output[Account]], Output[str]],
    *,
    alias: str | None,
    description: str,
    deletion_window_days: int,
) -> kms.ReplicaKey:
    """Make the copy that is `wanted`, its alias and, with a topic, what reports tampering.

    `policy` compiles the policy of the key for an account and region, so that every copy has the
    same grants.
    """
    region = wanted["region"]
    name = site.named(region)
    replica = kms.ReplicaKey(
        name,
        primary_key_arn=primary.arn,
        description=description,
        deletion_window_in_days=deletion_window_days,
        bypass_policy_lockout_safety_check=False,
        policy=policy(account.apply(lambda found: replace(found, region=region))),
        region=region,
        tags=site.tags,
        opts=site.child(protect=True),
    )
    kms.Alias(name, name=alias, target_key_id=replica.key_id, region=region, opts=site.child())
    if "alarm_topic_arn" in wanted:
        topic = wanted["alarm_topic_arn"]
        report_tampering(site.component, name, replica, topic, region=region, tags=site.tags)
    return replica

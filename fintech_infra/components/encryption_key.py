"""EncryptionKey: a customer-managed key that rotates, and that nobody both administers and uses."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import kms

from fintech_infra.components._account import account_of
from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key import policy as key_policy
from fintech_infra.components._key.checks import ROTATION_DAYS, key_problems
from fintech_infra.components._key.policy import Grant, KeyOperation
from fintech_infra.components._key.replicas import KeyReplicaArgs, make_replica
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._key.tampering import report_tampering
from fintech_infra.components._policy import KEY_POLICY_LIMIT, Account, document
from fintech_infra.components._site import Site

ALGORITHM: Final = "SYMMETRIC_DEFAULT"
"""AES-256 in GCM mode, as KMS calls it."""

USAGE: Final = "ENCRYPT_DECRYPT"

DELETION_WINDOW_DAYS: Final = 30
"""The longest wait that KMS offers before a key is gone, and all that it encrypted with it."""


_SATISFIED: Final = {
    "kms-deletion-window-long": "deletionWindowInDays",
    "kms-lockout-check-enforced": "bypassPolicyLockoutSafetyCheck",
    "kms-policy-duties-separated": "policy",
    "kms-policy-not-public": "policy",
    "kms-rotation-enabled": "enableKeyRotation",
}
"""Which property of the key satisfies which control."""


class KeyGrantArgs(TypedDict):
    """What one role may do with a key."""

    principal: Input[str]
    """ARN of the IAM role that uses the key. Never an administrator of the same key."""
    operations: list[str]
    """What it may do: any of `encrypt`, `decrypt` and `delegate` (let an AWS service that it uses
    work with the key on its own, as volumes and databases need)."""
    via_service: NotRequired[str]
    """Only through this AWS service, such as `s3` or `secretsmanager`. Default: also directly."""
    encryption_context: NotRequired[dict[str, str]]
    """Only with this encryption context, exactly. Default: with any."""


class EncryptionKeyArgs(TypedDict):
    """What an EncryptionKey needs to know: nothing. Every argument narrows or records something."""

    description: NotRequired[str]
    """What the key protects, for whoever finds it in the console. Default: names the component."""
    alias: NotRequired[str]
    """Alias of the key, without the `alias/` in front; unique in an account and region. Changing
    it replaces the alias and nothing else. Default: a unique one that starts with the component's
    name."""
    data_class: NotRequired[DataClass]
    """How sensitive the protected data is; becomes the tag `data-class`. Default: confidential."""
    administrators: NotRequired[list[Input[str]]]
    """ARNs of the IAM roles that administer the key. They are denied its use, also where IAM lets
    them (PCI DSS 4.0.1 3.7, SOX separation of duties). Default: whoever IAM lets administer keys
    in the account, which stays possible in any case, so that nobody can be locked out."""
    users: NotRequired[list[KeyGrantArgs]]
    """The roles that use the key. They are denied its administration, also where IAM lets them, so
    do not list the role that deploys the key. Default: see `services`."""
    services: NotRequired[list[str]]
    """AWS services that may use the key. `backup`, `dynamodb`, `ec2`, `ecr`, `elasticfilesystem`,
    `lambda`, `network-firewall`, `rds`, `s3`, `secretsmanager`, `sns`, `sqs`, `ssm` and `states`
    (Step Functions) use it for callers in this account whom IAM lets; `backup-events`, `budgets`,
    `cloudtrail`, `cloudwatch` (alarms), `config`, `costalerts`, `events` (EventBridge), `fargate`
    (disks of tasks), `log-delivery` (flow logs), `logs`, `rds-events` and `sns-delivery` (topics
    into queues) use it as themselves, for resources of this account. Default, while `users` is
    absent too: any service, for callers in this account whom IAM lets; direct use, without a
    service in between, is possible for `users` only."""
    org_id: NotRequired[str]
    """Id of the organization, such as `o-a1b2c3d4e5`. Principals of others are denied the key's
    use, whatever else lets them. Default: no further limit."""
    rotation_days: NotRequired[int]
    """Days between rotations, 90 to 365. Default: 365. Changing it re-encrypts nothing; old key
    material stays available to decrypt what it encrypted."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears when the key is scheduled for deletion, disabled, gets
    another policy or stops rotating (PCI DSS 4.0.1 10.7.2). Needs a trail that records management
    events in the region, and a topic whose policy lets `events.amazonaws.com` publish. Default:
    CloudTrail still records these calls, but nobody is told."""
    replicas: NotRequired[list[KeyReplicaArgs]]
    """Copies of the key in other regions, with the same grants, so that data replicated there can
    be decrypted when this region is gone (DORA Art. 12). Decide once whether there are any: with
    the first or without the last the key is replaced, which `protect` refuses. Adding one more
    changes nothing else. The control kms-multi-region-key-approved asks for approval of each
    region. Default: none; the key material stays in its region."""
    region: NotRequired[Input[str]]
    """Region of the key and everything with it, its copies excepted. Default: the provider's.
    Changing it replaces the key, which `protect` refuses."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class EncryptionKey(Component):
    """A customer-managed symmetric KMS key that rotates, with a policy compiled from typed grants.

    No principal but the account itself can both administer and use it, and those who use it are
    named or come through an AWS service. It makes the key, its alias, with `alarm_topic_arn` an
    EventBridge rule and target that report tampering, and the same once more for each copy.

    The key is protected: Pulumi refuses to delete or replace it until `pulumi state unprotect`.
    Once deleted it can be recovered for 30 days, the longest that KMS offers. To erase data for
    good (GDPR Art. 17), give it a key of its own and delete that key.

    Deliberately absent: a shorter deletion window, imported key material, and asymmetric or HMAC
    keys, which need another component.
    """

    arn: Output[str]
    """ARN of the key."""
    key_id: Output[str]
    """Id of the key, the last part of its ARN."""
    alias_arn: Output[str]
    """ARN of the alias."""
    alias_name: Output[str]
    """Name of the alias, with `alias/` in front."""
    replica_arns: Output[dict[str, str]]
    """ARNs of the copies by region."""
    inventory: Output[str]
    """JSON for the inventory of cryptography that PCI DSS 4.0.1 12.3.3 asks for: `key`, `replicas`
    (ARNs by region), `algorithm`, `usage`, `rotation_days`, `data_class`, `administrators`,
    `users`, `services`."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: EncryptionKeyArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the key.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown or wrong; all mistakes are listed.
                Principals that are outputs are checked when they are known, and then raise
                ValueError.
        """
        super().__init__(name, args, opts)
        tags = {**args.get("tags", {}), "data-class": _data_class(args)}
        site = Site(self, name, args.get("region"), tags)
        services = sorted({KeyService(item) for item in args.get("services", [])})
        rotation_days = int(args.get("rotation_days", ROTATION_DAYS[-1]))
        replicas = args.get("replicas", [])
        account = account_of(self, site.region)

        key = kms.Key(
            name,
            description=_description(name, args),
            customer_master_key_spec=ALGORITHM,
            key_usage=USAGE,
            enable_key_rotation=True,
            rotation_period_in_days=rotation_days,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            bypass_policy_lockout_safety_check=False,
            multi_region=bool(replicas),
            policy=_policy(account, args, services),
            region=site.region,
            tags=tags,
            opts=self.child(protect=True),
        )
        alias = kms.Alias(
            name,
            name=_alias(args),
            target_key_id=key.key_id,
            region=site.region,
            opts=self.child(),
        )
        if "alarm_topic_arn" in args:
            topic = args["alarm_topic_arn"]
            report_tampering(self, name, key, topic, region=site.region, tags=tags)
        copies = {
            item["region"]: make_replica(
                site,
                item,
                key,
                account,
                lambda there: _policy(there, args, services),
                alias=_alias(args),
                description=_description(name, args),
                deletion_window_days=DELETION_WINDOW_DAYS,
            ).arn
            for item in replicas
        }

        self.publish(
            arn=key.arn,
            key_id=key.key_id,
            alias_arn=alias.arn,
            alias_name=alias.name,
            replica_arns=Output.from_input(copies),
            inventory=_inventory(args, key, copies, rotation_days, services),
            evidence=evidence(_satisfied(key, replicated=bool(replicas))),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note rotation out of range, a malformed alias and grants that make no sense."""
        for path, reason in key_problems(args):
            problems.add(path, reason)


def _data_class(args: EncryptionKeyArgs) -> str:
    return DataClass(args.get("data_class", DataClass.CONFIDENTIAL)).value


def _description(name: str, args: EncryptionKeyArgs) -> str:
    return args.get("description", f"Customer-managed key of {name}")


def _alias(args: EncryptionKeyArgs) -> str | None:
    return f"alias/{args['alias']}" if "alias" in args else None


def _satisfied(key: kms.Key, *, replicated: bool) -> dict[str, tuple[Resource, str]]:
    found: dict[str, tuple[Resource, str]] = {
        control: (key, path) for control, path in _SATISFIED.items()
    }
    if not replicated:
        found["kms-multi-region-key-approved"] = (key, "multiRegion")
    return found


def _inventory(
    args: EncryptionKeyArgs,
    key: kms.Key,
    copies: Mapping[str, Output[str]],
    rotation_days: int,
    services: list[KeyService],
) -> Output[str]:
    return Output.json_dumps(
        {
            "key": key.arn,
            "replicas": copies,
            "algorithm": ALGORITHM,
            "usage": USAGE,
            "rotation_days": rotation_days,
            "data_class": _data_class(args),
            "administrators": args.get("administrators", []),
            "users": args.get("users", []),
            "services": [item.value for item in services],
        }
    )


def _policy(
    account: Output[Account], args: EncryptionKeyArgs, services: list[KeyService]
) -> Output[str]:
    """The key's policy, compiled when everybody in it is known."""
    resolved = Output.all(account, args.get("administrators", []), args.get("users", []))

    def compile_policy(found: list[Any]) -> str:
        account, administrators, users = found
        grants = [_grant(user) for user in users]
        compiled = key_policy.statements(
            account, administrators, grants, services, args.get("org_id", "")
        )
        return document(compiled, KEY_POLICY_LIMIT)

    return resolved.apply(compile_policy)


def _grant(user: Mapping[str, Any]) -> Grant:
    return Grant(
        principal=user["principal"],
        operations=frozenset(KeyOperation(item) for item in user["operations"]),
        via_service=user.get("via_service"),
        encryption_context=user.get("encryption_context", {}),
    )

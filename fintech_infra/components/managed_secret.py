"""ManagedSecret: a container for a secret that rotates, whose value no program ever holds."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import lambda_, secretsmanager

from fintech_infra.components._account import account_of
from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import MANAGED_POLICY_LIMIT, Account, document
from fintech_infra.components._secret.checks import secret_problems
from fintech_infra.components._secret.policy import (
    RECOVERY_DAYS,
    SECRET_POLICY_LIMIT,
    SecretFacts,
    reading,
    rotating,
    statements,
)
from fintech_infra.components._secret.rotation import (
    ExternalRotationArgs,
    RotationPlan,
    SecretRotationArgs,
    plan_rotation,
)
from fintech_infra.components._secret.watch import FUNCTION_SERVICES, watch
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs


class SecretReplicaArgs(TypedDict):
    """A copy of a secret in another region, kept equal by Secrets Manager."""

    region: str
    """Region of the copy, such as `eu-central-1`."""
    kms_key_arn: Input[str]
    """ARN of the customer-managed key, in that region, that encrypts the copy. It must let
    `secretsmanager` use it."""


class ManagedSecretArgs(TypedDict):
    """What a ManagedSecret needs to know: what it opens, and who changes its value."""

    purpose: str
    """What the secret opens, for whoever finds it; becomes its description."""
    rotation: NotRequired[SecretRotationArgs]
    """The function that changes the value, and how often. Either this or `rotated_elsewhere` is
    required."""
    rotated_elsewhere: NotRequired[ExternalRotationArgs]
    """Who changes the value where Secrets Manager cannot, and why. The age of the value is watched
    all the same, given an `alarm_topic_arn`."""
    data_class: NotRequired[DataClass]
    """How sensitive the data is that the secret opens; decides how old its value may become and
    becomes the tag `data-class`. Default: confidential."""
    consumers: NotRequired[list[Input[str]]]
    """ARNs of the roles that read the value; they need no further permission but to use the key.
    Nobody else reads it then, whatever IAM says, so list also those who read it by hand. Roles of
    other accounts need `org_id`, and a `kms_key_arn` that lets them use it. Default: whoever IAM
    lets read it in the account; attach `read_policy` to a role."""
    org_id: NotRequired[str]
    """Id of the organization, such as `o-a1b2c3d4e5`. Principals of others are denied the value.
    Default: no further limit."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts the value, in the same region. It must let
    `secretsmanager` use it, and with `alarm_topic_arn` also `lambda`, `logs` and `sqs`. Default: a
    key of the secret's own. Changing it re-encrypts the value."""
    replicas: NotRequired[list[SecretReplicaArgs]]
    """Copies in other regions, each with a key of its own. Default: none. Removing one deletes the
    copy at once."""
    secret_name: NotRequired[str]
    """Name of the secret, for readers that cannot be given an ARN. Once deleted, it is taken for
    another 30 days. Changing it replaces the secret, which `protect` refuses. Default: a unique one
    that starts with the component's name."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears when a rotation fails, when calls weaken the secret or its
    key, and when the value is older than it may be, or nobody measures that (PCI DSS 4.0.1 8.6.3,
    10.7.2). Needs a trail that records management events in the region, and a topic whose policy
    lets `events.amazonaws.com` and `cloudwatch.amazonaws.com` publish. The alarm pages once when it
    is made, because nothing has been measured then. Default: nobody is told."""
    region: NotRequired[Input[str]]
    """Region of the secret and everything with it, its replicas excepted. Default: the provider's.
    Changing it replaces the secret, which `protect` refuses."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class ManagedSecret(Component):
    """A secret in Secrets Manager that is encrypted, rotated and watched, and starts out empty.

    It makes the secret with its policy, an EncryptionKey unless a key is given, and the schedule of
    `rotation` with the permission that it needs. With `alarm_topic_arn` it also makes two rules for
    failed rotations and tampering, and a function that measures the age of the value every six
    hours, with an alarm on it.

    No argument takes a value, because whatever a program holds is in its state (Pulumi keeps
    write-only inputs there, too: pulumi/pulumi-terraform-bridge#3201). Put the first one in with
    `aws secretsmanager put-secret-value`, from where nobody records it; rotation starts on its
    schedule, not before.

    The secret is protected: Pulumi refuses to delete or replace it until `pulumi state unprotect`.
    Once deleted it can be recovered for 30 days, and its policy refuses a shorter time, deletion at
    once, and policies that Secrets Manager finds public.

    Deliberately absent: values, a shorter recovery, secrets without rotation or an owner, and the
    key that AWS manages.
    """

    arn: Output[str]
    """ARN of the secret, known once its policy is in place."""
    name: Output[str]
    """Name of the secret."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts it."""
    read_policy: Output[str]
    """JSON policy for a role that reads the value, use of the key included."""
    rotation_policy: Output[str]
    """JSON policy for the role of a rotation function, use of the key included. What it takes to
    change the password itself is not in it."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: ManagedSecretArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the secret.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed. Roles that are outputs are checked when they are known, and then raise
                ValueError.
        """
        super().__init__(name, args, opts)
        plan = plan_rotation(_data_class(args), args)
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        account = account_of(self, site.region)
        key_arn = args["kms_key_arn"] if "kms_key_arn" in args else _make_key(site, args)

        secret = _make_secret(site, args, plan, key_arn)
        policy = secretsmanager.SecretPolicy(
            name,
            secret_arn=secret.arn,
            policy=_facts(args, account).apply(_policy),
            block_public_policy=True,
            region=site.region,
            opts=self.child(),
        )
        satisfied: dict[str, tuple[Resource, str]] = {
            "secretsmanager-cmk": (secret, "kmsKeyId"),
            "secretsmanager-policy-not-public": (policy, "policy"),
            "secretsmanager-recovery-window": (secret, "recoveryWindowInDays"),
        }
        if "rotation" in args:
            schedule = _rotate(site, secret, args["rotation"], plan, account, after=policy)
            satisfied["secretsmanager-rotation-enabled"] = (schedule, "rotationRules")
        else:
            satisfied["secretsmanager-rotation-enabled"] = (secret, "tags")
        if "alarm_topic_arn" in args:
            watch(
                site,
                secret,
                args["alarm_topic_arn"],
                days=plan.days,
                key_arn=key_arn,
                account=account,
            )

        access = Output.all(account, secret.arn, key_arn)
        self.publish(
            # Known once the policy is in place, so that nobody reads before.
            arn=policy.secret_arn,
            name=secret.name,
            kms_key_arn=Output.from_input(key_arn),
            read_policy=access.apply(lambda it: document(reading(*it), MANAGED_POLICY_LIMIT)),
            rotation_policy=access.apply(lambda it: document(rotating(*it), MANAGED_POLICY_LIMIT)),
            evidence=evidence(satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note names, roles, rotation and replicas that make no sense, or no safe secret."""
        for path, reason in secret_problems(args):
            problems.add(path, reason)


def _data_class(args: Mapping[str, Any]) -> DataClass:
    return DataClass(args.get("data_class", DataClass.CONFIDENTIAL))


def _make_key(site: Site, args: ManagedSecretArgs) -> Output[str]:
    own: EncryptionKeyArgs = {
        "description": f"Encrypts the secret {site.name}",
        "data_class": _data_class(args),
        "services": [KeyService.SECRETS_MANAGER.value],
        "tags": args.get("tags", {}),
    }
    if "alarm_topic_arn" in args:
        own["services"] = [KeyService.SECRETS_MANAGER.value, *FUNCTION_SERVICES]
        own["alarm_topic_arn"] = args["alarm_topic_arn"]
    if site.region is not None:
        own["region"] = site.region
    return EncryptionKey(site.named("key"), own, site.child()).arn


def _make_secret(
    site: Site, args: ManagedSecretArgs, plan: RotationPlan, key_arn: Input[str]
) -> secretsmanager.Secret:
    replicas = [
        secretsmanager.SecretReplicaArgs(region=item["region"], kms_key_id=item["kms_key_arn"])
        for item in args.get("replicas", [])
    ]
    return secretsmanager.Secret(
        site.name,
        name=args.get("secret_name"),
        description=args["purpose"],
        kms_key_id=key_arn,
        recovery_window_in_days=RECOVERY_DAYS,
        replicas=replicas or None,
        # A secret of that name in the other region is somebody else's.
        force_overwrite_replica_secret=False,
        region=site.region,
        tags={**site.tags, "data-class": _data_class(args).value, **plan.tags},
        opts=site.child(protect=True),
    )


def _rotate(
    site: Site,
    secret: secretsmanager.Secret,
    rotation: SecretRotationArgs,
    plan: RotationPlan,
    account: Output[Account],
    *,
    after: Resource,
) -> secretsmanager.SecretRotation:
    """Let Secrets Manager call the function for this secret, and make the schedule."""
    name = site.named("rotation")
    permission = lambda_.Permission(
        name,
        function=rotation["function_arn"],
        action="lambda:InvokeFunction",
        principal="secretsmanager.amazonaws.com",
        source_arn=secret.arn,
        source_account=account.apply(lambda found: found.id),
        region=site.region,
        opts=site.child(),
    )
    hours = rotation.get("window_hours")
    return secretsmanager.SecretRotation(
        name,
        secret_id=secret.arn,
        rotation_lambda_arn=rotation["function_arn"],
        rotation_rules=secretsmanager.SecretRotationRotationRulesArgs(
            automatically_after_days=plan.days,
            duration=None if hours is None else f"{int(hours)}h",
        ),
        # The first rotation would find no value to rotate.
        rotate_immediately=False,
        region=site.region,
        opts=site.child(depends_on=[permission, after]),
    )


def _facts(args: ManagedSecretArgs, account: Output[Account]) -> Output[SecretFacts]:
    """Everything that the policy depends on, resolved."""
    return Output.all(
        account=account,
        consumers=args.get("consumers", []),
        rotator=args.get("rotation", {}).get("function_role_arn", ""),
        org_id=args.get("org_id", ""),
    ).apply(lambda resolved: SecretFacts(**resolved))


def _policy(facts: SecretFacts) -> str:
    return document(statements(facts), SECRET_POLICY_LIMIT)

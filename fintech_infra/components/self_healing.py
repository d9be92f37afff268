"""SelfHealing: undoes what was changed behind Pulumi's back, within limits that it cannot move."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import cloudwatch, ec2, lambda_, sfn, sqs

from fintech_infra.components._account import account_of
from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._healing.checks import (
    DEFAULT_APPROVAL_MINUTES,
    DEFAULT_PER_HOUR,
    HealingRuleArgs,
    healing_problems,
    risks_of,
)
from fintech_infra.components._healing.declared import DeclaredResourceArgs
from fintech_infra.components._healing.functions import Healing, make_actor, make_judge
from fintech_infra.components._healing.machine import Cast, make_conductor, make_workflow, watch
from fintech_infra.components._healing.permissions import approving
from fintech_infra.components._healing.remediations import Remediation
from fintech_infra.components._healing.rules import make_delivery, make_queue, make_rules
from fintech_infra.components._healing.stores import (
    kill_switch_of,
    ledger_of,
    make_budget,
    make_quarantine_group,
    publish_declared,
)
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import MANAGED_POLICY_LIMIT, Account, document
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

_CLASS: Final = {"data-class": DataClass.CONFIDENTIAL.value}
"""Events and records tell who may do what, and where the holes are."""


class SelfHealingArgs(TypedDict):
    """What SelfHealing needs to know."""

    alarm_topic_arn: Input[str]
    """ARN of the SNS topic that is told of everything: acts, refusals, rehearsals, requests for
    approval and for `pulumi up`, failures, and tampering with the key. It must be in the same
    region and let `cloudwatch` and `events` (`.amazonaws.com`) publish."""
    alarm_topic_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts the topic, as an AlarmTopic's `kms_key_arn`,
    which must let `sns` use it for callers in this account. Default: no such key encrypts it; if
    one does after all, nobody can be asked, and the workflow's failures page."""
    rules: NotRequired[list[HealingRuleArgs]]
    """The remediations that are enabled. Default: all, each with its own risk. Adding or removing
    one makes or deletes its rules and touches no other."""
    declared: NotRequired[list[DeclaredResourceArgs]]
    """What the program declares, which is all that is ever restored. Of a resource that is not in
    it people are told, and nothing is changed. Default: nothing. The functions may change no other
    resources than these."""
    dry_run: NotRequired[bool]
    """Whether people are only told what would be done. Default: true. Set it to false once the
    rehearsals of some weeks were right."""
    max_actions_per_hour: NotRequired[int]
    """How many events may be acted upon in any 60 minutes, 1 to 20. Default: 5. What is beyond is
    refused and people are told: it may be an attack on the remediation itself."""
    approval_minutes: NotRequired[int]
    """How long an approval is waited for, 5 to 1440. Default: 60. Silence rejects."""
    quarantine_vpc_id: NotRequired[Input[str]]
    """Id of the VPC whose instances can be quarantined; a group without rules is made in it.
    Default: findings about instances are reported, and nothing is changed. Changing it replaces
    the group, which AWS refuses while an instance is in it."""
    deployer_role_arns: NotRequired[list[Input[str]]]
    """ARNs of up to 10 roles that deploy. What they change is the declaration's own, so it leads to
    no request to re-apply. Default: none. What they stop, open or share is restored all the same.
    """
    ledger_bucket: NotRequired[Input[str]]
    """Name of the bucket that records are written to, under `self-healing/<name>/`: with Object
    Lock, in this account, and encrypted with a key that lets `s3` use it for callers in this
    account, as a LockedDownBucket with purpose `archive` is. Default: one of its own."""
    kill_switch_name: NotRequired[Input[str]]
    """Name of an SSM parameter of the region that holds `armed` while things may be changed, such
    as one that several components share. Default: one of its own, armed at first."""
    region: NotRequired[Input[str]]
    """Region that is healed, and of everything here. Default: the provider's. Changing it replaces
    everything, which `protect` refuses."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class SelfHealing(Component):
    """Rules, a workflow and two functions that restore declared state when it was changed.

    Every event goes through one Step Functions workflow. A function judges it: what is declared,
    what is found, whether the kill switch is armed, the hour's budget is left, and who decides.
    Where a person does, the workflow asks the topic and waits; approving takes the permissions in
    `approval_policy`. Another function, which alone can change anything, and only what is declared,
    carries out exactly what was judged and looks whether it took. Where one call cannot restore
    what is declared, people and an event on the default bus (source `fintech-infra.self-healing`)
    ask for `pulumi up --target` instead. Every judgement, and what was found before and after an
    act, is written to a locked bucket; without that record nothing is done (SOX, DORA Art. 17).
    What could not be handled stays in an encrypted queue for 14 days, and people are told
    (PCI DSS 4.0.1 10.7.3).

    It makes an EncryptionKey of its own, because its policy names the workflow's role; a
    LockedDownBucket unless a ledger is given; a table for the budget; the kill switch unless one is
    given; and a parameter per remediation with what is declared. Key, table, bucket, kill switch
    and log groups are protected: Pulumi refuses to delete them until `pulumi state unprotect`.

    To stop everything: `aws ssm put-parameter --overwrite --value off --name <kill_switch_name>`.
    Pulumi does not arm it again.

    CloudTrail has to record management events in the region, and events of global services such as
    IAM are sent in us-east-1 only. Deliberately absent: remediations of IAM, where only a re-apply
    is right; AWS Config's own remediation, which knows neither budget nor kill switch; remediations
    written elsewhere; a way to act without budget, ledger or kill switch.
    """

    state_machine_arn: Output[str]
    """ARN of the workflow."""
    kill_switch_name: Output[str]
    """Name of the SSM parameter that stops everything when it is anything but `armed`."""
    ledger_bucket: Output[str]
    """Name of the bucket with the records."""
    budget_table_arn: Output[str]
    """ARN of the table of what was acted upon in the last hour, for a backup plan that is to cover
    every table."""
    dead_letter_queue_url: Output[str]
    """URL of the queue with the events that nobody handled."""
    quarantine_security_group_id: Output[str]
    """Id of the group without rules; empty without `quarantine_vpc_id`."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts everything."""
    approval_policy: Output[str]
    """JSON policy for a role whose bearers approve and reject. Their calls are on record in
    CloudTrail; the name that they give is only a claim."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: SelfHealingArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make everything.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed. Values that are outputs are checked when they are known, and then raise
                ValueError.
        """
        super().__init__(name, args, opts)
        site = Site(self, name, args.get("region"), {**args.get("tags", {}), **_CLASS})
        topic, account = args["alarm_topic_arn"], account_of(self, site.region)

        conductor = make_conductor(site, account)
        key_arn = _make_key(site, conductor.arn, topic)
        group = _quarantine_group(site, args)
        healing = _healing(site, args, account, key_arn, group)
        actor = make_actor(site, healing)
        judge = make_judge(site, healing, actor.role)
        queue = make_queue(site, account, key_arn)
        cast = Cast(
            account=account,
            key_arn=key_arn,
            judge=judge,
            actor=actor,
            undelivered=queue,
            topic=topic,
            topic_key=args.get("alarm_topic_key_arn", ""),
            approval_minutes=int(args.get("approval_minutes", DEFAULT_APPROVAL_MINUTES)),
        )
        machine = make_workflow(site, conductor, cast)
        delivery = make_delivery(site, account, machine, queue)
        targets = make_rules(site, account, delivery, sorted(healing.risks), _config_rules(args))
        watch(site, machine, queue, topic)

        self.publish(
            state_machine_arn=machine.arn,
            kill_switch_name=healing.kill_switch_name,
            ledger_bucket=healing.ledger_bucket,
            budget_table_arn=healing.budget.arn,
            dead_letter_queue_url=queue.url,
            quarantine_security_group_id=group.id if group else Output.from_input(""),
            kms_key_arn=key_arn,
            approval_policy=machine.arn.apply(
                lambda arn: document(approving(arn), MANAGED_POLICY_LIMIT)
            ),
            evidence=evidence(_satisfied(healing, actor.function, queue, machine, targets[0])),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note names, ranges, risks, rules and declared resources that cannot be."""
        for path, reason in healing_problems(problems.name, args):
            problems.add(path, reason)


def _make_key(site: Site, conductor: Output[str], topic: Input[str]) -> Output[str]:
    """Make the key. The workflow's role uses it directly, not through Step Functions.

    https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
    """
    services = (
        KeyService.DYNAMODB,
        KeyService.EVENTS,
        KeyService.LAMBDA,
        KeyService.LOG_DELIVERY,
        KeyService.LOGS,
        KeyService.S3,
        KeyService.SQS,
        KeyService.STEP_FUNCTIONS,
    )
    wanted: EncryptionKeyArgs = {
        "description": f"Everything of {site.name}: code, events, records",
        "services": [service.value for service in services],
        "users": [{"principal": conductor, "operations": ["encrypt", "decrypt"]}],
        "alarm_topic_arn": topic,
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    return EncryptionKey(site.named("key"), wanted, site.child()).arn


def _healing(
    site: Site,
    args: SelfHealingArgs,
    account: Output[Account],
    key_arn: Output[str],
    group: ec2.SecurityGroup | None,
) -> Healing:
    """Make the stores, and return all that the functions are made of."""
    resources = args.get("declared", [])
    return Healing(
        account=account,
        key_arn=key_arn,
        risks=risks_of(args.get("rules")),
        resources=resources,
        declared=publish_declared(site, resources, group),
        quarantine=group,
        budget=make_budget(site, key_arn),
        kill_switch_name=kill_switch_of(site, args),
        ledger_bucket=ledger_of(site, args, key_arn),
        deployers=args.get("deployer_role_arns", []),
        dry_run=args.get("dry_run", True),
        per_hour=int(args.get("max_actions_per_hour", DEFAULT_PER_HOUR)),
    )


def _quarantine_group(site: Site, args: SelfHealingArgs) -> ec2.SecurityGroup | None:
    if "quarantine_vpc_id" not in args:
        return None
    return make_quarantine_group(site, args["quarantine_vpc_id"])


def _satisfied(
    healing: Healing,
    function: lambda_.Function,
    queue: sqs.Queue,
    machine: sfn.StateMachine,
    target: cloudwatch.EventTarget,
) -> dict[str, tuple[Resource, str]]:
    return {
        "dynamodb-encryption-cmk": (healing.budget, "serverSideEncryption"),
        "dynamodb-recoverable": (healing.budget, "pointInTimeRecovery"),
        "events-target-failures-kept": (target, "deadLetterConfig"),
        "lambda-env-encrypted": (function, "kmsKeyArn"),
        "lambda-failure-handled": (function, "deadLetterConfig"),
        "lambda-runtime-supported": (function, "runtime"),
        "sfn-logging-without-payload": (machine, "loggingConfiguration"),
        "sqs-queue-encrypted": (queue, "kmsMasterKeyId"),
    }


def _config_rules(args: SelfHealingArgs) -> dict[Remediation, Sequence[str]]:
    return {
        Remediation(rule["remediation"]): rule.get("config_rules", [])
        for rule in args.get("rules", [])
    }

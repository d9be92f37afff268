"""What the two functions and the workflow between them may do. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fintech_infra.components._healing.remediations import KNOWN, Permission, Remediation
from fintech_infra.components._policy import Account, Condition, Statement, both, forbid, permit

REAPPLY_SOURCE = "fintech-infra.self-healing"
"""Source of the events that ask for a re-apply."""

LEDGER_PREFIX = "self-healing"


@dataclass(frozen=True)
class Stores:
    """ARNs of what the functions work with."""

    budget: str
    budget_key: str
    kill_switch: str
    declared: Sequence[str]
    ledger: str


def judging(
    account: Account, name: str, stores: Stores, enabled: Sequence[Remediation]
) -> list[Statement]:
    """Return what the judging function may do: read, take from the budget, and record."""
    take = ["dynamodb:Query", "dynamodb:UpdateItem"]
    return [
        *_reads(account, enabled),
        *_shared(account, name, stores),
        permit("TakeFromBudget", actions=take, on=stores.budget, when=_own_slots(name)),
        _rails(stores, ["dynamodb:DeleteItem", "dynamodb:PutItem"]),
    ]


def acting(
    account: Account,
    name: str,
    stores: Stores,
    declared: Mapping[Remediation, Sequence[str]],
    enabled: Sequence[Remediation],
) -> list[Statement]:
    """Return what the acting function may do: read, restore what is declared, and record.

    It can see the budget, but not take from it.
    """
    taking = ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    look = ["dynamodb:Query"]
    return [
        *_reads(account, enabled),
        *_writes(account, declared, enabled),
        *_shared(account, name, stores),
        permit("LookAtBudget", actions=look, on=stores.budget, when=_own_slots(name)),
        _rails(stores, taking),
    ]


def _reads(account: Account, enabled: Sequence[Remediation]) -> Iterator[Statement]:
    for remediation in enabled:
        for number, item in enumerate(KNOWN[remediation].reads):
            yield _statement(f"{_sid(remediation)}Read{number}", item, account, ["*"])


def _writes(
    account: Account,
    declared: Mapping[Remediation, Sequence[str]],
    enabled: Sequence[Remediation],
) -> Iterator[Statement]:
    for remediation in enabled:
        ids = declared.get(remediation, [])
        for number, item in enumerate(KNOWN[remediation].writes if ids else ()):
            yield _statement(f"{_sid(remediation)}{number}", item, account, ids)


def _sid(remediation: Remediation) -> str:
    return remediation.title().replace("-", "")


def _statement(sid: str, permission: Permission, account: Account, ids: Sequence[str]) -> Statement:
    on = sorted({arn for id_ in ids for arn in permission.on(account, id_)})
    when = permission.when(account) if permission.when else None
    return permit(sid, actions=permission.actions, on=on[0] if len(on) == 1 else on, when=when)


def _shared(account: Account, name: str, stores: Stores) -> Iterator[Statement]:
    parameters = [stores.kill_switch, *stores.declared]
    yield permit("ReadParameters", actions=["ssm:GetParameter"], on=parameters)
    # Only objects that are not there yet: S3 refuses to overwrite where this header is given.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    yield permit(
        "AppendToLedger",
        actions=["s3:PutObject"],
        on=f"{stores.ledger}/{LEDGER_PREFIX}/{name}/*",
        when={"Null": {"s3:if-none-match": "false"}},
    )
    through = {"StringEquals": {"kms:ViaService": _via(account, "s3")}}
    objects = [stores.ledger, f"{stores.ledger}/*"]
    own = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": objects}}
    yield permit(
        "UseLedgersKey",
        # To encrypt is all that writing an object in one piece takes.
        actions=["kms:GenerateDataKey"],
        on=account.arn("kms", "key/*"),
        when=both(through, own),
    )
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    yield permit(
        "UseBudgetsKey",
        actions=["kms:Decrypt"],
        on=stores.budget_key,
        when={"StringEquals": {"kms:ViaService": _via(account, "dynamodb")}},
    )


def _own_slots(name: str) -> Condition:
    return {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [name]}}


def _rails(stores: Stores, budget: Sequence[str]) -> Statement:
    """Deny what would move the rails, whatever else the role is ever allowed."""
    actions = [
        *budget,
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteTable",
        "dynamodb:UpdateTable",
        "s3:BypassGovernanceRetention",
        "s3:DeleteObject*",
        "s3:PutObjectLegalHold",
        "s3:PutObjectRetention",
        "ssm:DeleteParameter*",
        "ssm:PutParameter",
    ]
    on = [
        stores.budget,
        stores.ledger,
        f"{stores.ledger}/*",
        stores.kill_switch,
        *stores.declared,
    ]
    return forbid("NeverMoveTheRails", actions=actions, on=on)


def conducting(
    account: Account, *, functions: Sequence[str], topic: str, topic_key: str, undelivered: str
) -> list[Statement]:
    """Return what the workflow may do: call the functions, tell people, keep what failed.

    `topic_key` is the ARN of the key that encrypts the topic, empty where none does.
    """
    bus = account.arn("events", "event-bus/default")
    source: Condition = {"StringEquals": {"events:source": REAPPLY_SOURCE}}
    through = {
        "StringEquals": {
            "kms:ViaService": _via(account, "sns"),
            "kms:EncryptionContext:aws:sns:topicArn": topic,
        }
    }
    # Delivery of logs has no resources that could be named.
    # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    delivery = [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ]
    use = ["kms:Decrypt", "kms:GenerateDataKey*"]
    key = [permit("UseTopicsKey", actions=use, on=topic_key, when=through)] if topic_key else []
    return [
        permit("CallFunctions", actions=["lambda:InvokeFunction"], on=list(functions)),
        permit("TellPeople", actions=["sns:Publish"], on=topic),
        *key,
        permit("AskForReapply", actions=["events:PutEvents"], on=bus, when=source),
        permit("KeepWhatFailed", actions=["sqs:SendMessage"], on=undelivered),
        permit("DeliverLogs", actions=delivery, on="*"),
    ]


def approving(state_machine: str) -> list[Statement]:
    """Return what a person who approves may do."""
    actions = ["states:SendTaskFailure", "states:SendTaskSuccess"]
    return [permit("ApproveRemediations", actions=actions, on=state_machine)]


def _via(account: Account, service: str) -> str:
    return f"{service}.{account.region}.{account.dns_suffix}"

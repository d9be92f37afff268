"""SelfHealing: its resources, its permissions, its workflow and what it refuses.

What these tests do not prove: that AWS delivers the events, and that IAM evaluates the policies as
they are read here. What the functions do is tested with them, and so is the workflow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.events.models import EventPattern
from pulumi import Output, ResourceOptions
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._healing import checks, declared, stores
from fintech_infra.components._healing.remediations import (
    KNOWN,
    HealingRisk,
    Remediation,
    pattern_of,
)
from fintech_infra.components._healing.workflow import Parts, definition
from fintech_infra.components._policy import Account
from fintech_infra.components.self_healing import SelfHealing
from fintech_infra.functions.remediation import budget, ledger, model
from fintech_infra.functions.remediation.decide import ARMED, Risk
from fintech_infra.functions.remediation.remedies import REMEDIATIONS, redeclared
from fintech_infra.functions.remediation.settings import settings_from

TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
TOPIC_KEY = "arn:aws:kms:eu-west-1:111122223333:key/topic"
ACCOUNT = Account("111122223333", "aws", "eu-west-1", "amazonaws.com")
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
PARAMETER = "aws:ssm/parameter:Parameter"
FUNCTION = "aws:lambda/function:Function"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
MACHINE = "aws:sfn/stateMachine:StateMachine"
OWN_BUCKET = "heal-ledger"
MINIMAL: dict[str, Any] = {"alarm_topic_arn": TOPIC}
BUCKET: dict[str, Any] = {"remediation": "block-bucket", "id": "data"}


def healing(deploy: Callable[..., Any], **args: Any) -> Any:
    found: Any = {**MINIMAL, **args}
    return deploy(lambda: SelfHealing("heal", found))


def statements(found: Any, role: str) -> dict[str, dict[str, Any]]:
    document = json.loads(found.one(ROLE_POLICY, role).inputs["policy"])
    return {item["Sid"]: item for item in document["Statement"]}


def variables(found: Any, function: str = "heal-act") -> dict[str, str]:
    return found.one(FUNCTION, function).inputs["environment"]["variables"]


def refusal(name: str = "heal", **args: Any) -> dict[str, str]:
    found: Any = {**MINIMAL, **args}
    with pytest.raises(pulumi.InputPropertiesError) as raised:
        SelfHealing(name, found)
    return {item["property_path"]: item["reason"] for item in raised.value.errors or []}


def own(found: Any) -> list[tuple[str, str]]:
    """Identities but those inside of the key and the ledger, which are tested with them."""
    return [
        (type_, name)
        for type_, name in found.identities
        if not name.startswith((f"{OWN_BUCKET}-", "heal-key-"))
        and not type_.startswith(("aws:s3/", "aws:kms/"))
    ]


def of_rules(*names: str) -> list[tuple[str, str]]:
    return [(type_, f"heal-{name}") for type_ in (RULE, TARGET) for name in names]


FIXED = [
    ("aws:cloudwatch/logGroup:LogGroup", "heal-act-logs"),
    ("aws:cloudwatch/logGroup:LogGroup", "heal-judge-logs"),
    ("aws:cloudwatch/logGroup:LogGroup", "heal-workflow-logs"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "heal-dead-letters"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "heal-failures"),
    ("aws:dynamodb/table:Table", "heal-budget"),
    ("aws:iam/role:Role", "heal-act"),
    ("aws:iam/role:Role", "heal-judge"),
    ("aws:iam/role:Role", "heal-rules"),
    ("aws:iam/role:Role", "heal-workflow"),
    (ROLE_POLICY, "heal-act"),
    (ROLE_POLICY, "heal-judge"),
    (ROLE_POLICY, "heal-rules"),
    (ROLE_POLICY, "heal-workflow"),
    (FUNCTION, "heal-act"),
    (FUNCTION, "heal-judge"),
    (MACHINE, "heal-workflow"),
    ("aws:sqs/queue:Queue", "heal-act-dead-letters"),
    ("aws:sqs/queue:Queue", "heal-judge-dead-letters"),
    ("aws:sqs/queue:Queue", "heal-undelivered"),
    ("aws:sqs/queuePolicy:QueuePolicy", "heal-act-dead-letters"),
    ("aws:sqs/queuePolicy:QueuePolicy", "heal-judge-dead-letters"),
    ("aws:sqs/queuePolicy:QueuePolicy", "heal-undelivered"),
    (PARAMETER, "heal-kill-switch"),
    ("fintech_infra:index:EncryptionKey", "heal-key"),
    ("fintech_infra:index:LockedDownBucket", OWN_BUCKET),
    ("fintech_infra:index:SelfHealing", "heal"),
]


def test_its_resources(deploy: Callable[..., Any]) -> None:
    found = healing(deploy)
    assert own(found) == sorted([*FIXED, *of_rules(*Remediation)])
    assert found.snake_case_keys() == []


def test_a_rule_more_touches_no_other(deploy: Callable[..., Any]) -> None:
    one: list[Any] = [{"remediation": "block-bucket"}]
    more: list[Any] = [{"remediation": "restart-trail", "config_rules": ["trail-on"]}, *one]
    before, after = (healing(deploy, rules=rules) for rules in (one, more))
    assert own(before) == sorted([*FIXED, *of_rules("block-bucket")])
    assert set(own(after)) - set(own(before)) == {
        *of_rules("restart-trail", "restart-trail-config")
    }
    assert set(own(before)) <= set(own(after))


def test_a_declared_resource_more_changes_only_what_is_published(
    deploy: Callable[..., Any],
) -> None:
    one = healing(deploy, declared=[BUCKET])
    two = healing(deploy, declared=[BUCKET, {"remediation": "block-bucket", "id": "more"}])
    assert one.identities == two.identities
    published = [found.one(PARAMETER, "heal-declared-block-bucket") for found in (one, two)]
    assert [json.loads(item.inputs["value"]) for item in published] == [
        {"data": {}},
        {"data": {}, "more": {}},
    ]


def test_given_stores_are_used_and_none_made(deploy: Callable[..., Any]) -> None:
    found = healing(deploy, ledger_bucket="archive", kill_switch_name="/ops/heal")
    made = set(own(found))
    assert (PARAMETER, "heal-kill-switch") not in made
    assert ("fintech_infra:index:LockedDownBucket", OWN_BUCKET) not in made
    for role in ("heal-act", "heal-judge"):
        granted = statements(found, role)
        assert granted["AppendToLedger"]["Resource"] == "arn:aws:s3:::archive/self-healing/heal/*"
        assert granted["ReadParameters"]["Resource"] == [
            "arn:aws:ssm:eu-west-1:111122223333:parameter/ops/heal"
        ]
    assert variables(found)["KILL_SWITCH"] == "/ops/heal"


def test_every_rule_hands_events_to_the_workflow_and_keeps_what_it_cannot(
    deploy: Callable[..., Any],
) -> None:
    found = healing(deploy)
    queue = found.one("aws:sqs/queue:Queue", "heal-undelivered").state["arn"]
    machine = found.one(MACHINE).state["arn"]
    role = found.one("aws:iam/role:Role", "heal-rules").state["arn"]
    own_targets = [item for item in found.of_type(TARGET) if item.name != "heal-key-tampering"]
    assert len(own_targets) == len(Remediation)
    for item in own_targets:
        remediation = item.name.removeprefix("heal-")
        rule = found.one(RULE, item.name)
        assert rule.inputs["state"] == "ENABLED"
        pattern = pattern_of(KNOWN[Remediation(remediation)], ACCOUNT)
        assert json.loads(rule.inputs["eventPattern"]) == pattern
        assert len(rule.inputs["eventPattern"]) <= 2048
        assert item.inputs == {
            "rule": rule.state["name"],
            "arn": machine,
            "roleArn": role,
            "deadLetterConfig": {"arn": queue},
            "retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 20},
            "inputTransformer": {
                "inputTemplate": (
                    f'{{"remediation":"{remediation}","approval":null,'
                    '"event":<aws.events.event.json>}'
                )
            },
        }
    assert statements(found, "heal-rules") == {
        "StartWorkflow": {
            "Sid": "StartWorkflow",
            "Effect": "Allow",
            "Action": "states:StartExecution",
            "Resource": machine,
        }
    }
    policy = json.loads(
        found.one("aws:sqs/queuePolicy:QueuePolicy", "heal-undelivered").inputs["policy"]
    )
    assert [item["Condition"] for item in policy["Statement"] if item["Effect"] == "Allow"] == [
        {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/heal-*"},
        }
    ]


def takes(pattern: str, happened: Any) -> bool:
    """Whether an event matches, as moto reads patterns."""
    return EventPattern.load(pattern).matches_event(happened)


def event(name: str, source: str, **detail: Any) -> dict[str, Any]:
    return {
        "account": "111122223333",
        "source": f"aws.{source}",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {"eventName": name, "eventSource": f"{source}.amazonaws.com", **detail},
    }


@pytest.mark.parametrize(
    ("remediation", "happened", "matches"),
    [
        ("restart-trail", event("StopLogging", "cloudtrail"), True),
        ("restart-trail", event("StartLogging", "cloudtrail"), False),
        ("restart-trail", event("StopLogging", "cloudtrail", errorCode="AccessDenied"), False),
        ("restart-trail", {**event("StopLogging", "cloudtrail"), "account": "1"}, False),
        ("restart-trail", {**event("StopLogging", "cloudtrail"), "source": "my.app"}, False),
        ("unshare-snapshot", event("ModifyDBSnapshotAttribute", "rds"), True),
        ("unshare-snapshot", event("ModifySnapshotAttribute", "ec2"), True),
        ("ask-for-reapply", event("PutBucketPolicy", "s3"), True),
    ],
)
def test_a_rule_matches_what_it_is_for(
    remediation: str, happened: dict[str, Any], matches: bool
) -> None:
    pattern = json.dumps(pattern_of(KNOWN[Remediation(remediation)], ACCOUNT))
    assert takes(pattern, happened) is matches


@pytest.mark.parametrize(("severity", "kind", "matches"), [
    (7, "Instance", True), (6.9, "Instance", False), (8, "AccessKey", False),
])  # fmt: skip
def test_only_high_findings_about_instances_lead_to_quarantine(
    severity: float, kind: str, matches: bool
) -> None:
    pattern = json.dumps(pattern_of(KNOWN[Remediation.QUARANTINE_INSTANCE], ACCOUNT))
    finding = {
        "account": "111122223333",
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Finding",
        "detail": {"severity": severity, "resource": {"resourceType": kind}},
    }
    assert takes(pattern, finding) is matches


def test_a_config_rule_starts_the_same_remediation(deploy: Callable[..., Any]) -> None:
    rules = [{"remediation": "block-bucket", "config_rules": ["no-public-buckets"]}]
    found = healing(deploy, rules=rules)
    pattern = found.one(RULE, "heal-block-bucket-config").inputs["eventPattern"]
    judged: dict[str, Any] = {
        "messageType": "ComplianceChangeNotification",
        "configRuleName": "no-public-buckets",
        "resourceType": "AWS::S3::Bucket",
        "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
    }
    change = {
        "account": "111122223333",
        "source": "aws.config",
        "detail-type": "Config Rules Compliance Change",
    }
    assert takes(pattern, {**change, "detail": judged}) is True
    fine = {**judged, "newEvaluationResult": {"complianceType": "COMPLIANT"}}
    assert takes(pattern, {**change, "detail": fine}) is False
    template = found.one(TARGET, "heal-block-bucket-config").inputs["inputTransformer"]
    assert '"remediation":"block-bucket"' in template["inputTemplate"]


WRITES = re.compile(
    r"(?!logs:|sqs:SendMessage|kms:(Decrypt|GenerateDataKey)|ssm:Get|dynamodb:Query)"
    r"\w+:(?!Describe|Get|List)\w+"
)


def writes(found: Any, role: str) -> dict[str, Any]:
    """Actions that change something, with their resources, by Sid."""
    return {
        sid: (item["Action"], item["Resource"])
        for sid, item in statements(found, role).items()
        if item["Effect"] == "Allow"
        and any(
            WRITES.match(action)
            for action in ([item["Action"]] if isinstance(item["Action"], str) else item["Action"])
        )
    }


def test_the_judging_function_can_change_nothing_but_budget_and_ledger(
    deploy: Callable[..., Any],
) -> None:
    found = healing(deploy, declared=[BUCKET], quarantine_vpc_id="vpc-1")
    assert set(writes(found, "heal-judge")) == {"AppendToLedger", "TakeFromBudget"}


def test_the_acting_function_can_change_only_what_is_declared(deploy: Callable[..., Any]) -> None:
    found = healing(
        deploy,
        quarantine_vpc_id="vpc-1",
        declared=[
            BUCKET,
            {"remediation": "restart-trail", "id": "arn:aws:cloudtrail:eu-west-1:1:trail/audit"},
            {"remediation": "keep-key", "id": "1b2c"},
            {"remediation": "stop-task", "id": "payments"},
            {"remediation": "unshare-snapshot", "id": "*"},
            {"remediation": "close-security-group", "id": "sg-1", "open_ports": [443]},
        ],
    )
    arn = "arn:aws:{}:eu-west-1:111122223333:{}".format
    group = found.one("aws:ec2/securityGroup:SecurityGroup").state["id"]
    assert writes(found, "heal-act") == {
        "AppendToLedger": (
            "s3:PutObject",
            statements(found, "heal-act")["AppendToLedger"]["Resource"],
        ),
        "BlockBucket0": ("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::data"),
        "CloseSecurityGroup0": (
            "ec2:RevokeSecurityGroupIngress",
            [arn("ec2", "security-group-rule/*"), arn("ec2", "security-group/sg-1")],
        ),
        "KeepKey0": (["kms:CancelKeyDeletion", "kms:EnableKey"], arn("kms", "key/1b2c")),
        "QuarantineInstance0": (
            "ec2:ModifyNetworkInterfaceAttribute",
            [
                arn("ec2", "instance/*"),
                arn("ec2", "network-interface/*"),
                arn("ec2", f"security-group/{group}"),
            ],
        ),
        "QuarantineInstance1": ("ec2:CreateTags", arn("ec2", "network-interface/*")),
        "RestartTrail0": ("cloudtrail:StartLogging", arn("cloudtrail", "trail/audit")),
        "StopTask0": ("ecs:StopTask", arn("ecs", "task/payments/*")),
        "UnshareSnapshot0": ("ec2:ModifySnapshotAttribute", "arn:aws:ec2:eu-west-1::snapshot/*"),
        "UnshareSnapshot1": (
            ["rds:ModifyDBClusterSnapshotAttribute", "rds:ModifyDBSnapshotAttribute"],
            [arn("rds", "cluster-snapshot:*"), arn("rds", "snapshot:*")],
        ),
    }


def test_without_anything_declared_nothing_can_be_changed(deploy: Callable[..., Any]) -> None:
    assert set(writes(healing(deploy), "heal-act")) == {"AppendToLedger"}


def test_no_function_can_move_its_own_rails(deploy: Callable[..., Any]) -> None:
    found = healing(deploy, declared=[BUCKET])
    table = found.one("aws:dynamodb/table:Table").state["arn"]
    for role, budget_actions in {
        "heal-act": ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        "heal-judge": ["dynamodb:DeleteItem", "dynamodb:PutItem"],
    }.items():
        granted = statements(found, role)
        rails = granted["NeverMoveTheRails"]
        assert rails["Effect"] == "Deny"
        assert {*budget_actions, "ssm:PutParameter", "s3:DeleteObject*"} <= set(rails["Action"])
        assert {table, granted["ReadParameters"]["Resource"][0]} <= set(rails["Resource"])
        # Without the header S3 would overwrite; with it, it only adds.
        assert granted["AppendToLedger"]["Condition"] == {"Null": {"s3:if-none-match": "false"}}
    slots = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["heal"]}}
    assert statements(found, "heal-judge")["TakeFromBudget"]["Condition"] == slots
    assert statements(found, "heal-act")["LookAtBudget"]["Action"] == "dynamodb:Query"


def test_the_workflow_may_use_the_topics_key_for_the_topic_only(
    deploy: Callable[..., Any],
) -> None:
    assert "UseTopicsKey" not in statements(healing(deploy), "heal-workflow")
    found = healing(deploy, alarm_topic_key_arn=TOPIC_KEY)
    granted = statements(found, "heal-workflow")["UseTopicsKey"]
    assert granted["Resource"] == TOPIC_KEY
    assert granted["Condition"] == {
        "StringEquals": {
            "kms:ViaService": "sns.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:aws:sns:topicArn": TOPIC,
        }
    }


def test_the_policies_fit_where_everything_is_enabled_and_declared(
    deploy: Callable[..., Any],
) -> None:
    everything = [
        {"remediation": remediation.value, "id": "a" if remediation in declared.NAMED else "*"}
        for remediation in Remediation
        if remediation is not Remediation.QUARANTINE_INSTANCE
    ]
    found = healing(deploy, declared=everything, quarantine_vpc_id="vpc-1")
    for item in found.of_type(ROLE_POLICY):
        assert len(item.inputs["policy"]) < 9000


def test_it_rehearses_until_it_is_told_otherwise(deploy: Callable[..., Any]) -> None:
    assert settings_from(variables(healing(deploy))).dry_run is True
    found = settings_from(variables(healing(deploy, dry_run=False, max_actions_per_hour=2.0)))
    assert (found.dry_run, found.per_hour) == (False, 2)


def test_the_functions_can_read_what_they_are_given(deploy: Callable[..., Any]) -> None:
    found = healing(
        deploy,
        declared=[{**BUCKET, "urn": "urn:pulumi:dev::tests::t::data"}],
        deployer_role_arns=["arn:aws:iam::111122223333:role/deploy"],
    )
    published = found.one(PARAMETER, "heal-declared-block-bucket")
    actor = found.one("aws:iam/role:Role", "heal-act")
    for function, duty in (("heal-judge", "judge"), ("heal-act", "act")):
        read = settings_from(variables(found, function))
        assert (read.duty.value, read.name, read.account) == (duty, "heal", "111122223333")
        assert read.declared == {"block-bucket": published.state["name"]}
        # What the acting function does is no tampering, so the judging one knows its role.
        trusted = ["arn:aws:iam::111122223333:role/deploy", actor.state["arn"]]
        assert read.deployers == set(trusted if duty == "judge" else trusted[:1])
        assert read.risks == {
            remediation.value: Risk(known.risk.value) for remediation, known in KNOWN.items()
        }
    assert model.declared_for(json.loads(published.inputs["value"]), "data") == model.Declared(
        urn="urn:pulumi:dev::tests::t::data"
    )


def test_the_kill_switch_stays_as_an_operator_sets_it(deploy: Callable[..., Any]) -> None:
    switch = healing(deploy).one(PARAMETER, "heal-kill-switch")
    assert (switch.inputs["type"], switch.inputs["value"]) == ("String", "armed")
    assert switch.ignore_changes == ("value",)


def test_the_quarantine_group_lets_nothing_in_or_out(deploy: Callable[..., Any]) -> None:
    found = healing(deploy, quarantine_vpc_id="vpc-1")
    group = found.one("aws:ec2/securityGroup:SecurityGroup")
    assert (group.inputs["ingress"], group.inputs["egress"]) == ([], [])
    published = found.one(PARAMETER, "heal-declared-quarantine-instance").inputs["value"]
    assert json.loads(published) == {
        "*": {"security_group_id": group.state["id"], "vpc_id": "vpc-1"}
    }
    assert found.outputs("heal")["quarantine_security_group_id"] == group.state["id"]


def test_both_sides_know_the_same_remediations() -> None:
    assert {item.value for item in Remediation} == set(REMEDIATIONS)
    assert {item.value for item in HealingRisk} == {item.value for item in Risk}
    for remediation, known in KNOWN.items():
        other = REMEDIATIONS[remediation.value]
        allowed = {action.lower() for item in known.writes for action in item.actions}
        called = {f"{service}:{name.replace('_', '')}" for service, name in other.operations}
        put = {"s3:putpublicaccessblock": "s3:putbucketpublicaccessblock"}
        assert {put.get(call, call) for call in called} == allowed
        assert known.sensitive == other.sensitive
    asked = KNOWN[Remediation.ASK_FOR_REAPPLY].calls
    assert {name for names in asked.values() for name in names} == set(redeclared.CALLS)
    assert (checks.MOST_PER_HOUR, stores.ARMED) == (budget.MOST, ARMED)
    assert ledger.PREFIX == "self-healing"


@given(st.text() | st.text().map(lambda text: f"arn:aws:x:eu-west-1:111122223333:{text}"))
def test_both_sides_read_ids_alike(text: str) -> None:
    assert declared.plain_id(text) == model.plain_id(text)


def test_what_is_sensitive_is_never_automatic() -> None:
    touching = {
        remediation
        for remediation, known in KNOWN.items()
        for item in known.writes
        for action in item.actions
        if action.startswith(("iam:", "kms:"))
        or action.partition(":")[2].startswith(("Delete", "Stop", "Terminate"))
    }
    assert touching == {item for item, known in KNOWN.items() if known.sensitive}
    for remediation in touching:
        assert KNOWN[remediation].risk is HealingRisk.APPROVE
        found = refusal(rules=[{"remediation": remediation.value, "risk": "auto"}])
        assert list(found) == ["rules[0].risk"]


def test_every_state_of_the_workflow_leads_on_and_failures_are_kept() -> None:
    parts = Parts(ACCOUNT, "judge", "act", "topic", "queue", 3600)
    states = definition(parts)["States"]
    following = {
        name: {
            *([state["Next"]] if "Next" in state else []),
            *([state["Default"]] if "Default" in state else []),
            *(item["Next"] for item in state.get("Choices", [])),
            *(item["Next"] for item in state.get("Catch", [])),
        }
        for name, state in states.items()
    }
    assert {name for names in following.values() for name in names} | {"Judge"} == set(states)
    # Nothing is done that was not reserved, and reserved only what is automatic or approved.
    assert [name for name, next_ in following.items() if "Act" in next_] == ["Reserved"]
    assert [name for name, next_ in following.items() if "Reserve" in next_] == ["Judged", "Ask"]
    for name, state in states.items():
        if state["Type"] == "Task" and name not in {"Keep", "Page"}:
            assert "Keep" in following[name]
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert states["Ask"]["TimeoutSeconds"] == 3600
    assert states["Ask"]["Resource"].endswith(":sns:publish.waitForTaskToken")
    assert states["Ask"]["Catch"][0] == {
        "ErrorEquals": ["Rejected", "States.Timeout"],
        "ResultPath": "$.error",
        "Next": "Reject",
    }


def test_only_the_workflow_itself_uses_the_key_directly(deploy: Callable[..., Any]) -> None:
    found = healing(deploy)
    policy = json.loads(found.one("aws:kms/key:Key", "heal-key").inputs["policy"])
    direct = [item for item in policy["Statement"] if item["Sid"].startswith("Use1")]
    assert [item["Principal"] for item in direct] == [
        {"AWS": found.one("aws:iam/role:Role", "heal-workflow").state["arn"]}
    ]
    machine = found.one(MACHINE).inputs
    assert machine["encryptionConfiguration"]["type"] == "CUSTOMER_MANAGED_KMS_KEY"
    assert machine["loggingConfiguration"]["includeExecutionData"] is False


def test_a_region_reaches_every_child_that_takes_one(deploy: Callable[..., Any]) -> None:
    found = healing(
        deploy,
        region="eu-south-2",
        declared=[BUCKET],
        quarantine_vpc_id="vpc-1",
        rules=[
            {"remediation": "block-bucket", "config_rules": ["a"]},
            {"remediation": "quarantine-instance"},
        ],
    )
    regions = {
        item.identity: item.inputs.get("region")
        for item in found
        if item.custom and not item.type.startswith("aws:iam/")
    }
    assert set(regions.values()) == {"eu-south-2"}
    assert "eu-south-2" in found.one(ROLE_POLICY, "heal-act").inputs["policy"]


def test_children_stay_children_and_what_holds_data_stays_protected(
    deploy: Callable[..., Any],
) -> None:
    args: Any = MINIMAL
    found = deploy(lambda: SelfHealing("heal", args, ResourceOptions(protect=False)))
    component = found.one("fintech_infra:index:SelfHealing").urn
    inner = [item for item in found if item.identity in FIXED and item.urn != component]
    assert {item.parent for item in inner} == {component}
    assert sorted(item.identity for item in inner if item.protect) == [
        ("aws:cloudwatch/logGroup:LogGroup", "heal-act-logs"),
        ("aws:cloudwatch/logGroup:LogGroup", "heal-judge-logs"),
        ("aws:cloudwatch/logGroup:LogGroup", "heal-workflow-logs"),
        ("aws:dynamodb/table:Table", "heal-budget"),
        (PARAMETER, "heal-kill-switch"),
    ]


def test_failures_page(deploy: Callable[..., Any]) -> None:
    found = healing(deploy)
    alarms = found.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {item.name: item.inputs["metricName"] for item in alarms} == {
        "heal-dead-letters": "ApproximateNumberOfMessagesVisible",
        "heal-failures": "ExecutionsFailed",
    }
    assert all(item.inputs["alarmActions"] == [TOPIC] for item in alarms)


def test_the_outputs_are_those_of_the_resources(deploy: Callable[..., Any]) -> None:
    args: Any = MINIMAL
    queue = {"aws:sqs/queue:Queue": {"url": "https://sqs/heal-undelivered"}}
    found = deploy(lambda: SelfHealing("heal", args), queue)
    outputs, machine = found.outputs("heal"), found.one(MACHINE).state["arn"]
    evidence, approval = json.loads(outputs.pop("evidence")), outputs.pop("approval_policy")
    assert outputs == {
        "state_machine_arn": machine,
        "kill_switch_name": found.one(PARAMETER, "heal-kill-switch").state["name"],
        "ledger_bucket": found.one("aws:s3/bucket:Bucket", OWN_BUCKET).state["bucket"],
        "budget_table_arn": found.one("aws:dynamodb/table:Table").state["arn"],
        "dead_letter_queue_url": "https://sqs/heal-undelivered",
        "quarantine_security_group_id": "",
        "kms_key_arn": found.one("aws:kms/key:Key", "heal-key").state["arn"],
    }
    assert json.loads(approval)["Statement"] == [
        {
            "Sid": "ApproveRemediations",
            "Effect": "Allow",
            "Action": ["states:SendTaskFailure", "states:SendTaskSuccess"],
            "Resource": machine,
        }
    ]
    by_urn = {item.urn: item for item in found}
    assert all(item["property"] in by_urn[item["resource"]].inputs for item in evidence.values())
    assert set(evidence) == {
        "dynamodb-encryption-cmk",
        "dynamodb-recoverable",
        "events-target-failures-kept",
        "lambda-env-encrypted",
        "lambda-failure-handled",
        "lambda-runtime-supported",
        "sfn-logging-without-payload",
        "sqs-queue-encrypted",
    }


def test_every_mistake_is_reported_at_once() -> None:
    assert refusal(
        rules=[
            {"remediation": "keep-key", "risk": "auto"},
            {"remediation": "keep-key"},
            {"remediation": "ask-for-reapply", "risk": "approve"},
            {"remediation": "stop-task", "config_rules": ["x"]},
            {"remediation": "block-bucket", "config_rules": ["no such name!"]},
        ],
        declared=[
            {"remediation": "restart-trail", "id": "audit"},
            {"remediation": "block-bucket", "id": "a*", "open_ports": [443]},
            {"remediation": "block-bucket", "id": "arn:aws:s3:::b"},
            {"remediation": "block-bucket", "id": "b"},
            {"remediation": "quarantine-instance", "id": ""},
            {"remediation": "enable-detector", "id": "*"},
        ],
        max_actions_per_hour=21,
        approval_minutes=4,
        deployer_role_arns=["deploy"],
        ledger_bucket="Archive",
        quarantine_vpc_id="vpc-1",
    ) == {
        "rules[0].risk": (
            "is auto; keep-key touches keys or destroys data, so accepted are approve and notify"
        ),
        "rules[1].remediation": "is keep-key, which is there already",
        "rules[2].risk": "is approve; ask-for-reapply only ever notifies",
        "rules[3].config_rules": (
            "cannot start stop-task; accepted for block-bucket, close-security-group, "
            "enable-detector, restart-trail"
        ),
        "rules[4].config_rules[0]": "is 'no such name!', no name of a Config rule",
        "declared[0].remediation": "is restart-trail, which is not among `rules`",
        "declared[1].id": "is 'a*'; accepted are one id or ARN, or '*' for all",
        "declared[1].open_ports": "is for close-security-group, not for block-bucket",
        "declared[3].id": "is 'b', which is declared already",
        "declared[4].remediation": "needs no declared resource; give quarantine_vpc_id",
        "declared[4].id": "is empty; give an id, an ARN, or '*' for all",
        "declared[5].remediation": "is enable-detector, which is not among `rules`",
        "declared[5].id": "is '*'; enable-detector takes the id of one detector",
        "max_actions_per_hour": "is 21; accepted are 1 to 20",
        "approval_minutes": "is 4; accepted are 5 to 1440",
        "deployer_role_arns[0]": (
            "is 'deploy'; accepted are ARNs of roles, such as "
            "'arn:aws:iam::111122223333:role/deploy'"
        ),
        "ledger_bucket": "is 'Archive', no name of a bucket",
        "quarantine_vpc_id": "is for quarantine-instance, which is not among `rules`",
    }


@pytest.mark.parametrize("name", ["a" * 30, "1heal", "heal.me"])
def test_a_name_that_aws_would_refuse_is_refused(name: str) -> None:
    assert list(refusal(name)) == ["name"]


@pytest.mark.parametrize(
    ("args", "path"),
    [
        ({"rules": []}, "rules"),
        ({"rules": [{"remediation": "make-coffee"}]}, "rules[0].remediation"),
        ({"rules": [{"remediation": "keep-key", "risk": "yolo"}]}, "rules[0].risk"),
        (
            {"rules": [{"remediation": "block-bucket", "config_rules": ["a"] * 11}]},
            "rules[0].config_rules",
        ),
        ({"max_actions_per_hour": 0}, "max_actions_per_hour"),
        ({"approval_minutes": 1441}, "approval_minutes"),
        ({"deployer_role_arns": ["arn:aws:iam::111122223333:role/d"] * 11}, "deployer_role_arns"),
        (
            {
                "declared": [
                    {"remediation": "close-security-group", "id": "sg-1", "open_ports": [65536]}
                ]
            },
            "declared[0].open_ports",
        ),
    ],
)
def test_what_is_out_of_range_is_refused(args: dict[str, Any], path: str) -> None:
    assert list(refusal(**args)) == [path]


def test_a_topic_is_required() -> None:
    with pytest.raises(pulumi.InputPropertiesError, match="alarm_topic_arn: is required"):
        SelfHealing("heal", {})  # pyright: ignore[reportArgumentType]


def test_values_that_are_outputs_are_checked_when_they_are_known(
    deploy: Callable[..., Any],
) -> None:
    def declaring(remediation: str, *ids: str) -> None:
        later = [{"remediation": remediation, "id": Output.from_input(id_)} for id_ in ids]
        args: Any = {**MINIMAL, "declared": later}
        SelfHealing("heal", args)

    with pytest.raises(ValueError, match="data is declared twice for block-bucket"):
        deploy(lambda: declaring("block-bucket", "data", "data"))
    with pytest.raises(ValueError, match=r"declare '\*', or use several"):
        deploy(lambda: declaring("block-bucket", *(f"bucket-{n}" for n in range(600))))
    with pytest.raises(ValueError, match=r"'\*' is declared for enable-detector"):
        deploy(lambda: declaring("enable-detector", "*"))


VARIANTS = """
NAMED = (Remediation.ENABLE_DETECTOR, Remediation.BLOCK_BUCKET)
alarms = AlarmTopic("alarms", {})
SelfHealing("least", {"alarm_topic_arn": alarms.arn})
SelfHealing("most", {
    "alarm_topic_arn": alarms.arn, "alarm_topic_key_arn": alarms.kms_key_arn, "dry_run": False,
    "quarantine_vpc_id": "vpc-0123456789abcdef0", "region": "eu-central-1",
    "declared": [
        # Every detector is refused, and every bucket is more than a role should change.
        {"remediation": item.value, "id": "d" if item in NAMED else "*"}
        for item in Remediation if item is not Remediation.QUARANTINE_INSTANCE
    ],
    "rules": [
        {"remediation": item.value, **(
            {"config_rules": ["a-rule"]} if item is Remediation.BLOCK_BUCKET else {}
        )} for item in Remediation
    ],
})
"""


def test_every_control_is_content(judged: Callable[..., Any]) -> None:
    assert judged(VARIANTS) == []


BREAKS = """
alarms = AlarmTopic("alarms", {})

def without(type_, key, value=None):
    def change(args):
        if args.type_ == type_:
            args.props[key] = value
        return pulumi.ResourceTransformResult(args.props, args.opts)
    return change

def healing(name, *transforms):
    SelfHealing(
        name,
        {"alarm_topic_arn": alarms.arn, "rules": [{"remediation": "block-bucket"}]},
        pulumi.ResourceOptions(transforms=list(transforms)),
    )

healing("letters", without("aws:cloudwatch/eventTarget:EventTarget", "deadLetterConfig"))
healing(
    "budget",
    without("aws:dynamodb/table:Table", "serverSideEncryption"),
    without("aws:dynamodb/table:Table", "pointInTimeRecovery"),
    without("aws:dynamodb/table:Table", "deletionProtectionEnabled", False),
)
healing(
    "workflow",
    without("aws:sfn/stateMachine:StateMachine", "loggingConfiguration",
            {"level": "ALL", "includeExecutionData": True, "logDestination": "arn:x"}),
    without("aws:sfn/stateMachine:StateMachine", "encryptionConfiguration"),
    without("aws:lambda/function:Function", "kmsKeyArn"),
    without("aws:lambda/function:Function", "reservedConcurrentExecutions"),
)
everything = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
healing("powers", without("aws:iam/rolePolicy:RolePolicy", "policy", everything))
"""


def test_a_transform_that_breaks_it_is_found(judged: Callable[..., Any]) -> None:
    found = {(control, name) for control, _, name, _ in judged(BREAKS)}
    assert {
        ("events-target-failures-kept", "letters-block-bucket"),
        ("dynamodb-encryption-cmk", "budget-budget"),
        ("dynamodb-recoverable", "budget-budget"),
        ("sfn-logging-without-payload", "workflow-workflow"),
        ("lambda-env-encrypted", "workflow-judge"),
        ("lambda-env-encrypted", "workflow-act"),
        ("lambda-failure-handled", "workflow-act"),
    } <= found
    assert {name for control, name in found if control.startswith("iam-")} >= {
        "powers-act",
        "powers-judge",
        "powers-rules",
        "powers-workflow",
    }


def test_its_schema_can_be_inferred_and_describes_everything() -> None:
    found = Analyzer("fintech_infra").analyze([SelfHealing])
    definition_ = found["component_definitions"]["SelfHealing"]
    types = found["type_definitions"]
    described = {
        **definition_.inputs,
        **definition_.outputs,
        **types["HealingRuleArgs"].properties,
        **types["DeclaredResourceArgs"].properties,
    }
    assert [name for name, item in described.items() if not item.description] == []
    assert {name for name, item in definition_.inputs.items() if not item.optional} == {
        "alarmTopicArn"
    }

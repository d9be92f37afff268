"""CostGuard: its resources, whom it tells, what it can stop, and what it refuses.

What these tests do not prove: that AWS Budgets and Cost Explorer accept the requests, or that IAM
evaluates the tag conditions as documented. What the function does is in `tests/functions/reaper`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi import Output
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._cost import production
from fintech_infra.components._cost.budget import SPENDING
from fintech_infra.components._cost.reaper import EVENT_SOURCE, STOPPING, permissions
from fintech_infra.components._policy import Account
from fintech_infra.components.cost_guard import CostGuard
from fintech_infra.functions.reaper import decide

TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234"
ROLE = "arn:aws:iam::111122223333:role/batch/dev-jobs"
MONITOR = "arn:aws:ce::111122223333:anomalymonitor/1a2b3c4d-1a2b-1a2b-1a2b-1a2b3c4d5e6f"
ACCOUNT = Account(
    id="111122223333", partition="aws", region="eu-west-1", dns_suffix="amazonaws.com"
)
COMPONENT = ("fintech_infra:index:CostGuard", "guard")
MINIMAL: dict[str, Any] = {
    "environment": "pr-7",
    "monthly_limit_usd": 500,
    "alarm_topic_arn": TOPIC,
}
ALWAYS = [
    ("aws:budgets/budget:Budget", "guard"),
    ("aws:costexplorer/anomalyMonitor:AnomalyMonitor", "guard-anomalies"),
    ("aws:costexplorer/anomalySubscription:AnomalySubscription", "guard-anomalies-topic"),
    COMPONENT,
]
FREEZE = [
    ("aws:budgets/budgetAction:BudgetAction", "guard-freeze"),
    ("aws:iam/policy:Policy", "guard-freeze"),
    ("aws:iam/role:Role", "guard-freeze"),
    ("aws:iam/rolePolicy:RolePolicy", "guard-freeze"),
]
REAPER = [
    ("aws:cloudwatch/eventRule:EventRule", "guard-expiry"),
    ("aws:cloudwatch/eventRule:EventRule", "guard-key-tampering"),
    ("aws:cloudwatch/eventTarget:EventTarget", "guard-expiry"),
    ("aws:cloudwatch/eventTarget:EventTarget", "guard-key-tampering"),
    ("aws:cloudwatch/logGroup:LogGroup", "guard-reaper-logs"),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", "guard-reaper-failing"),
    ("aws:iam/role:Role", "guard-reaper"),
    ("aws:iam/role:Role", "guard-reaper-schedule"),
    ("aws:iam/rolePolicy:RolePolicy", "guard-reaper"),
    ("aws:iam/rolePolicy:RolePolicy", "guard-reaper-schedule"),
    ("aws:kms/alias:Alias", "guard-key"),
    ("aws:kms/key:Key", "guard-key"),
    ("aws:lambda/function:Function", "guard-reaper"),
    ("aws:scheduler/schedule:Schedule", "guard-reaper-schedule"),
    ("aws:scheduler/scheduleGroup:ScheduleGroup", "guard-reaper"),
    ("aws:sqs/queue:Queue", "guard-reaper-dead-letters"),
    ("aws:sqs/queuePolicy:QueuePolicy", "guard-reaper-dead-letters"),
    ("fintech_infra:index:EncryptionKey", "guard-key"),
]
Deploy = Callable[..., Any]


def guard(**args: Any) -> Callable[[], CostGuard]:
    given: Any = {key: item for key, item in (MINIMAL | args).items() if item is not None}
    return lambda: CostGuard("guard", given)


def reasons(name: str = "guard", **args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    merged: Any = {key: item for key, item in (MINIMAL | args).items() if item is not None}
    with pytest.raises(pulumi.InputPropertiesError) as error:
        CostGuard(name, merged)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def statements_of(found: Any, name: str) -> list[dict[str, Any]]:
    policy = found.one("aws:iam/rolePolicy:RolePolicy", name).inputs["policy"]
    return json.loads(policy)["Statement"]


def test_without_options_it_is_a_budget_and_a_watch_that_tell(deploy: Deploy) -> None:
    found = deploy(guard())
    assert found.identities == sorted(ALWAYS)
    assert found.snake_case_keys() == []
    budget = found.one("aws:budgets/budget:Budget").inputs
    assert (budget["budgetType"], budget["timeUnit"]) == ("COST", "MONTHLY")
    assert (budget["limitAmount"], budget["limitUnit"]) == ("500", "USD")
    assert "costFilters" not in budget
    assert [
        (item["notificationType"], item["threshold"], item["subscriberSnsTopicArns"])
        for item in budget["notifications"]
    ] == [
        ("ACTUAL", 50, [TOPIC]),
        ("ACTUAL", 80, [TOPIC]),
        ("ACTUAL", 100, [TOPIC]),
        ("FORECASTED", 100, [TOPIC]),
    ]


def test_a_budget_can_be_for_what_carries_the_tag_alone(deploy: Deploy) -> None:
    budget = deploy(guard(only_tagged=True)).one("aws:budgets/budget:Budget").inputs
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:environment$pr-7"]}]


def test_topics_hear_of_anomalies_at_once_and_addresses_daily(deploy: Deploy) -> None:
    found = deploy(guard(emails=["finance@example.com"], anomaly_min_usd=25))
    monitor = found.one("aws:costexplorer/anomalyMonitor:AnomalyMonitor")
    assert (monitor.inputs["monitorType"], monitor.inputs["monitorDimension"]) == (
        "DIMENSIONAL",
        "SERVICE",
    )
    subscriptions = {
        item.name: item.inputs
        for item in found.of_type("aws:costexplorer/anomalySubscription:AnomalySubscription")
    }
    assert {
        name: (item["frequency"], item["subscribers"]) for name, item in subscriptions.items()
    } == {
        "guard-anomalies-topic": ("IMMEDIATE", [{"type": "SNS", "address": TOPIC}]),
        "guard-anomalies-email": (
            "DAILY",
            [{"type": "EMAIL", "address": "finance@example.com"}],
        ),
    }
    for item in subscriptions.values():
        assert item["monitorArnLists"] == [monitor.state["arn"]]
        assert item["thresholdExpression"]["dimension"] == {
            "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "matchOptions": ["GREATER_THAN_OR_EQUAL"],
            "values": ["25"],
        }


def test_the_only_monitor_of_an_account_is_adopted(deploy: Deploy) -> None:
    found = deploy(guard(anomaly_monitor_arn=MONITOR))
    assert found.of_type("aws:costexplorer/anomalyMonitor:AnomalyMonitor") == []
    subscription = found.one("aws:costexplorer/anomalySubscription:AnomalySubscription").inputs
    assert subscription["monitorArnLists"] == [MONITOR]
    assert found.outputs("guard")["monitor_arn"] == MONITOR


def test_allocation_tags_stay_active_when_they_are_removed_here(deploy: Deploy) -> None:
    found = deploy(guard(allocation_tags=["owner", "cost-center"]))
    tags = found.of_type("aws:costexplorer/costAllocationTag:CostAllocationTag")
    assert {(item.name, item.inputs["tagKey"], item.inputs["status"]) for item in tags} == {
        ("guard-tag-cost-center", "cost-center", "Active"),
        ("guard-tag-owner", "owner", "Active"),
    }
    assert all(item.retain_on_delete for item in tags)


def test_a_used_up_budget_keeps_roles_of_the_environment_from_spending(deploy: Deploy) -> None:
    found = deploy(guard(freeze={"role_arns": [ROLE], "at_percent": 90}))
    assert found.identities == sorted(ALWAYS + FREEZE)
    action = found.one("aws:budgets/budgetAction:BudgetAction").inputs
    policy = found.one("aws:iam/policy:Policy")
    assert action["actionType"] == "APPLY_IAM_POLICY"
    assert action["actionThreshold"] == {
        "actionThresholdType": "PERCENTAGE",
        "actionThresholdValue": 90,
    }
    assert action["definition"]["iamActionDefinition"] == {
        "policyArn": policy.state["arn"],
        "roles": ["dev-jobs"],
    }
    assert action["subscribers"] == [{"subscriptionType": "SNS", "address": TOPIC}]
    (denied,) = json.loads(policy.inputs["policy"])["Statement"]
    assert (denied["Effect"], denied["Action"]) == ("Deny", list(SPENDING))


def test_a_freeze_stops_nothing_that_runs_and_keeps_nothing_from_being_removed() -> None:
    verbs = {action.partition(":")[2] for action in SPENDING}
    assert not [verb for verb in verbs if verb.startswith(("Delete", "Stop", "Terminate"))]


def test_what_freezes_can_touch_roles_of_the_environment_only(deploy: Deploy) -> None:
    found = deploy(guard(freeze={"role_arns": [ROLE]}))
    policy = found.one("aws:iam/policy:Policy").state["arn"]
    own = {"aws:ResourceTag/environment": "pr-7"}
    assert statements_of(found, "guard-freeze") == [
        {
            "Sid": "FreezeOwnRoles",
            "Effect": "Allow",
            "Action": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            "Resource": [ROLE],
            "Condition": {"ArnEquals": {"iam:PolicyARN": policy}, "StringEquals": own},
        },
        {
            "Sid": "NothingElse",
            "Effect": "Deny",
            "Action": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            "Resource": "*",
            "Condition": {"StringNotEquals": own},
        },
    ]
    trust = json.loads(found.one("aws:iam/role:Role").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:budgets::111122223333:budget/*"},
    }


def test_an_ephemeral_environment_is_asked_every_hour_whether_its_time_is_up(
    deploy: Deploy,
) -> None:
    found = deploy(guard(ttl_hours=24))
    assert found.identities == sorted(ALWAYS + REAPER)
    group = found.one("aws:scheduler/scheduleGroup:ScheduleGroup").state
    function = found.one("aws:lambda/function:Function")
    assert function.inputs["environment"] == {
        "variables": {
            "ENVIRONMENT": "pr-7",
            "EVENT_SOURCE": "fintech-infra.cost-guard",
            "SCHEDULE_GROUP": group["name"],
            "TICK_MINUTES": "60",
            "TTL_HOURS": "24",
        }
    }
    assert function.inputs["handler"] == "fintech_infra.functions.reaper.handler.handle"
    schedule = found.one("aws:scheduler/schedule:Schedule").inputs
    assert schedule["scheduleExpression"] == "rate(60 minutes)"
    assert schedule["target"]["arn"] == function.state["arn"]
    assert found.outputs("guard")["function_name"] == function.state["name"]


def test_the_function_may_stop_what_carries_the_tag_of_the_environment_only() -> None:
    found = {item["Sid"]: item for item in permissions(ACCOUNT, "pr-7", "arn:group")}
    own = {"aws:ResourceTag/environment": "pr-7"}
    assert found["StopOwn"]["Action"] == list(STOPPING)
    assert found["StopOwn"]["Condition"] == {"StringEquals": own}
    assert found["NothingElse"] == {
        "Sid": "NothingElse",
        "Effect": "Deny",
        "Action": list(STOPPING),
        "Resource": "*",
        "Condition": {"StringNotEquals": own},
    }
    allowed = {
        action
        for sid, item in found.items()
        if item["Effect"] == "Allow" and sid != "StopOwn"
        for action in ([item["Action"]] if isinstance(item["Action"], str) else item["Action"])
    }
    assert allowed == {
        "batch:DescribeJobQueues",
        "ecs:DescribeServices",
        "events:PutEvents",
        "rds:DescribeDBClusters",
        "scheduler:GetScheduleGroup",
        "tag:GetResources",
    }


def test_owners_hear_of_the_end_and_of_a_function_that_fails(deploy: Deploy) -> None:
    found = deploy(guard(ttl_hours=24))
    rule = found.one("aws:cloudwatch/eventRule:EventRule", "guard-expiry").inputs
    assert json.loads(rule["eventPattern"]) == {
        "source": [EVENT_SOURCE],
        "detail": {"environment": ["pr-7"]},
    }
    target = found.one("aws:cloudwatch/eventTarget:EventTarget", "guard-expiry").inputs
    assert (target["arn"], target["inputPath"]) == (TOPIC, "$.detail.notice")
    alarm = found.one("aws:cloudwatch/metricAlarm:MetricAlarm").inputs
    assert (alarm["metricName"], alarm["treatMissingData"]) == ("Errors", "breaching")


def test_component_and_function_mean_the_same_tag() -> None:
    assert production.ENVIRONMENT_TAG == decide.ENVIRONMENT_TAG


def test_a_given_key_encrypts_the_function(deploy: Deploy) -> None:
    found = deploy(guard(ttl_hours=24, kms_key_arn=KEY))
    assert found.of_type("aws:kms/key:Key") == []
    assert found.one("aws:lambda/function:Function").inputs["kmsKeyArn"] == KEY


def test_every_child_that_takes_one_gets_the_region(deploy: Deploy) -> None:
    found = deploy(guard(region="eu-west-1", ttl_hours=24, freeze={"role_arns": [ROLE]}))
    without = {item.type for item in found if item.custom and "region" not in item.inputs}
    assert {type_.split(":")[1].partition("/")[0] for type_ in without} == {
        "budgets",
        "costexplorer",
        "iam",
    }


def test_another_tag_leaves_everything_else_untouched(deploy: Deploy) -> None:
    one, two = deploy(guard(allocation_tags=["b"])), deploy(guard(allocation_tags=["a", "b"]))
    before = {item.identity: item.inputs for item in one}
    after = {item.identity: item.inputs for item in two}
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 1


@pytest.mark.parametrize("environment", ["prod", "eu-prod", "prod.eu", "live", "production_2"])
def test_nothing_can_be_stopped_in_production(environment: str) -> None:
    reason = f"is refused for {environment!r}: nothing stops production by itself"
    assert reasons(environment=environment, ttl_hours=24, freeze={"role_arns": [ROLE]}) == {
        "ttl_hours": reason,
        "freeze": reason,
    }


def test_somebody_has_to_be_told() -> None:
    assert reasons(alarm_topic_arn=None) == {
        "alarm_topic_arn, emails": "are both absent; a budget that tells nobody guards nothing"
    }
    assert list(reasons(alarm_topic_arn=None, emails=["a@b.eu"], ttl_hours=1)) == [
        "alarm_topic_arn"
    ]


def test_an_environment_of_more_than_two_weeks_is_not_ephemeral() -> None:
    assert reasons(ttl_hours=337) == {"ttl_hours": "is 337; accepted are 1 to 336"}
    assert reasons(ttl_hours=0) == {"ttl_hours": "is 0; accepted are 1 to 336"}


def test_thresholds_that_come_too_late_or_are_too_many_are_refused() -> None:
    assert reasons(actual_percent=[120]) == {
        "actual_percent": "has none up to 100; somebody must hear before the limit is passed"
    }
    assert reasons(actual_percent=[10, 20, 30, 40, 50]) == {
        "actual_percent, forecast_percent": "are 6 together; AWS accepts 5 for a budget"
    }
    assert list(reasons(forecast_percent=[])) == ["forecast_percent"]
    assert list(reasons(actual_percent=[50, 50])) == ["actual_percent"]


def test_all_mistakes_are_in_one_message() -> None:
    found = reasons(
        name="1",
        environment="PR 7",
        monthly_limit_usd=0,
        anomaly_min_usd=0,
        emails=["nobody"],
        anomaly_monitor_arn="arn:aws:ce::1:x",
        allocation_tags=["aws:cloudformation:stack-name"],
        freeze={"role_arns": ["arn:aws:iam::111122223333:user/x"], "at_percent": 0},
        unknown=True,
    )
    assert sorted(found) == [
        "allocation_tags[0]",
        "anomaly_min_usd",
        "anomaly_monitor_arn",
        "emails[0]",
        "environment",
        "freeze.at_percent",
        "freeze.role_arns[0]",
        "monthly_limit_usd",
        "name",
        "unknown",
    ]


def test_roles_may_be_outputs(deploy: Deploy) -> None:
    def program() -> None:
        guard(freeze={"role_arns": [Output.from_input(ROLE)]})()

    action = deploy(program).one("aws:budgets/budgetAction:BudgetAction").inputs
    assert action["definition"]["iamActionDefinition"]["roles"] == ["dev-jobs"]


def test_it_can_be_published_to_other_languages() -> None:
    component = Analyzer("fintech_infra").analyze_component(CostGuard)
    assert {"monthlyLimitUsd", "freeze", "ttlHours"} <= component.inputs.keys()
    assert all(item.description for item in component.inputs.values())


CLEAN = """
topic = AlarmTopic("page", {})
CostGuard("minimal", {"environment": "dev", "monthly_limit_usd": 100, "alarm_topic_arn": topic.arn})
CostGuard(
    "full",
    {
        "environment": "pr-7",
        "monthly_limit_usd": 100,
        "alarm_topic_arn": topic.arn,
        "emails": ["a@example.com"],
        "only_tagged": True,
        "allocation_tags": ["environment"],
        "freeze": {"role_arns": ["arn:aws:iam::111122223333:role/dev"]},
        "ttl_hours": 24,
    },
)
"""
PRODUCTION = """
topic = AlarmTopic("page", {})
CostGuard("prod", {"environment": "prod", "monthly_limit_usd": 9, "alarm_topic_arn": topic.arn})
"""
BROKEN = """
import json

topic = AlarmTopic("page", {})

def unconditional(text):
    found = json.loads(text)
    for statement in found["Statement"]:
        statement.pop("Condition", None)
    found["Statement"] = [s for s in found["Statement"] if s["Effect"] == "Allow"]
    return json.dumps(found)

def change(found):
    if found.type_ == "aws:iam/rolePolicy:RolePolicy":
        found.props["policy"] = pulumi.Output.from_input(found.props["policy"]).apply(unconditional)
    if found.type_ == "aws:budgets/budget:Budget":
        found.props["notifications"] = []
    return pulumi.ResourceTransformResult(found.props, found.opts)

CostGuard(
    "broken",
    {
        "environment": "pr-7",
        "monthly_limit_usd": 100,
        "alarm_topic_arn": topic.arn,
        "freeze": {"role_arns": ["arn:aws:iam::111122223333:role/dev"]},
        "ttl_hours": 24,
    },
    pulumi.ResourceOptions(transforms=[change]),
)
"""


def test_every_variant_satisfies_every_control(judged: Callable[..., Any]) -> None:
    assert judged(CLEAN, stack="dev") == []


def test_production_is_guarded_too(judged: Callable[..., Any]) -> None:
    assert judged(PRODUCTION, stack="prod") == []


def test_what_a_transform_breaks_a_control_finds(judged: Callable[..., Any]) -> None:
    assert judged(BROKEN, stack="dev") == [
        ("budgets-action-not-production", "violated", "broken-freeze", "executionRoleArn"),
        ("budgets-told", "violated", "broken", "notifications"),
        ("iam-policy-stop-scoped", "violated", "broken-reaper", "policy.Statement[8].Resource"),
    ]

"""ManagedSecret: its resources, its policy, its rotation and what it refuses.

What these tests do not prove: that Secrets Manager accepts the policy, that EventBridge matches the
events, or that a rotation succeeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi import Output, ResourceOptions
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._policy import Account
from fintech_infra.components._secret.policy import SecretFacts, reading, rotating, statements
from fintech_infra.components.managed_secret import ManagedSecret

ACCOUNT = Account(
    id="111122223333", partition="aws", region="eu-west-1", dns_suffix="amazonaws.com"
)
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:rotate"
ROTATOR = "arn:aws:iam::111122223333:role/rotate"
APP = "arn:aws:iam::111122223333:role/app"
BATCH = "arn:aws:iam::111122223333:role/nightly/batch"
STRANGER = "arn:aws:iam::444455556666:role/app"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
ROTATED: Any = {"purpose": "Opens the ledger", "rotation": {"function_arn": FUNCTION}}
ELSEWHERE: Any = {
    "purpose": "Opens the card scheme",
    "rotated_elsewhere": {"owner": "cards team", "reason": "issued by the scheme"},
}

COMPONENT = ("fintech_infra:index:ManagedSecret", "ledger")
CONTAINER = "aws:secretsmanager/secret:Secret"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
PERMISSION = "aws:lambda/permission:Permission"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
GIVEN = sorted([(CONTAINER, "ledger"), (POLICY, "ledger"), COMPONENT])
SCHEDULED = sorted([*GIVEN, (PERMISSION, "ledger-rotation"), (ROTATION, "ledger-rotation")])
OWN_KEY = [
    ("aws:kms/alias:Alias", "ledger-key"),
    ("aws:kms/key:Key", "ledger-key"),
    ("fintech_infra:index:EncryptionKey", "ledger-key"),
]
WATCH = [
    (RULE, "ledger-age"),
    (RULE, "ledger-rotation-failures"),
    (RULE, "ledger-tampering"),
    (TARGET, "ledger-age"),
    (TARGET, "ledger-rotation-failures"),
    (TARGET, "ledger-tampering"),
    ("aws:cloudwatch/logGroup:LogGroup", "ledger-age-logs"),
    (ALARM, "ledger-age"),
    ("aws:iam/role:Role", "ledger-age"),
    ("aws:iam/rolePolicy:RolePolicy", "ledger-age"),
    ("aws:lambda/function:Function", "ledger-age"),
    (PERMISSION, "ledger-age"),
    ("aws:sqs/queue:Queue", "ledger-age-dead-letters"),
    ("aws:sqs/queuePolicy:QueuePolicy", "ledger-age-dead-letters"),
]
LASTING = ["DenyDeletionAtOnce", "DenyShortRecovery", "DenyPublicPolicies"]


def ledger(given: Any, **more: Any) -> ManagedSecret:
    """The secret with the arguments given, and more."""
    args: Any = {**given, **more}
    return ManagedSecret("ledger", args)


def policy_of(found: Any) -> list[dict[str, Any]]:
    """The statements of the only secret's policy."""
    return json.loads(found.one(POLICY).inputs["policy"])["Statement"]


def reasons(args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    with pytest.raises(pulumi.InputPropertiesError) as error:
        ManagedSecret("ledger", args)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_without_options_it_is_an_empty_rotated_secret_with_a_key(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(lambda: ManagedSecret("ledger", ROTATED))
    assert found.identities == sorted([*SCHEDULED, *OWN_KEY])
    assert found.snake_case_keys() == []


def test_rotated_elsewhere_it_has_an_owner_instead_of_a_schedule(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(lambda: ledger(ELSEWHERE, kms_key_arn=KEY))
    assert found.identities == GIVEN
    assert found.one(CONTAINER).inputs["tags"] == {
        "data-class": "confidential",
        "rotation-owner": "cards team",
        "rotation-reason": "issued by the scheme",
    }


def test_every_child_is_hardened(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: ledger(ROTATED, kms_key_arn=KEY))
    arn = found.one(CONTAINER).state["arn"]
    assert found.one(CONTAINER).inputs == {
        "description": "Opens the ledger",
        "kmsKeyId": KEY,
        "recoveryWindowInDays": 30,
        "forceOverwriteReplicaSecret": False,
        "tags": {"data-class": "confidential"},
    }
    assert found.one(ROTATION).inputs == {
        "secretId": arn,
        "rotationLambdaArn": FUNCTION,
        "rotationRules": {"automaticallyAfterDays": 90},
        "rotateImmediately": False,
    }
    assert found.one(PERMISSION).inputs == {
        "function": FUNCTION,
        "action": "lambda:InvokeFunction",
        "principal": "secretsmanager.amazonaws.com",
        "sourceArn": arn,
        "sourceAccount": "111122223333",
    }
    assert found.one(POLICY).inputs["secretArn"] == arn
    assert found.one(POLICY).inputs["blockPublicPolicy"] is True


def test_no_argument_takes_a_value() -> None:
    for key in ("value", "secret_string", "secret_string_wo", "initial_value"):
        assert list(reasons({**ROTATED, key: "hunter2"})) == [key]


def test_no_child_holds_a_value(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: ledger(ROTATED, alarm_topic_arn=TOPIC))
    assert found.of_type("aws:secretsmanager/secretVersion:SecretVersion") == []


def test_rotation_waits_for_its_permission_and_the_policy(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: ManagedSecret("ledger", ROTATED))
    waits = set(found.one(ROTATION).depends_on)
    assert {found.one(PERMISSION).urn, found.one(POLICY).urn} <= waits


def test_whoever_is_given_its_arn_waits_for_its_policy(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        arn = ledger(ELSEWHERE, kms_key_arn=KEY).arn
        aws.ssm.Parameter("reader", type="String", value=arn)

    found = deploy(program)
    assert found.one(POLICY).urn in found.one("aws:ssm/parameter:Parameter").depends_on


def test_a_secret_cannot_be_deleted_at_once_or_opened_to_the_public(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(lambda: ManagedSecret("ledger", ROTATED))
    everyone = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
    assert policy_of(found) == [
        {
            "Sid": "DenyDeletionAtOnce",
            **everyone,
            "Action": "secretsmanager:DeleteSecret",
            "Condition": {"Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "true"}},
        },
        {
            "Sid": "DenyShortRecovery",
            **everyone,
            "Action": "secretsmanager:DeleteSecret",
            "Condition": {"NumericLessThan": {"secretsmanager:RecoveryWindowInDays": "30"}},
        },
        {
            "Sid": "DenyPublicPolicies",
            **everyone,
            "Action": "secretsmanager:PutResourcePolicy",
            "Condition": {"BoolIfExists": {"secretsmanager:BlockPublicPolicy": "false"}},
        },
    ]


def test_named_consumers_and_the_rotation_are_the_only_readers(deploy: Callable[..., Any]) -> None:
    args: Any = {
        "purpose": "Opens the ledger",
        "consumers": [APP, BATCH],
        "rotation": {"function_arn": FUNCTION, "function_role_arn": ROTATOR},
    }
    read, only, rotate, *lasting = policy_of(deploy(lambda: ManagedSecret("ledger", args)))
    values = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    assert read == {
        "Sid": "ReadByConsumers",
        "Effect": "Allow",
        "Principal": {"AWS": [APP, BATCH]},
        "Action": values,
        "Resource": "*",
    }
    assert only == {
        "Sid": "OnlyConsumersRead",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalArn": [APP, BATCH, ROTATOR]}},
    }
    assert rotate == {
        "Sid": "Rotation",
        "Effect": "Allow",
        "Principal": {"AWS": ROTATOR},
        "Action": [
            *values,
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        ],
        "Resource": "*",
    }
    assert [item["Sid"] for item in lasting] == LASTING


def test_values_stay_in_the_organization() -> None:
    (outside, *_) = statements(SecretFacts(ACCOUNT, org_id="o-a1b2c3d4e5"))
    assert (outside["Effect"], outside["Condition"]) == (
        "Deny",
        {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )
    assert "secretsmanager:PutResourcePolicy" not in outside["Action"]


def test_a_role_of_another_account_needs_the_organization() -> None:
    with pytest.raises(ValueError, match="role/app belongs to another account; name the org"):
        statements(SecretFacts(ACCOUNT, consumers=[STRANGER]))
    shared = statements(SecretFacts(ACCOUNT, consumers=[STRANGER], org_id="o-a1b2c3d4e5"))
    assert shared[0]["Principal"] == {"AWS": STRANGER}


def test_a_consumer_that_turns_out_to_be_everyone_is_refused(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        later: Any = [Output.from_input("*")]
        ledger(ELSEWHERE, consumers=later)

    with pytest.raises(ValueError, match=r"'\*' is not the ARN of a role"):
        deploy(program)


def test_a_consumer_changes_the_policy_and_nothing_else(deploy: Callable[..., Any]) -> None:
    def inputs(*consumers: str) -> dict[tuple[str, str], Any]:
        args: Any = {**ELSEWHERE, "consumers": list(consumers)}
        found = deploy(lambda: ManagedSecret("ledger", args))
        return {item.identity: item.inputs for item in found if item.custom}

    before, after = inputs(APP), inputs(APP, BATCH)
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == {(POLICY, "ledger")}


def test_a_replica_changes_the_secret_and_nothing_else(deploy: Callable[..., Any]) -> None:
    def inputs(*regions: str) -> dict[tuple[str, str], Any]:
        replicas = [
            {"region": item, "kms_key_arn": f"arn:aws:kms:{item}:1:key/1"} for item in regions
        ]
        args: Any = {**ELSEWHERE, "replicas": replicas}
        found = deploy(lambda: ManagedSecret("ledger", args))
        return {item.identity: item.inputs for item in found if item.custom}

    before, after = inputs("eu-central-1"), inputs("eu-central-1", "eu-north-1")
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == {(CONTAINER, "ledger")}
    assert after[CONTAINER, "ledger"]["replicas"] == [
        {"region": "eu-central-1", "kmsKeyId": "arn:aws:kms:eu-central-1:1:key/1"},
        {"region": "eu-north-1", "kmsKeyId": "arn:aws:kms:eu-north-1:1:key/1"},
    ]


@pytest.mark.parametrize(
    ("data_class", "days"),
    [("internal", 90), ("confidential", 90), ("pii", 30), ("cardholder", 30)],
)
def test_the_class_decides_how_old_a_value_becomes(
    deploy: Callable[..., Any], data_class: str, days: int
) -> None:
    args: Any = {**ROTATED, "data_class": data_class, "alarm_topic_arn": TOPIC}
    found = deploy(lambda: ManagedSecret("ledger", args))
    assert found.one(ROTATION).inputs["rotationRules"] == {"automaticallyAfterDays": days}
    assert found.one(ALARM).inputs["threshold"] == days + 2
    late = {"function_arn": FUNCTION, "every_days": days + 1}
    assert reasons({**args, "rotation": late}) == {
        "rotation.every_days": (
            f"is {days + 1}; accepted are 1 to {days} days for {data_class} data "
            "(PCI DSS 4.0.1 8.6.3)"
        )
    }


def test_a_period_and_a_window_reach_the_schedule(deploy: Callable[..., Any]) -> None:
    rotation = {"function_arn": FUNCTION, "every_days": 7.0, "window_hours": 3.0}
    args: Any = {"purpose": "x", "rotation": rotation}
    found = deploy(lambda: ManagedSecret("ledger", args))
    assert found.one(ROTATION).inputs["rotationRules"] == {
        "automaticallyAfterDays": 7,
        "duration": "3h",
    }


def test_an_alarm_topic_hears_of_failures_tampering_and_age(deploy: Callable[..., Any]) -> None:
    args: Any = {**ROTATED, "kms_key_arn": KEY, "alarm_topic_arn": TOPIC}
    found = deploy(lambda: ManagedSecret("ledger", args))
    assert found.identities == sorted([*SCHEDULED, *WATCH])
    secret = found.one(CONTAINER).state
    failures = json.loads(found.one(RULE, "ledger-rotation-failures").inputs["eventPattern"])
    assert failures == {
        "source": ["aws.secretsmanager"],
        "detail-type": ["AWS Service Event via CloudTrail"],
        "detail": {
            "eventSource": ["secretsmanager.amazonaws.com"],
            "eventName": ["RotationAbandoned", "RotationFailed", "TestRotationFailed"],
            "additionalEventData": {"SecretId": [secret["arn"]]},
        },
    }
    tampering = json.loads(found.one(RULE, "ledger-tampering").inputs["eventPattern"])["detail"]
    assert tampering["requestParameters"] == {
        "secretId": [secret["arn"], secret["arn"][:-7], secret["name"]]
    }
    assert {"CancelRotateSecret", "DeleteSecret", "PutResourcePolicy"} <= set(
        tampering["eventName"]
    )
    for role in ("ledger-rotation-failures", "ledger-tampering"):
        assert found.one(TARGET, role).inputs["arn"] == TOPIC


def test_a_value_that_is_old_or_not_measured_pages(deploy: Callable[..., Any]) -> None:
    args: Any = {**ELSEWHERE, "kms_key_arn": KEY, "alarm_topic_arn": TOPIC}
    found = deploy(lambda: ManagedSecret("ledger", args))
    alarm, function = found.one(ALARM).inputs, found.one("aws:lambda/function:Function").inputs
    named = function["environment"]["variables"]
    secret = found.one(CONTAINER).state
    assert named == {
        "SECRET_ARN": secret["arn"],
        "SECRET_NAME": secret["name"],
        "METRIC_NAMESPACE": alarm["namespace"],
        "METRIC_NAME": alarm["metricName"],
    }
    assert alarm["dimensions"] == {"SecretName": secret["name"]}
    assert (alarm["comparisonOperator"], alarm["threshold"]) == ("GreaterThanThreshold", 92)
    assert alarm["treatMissingData"] == "breaching"
    assert alarm["alarmActions"] == alarm["okActions"] == [TOPIC]
    clock = found.one(RULE, "ledger-age")
    assert clock.inputs["scheduleExpression"] == "rate(6 hours)"
    assert found.one(PERMISSION, "ledger-age").inputs["sourceArn"] == clock.state["arn"]


def test_the_function_that_measures_cannot_read_the_value(deploy: Callable[..., Any]) -> None:
    args: Any = {**ELSEWHERE, "kms_key_arn": KEY, "alarm_topic_arn": TOPIC}
    found = deploy(lambda: ManagedSecret("ledger", args))
    granted = json.loads(found.one("aws:iam/rolePolicy:RolePolicy").inputs["policy"])["Statement"]
    assert {
        item["Sid"]: item["Action"] for item in granted if "secrets" in str(item["Action"])
    } == {
        "LookWithoutReading": [
            "secretsmanager:DescribeSecret",
            "secretsmanager:ListSecretVersionIds",
        ]
    }
    (report,) = [item for item in granted if item["Sid"] == "ReportAge"]
    assert report["Condition"] == {"StringEquals": {"cloudwatch:namespace": "FintechInfra/Secrets"}}


def test_a_key_of_its_own_serves_what_uses_it(deploy: Callable[..., Any]) -> None:
    def through(**more: Any) -> Any:
        found = deploy(lambda: ledger(ELSEWHERE, **more))
        policy = json.loads(found.one("aws:kms/key:Key").inputs["policy"])["Statement"]
        return policy[1]["Condition"]["StringEquals"]["kms:ViaService"]

    assert through() == "secretsmanager.eu-west-1.amazonaws.com"
    assert through(alarm_topic_arn=TOPIC) == [
        "lambda.eu-west-1.amazonaws.com",
        "secretsmanager.eu-west-1.amazonaws.com",
        "sqs.eu-west-1.amazonaws.com",
    ]


def test_access_policies_reach_the_key_for_this_secret_only() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ledger-a1b2c3"
    through = {
        "StringEquals": {
            "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:SecretARN": arn,
        }
    }
    assert reading(ACCOUNT, arn, KEY) == [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            "Resource": arn,
        },
        {
            "Sid": "UseKey",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": KEY,
            "Condition": through,
        },
    ]
    rotate, password, key = rotating(ACCOUNT, arn, KEY)
    assert (rotate["Resource"], password["Resource"], key["Resource"]) == (arn, "*", KEY)
    assert key["Condition"] == through


def test_a_region_reaches_every_child(deploy: Callable[..., Any]) -> None:
    args: Any = {**ROTATED, "region": "eu-south-2", "alarm_topic_arn": TOPIC}
    found = deploy(lambda: ManagedSecret("ledger", args))
    without = {
        item.type
        for item in found
        if item.type.startswith("aws:") and item.inputs.get("region") != "eu-south-2"
    }
    assert without == {"aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"}


def test_options_reach_children_through_the_parent_only(deploy: Callable[..., Any]) -> None:
    def program() -> None:
        provider = aws.Provider("elsewhere", region="us-east-2")
        options = ResourceOptions(providers=[provider], protect=False)
        args: Any = {**ROTATED, "alarm_topic_arn": TOPIC}
        ManagedSecret("ledger", args, options)

    found = deploy(program)
    custom = [item for item in found if item.type.startswith("aws:")]
    assert all("::elsewhere::" in item.provider for item in custom)
    assert all("::elsewhere::" in provider for _, _, provider in found.invokes)
    assert sorted(item.name for item in custom if item.protect) == [
        "ledger",
        "ledger-age-logs",
        "ledger-key",
    ]
    components = {item.urn for item in found if item.type.startswith("fintech_infra:")}
    assert {item.parent for item in custom} == components


def test_the_outputs_are_those_of_the_resources(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: ledger(ROTATED, kms_key_arn=KEY))
    outputs, secret = found.outputs("ledger"), found.one(CONTAINER)
    evidence = json.loads(outputs.pop("evidence"))
    arn = secret.state["arn"]
    documents = {
        "read_policy": reading(ACCOUNT, arn, KEY),
        "rotation_policy": rotating(ACCOUNT, arn, KEY),
    }
    for name, expected in documents.items():
        assert json.loads(outputs.pop(name))["Statement"] == expected
    assert outputs == {"arn": arn, "name": secret.state["name"], "kms_key_arn": KEY}
    by_urn = {item.urn: item for item in found}
    assert {
        control: (by_urn[item["resource"]].identity, item["property"])
        for control, item in evidence.items()
    } == {
        "secretsmanager-cmk": ((CONTAINER, "ledger"), "kmsKeyId"),
        "secretsmanager-policy-not-public": ((POLICY, "ledger"), "policy"),
        "secretsmanager-recovery-window": ((CONTAINER, "ledger"), "recoveryWindowInDays"),
        "secretsmanager-rotation-enabled": ((ROTATION, "ledger-rotation"), "rotationRules"),
    }


def test_every_mistake_is_reported_at_once() -> None:
    found = reasons(
        {
            "purpose": "",
            "secret_name": "ledger-abcdef",
            "consumers": [APP, APP, "*"],
            "org_id": "acme",
            "rotation": {"function_arn": "rotate", "every_days": 0, "window_hours": 25},
            "rotated_elsewhere": {"owner": "x", "reason": "because; so", "every_days": 91},
            "replicas": [
                {"region": "Europe", "kms_key_arn": KEY},
                {"region": "eu-west-1", "kms_key_arn": KEY},
                {"region": "eu-north-1", "kms_key_arn": KEY},
                {"region": "eu-north-1", "kms_key_arn": KEY},
            ],
            "region": "eu-west-1",
        }
    )
    assert {path: reason.partition(";")[0] for path, reason in found.items()} == {
        "purpose": "has 0 characters",
        "secret_name": (
            "is 'ledger-abcdef', which ends like the six characters that AWS adds to an ARN, so "
            "the two get mixed up"
        ),
        "rotation": "both are given",
        "rotation.every_days": "is 0",
        "rotated_elsewhere.every_days": "is 91",
        "rotation.window_hours": "is 25",
        "rotated_elsewhere.owner": "is 'x'",
        "rotated_elsewhere.reason": "is 'because",
        "consumers[2]": "is '*'",
        "consumers": f"names {APP} twice",
        "rotation.function_role_arn": (
            "is required with consumers: nobody else reads the secret, so it could not be rotated"
        ),
        "rotation.function_arn": "is 'rotate'",
        "replicas[0].region": "is 'Europe'",
        "replicas[1].region": "is 'eu-west-1', where the secret is already",
        "replicas[3].region": "is 'eu-north-1', where the secret is already",
        "org_id": "is 'acme'",
    }


def test_a_secret_that_nobody_rotates_is_refused() -> None:
    assert list(reasons({"purpose": "x"})) == ["rotation"]
    assert list(reasons({})) == ["purpose", "rotation"]


def test_an_empty_list_of_consumers_is_refused() -> None:
    assert list(reasons({**ELSEWHERE, "consumers": []})) == ["consumers"]


WEAKENED = """
def weakened(type_, **changes):
    def change(args):
        if args.type_ == type_:
            return pulumi.ResourceTransformResult({**args.props, **changes}, args.opts)
    return pulumi.ResourceOptions(transforms=[change])

def named(name):
    rotation = {'function_arn': 'arn:aws:lambda:eu-west-1:111122223333:function:rotate'}
    return name, {'purpose': name, 'rotation': rotation}
"""


def test_it_is_clean_under_every_control(judged: Callable[..., Any]) -> None:
    program = f"""
ManagedSecret('minimal', {ROTATED!r})
ManagedSecret('elsewhere', {{**{ELSEWHERE!r}, 'alarm_topic_arn': {TOPIC!r}}})
ManagedSecret('shared', {{
    'purpose': 'x', 'data_class': 'cardholder', 'consumers': [{APP!r}], 'org_id': 'o-a1b2c3d4e5',
    'rotation': {{'function_arn': {FUNCTION!r}, 'function_role_arn': {ROTATOR!r}}},
    'replicas': [{{'region': 'eu-central-1', 'kms_key_arn': {KEY!r}}}]}})
"""
    assert judged(program) == []


def test_what_a_transform_weakens_is_found(judged: Callable[..., Any]) -> None:
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    program = f"""{WEAKENED}
ManagedSecret(*named('key'), weakened({CONTAINER!r}, kmsKeyId=None))
ManagedSecret(*named('recovery'), weakened({CONTAINER!r}, recoveryWindowInDays=0))
ManagedSecret(*named('public'), weakened(
    {POLICY!r}, policy={json.dumps({"Statement": [anyone]})!r}, blockPublicPolicy=False))
yearly = {{'automaticallyAfterDays': 365}}
ManagedSecret(*named('seldom'), weakened({ROTATION!r}, rotationRules=yearly))
ManagedSecret('unowned', {ELSEWHERE!r}, weakened({CONTAINER!r}, tags={{}}))
secret = ManagedSecret(*named('filled'))
aws.secretsmanager.SecretVersion('filled', secret_id=secret.arn, secret_string='hunter2')
"""
    assert judged(program) == [
        ("secretsmanager-cmk", "violated", "key", "kmsKeyId"),
        ("secretsmanager-policy-not-public", "violated", "public", "blockPublicPolicy"),
        ("secretsmanager-policy-not-public", "violated", "public", "policy.Statement[0].Principal"),
        ("secretsmanager-recovery-window", "violated", "recovery", "recoveryWindowInDays"),
        (
            "secretsmanager-rotation-enabled",
            "violated",
            "seldom-rotation",
            "rotationRules.automaticallyAfterDays",
        ),
        ("secretsmanager-rotation-enabled", "violated", "unowned", ""),
        ("secretsmanager-value-outside-state", "violated", "filled", "secretString"),
    ]


def test_its_schema_can_be_inferred_and_describes_everything() -> None:
    found = Analyzer("fintech_infra").analyze([ManagedSecret])
    definition = found["component_definitions"]["ManagedSecret"]
    described = {**definition.inputs, **definition.outputs}
    for name in ("SecretRotationArgs", "ExternalRotationArgs", "SecretReplicaArgs"):
        described |= found["type_definitions"][name].properties
    assert [name for name, item in described.items() if not item.description] == []
    assert {name for name, item in definition.inputs.items() if not item.optional} == {"purpose"}
    assert set(definition.outputs) == {
        "arn",
        "evidence",
        "kmsKeyArn",
        "name",
        "readPolicy",
        "rotationPolicy",
    }

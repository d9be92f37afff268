"""EncryptionKey: its resources, its policy and what it refuses.

What these tests do not prove: that KMS accepts the policy, or that EventBridge matches the event.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi import Output, ResourceOptions
from pulumi.provider.experimental.analyzer import Analyzer

from fintech_infra.components._key.policy import ADMINISTER, USE, Grant, KeyOperation, statements
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._policy import Account
from fintech_infra.components.encryption_key import EncryptionKey

ROOT = "arn:aws:iam::111122223333:root"
ADMIN = "arn:aws:iam::111122223333:role/keys"
APP = "arn:aws:iam::111122223333:role/app"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:page"
TOPICS = "arn:aws:sns:eu-west-1:111122223333:*"
ACCOUNT = Account(
    id="111122223333", partition="aws", region="eu-west-1", dns_suffix="amazonaws.com"
)
COMPONENT = ("fintech_infra:index:EncryptionKey", "ledger")
REPLICA = "aws:kms/replicaKey:ReplicaKey"
COPIED: Any = {"replicas": [{"region": "eu-central-1"}]}
COPIES = {REPLICA: {"keyId": "mrk-1234"}}
ROOT_ADMINISTERS = {
    "Sid": "AdministrationByAccount",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": list(ADMINISTER),
    "Resource": "*",
}


def policy_of(found: Any) -> list[dict[str, Any]]:
    """The statements of the only key."""
    return json.loads(found.one("aws:kms/key:Key").inputs["policy"])["Statement"]


def reasons(args: Any) -> dict[str, str]:
    """What is wrong with the arguments, by path."""
    with pytest.raises(pulumi.InputPropertiesError) as error:
        EncryptionKey("ledger", args)
    return {item["property_path"]: item["reason"] for item in error.value.errors or []}


def test_without_options_it_is_a_key_and_an_alias(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: EncryptionKey("ledger", {}))
    assert found.identities == [
        ("aws:kms/alias:Alias", "ledger"),
        ("aws:kms/key:Key", "ledger"),
        COMPONENT,
    ]
    assert found.snake_case_keys() == []


def test_without_options_the_key_rotates_waits_and_is_protected(deploy: Callable[..., Any]) -> None:
    key = deploy(lambda: EncryptionKey("ledger", {})).one("aws:kms/key:Key")
    policy = key.inputs.pop("policy")
    assert json.loads(policy)["Version"] == "2012-10-17"
    assert key.inputs == {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "deletionWindowInDays": 30,
        "description": "Customer-managed key of ledger",
        "enableKeyRotation": True,
        "keyUsage": "ENCRYPT_DECRYPT",
        "multiRegion": False,
        "rotationPeriodInDays": 365,
        "tags": {"data-class": "confidential"},
    }
    assert key.protect is True


def test_without_options_it_is_used_through_services_only(deploy: Callable[..., Any]) -> None:
    through = {
        "StringEquals": {"kms:CallerAccount": "111122223333"},
        "StringLike": {"kms:ViaService": "*.eu-west-1.amazonaws.com"},
    }
    assert policy_of(deploy(lambda: EncryptionKey("ledger", {}))) == [
        ROOT_ADMINISTERS,
        {
            "Sid": "UseThroughServices",
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": [*USE, "kms:DescribeKey"],
            "Resource": "*",
            "Condition": through,
        },
        {
            "Sid": "DelegationToServices",
            "Effect": "Allow",
            "Principal": {"AWS": ROOT},
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": "*",
            "Condition": {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]


def test_named_roles_have_one_duty_and_are_denied_the_other(deploy: Callable[..., Any]) -> None:
    found = policy_of(
        deploy(
            lambda: EncryptionKey(
                "ledger",
                {
                    "administrators": [ADMIN],
                    "users": [
                        {
                            "principal": APP,
                            "operations": ["decrypt", "delegate"],
                            "via_service": "s3",
                            "encryption_context": {"tenant": "a"},
                        }
                    ],
                },
            )
        )
    )
    narrowed = {
        "kms:EncryptionContext:tenant": "a",
        "kms:ViaService": "s3.eu-west-1.amazonaws.com",
    }
    assert [
        (item["Sid"], item["Effect"], item["Principal"]["AWS"], item.get("Condition"))
        for item in found
    ] == [
        ("AdministrationByAccount", "Allow", ROOT, None),
        ("Administration", "Allow", ADMIN, None),
        ("NoUseByAdministrators", "Deny", ADMIN, None),
        ("DescriptionForUsers", "Allow", APP, None),
        ("NoAdministrationByUsers", "Deny", APP, None),
        ("Use1", "Allow", APP, {"StringEquals": narrowed}),
        (
            "Delegation1",
            "Allow",
            APP,
            {"StringEquals": narrowed, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]
    actions = {item["Sid"]: item["Action"] for item in found}
    assert actions["Use1"] == ["kms:Decrypt", "kms:ReEncryptFrom"]
    assert actions["NoUseByAdministrators"] == [*USE, "kms:CreateGrant"]
    assert "kms:PutKeyPolicy" in actions["NoAdministrationByUsers"]
    assert "kms:DescribeKey" not in actions["NoAdministrationByUsers"]


def test_named_services_are_the_only_ones(deploy: Callable[..., Any]) -> None:
    found = policy_of(deploy(lambda: EncryptionKey("ledger", {"services": ["s3", "logs", "rds"]})))
    assert {item["Sid"]: item.get("Condition") for item in found[1:]} == {
        "UseThroughServices": {
            "StringEquals": {
                "kms:CallerAccount": "111122223333",
                "kms:ViaService": ["rds.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"],
            }
        },
        "DelegationToServices": {
            "StringEquals": {
                "kms:CallerAccount": "111122223333",
                "kms:ViaService": ["rds.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"],
            },
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        },
        "UseByLogGroups": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": (
                    "arn:aws:logs:eu-west-1:111122223333:log-group:*"
                )
            }
        },
    }
    assert found[-1]["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}


@pytest.mark.parametrize(
    ("name", "principal", "condition"),
    [
        (
            KeyService.CLOUDWATCH,
            "cloudwatch.amazonaws.com",
            {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:*"},
            },
        ),
        (
            KeyService.BACKUP_EVENTS,
            "backup.amazonaws.com",
            {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": TOPICS}},
        ),
        (
            KeyService.BUDGETS,
            "budgets.amazonaws.com",
            {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": "arn:aws:budgets::111122223333:*"},
            },
        ),
        (
            KeyService.COST_ALERTS,
            "costalerts.amazonaws.com",
            {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        ),
        (
            KeyService.RDS_EVENTS,
            "events.rds.amazonaws.com",
            {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": TOPICS}},
        ),
        (
            KeyService.SNS_DELIVERY,
            "sns.amazonaws.com",
            {
                "ArnLike": {
                    "kms:EncryptionContext:aws:sqs:arn": "arn:aws:sqs:eu-west-1:111122223333:*"
                }
            },
        ),
        (
            KeyService.CONFIG,
            "config.amazonaws.com",
            {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        ),
        (
            KeyService.EVENTS,
            "events.amazonaws.com",
            {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": TOPICS}},
        ),
        (
            KeyService.LOG_DELIVERY,
            "delivery.logs.amazonaws.com",
            {
                "StringEquals": {"aws:SourceAccount": "111122223333"},
                "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:111122223333:*"},
            },
        ),
        (
            KeyService.CLOUDTRAIL,
            "cloudtrail.amazonaws.com",
            {
                "StringLike": {
                    "kms:EncryptionContext:aws:cloudtrail:arn": (
                        "arn:aws:cloudtrail:*:111122223333:trail/*"
                    )
                },
                "ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:111122223333:trail/*"},
            },
        ),
    ],
)
def test_a_service_that_acts_as_itself_acts_for_this_account_only(
    name: KeyService, principal: str, condition: dict[str, Any]
) -> None:
    found = statements(ACCOUNT, [], [], [name])
    assert found[1]["Principal"] == {"Service": principal}
    assert found[1]["Condition"] == condition
    assert all(ACCOUNT.id in str(item["Condition"]) for item in found[2:])


roles = st.integers(0, 5).map(lambda number: f"arn:aws:iam::111122223333:role/r{number}")


@given(
    administrators=st.lists(roles, max_size=4),
    users=st.lists(st.tuples(roles, st.sets(st.sampled_from(KeyOperation))), max_size=4),
    services=st.lists(st.sampled_from(KeyService)),
)
def test_no_policy_lets_anyone_but_the_account_administer_and_decrypt(
    administrators: list[str],
    users: list[tuple[str, set[KeyOperation]]],
    services: list[KeyService],
) -> None:
    grants = [Grant(role, frozenset(operations)) for role, operations in users]
    if set(administrators) & {role for role, _ in users}:
        with pytest.raises(ValueError, match="both administers and uses the key"):
            statements(ACCOUNT, administrators, grants, services)
        return
    compiled = statements(ACCOUNT, administrators, grants, services)
    assert compiled[0] == ROOT_ADMINISTERS
    administer, decrypt = set[str](), set[str]()
    for item in compiled:
        assert item["Principal"] != "*"
        if item["Effect"] == "Deny":
            continue
        arns = item["Principal"].get("AWS", [])
        named = set(arns if isinstance(arns, list) else [arns]) - {ROOT}
        if "kms:PutKeyPolicy" in item["Action"]:
            administer |= named
        if "kms:Decrypt" in item["Action"]:
            decrypt |= named
    assert administer & decrypt == set()


def test_an_alarm_topic_hears_of_tampering_with_this_key(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: EncryptionKey("ledger", {"alarm_topic_arn": TOPIC}))
    assert found.identities == [
        ("aws:cloudwatch/eventRule:EventRule", "ledger-tampering"),
        ("aws:cloudwatch/eventTarget:EventTarget", "ledger-tampering"),
        ("aws:kms/alias:Alias", "ledger"),
        ("aws:kms/key:Key", "ledger"),
        COMPONENT,
    ]
    rule = found.one("aws:cloudwatch/eventRule:EventRule")
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.kms"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["kms.amazonaws.com"],
            "eventName": [
                "DeleteImportedKeyMaterial",
                "DisableKey",
                "DisableKeyRotation",
                "PutKeyPolicy",
                "ScheduleKeyDeletion",
            ],
            "resources": {"ARN": [found.one("aws:kms/key:Key").state["arn"]]},
        },
    }
    target = found.one("aws:cloudwatch/eventTarget:EventTarget")
    assert target.inputs == {"rule": rule.state["name"], "arn": TOPIC}


def test_a_region_reaches_every_child_and_the_policy(deploy: Callable[..., Any]) -> None:
    found = deploy(
        lambda: EncryptionKey("ledger", {"region": "eu-south-2", "alarm_topic_arn": TOPIC})
    )
    assert {item.identity: item.inputs.get("region") for item in found if item.custom} == {
        ("aws:kms/key:Key", "ledger"): "eu-south-2",
        ("aws:kms/alias:Alias", "ledger"): "eu-south-2",
        ("aws:cloudwatch/eventRule:EventRule", "ledger-tampering"): "eu-south-2",
        ("aws:cloudwatch/eventTarget:EventTarget", "ledger-tampering"): "eu-south-2",
    }
    assert "*.eu-south-2.amazonaws.com" in found.one("aws:kms/key:Key").inputs["policy"]


def test_the_region_of_the_policy_is_that_of_the_components_provider(
    deploy: Callable[..., Any],
) -> None:
    def program() -> None:
        provider = aws.Provider("elsewhere", region="us-east-2")
        EncryptionKey("ledger", {}, ResourceOptions(providers=[provider]))

    found = deploy(program)
    assert "*.us-east-2.amazonaws.com" in found.one("aws:kms/key:Key").inputs["policy"]
    assert all("::elsewhere::" in provider for _, _, provider in found.invokes)
    assert all("::elsewhere::" in item.provider for item in found if item.type.startswith("aws:"))


def test_children_stay_children_and_the_key_stays_protected(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: EncryptionKey("ledger", {}, ResourceOptions(protect=False)))
    component = found.one(COMPONENT[0]).urn
    assert {item.parent for item in found if item.custom} == {component}
    assert {item.type: item.protect for item in found if item.custom} == {
        "aws:kms/key:Key": True,
        "aws:kms/alias:Alias": False,
    }


def test_an_alias_gets_its_prefix_and_the_callers_tags_do_not_replace_ours(
    deploy: Callable[..., Any],
) -> None:
    found = deploy(
        lambda: EncryptionKey(
            "ledger", {"alias": "pay/ledger", "tags": {"owner": "core", "data-class": "public"}}
        )
    )
    assert found.one("aws:kms/alias:Alias").inputs == {
        "name": "alias/pay/ledger",
        "targetKeyId": found.one("aws:kms/key:Key").state["keyId"],
    }
    assert found.one("aws:kms/key:Key").inputs["tags"] == {
        "owner": "core",
        "data-class": "confidential",
    }


def test_the_outputs_are_those_of_the_resources(deploy: Callable[..., Any]) -> None:
    found = deploy(
        lambda: EncryptionKey(
            "ledger", {"users": [{"principal": APP, "operations": ["encrypt"]}], "services": ["s3"]}
        )
    )
    outputs, key = found.outputs("ledger"), found.one("aws:kms/key:Key")
    alias = found.one("aws:kms/alias:Alias")
    evidence, inventory = json.loads(outputs.pop("evidence")), json.loads(outputs.pop("inventory"))
    assert outputs == {
        "arn": key.state["arn"],
        "key_id": key.state["keyId"],
        "alias_arn": alias.state["arn"],
        "alias_name": alias.state["name"],
        "replica_arns": {},
    }
    assert inventory == {
        "key": key.state["arn"],
        "replicas": {},
        "algorithm": "SYMMETRIC_DEFAULT",
        "usage": "ENCRYPT_DECRYPT",
        "rotation_days": 365,
        "data_class": "confidential",
        "administrators": [],
        "users": [{"principal": APP, "operations": ["encrypt"]}],
        "services": ["s3"],
    }
    assert {control: item["property"] for control, item in evidence.items()} == {
        "kms-deletion-window-long": "deletionWindowInDays",
        "kms-lockout-check-enforced": "bypassPolicyLockoutSafetyCheck",
        "kms-multi-region-key-approved": "multiRegion",
        "kms-policy-duties-separated": "policy",
        "kms-policy-not-public": "policy",
        "kms-rotation-enabled": "enableKeyRotation",
    }
    assert {item["resource"] for item in evidence.values()} == {key.urn}
    assert {item["property"] for item in evidence.values()} <= key.inputs.keys()


def test_a_copy_is_a_key_and_an_alias_in_its_region(deploy: Callable[..., Any]) -> None:
    args: Any = {**COPIED, "alias": "pay"}
    found = deploy(lambda: EncryptionKey("ledger", args), COPIES)
    assert found.identities == [
        ("aws:kms/alias:Alias", "ledger"),
        ("aws:kms/alias:Alias", "ledger-eu-central-1"),
        ("aws:kms/key:Key", "ledger"),
        (REPLICA, "ledger-eu-central-1"),
        COMPONENT,
    ]
    key, copy = found.one("aws:kms/key:Key"), found.one(REPLICA)
    assert key.inputs["multiRegion"] is True
    policy = copy.inputs.pop("policy")
    assert copy.inputs == {
        "primaryKeyArn": key.state["arn"],
        "description": "Customer-managed key of ledger",
        "deletionWindowInDays": 30,
        "bypassPolicyLockoutSafetyCheck": False,
        "region": "eu-central-1",
        "tags": {"data-class": "confidential"},
    }
    assert copy.protect is True
    assert policy == key.inputs["policy"].replace("eu-west-1", "eu-central-1")
    assert found.one("aws:kms/alias:Alias", "ledger-eu-central-1").inputs == {
        "name": "alias/pay",
        "targetKeyId": "mrk-1234",
        "region": "eu-central-1",
    }


def test_a_copy_counts_in_the_inventory_and_needs_approval(deploy: Callable[..., Any]) -> None:
    found = deploy(lambda: EncryptionKey("ledger", COPIED), COPIES)
    outputs = found.outputs("ledger")
    arns = {"eu-central-1": found.one(REPLICA).state["arn"]}
    assert outputs["replica_arns"] == arns
    assert json.loads(outputs["inventory"])["replicas"] == arns
    assert "kms-multi-region-key-approved" not in json.loads(outputs["evidence"])


def test_one_copy_more_leaves_everything_else_as_it_is(deploy: Callable[..., Any]) -> None:
    def inputs(*regions: str) -> dict[tuple[str, str], Any]:
        args: Any = {"replicas": [{"region": item} for item in regions]}
        found = deploy(lambda: EncryptionKey("ledger", args), COPIES)
        return {item.identity: item.inputs for item in found if item.custom}

    before, after = inputs("eu-central-1"), inputs("eu-north-1", "eu-central-1")
    changed = {key for key in before | after if before.get(key) != after.get(key)}
    assert changed == {
        ("aws:kms/alias:Alias", "ledger-eu-north-1"),
        (REPLICA, "ledger-eu-north-1"),
    }


def test_tampering_with_a_copy_is_reported_in_its_region(deploy: Callable[..., Any]) -> None:
    topic = "arn:aws:sns:eu-central-1:111122223333:page"
    args: Any = {"replicas": [{"region": "eu-central-1", "alarm_topic_arn": topic}]}
    found = deploy(lambda: EncryptionKey("ledger", args), COPIES)
    rule = found.one("aws:cloudwatch/eventRule:EventRule", "ledger-eu-central-1-tampering")
    target = found.one("aws:cloudwatch/eventTarget:EventTarget")
    assert found.one(REPLICA).state["arn"] in rule.inputs["eventPattern"]
    assert (rule.inputs["region"], target.inputs["region"]) == ("eu-central-1", "eu-central-1")
    assert target.inputs["arn"] == topic


def test_copies_are_named_once_and_elsewhere() -> None:
    assert list(reasons({"replicas": []})) == ["replicas"]
    assert reasons(
        {
            "region": "eu-west-1",
            "replicas": [
                {"region": "Frankfurt"},
                {"region": "eu-west-1"},
                {"region": "eu-north-1"},
                {"region": "eu-north-1"},
            ],
        }
    ) == {
        "replicas[0].region": "is 'Frankfurt'; accepted are regions such as 'eu-central-1'",
        "replicas[1].region": "is 'eu-west-1', where the key is already",
        "replicas[3].region": "is 'eu-north-1', where the key is already",
    }


def test_other_organizations_use_nothing_and_nobody_is_locked_out() -> None:
    compiled = statements(ACCOUNT, [], [], [], "o-a1b2c3d4e5")
    (outside,) = [item for item in compiled if item["Effect"] == "Deny"]
    assert outside["Condition"] == {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    assert outside["Action"] == [*USE, "kms:CreateGrant"]
    assert list(reasons({"org_id": "acme"})) == ["org_id"]


def test_it_is_clean_under_every_control(judged: Callable[..., Any]) -> None:
    program = f"""
EncryptionKey('minimal', {{}})
EncryptionKey('granted', {{
    'administrators': [{ADMIN!r}], 'users': [{{'principal': {APP!r}, 'operations': ['decrypt']}}],
    'services': ['s3', 'logs'], 'alarm_topic_arn': {TOPIC!r}, 'org_id': 'o-a1b2c3d4e5'}})
"""
    assert judged(program) == []


def test_what_a_transform_weakens_is_found_and_copies_need_approval(
    judged: Callable[..., Any],
) -> None:
    def policy(principal: Any) -> str:
        return json.dumps(
            {"Statement": {"Effect": "Allow", "Principal": principal, "Action": "kms:*"}}
        )

    program = f"""
def weakened(name, **changes):
    def change(args):
        if args.type_ == 'aws:kms/key:Key':
            return pulumi.ResourceTransformResult({{**args.props, **changes}}, args.opts)
    EncryptionKey(name, {{}}, pulumi.ResourceOptions(transforms=[change]))

weakened('stiff', enableKeyRotation=False)
weakened('seldom', rotationPeriodInDays=730)
weakened('hasty', deletionWindowInDays=7)
weakened('bypassed', bypassPolicyLockoutSafetyCheck=True)
weakened('public', policy={policy("*")!r})
weakened('both', policy={policy({"AWS": APP})!r})
weakened('roaming', multiRegion=True)
EncryptionKey('copied', {COPIED!r})
"""
    assert judged(program) == [
        ("kms-deletion-window-long", "violated", "hasty", "deletionWindowInDays"),
        ("kms-lockout-check-enforced", "violated", "bypassed", "bypassPolicyLockoutSafetyCheck"),
        ("kms-multi-region-key-approved", "violated", "copied", "multiRegion"),
        ("kms-multi-region-key-approved", "violated", "copied-eu-central-1", "region"),
        ("kms-multi-region-key-approved", "violated", "roaming", "multiRegion"),
        ("kms-policy-duties-separated", "violated", "both", "policy.Statement"),
        ("kms-policy-duties-separated", "violated", "public", "policy.Statement"),
        ("kms-policy-not-public", "violated", "public", "policy.Statement.Principal"),
        ("kms-rotation-enabled", "violated", "seldom", "rotationPeriodInDays"),
        ("kms-rotation-enabled", "violated", "stiff", "enableKeyRotation"),
    ]


def test_every_mistake_is_reported_at_once() -> None:
    assert reasons(
        {
            "rotation_days": 400,
            "alias": "alias/x",
            "services": ["log"],
            "users": [
                {"principal": ADMIN, "operations": ["encypt"]},
                {"principal": "*", "operations": []},
            ],
            "administrators": [ADMIN],
        }
    ) == {
        "rotation_days": "is 400; accepted are 90 to 365 days",
        "alias": "is 'alias/x'; leave out 'alias/', it is added",
        "services[0]": "is 'log'; did you mean 'logs'?",
        "users[0].operations[0]": "is 'encypt'; did you mean 'encrypt'?",
        "users[1].operations": "is empty; accepted are encrypt, decrypt, delegate",
        "users[0].principal": (
            f"{ADMIN} both administers and uses the key; give one of the two to another role"
        ),
        "users[1].principal": (
            "'*' is not the ARN of a role, such as 'arn:aws:iam::111122223333:role/keys'"
        ),
    }


@pytest.mark.parametrize("days", [89, 366])
def test_rotation_out_of_range_is_refused(days: int) -> None:
    assert reasons({"rotation_days": days}) == {
        "rotation_days": f"is {days}; accepted are 90 to 365 days"
    }


@pytest.mark.parametrize("days", [90, 90.0, 365])
def test_rotation_in_range_reaches_the_key(deploy: Callable[..., Any], days: Any) -> None:
    found = deploy(lambda: EncryptionKey("ledger", {"rotation_days": days}))
    assert found.one("aws:kms/key:Key").inputs["rotationPeriodInDays"] == days


@pytest.mark.parametrize("alias", ["aws/s3", "with space", ""])
def test_an_alias_that_kms_would_refuse_is_refused(alias: str) -> None:
    assert list(reasons({"alias": alias})) == ["alias"]


def test_an_account_is_no_administrator() -> None:
    assert reasons({"administrators": [ROOT]}) == {
        "administrators[0]": (
            f"'{ROOT}' is not the ARN of a role, such as 'arn:aws:iam::111122223333:role/keys'"
        )
    }


def test_principals_that_are_outputs_are_checked_when_they_are_known(
    deploy: Callable[..., Any],
) -> None:
    def program() -> None:
        later = Output.from_input(APP)
        users: list[Any] = [{"principal": later, "operations": ["encrypt"]}]
        EncryptionKey("ledger", {"administrators": [APP], "users": users})

    with pytest.raises(ValueError, match="role/app both administers and uses the key"):
        deploy(program)


def test_its_schema_can_be_inferred_and_describes_everything() -> None:
    found = Analyzer("fintech_infra").analyze([EncryptionKey])
    definition = found["component_definitions"]["EncryptionKey"]
    described = {**definition.inputs, **definition.outputs}
    for name in ("KeyGrantArgs", "KeyReplicaArgs"):
        described |= found["type_definitions"][name].properties
    assert [name for name, item in described.items() if not item.description] == []
    assert {name for name, item in definition.inputs.items() if not item.optional} == set()
    assert set(definition.outputs) == {
        "aliasArn",
        "aliasName",
        "arn",
        "evidence",
        "inventory",
        "keyId",
        "replicaArns",
    }

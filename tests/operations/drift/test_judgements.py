"""What each kind of drift is judged to be, from states as Pulumi exports them."""

from __future__ import annotations

import copy
from datetime import date
from functools import cache
from typing import Any

import pytest

from fintech_infra.controls import CONTROLS
from fintech_infra.controls.waivers.apply import apply
from fintech_infra.controls.waivers.model import Waiver
from fintech_infra.environment import Options
from fintech_infra.operations.drift import Judgement, Kind, Standard, Tier
from tests.exports import state_of
from tests.operations.drift.refreshed import (
    BUCKET,
    GROUP,
    SERVICE,
    TABLE,
    TARGET,
    WORLD_SSH,
    State,
    found,
    judged,
    judged_one,
    resource,
    shop,
    tampered,
    without,
)
from tests.previews import example


@cache
def network() -> State:
    return state_of(example("hardened-vpc"))


@cache
def bucket() -> State:
    return state_of(example("locked-down-bucket"))


def test_a_security_group_that_was_opened_is_dangerous_and_closed_at_once() -> None:
    group = resource(GROUP, "db", {"description": "Orders", "ingress": []})
    before = shop(group)
    item = judged_one(before, tampered(before, "db", ingress=[WORLD_SSH]))
    assert item.judgement is Judgement.DANGEROUS
    assert item.reason == "ec2-sg-no-world-admin-ports (critical) held and does not hold any more."
    assert item.causes[0].severity == "critical"
    assert 'ingress[0].cidrBlocks[0]: not set -> "0.0.0.0/0"' in item.evidence
    assert [(it.kind, it.tier) for it in item.steps] == [
        (Kind.CONTAIN, Tier.AUTO),
        (Kind.REAPPLY, Tier.APPROVE),
    ]
    assert "close-security-group" in item.steps[0].says
    assert item.steps[1].command == (
        "pulumi up --refresh --stack prod "
        "--target 'urn:pulumi:prod::shop::aws:ec2/securityGroup:SecurityGroup::db'"
    )


def test_a_second_open_rule_is_dangerous_though_the_first_was_there() -> None:
    before = shop(resource(GROUP, "db", {"description": "Orders", "ingress": [WORLD_SSH]}))
    more = {**WORLD_SSH, "fromPort": 3389, "toPort": 3389}
    item = judged_one(before, tampered(before, "db", ingress=[WORLD_SSH, more]))
    assert item.judgement is Judgement.DANGEROUS
    assert all("3389" in it.message for it in item.causes)


def test_a_rule_that_lets_no_internet_in_is_not_closed_at_once() -> None:
    before = shop(resource(GROUP, "db", {"description": "Orders", "ingress": []}))
    inside = {**WORLD_SSH, "cidrBlocks": ["10.0.0.0/16"], "description": ""}
    item = judged_one(before, tampered(before, "db", ingress=[inside]))
    assert [it.control for it in item.causes] == ["ec2-sg-rule-described"]
    assert [it.kind for it in item.steps] == [Kind.REAPPLY]


def test_the_worst_comes_first() -> None:
    before = shop(
        resource("aws:kms/key:Key", "a", {"enableKeyRotation": True}),
        resource(GROUP, "z", {"description": "Orders", "ingress": [], "tags": {}}),
    )
    after = tampered(before, "a", enableKeyRotation=False)
    after = tampered(after, "z", ingress=[WORLD_SSH], tags={"b": "c"})
    items = judged(before, after).items
    assert [it.path for it in items] == ["ingress", "enableKeyRotation", "tags"]


def test_an_undeclared_rule_that_only_outputs_show_is_seen_and_not_left_to_pulumi() -> None:
    after = copy.deepcopy(network())
    found(after, "payments-data", "SecurityGroup")["outputs"]["ingress"] = [WORLD_SSH]
    item = judged_one(network(), after)
    assert (item.judgement, item.path) == (Judgement.DANGEROUS, "ingress")
    assert [it.kind for it in item.steps] == [Kind.CONTAIN, Kind.ASK]
    assert "pulumi up leaves alone" in item.steps[1].says


def test_rules_that_stand_by_themselves_are_no_drift_of_their_group() -> None:
    after = copy.deepcopy(network())
    rule = found(after, "payments-public-from-internet-443")["inputs"]
    reported = {
        "protocol": rule["ipProtocol"],
        "fromPort": rule["fromPort"],
        "toPort": rule["toPort"],
        "cidrBlocks": [rule["cidrIpv4"]],
        "description": rule["description"],
        "self": False,
    }
    group = found(after, "payments-public", "SecurityGroup")["outputs"]
    group["ingress"] = [reported]
    assert judged(network(), after).items == ()
    group["ingress"] = [{**reported, "cidrBlocks": [rule["cidrIpv4"], "198.51.100.0/24"]}]
    assert [it.path for it in judged(network(), after).items] == ["ingress"]


def test_a_bucket_policy_that_is_gone_is_dangerous() -> None:
    policy = next(
        it for it in bucket()["deployment"]["resources"] if it["type"].endswith(":BucketPolicy")
    )
    name = policy["urn"].rpartition("::")[2]
    item = judged_one(bucket(), without(bucket(), name, "BucketPolicy"))
    assert (item.judgement, item.op, item.path) == (Judgement.DANGEROUS, "deleted", "")
    assert "s3-policy-tls-only" in {it.control for it in item.causes}
    (step,) = item.steps
    assert step.kind is Kind.REAPPLY
    assert step.command.endswith("--target-dependents")


def test_a_key_that_does_not_rotate_any_more_is_dangerous() -> None:
    after = tampered(network(), "payments-flow-logs", "Key", enableKeyRotation=False)
    item = judged_one(network(), after)
    assert item.judgement is Judgement.DANGEROUS
    assert item.reason.startswith("kms-rotation-enabled")
    assert [it.kind for it in item.steps] == [Kind.REAPPLY]


def test_a_finding_on_another_resource_is_owed_to_the_one_that_drifted() -> None:
    item = judged_one(network(), without(network(), "payments-flow-logs", "FlowLog"))
    assert [it.control for it in item.causes] == ["vpc-flow-logs-enabled"]
    assert item.causes[0].urn.endswith("aws:ec2/vpc:Vpc::payments")
    assert item.urn.endswith("FlowLog::payments-flow-logs")


def test_a_data_store_that_is_gone_is_for_people() -> None:
    table = resource(TABLE, "orders", {"hashKey": "id"})
    item = judged_one(shop(table, resource(GROUP, "a", {})), shop(resource(GROUP, "a", {})))
    assert item.judgement is Judgement.RELEVANT
    assert [it.kind for it in item.steps] == [Kind.ASK, Kind.ADOPT]
    assert all(it.tier is Tier.PERSON for it in item.steps)


@pytest.mark.parametrize(
    ("count", "judgement"),
    [(7, Judgement.EXPECTED), (2, Judgement.EXPECTED), (11, Judgement.RELEVANT)],
)
def test_a_count_that_a_scaler_sets_is_expected_within_its_limits(
    count: int, judgement: Judgement
) -> None:
    service = resource(SERVICE, "api", {"desiredCount": 3})
    target = resource(
        TARGET,
        "api",
        {
            "resourceId": "service/shop/api",
            "scalableDimension": "ecs:service:DesiredCount",
            "minCapacity": 2,
            "maxCapacity": 10,
        },
    )
    before = shop(service, target)
    item = judged_one(before, tampered(before, "api", "Service", desiredCount=count))
    assert item.judgement is judgement
    assert "limits of 2 to 10" in item.reason
    alone = shop(service)
    item = judged_one(alone, tampered(alone, "api", desiredCount=count))
    assert item.judgement is Judgement.RELEVANT


@pytest.mark.parametrize(
    ("change", "judgement", "words"),
    [
        ({"tags": {"mood": "good"}}, Judgement.COSMETIC, "No control reads it"),
        ({"tags": {"data-class": "open"}}, Judgement.RELEVANT, "reads tags.data-class"),
        ({"readCapacity": 9}, Judgement.RELEVANT, "The program declares it"),
        ({"lastModified": "today"}, Judgement.EXPECTED, "AWS reports it"),
        ({"newFeature": True}, Judgement.UNDECIDED, "does not declare"),
        ({"globalSecondaryIndexes": []}, Judgement.COSMETIC, "Empty and absent"),
    ],
)
def test_a_table_that_drifted(change: dict[str, Any], judgement: Judgement, words: str) -> None:
    before = shop(
        resource(
            TABLE,
            "orders",
            {"hashKey": "id", "readCapacity": 5, "globalSecondaryIndexes": None, "tags": {}},
        )
    )
    after = copy.deepcopy(before)
    one = found(after, "orders")
    one["outputs"].update(change)
    one["inputs"].update({key: it for key, it in change.items() if key in one["inputs"]})
    drifted = judged(before, after)
    for item in drifted.items:
        assert item.judgement is judgement
        assert words in item.reason
    assert drifted.items or change == {"globalSecondaryIndexes": []}


def test_another_order_of_a_set_is_cosmetic_and_of_a_list_is_not() -> None:
    subnets = {"subnetIds": ["subnet-1", "subnet-2"], "layers": ["one", "two"]}
    function = resource("aws:lambda/function:Function", "job", subnets)
    before = shop(function)
    item = judged_one(before, tampered(before, "job", subnetIds=["subnet-2", "subnet-1"]))
    assert (item.judgement, item.reason) == (
        Judgement.COSMETIC,
        "The entries are the same in another order.",
    )
    item = judged_one(before, tampered(before, "job", layers=["two", "one"]))
    assert item.judgement is Judgement.RELEVANT


def test_what_the_program_ignores_is_expected_unless_it_is_dangerous() -> None:
    ignoring = Options(ignore_changes=("ingress", "read_capacity"))
    before = shop(
        resource(TABLE, "orders", {"readCapacity": 5}, options=ignoring),
        resource(GROUP, "db", {"description": "Orders", "ingress": []}, options=ignoring),
    )
    item = judged_one(before, tampered(before, "orders", readCapacity=50))
    assert item.judgement is Judgement.EXPECTED
    assert "ignore_changes" in item.reason
    assert item.steps == ()
    item = judged_one(before, tampered(before, "db", ingress=[WORLD_SSH]))
    assert item.judgement is Judgement.DANGEROUS
    assert [it.kind for it in item.steps] == [Kind.CONTAIN, Kind.ASK]


def test_a_waiver_makes_drift_expected() -> None:
    waivers = [
        Waiver(
            control=control.id,
            resource="*::db",
            reason="Migration of the old hosts",
            owner="platform",
            approver="risk",
            created=date(2026, 11, 1),
            expires=date(2026, 12, 1),
        )
        for control in CONTROLS
        if control.id.startswith("ec2-sg")
    ]
    day = date(2026, 11, 22)
    held = Standard(CONTROLS, {}, lambda at, ev: apply(ev, at, waivers, day, parameters={}))
    before = shop(resource(GROUP, "db", {"description": "Orders", "ingress": []}))
    after = tampered(before, "db", ingress=[WORLD_SSH])
    item = judged_one(before, after, standard=held)
    assert item.judgement is Judgement.EXPECTED
    assert item.reason.endswith("stand until 2026-12-01.")


def test_a_network_path_is_relevant_where_no_control_fails() -> None:
    rule = {**WORLD_SSH, "fromPort": 443, "toPort": 443}
    closed = {**rule, "cidrBlocks": ["10.0.0.0/8"]}
    before = shop(resource(GROUP, "lb", {"description": "Edge", "ingress": [closed]}))
    held = Standard(())
    item = judged_one(before, tampered(before, "lb", ingress=[rule]), standard=held)
    assert item.judgement is Judgement.RELEVANT
    assert item.reason in {
        "It changes who reaches what over the network.",
        "The program declares it, and it is neither a tag nor a description.",
    }


def test_a_permission_that_was_added_is_relevant_with_the_edges_as_evidence() -> None:
    def document(*actions: str) -> str:
        listed = ", ".join(f'"{it}"' for it in actions)
        return (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
            f'"Action": [{listed}], "Resource": "arn:aws:s3:::ledger/*"}}]}}'
        )

    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        ' "Principal": {"Service": "lambda.amazonaws.com"}}]}'
    )
    before = shop(
        resource("aws:iam/role:Role", "job", {"assumeRolePolicy": trust}),
        resource(
            "aws:iam/rolePolicy:RolePolicy",
            "reads",
            {"role": "job", "policy": document("s3:PutObject")},
        ),
        resource(BUCKET, "ledger", {}, outputs={"arn": "arn:aws:s3:::ledger"}),
    )
    after = tampered(before, "reads", policy=document("s3:PutObject", "s3:GetObject"))
    item = judged_one(before, after, standard=Standard(()))
    assert (item.judgement, item.reason) == (
        Judgement.RELEVANT,
        "It changes who may do what.",
    )
    assert any("may read its objects" in line for line in item.evidence[1:])
    swapped = tampered(before, "reads", policy=document("s3:PutObject").replace("[{", "[ {"))
    assert judged(before, swapped).items == ()


def test_what_is_in_after_only_is_undecided_and_what_was_made_outside_is_said_to_be_unseen() -> (
    None
):
    one = resource(GROUP, "a", {"description": "A"})
    drifted = judged(shop(one), shop(one, resource(GROUP, "new", {"description": "B"})))
    assert drifted.outcome == "undecided"
    assert drifted.exit_code == 2
    assert "made outside of Pulumi" in judged(shop(one), shop(one)).notes[0]


def test_adoption_says_the_value_and_the_line() -> None:
    state = network()
    item = judged_one(
        state, tampered(state, "payments-egress-alerts", "LogGroup", tags={"who": "me"})
    )
    (step,) = item.steps
    assert step.kind is Kind.ADOPT
    assert step.says.startswith(f"Or make it intended at {item.source}: ")
    assert 'set tags.who to "me"' in step.says

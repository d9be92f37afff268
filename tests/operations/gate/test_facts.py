"""What the gate finds in a change: each reason by the smallest change that gives it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from fintech_infra.controls.waivers.model import Waiver
from fintech_infra.environment import UNKNOWN, Options, Resource
from fintech_infra.operations.change import Op
from fintech_infra.operations.gate import Concern, Fact, Outcome
from fintech_infra.operations.gate.migrations import Migration
from tests.operations.gate.changes import (
    BUCKET,
    DATABASE,
    GROUP,
    INLINE,
    QUIET,
    ROLE,
    SERVICE,
    about,
    control,
    database,
    facts,
    judged,
    policy,
    resource,
    trust,
    with_inputs,
)

MIGRATION = Migration(
    f"{DATABASE}::orders",
    f"{BUCKET}::dump",
    Op.DELETED,
    "dump it to the bucket first",
    "Data",
    date(2026, 12, 1),
    "migrations.yaml:3",
)
WAIVER = Waiver(
    "s3-x",
    f"{BUCKET}::logs",
    "the vendor needs it until then",
    "Ada",
    "Bob",
    date(2026, 11, 1),
    date(2026, 12, 1),
    "waivers.yaml:3",
)


def concerns(found: tuple[Fact, ...]) -> set[Concern]:
    return {item.concern for item in found} - {Concern.CHANGE}


def test_no_change_goes_out_by_itself_and_says_so() -> None:
    decision = judged([database()], [database()])
    assert decision.outcome is Outcome.AUTO
    assert decision.reasons == ()
    assert decision.context.rows == ()


def test_an_ordinary_update_goes_out_by_itself() -> None:
    decision = judged([database()], [with_inputs(database(), instanceClass="db.r7g.large")])
    assert decision.outcome is Outcome.AUTO
    assert [item.fact.says for item in decision.reasons] == ["1 resource updated."]


def test_a_stateful_resource_that_goes_is_blocked() -> None:
    (fact,) = about(facts([database()], []), Concern.STATEFUL_DELETED)
    assert fact.says == "rds.Instance orders is deleted: what it holds is lost."
    assert judged([database()], []).outcome is Outcome.BLOCK
    assert judged([database()], [], stack="dev").outcome is Outcome.BLOCK


def test_a_stateful_resource_that_is_replaced_is_blocked_with_the_input_that_forces_it() -> None:
    found = facts([database()], [with_inputs(database(), engine="mysql", tags={"a": "b"})])
    (fact,) = about(found, Concern.STATEFUL_REPLACED)
    assert fact.evidence[0] == 'engine: "postgres" -> "mysql"'
    assert "protect" in fact.evidence[1]


def test_a_plan_decides_what_is_replaced() -> None:
    after = with_inputs(database(), identifier="other")
    assert about(facts([database()], [after]), Concern.STATEFUL_MAYBE_REPLACED)
    assert concerns(facts([database()], [after], ops={after.urn: Op.UPDATED})) == set()
    planned = facts([database()], [after], ops={after.urn: Op.REPLACED})
    assert about(planned, Concern.STATEFUL_REPLACED)


def test_a_stateless_resource_may_be_replaced_or_go() -> None:
    function = resource("aws:lambda/function:Function", "f", {"name": "a"})
    assert judged([function], []).outcome is Outcome.AUTO


def test_what_is_kept_in_the_cloud_needs_an_approval_and_is_not_blocked() -> None:
    kept = replace(database(), options=Options(retain_on_delete=True))
    assert concerns(facts([kept], [])) == {Concern.STATEFUL_LEFT}
    assert judged([kept], []).outcome is Outcome.APPROVE


def test_a_rename_under_an_alias_is_no_loss() -> None:
    old = database()
    new = replace(
        resource(DATABASE, "ledger", old.inputs), options=replace(QUIET, aliases=(old.urn,))
    )
    decision = judged([old], [new])
    assert decision.outcome is Outcome.AUTO
    assert decision.context.rows[0].was == old.urn


def test_a_declared_migration_lets_it_go_with_approvals() -> None:
    dump = resource(BUCKET, "dump", options=QUIET)
    found = facts([database(), dump], [dump], migrations=[MIGRATION])
    (fact,) = about(found, Concern.MIGRATION)
    assert fact.evidence[0] == "migrations.yaml:3: dump it to the bucket first"
    decision = judged([database(), dump], [dump], migrations=[MIGRATION])
    assert (decision.outcome, decision.required) == (
        Outcome.APPROVE,
        (("data", 1), ("platform", 1)),
    )


@pytest.mark.parametrize(
    ("migration", "why"),
    [
        (replace(MIGRATION, expires=date(2026, 11, 29)), "expired after 2026-11-29"),
        (replace(MIGRATION, target=f"{BUCKET}::none"), "which there is not"),
        (replace(MIGRATION, op=Op.REPLACED), ""),
        (replace(MIGRATION, source=f"{DATABASE}::other"), ""),
    ],
)
def test_a_migration_that_does_not_hold_counts_for_nothing(migration: Migration, why: str) -> None:
    dump = resource(BUCKET, "dump")
    (fact,) = about(
        facts([database(), dump], [dump], migrations=[migration]), Concern.STATEFUL_DELETED
    )
    assert [why in line for line in fact.evidence if "migration" in line] == [True] * bool(why)


def test_it_is_not_known_whether_a_stateful_resource_is_replaced() -> None:
    after = with_inputs(database(kmsKeyId="a"), kmsKeyId=UNKNOWN)
    (fact,) = about(facts([database(kmsKeyId="a")], [after]), Concern.STATEFUL_MAYBE_REPLACED)
    assert fact.evidence == ('kmsKeyId: "a" -> not known',)


def test_what_is_in_a_component_that_no_preview_sees_is_undecided() -> None:
    remote = resource("acme:x:Remote", "r", custom=False, opaque=True)
    assert concerns(facts([], [remote])) == {Concern.UNDECIDED}
    assert judged([], [remote], stack="dev").outcome is Outcome.APPROVE


def network(*cidrs: str, port: int = 5432) -> list[Resource]:
    """A public database, as far as its security group lets anybody in."""
    rules = [
        {"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": [it]} for it in cidrs
    ]
    vpc, subnet, gateway = ({"outputs": {}, "id": f"{kind}-1"} for kind in ("vpc", "subnet", "igw"))
    routes = [{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}]
    table = "aws:ec2/routeTable:RouteTable"
    association = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    subnets = "aws:rds/subnetGroup:SubnetGroup"
    placed = {
        "dbSubnetGroupName": "sn",
        "vpcSecurityGroupIds": ["sg-1"],
        "publiclyAccessible": True,
    }
    return [
        resource("aws:ec2/vpc:Vpc", "v", {"cidrBlock": "10.0.0.0/16"}, **vpc),
        resource("aws:ec2/internetGateway:InternetGateway", "i", {"vpcId": "vpc-1"}, **gateway),
        resource(table, "t", {"vpcId": "vpc-1", "routes": routes}, id="rt-1"),
        resource(
            "aws:ec2/subnet:Subnet", "s", {"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}, **subnet
        ),
        resource(association, "a", {"subnetId": "subnet-1", "routeTableId": "rt-1"}),
        resource(subnets, "g", {"subnetIds": ["subnet-1"]}, id="sn", outputs={"name": "sn"}),
        resource(GROUP, "db", {"vpcId": "vpc-1", "ingress": rules}, id="sg-1"),
        database(**placed),
    ]


def exposed(before: list[Resource], after: list[Resource]) -> dict[str, Fact]:
    return {
        item.subject.rpartition("::")[2]: item
        for item in about(facts(before, after), Concern.EXPOSURE)
    }


def test_a_new_path_from_the_internet_is_an_exposure_with_its_chain() -> None:
    closed, public = network("10.0.0.0/16"), network("10.0.0.0/16", "0.0.0.0/0")
    found = exposed(closed, public)
    assert found["orders"].says == (
        "rds.Instance orders can be reached from the internet, and could not before."
    )
    assert found["orders"].evidence[0] == "the internet"
    assert "admits tcp port 5432 from 0.0.0.0/0" in found["orders"].evidence[-1]
    assert dict(judged(closed, public).required)["security"] == 2
    assert not exposed(public, closed)


def test_one_more_public_subnet_is_one_more_way_in() -> None:
    one = network("0.0.0.0/0")
    two = [
        with_inputs(item, subnetIds=["subnet-1", "subnet-2"]) if item.name == "g" else item
        for item in one
    ]
    two += [
        resource("aws:ec2/subnet:Subnet", "s2", {"vpcId": "vpc-1"}, id="subnet-2"),
        resource(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "a2",
            {"subnetId": "subnet-2", "routeTableId": "rt-1"},
        ),
    ]
    found = exposed(one, two)
    assert (
        found["orders"].says == "rds.Instance orders can be reached from the internet in more ways."
    )
    assert not exposed(two, one)


@pytest.mark.parametrize(
    ("before", "after", "is_more"),
    [
        ({"cidrBlocks": ["0.0.0.0/0"]}, {"cidrBlocks": ["0.0.0.0/0"], "toPort": 443}, True),
        ({"cidrBlocks": ["0.0.0.0/0"]}, {"cidrBlocks": ["0.0.0.0/0", "198.51.0.0/16"]}, False),
        ({"cidrBlocks": ["8.8.8.0/24"]}, {"cidrBlocks": ["8.8.0.0/16"]}, True),
        ({"cidrBlocks": ["10.0.0.0/16"]}, {"cidrBlocks": ["10.0.0.0/8"]}, False),
        ({"cidrBlocks": ["0.0.0.0/0"]}, {"ipv6CidrBlocks": ["::/0"]}, True),
        ({"cidrBlocks": ["0.0.0.0/0"]}, {"cidrBlocks": ["0.0.0.0/0"], "protocol": "-1"}, True),
        ({"cidrBlocks": ["10.0.0.0/16"]}, {"cidrBlocks": [UNKNOWN]}, True),
    ],
)
def test_a_group_that_lets_in_more_from_outside_is_an_exposure(
    before: dict[str, Any], after: dict[str, Any], is_more: bool
) -> None:
    rule = {"protocol": "tcp", "fromPort": 80, "toPort": 80}
    old, new = ([resource(GROUP, "web", {"ingress": [{**rule, **it}]})] for it in (before, after))
    assert bool(exposed(old, new)) == is_more
    assert not exposed(new, new)


def role(name: str, statement: str, trusted: str = SERVICE) -> list[Resource]:
    return [
        resource(ROLE, name, {"assumeRolePolicy": trusted}, id=name),
        resource(INLINE, name, {"role": name, "policy": statement}),
    ]


def test_a_permission_gained_names_who_and_what() -> None:
    bucket = resource(BUCKET, "logs", {"bucket": "logs"}, id="logs", options=QUIET)
    bucket = replace(bucket, outputs={"arn": "arn:aws:s3:::logs", "bucket": "logs"})
    less = role("app", policy("s3:ListBucket", on="arn:aws:s3:::logs"))
    more = role("app", policy("s3:GetObject", on="arn:aws:s3:::logs/*"))
    (fact,) = about(facts([bucket, *less], [bucket, *more]), Concern.PERMISSION)
    assert fact.says == "iam.Role app gains 1 permission."
    assert "may read its objects" in fact.evidence[0]
    assert not about(facts([bucket, *more], [bucket, *less]), Concern.PERMISSION)


def test_a_new_administrator_is_told_apart() -> None:
    found = facts(role("app", policy("s3:ListBucket")), role("app", policy("*")))
    names = {item.subject for item in about(found, Concern.ADMINISTRATOR)}
    assert any(name.endswith("::app") for name in names)


def test_a_principal_outside_that_may_now_do_something_is_an_exposure() -> None:
    mine = role("app", policy("s3:ListBucket"))
    theirs = role("app", policy("s3:ListBucket"), trust({"AWS": "arn:aws:iam::999999999999:root"}))
    (fact,) = about(facts(mine, theirs), Concern.EXPOSURE)
    assert "which is outside" in fact.says


def test_a_control_that_regresses_counts_by_its_severity_and_an_old_finding_does_not() -> None:
    held = control("pulumi-stateful-resources-protected")
    bare = replace(database(), options=Options())
    (fact,) = about(facts([database()], [bare], controls=[held]), Concern.REGRESSION_MEDIUM)
    assert fact.says.startswith("New violation at rds.Instance orders: Production data stores")
    renamed = with_inputs(bare, tags={"a": "b"})
    assert not about(facts([bare], [renamed], controls=[held]), Concern.REGRESSION_MEDIUM)


def test_what_a_control_cannot_decide_any_more_is_undecided() -> None:
    held = control("rds-deletion-protection")
    after = with_inputs(database(), deletionProtection=UNKNOWN)
    found = about(facts([database()], [after], controls=[held]), Concern.UNDECIDED)
    assert {item.subject for item in found} == {held.id, after.urn}
    assert not facts([after], [after], controls=[held])


def test_a_waiver_that_is_added_or_extended_is_told() -> None:
    longer = replace(WAIVER, expires=date(2026, 12, 31))
    bucket = resource(BUCKET, "logs")
    (added,) = about(facts([bucket], [bucket], waivers=[WAIVER]), Concern.WAIVER)
    assert added.says == "A waiver of s3-x is added, to 2026-12-01."
    found = facts([bucket], [bucket], waivers=[longer], former=[WAIVER])
    assert "is extended, from 2026-12-01" in about(found, Concern.WAIVER)[0].says
    assert not facts([bucket], [bucket], waivers=[WAIVER], former=[longer])
    assert not facts([bucket], [bucket], former=[WAIVER])
    elsewhere = replace(WAIVER, stacks=("dev",))
    assert not facts([bucket], [bucket], waivers=[elsewhere])


def test_waivers_of_which_nobody_knows_what_they_were_are_undecided() -> None:
    bucket = resource(BUCKET, "logs")
    found = facts([bucket], [bucket], waivers=[WAIVER], former=None)
    assert concerns(found) == {Concern.UNDECIDED}
    assert not facts([bucket], [bucket], former=None)


@pytest.mark.parametrize(
    ("type_", "old", "new", "concern"),
    [
        (DATABASE, {"deletionProtection": True}, {}, Concern.PROTECTION),
        (DATABASE, {"backupRetentionPeriod": 30}, {"backupRetentionPeriod": 7}, Concern.RETENTION),
        (DATABASE, {}, {"skipFinalSnapshot": True}, Concern.RETENTION),
        (BUCKET, {}, {"forceDestroy": True}, Concern.PROTECTION),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {},
            {"retentionInDays": 30},
            Concern.RETENTION,
        ),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"versioningConfiguration": {"status": "Enabled"}},
            {"versioningConfiguration": {"status": "Suspended"}},
            Concern.RETENTION,
        ),
        (
            "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
            {"rule": {"defaultRetention": {"mode": "COMPLIANCE"}}},
            {"rule": {"defaultRetention": {"mode": "GOVERNANCE"}}},
            Concern.RETENTION,
        ),
        (
            "aws:backup/plan:Plan",
            {"rules": [{"lifecycle": {"deleteAfter": 365}}]},
            {"rules": [{"lifecycle": {"deleteAfter": 7}}]},
            Concern.RETENTION,
        ),
        (
            "aws:dynamodb/table:Table",
            {"pointInTimeRecovery": {"enabled": True}},
            {},
            Concern.RETENTION,
        ),
    ],
)
def test_what_is_guarded_or_kept_less_is_told_and_the_other_way_is_not(
    type_: str, old: dict[str, Any], new: dict[str, Any], concern: Concern
) -> None:
    before, after = resource(type_, "x", old), resource(type_, "x", new)
    (fact,) = about(facts([before], [after]), concern)
    assert len(fact.evidence) == 1
    both = {Concern.PROTECTION, Concern.RETENTION, Concern.UNDECIDED}
    assert not both & concerns(facts([after], [before]))


def test_a_guarding_option_that_goes_is_told() -> None:
    (fact,) = about(
        facts([database()], [replace(database(), options=Options())]), Concern.PROTECTION
    )
    assert fact.evidence == ("opts.protect: true -> false",)


def test_the_end_of_what_keeps_things_is_told() -> None:
    versioning = resource("aws:s3/bucketVersioning:BucketVersioning", "logs")
    assert concerns(facts([versioning], [])) == {Concern.RETENTION}


@pytest.mark.parametrize(
    ("type_", "old", "new"),
    [
        (DATABASE, {"backupRetentionPeriod": 30}, {"backupRetentionPeriod": UNKNOWN}),
        (
            "aws:dynamodb/table:Table",
            {"pointInTimeRecovery": {"enabled": True}},
            {"pointInTimeRecovery": UNKNOWN},
        ),
    ],
)
def test_an_unknown_guard_is_undecided(
    type_: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    found = facts([resource(type_, "x", old)], [resource(type_, "x", new)])
    assert concerns(found) == {Concern.UNDECIDED}


def test_the_blast_radius_counts_what_does_not_change_itself() -> None:
    key = resource("aws:kms/key:Key", "k", {"description": "a"}, id="k-1")
    users = [resource(BUCKET, f"b{at}", {"kmsKeyId": "k-1"}) for at in range(30)]
    after = [with_inputs(key, description="b"), *users]
    (fact,) = about(facts([key, *users], after), Concern.BLAST_RADIUS)
    assert fact.number == 30
    assert judged([key, *users], after).outcome is Outcome.APPROVE
    assert judged([key, *users], after, stack="dev").outcome is Outcome.AUTO


def test_no_secret_is_in_a_fact() -> None:
    secret = {"secrets": ("inputs.masterPassword", "inputs.tags.note")}
    old = replace(database(masterPassword="hunter2-old", tags={"note": "hunter2-note"}), **secret)
    new = with_inputs(old, masterPassword="hunter2-new", engine="hunter2-old")
    decision = judged([old], [new])
    assert "hunter2" not in repr(decision)
    assert "masterPassword: [secret] -> [secret]" in decision.context.rows[0].differences

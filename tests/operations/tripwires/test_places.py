"""Which resources are looked for, where, and what is said of those that are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fintech_infra.environment import Environment, Resource
from fintech_infra.operations.drift import Captured
from fintech_infra.operations.tripwires import TRIPWIRES, live
from fintech_infra.operations.tripwires.places import account_of, accounts, region_of
from tests.operations.tripwires.deployed import (
    ALIAS,
    BUCKET,
    BUCKET_POLICY,
    GROUP,
    KEY,
    ROLE,
    TLS_ONLY,
    Site,
    built,
    policy,
)
from tests.operations.tripwires.looking import ACCOUNT, captured, looked, made, outcome, previewed

OTHER = "999999999999"
TABLE = "aws:dynamodb/table:Table"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with built() as found:
        yield found


def notes(before: Captured, site: Site) -> str:
    return "\n".join(live(before, site.access).notes)


def test_a_report_says_what_was_looked_at_and_what_was_not(site: Site) -> None:
    before = captured(*site.of(ROLE, GROUP).environment.resources, made(TABLE, "orders", {}))
    said = notes(before, site)
    assert f"looked at 4 of 5 resources of AWS in account {ACCOUNT}" in said
    assert "3 ec2.SecurityGroup, 1 iam.Role." in said
    assert "the other 1 stand as recorded" in said
    assert "No tripwire is for: 1 dynamodb.Table." in said


def test_what_another_account_has_is_not_looked_for(site: Site) -> None:
    (role,) = site.of(ROLE).environment.resources
    arn = f"arn:aws:iam::{OTHER}:role/away"
    away = captured(replace(role, outputs={**role.outputs, "arn": arn, "name": "away"}))
    assert outcome(looked(away, site.access, TRIPWIRES)) == []
    assert f"Not looked at: iam.Role api: it is of account {OTHER}." in notes(away, site)
    assert live(away, site.access).count == 0


def test_what_is_gone_is_gone(site: Site) -> None:
    gone = captured(made(ROLE, "left", {"name": "left"}, f"arn:aws:iam::{ACCOUNT}:role/left"))
    assert outcome(looked(gone, site.access, TRIPWIRES)) == [("left", "", "relevant")]


def test_what_may_be_of_another_account_is_not_gone(site: Site) -> None:
    bucket = made(BUCKET, "away", {"bucket": "shop-away"}, "arn:aws:s3:::shop-away", id="shop-away")
    report = looked(captured(bucket), site.access, TRIPWIRES)
    assert outcome(report) == [("away", "policy", "undecided")]
    assert f"account {ACCOUNT} does not know it" in report.items[0].evidence[-1]


def test_a_resource_is_asked_for_in_its_own_region(site: Site) -> None:
    north = site.access.client("kms", "eu-north-1")
    key = north.create_key()["KeyMetadata"]
    given = {"policy": north.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]}
    told = {"id": key["KeyId"], "keyId": key["KeyId"], "isEnabled": True}
    before = captured(made(KEY, "north", given, key["Arn"], **told))
    assert outcome(looked(before, site.access, TRIPWIRES)) == []
    north.disable_key(KeyId=key["KeyId"])
    assert outcome(looked(before, site.access, TRIPWIRES)) == [("north", "isEnabled", "dangerous")]


def test_the_region_and_the_account_come_from_the_resource_or_its_provider() -> None:
    provider = Resource("urn:p", "pulumi:providers:aws", "p", {"region": "eu-west-3"})
    arn = f"arn:aws:iam::{OTHER}:role/api"
    role = Resource("urn:r", ROLE, "api", outputs={"arn": arn}, provider="urn:p")
    bucket = Resource("urn:b", BUCKET, "orders", provider="urn:p")
    known = Resource("urn:k", KEY, "k", outputs={"arn": f"arn:aws:kms:eu-west-2:{ACCOUNT}:key/1"})
    environment = Environment("shop", "prod", resources=(provider, role, bucket, known))
    assert region_of(bucket, environment) == "eu-west-3"
    assert region_of(known, environment) == "eu-west-2"
    assert (account_of(role), account_of(bucket)) == (OTHER, "")
    assert accounts(environment) == {"urn:r": OTHER, "urn:b": OTHER, "urn:k": ACCOUNT}


def test_a_preview_is_matched_by_the_names_that_the_program_gives(site: Site) -> None:
    before = site.preview()
    assert outcome(looked(before, site.access, TRIPWIRES)) == []
    assert live(before, site.access).count == len(before.environment.resources) - 1
    ec2 = site.client("ec2")
    world = [
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ]
    ec2.authorize_security_group_ingress(GroupId=site.ids["web"], IpPermissions=world)
    report = looked(before, site.access, TRIPWIRES)
    ec2.revoke_security_group_ingress(GroupId=site.ids["web"], IpPermissions=world)
    assert outcome(report)[0] == ("web", "ingress", "dangerous")


def test_what_pulumi_names_cannot_be_found_from_a_preview(site: Site) -> None:
    unnamed = previewed(
        made(
            BUCKET,
            "orders",
            {},
            "arn:aws:s3:::orders-1a2b3c4",
            bucket="orders-1a2b3c4",
            id="orders-1a2b3c4",
        ),
        made(BUCKET_POLICY, "orders", {"bucket": "orders-1a2b3c4", "policy": policy(TLS_ONLY)}),
        made(KEY, "orders", {}, keyId="5a1c"),
        made(GROUP, "db", {"description": "Orders"}, id="sg-1"),
    )
    assert live(unnamed, site.access).count == 0
    said = notes(unnamed, site)
    assert "s3.Bucket orders: the program leaves its bucket to Pulumi" in said
    assert "s3.BucketPolicy orders: the program leaves the name of orders to Pulumi" in said
    assert "kms.Key orders: AWS gives its id, and the program names no alias of it" in said
    assert "ec2.SecurityGroup db: the program leaves its name to Pulumi" in said
    assert outcome(looked(unnamed, site.access, TRIPWIRES)) == []


def test_a_name_that_several_groups_have_tells_none(site: Site) -> None:
    ec2 = site.client("ec2")
    for block in ("10.8.0.0/16", "10.9.0.0/16"):
        vpc = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
        ec2.create_security_group(GroupName="twice", Description="x", VpcId=vpc)
    before = previewed(made(GROUP, "twice", {"name": "twice"}, id="sg-1"))
    assert "several groups have its name" in notes(before, site)


def test_a_key_whose_alias_is_gone_need_not_be_gone(site: Site) -> None:
    key = made(KEY, "k", {"enableKeyRotation": True}, keyId="5a1c", id="5a1c")
    before = previewed(key, made(ALIAS, "k", {"name": "alias/left", "targetKeyId": "5a1c"}))
    report = looked(before, site.access, TRIPWIRES)
    assert {(name, judged) for name, _, judged in outcome(report)} == {("k", "undecided")}
    assert "there is no alias/left" in report.items[0].evidence[-1]

"""What AWS writes in another way than the program, and what is another thing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fintech_infra.environment import UNKNOWN
from fintech_infra.operations.tripwires.alike import is_same
from fintech_infra.operations.tripwires.rules import entries, read_rule

ROOT = "arn:aws:iam::111122223333:root"


def written(**changed: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [ROOT, "arn:aws:iam::111122223333:role/api"]},
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
        **changed,
    }
    kept = {key: value for key, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


@pytest.mark.parametrize(
    "other",
    [
        written(Action=["s3:PutObject", "s3:getobject"]),
        written(Resource=["*"]),
        written(Principal={"AWS": ["arn:aws:iam::111122223333:role/api", "111122223333"]}),
        written(Condition={"Bool": {"aws:SecureTransport": [True]}}),
        json.dumps({**json.loads(written()), "Statement": json.loads(written())["Statement"][0]}),
    ],
)
def test_another_spelling_of_a_policy_is_the_same(other: str) -> None:
    assert is_same(written(), other)
    assert is_same(other, written())


@pytest.mark.parametrize(
    "other",
    [
        written(Action=["s3:GetObject"]),
        written(Action=None, NotAction=["s3:GetObject", "s3:PutObject"]),
        written(Resource=["*", "arn:aws:s3:::orders"]),
        written(Principal={"AWS": [ROOT]}),
        written(Principal={"Federated": [ROOT, "arn:aws:iam::111122223333:role/api"]}),
        written(Principal="*"),
        written(Condition=None),
        written(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        written(Effect="Deny"),
        json.dumps({"Version": "2008-10-17", "Statement": json.loads(written())["Statement"]}),
        "",
        "no policy",
    ],
)
def test_another_meaning_of_a_policy_is_another(other: str) -> None:
    assert not is_same(written(), other)
    assert not is_same(other, written())


def test_what_is_not_known_is_not_the_same() -> None:
    assert not is_same(UNKNOWN, UNKNOWN)
    assert not is_same({"a": [UNKNOWN]}, {"a": [1]})
    assert is_same([{"cidrBlocks": ["b", "a"]}], [{"cidrBlocks": ["a", "b"]}])


def told(id_: str, **changed: Any) -> dict[str, Any]:
    return {
        "SecurityGroupRuleId": id_,
        "GroupId": "sg-1",
        "GroupOwnerId": "111122223333",
        "IsEgress": False,
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        **changed,
    }


OWN = {"ReferencedGroupInfo": {"GroupId": "sg-1", "UserId": "111122223333"}}
OTHER = {"ReferencedGroupInfo": {"GroupId": "sg-2", "UserId": "111122223333"}}
FOREIGN = {"ReferencedGroupInfo": {"GroupId": "sg-3", "UserId": "999999999999"}}
PORTS = {"protocol": "tcp", "fromPort": 443, "toPort": 443}


@pytest.mark.parametrize(
    ("source", "entry"),
    [
        ({"CidrIpv4": "10.0.0.0/8"}, {"cidrBlocks": ["10.0.0.0/8"]}),
        ({"CidrIpv6": "fd00::/8"}, {"ipv6CidrBlocks": ["fd00::/8"]}),
        ({"PrefixListId": "pl-1"}, {"prefixListIds": ["pl-1"]}),
        (OWN, {"self": True}),
        (OTHER, {"securityGroups": ["sg-2"]}),
        (FOREIGN, {"securityGroups": ["999999999999/sg-3"]}),
    ],
)
def test_a_rule_of_each_kind_is_an_entry_as_the_provider_has_it(
    source: dict[str, Any], entry: dict[str, Any]
) -> None:
    rule = read_rule(told("sgr-1", **source))
    assert entries([], [rule], "sg-1") == [{**PORTS, **entry}]
    recorded = [{**PORTS, "description": "as it was", **entry}]
    assert entries(recorded, [rule], "sg-1") == recorded
    assert entries(recorded, [], "sg-1") == []


def test_an_entry_keeps_what_is_there_of_it_and_what_was_added_comes_last() -> None:
    recorded = [{**PORTS, "cidrBlocks": ["10.1.0.0/16", "10.2.0.0/16"], "self": True}]
    rules = [
        read_rule(told("sgr-1", CidrIpv4="10.2.0.0/16")),
        read_rule(told("sgr-2", CidrIpv4="0.0.0.0/0", IpProtocol="-1", FromPort=-1, ToPort=-1)),
        read_rule(told("sgr-3", CidrIpv4="10.9.0.0/16", IsEgress=True)),
    ]
    inward = [it for it in rules if it.path == "ingress"]
    assert entries(recorded, inward, "sg-1") == [
        {**PORTS, "cidrBlocks": ["10.2.0.0/16"], "self": False},
        {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]},
    ]


def test_a_rule_of_no_known_kind_is_refused() -> None:
    with pytest.raises(LookupError):
        read_rule(told("sgr-1"))

"""Permissions as edges: who may become whom, decrypt and read, and what never changes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fintech_infra.environment import UNKNOWN, Environment, Resource
from fintech_infra.environment.graph import ANYONE, Edge, Kind
from fintech_infra.environment.graph.escalation import ADMINISTRATOR
from fintech_infra.environment.graph.permissions import (
    becomes,
    decrypters,
    permission_edges,
    who_may,
)

ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
POLICY = "aws:iam/policy:Policy"
KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
QUEUE = "aws:sqs/queue:Queue"
FUNCTION = "aws:lambda/function:Function"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
INSTANCE = "aws:ec2/instance:Instance"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"

OWN = "123456789012"
OTHER = "444455556666"
ROOT = {"AWS": f"arn:aws:iam::{OWN}:root"}
FROM_OTHER = {"AWS": OTHER}
EC2 = {"Service": "ec2.amazonaws.com"}
ARNS = {
    ROLE: f"arn:aws:iam::{OWN}:role/",
    USER: f"arn:aws:iam::{OWN}:user/",
    POLICY: f"arn:aws:iam::{OWN}:policy/",
    KEY: f"arn:aws:kms:eu-west-1:{OWN}:key/",
    BUCKET: "arn:aws:s3:::",
    QUEUE: f"arn:aws:sqs:eu-west-1:{OWN}:",
    FUNCTION: f"arn:aws:lambda:eu-west-1:{OWN}:function:",
    INSTANCE: f"arn:aws:ec2:eu-west-1:{OWN}:instance/",
    PROFILE: f"arn:aws:iam::{OWN}:instance-profile/",
}


def resource(type_: str, name: str, **inputs: Any) -> Resource:
    outputs = {"arn": ARNS.get(type_, f"arn:aws:x:eu-west-1:{OWN}:") + name}
    return Resource(name, type_, name, inputs, outputs, id=f"{name}-id")


def allow(actions: Any, resources: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources} | more


def document(*statements: Any) -> str:
    return json.dumps({"Statement": list(statements)})


def role(name: str, trusted: Any = EC2, *statements: Any, **more: Any) -> Resource:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}
    inline = [{"policy": document(*statements)}] if statements else []
    inputs: dict[str, Any] = {"assumeRolePolicy": document(trust), "inlinePolicies": inline}
    return resource(ROLE, name, **inputs | more)


def program(*resources: Resource) -> Environment:
    return Environment("p", "prod", resources=resources)


def into(target: str, *resources: Resource) -> list[str]:
    """Who leads to a node: names, with a question mark where that is an open question."""
    edges = permission_edges(program(*resources))
    return sorted(e.source + ("" if e.certain else "?") for e in edges if e.target == target)


def key(*statements: Any, **more: Any) -> Resource:
    return resource(KEY, "k", **({"policy": document(*statements)} if statements else {}) | more)


USES = allow("kms:Decrypt", ARNS[KEY] + "k")
DELEGATES = allow("kms:*", Principal=ROOT)

KEYS: list[tuple[str, list[Resource], list[str]]] = [
    ("the key leaves it to the account", [key(DELEGATES), role("r", EC2, USES)], ["r"]),
    ("the key has no policy of its own", [key(), role("r", EC2, USES)], ["r"]),
    ("the key leaves it to nobody", [key(allow("kms:Put*", Principal=ROOT)),
     role("r", EC2, USES)], []),
    ("the key names it, and it needs no more", [
        key(allow("kms:Decrypt", Principal={"AWS": ARNS[ROLE] + "r"})), role("r")], ["r"]),
    ("the key denies it", [
        key(DELEGATES, USES | {"Effect": "Deny", "Principal": {"AWS": ARNS[ROLE] + "r"}}),
        role("r", EC2, USES)], []),
    ("a service and another account", [key(
        allow("kms:Decrypt", Principal={**EC2, **FROM_OTHER}, Condition={
            "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}})), role("r")],
     [f"account {OTHER}", "ec2.amazonaws.com"]),
    ("the two sides ask for different services", [
        key(DELEGATES | {"Condition": {"StringEquals": {"kms:ViaService": "s3.x"}}}),
        role("r", EC2, USES | {"Condition": {"StringEquals": {"kms:ViaService": "sqs.x"}}})], []),
    ("one of its own statements fits", [
        key(DELEGATES | {"Condition": {"StringEquals": {"kms:ViaService": "s3.x"}}}),
        role("r", EC2, USES | {"Condition": {"StringEquals": {"kms:ViaService": "sqs.x"}}},
             USES | {"Condition": {"StringLike": {"kms:ViaService": "s3.*"}}})], ["r"]),
    ("a policy as a resource of its own", [
        key(DELEGATES), role("r", EC2, USES),
        resource("aws:kms/keyPolicy:KeyPolicy", "p", keyId="k-id", policy=document(
            allow("kms:Decrypt", Principal=EC2)))], ["ec2.amazonaws.com"]),
    ("a grant", [key(allow("kms:Put*", Principal=ROOT)), role("r"), resource(
        "aws:kms/grant:Grant", "g", keyId="k-id", granteePrincipal=ARNS[ROLE] + "r",
        operations=["Decrypt"])], ["r"]),
    ("a policy that is not known", [key(policy=UNKNOWN), role("r", EC2, USES), role("s")],
     ["anyone?", "r?"]),
]  # fmt: skip


@pytest.mark.parametrize(("resources", "expected"), [row[1:] for row in KEYS], ids=[
    row[0] for row in KEYS])  # fmt: skip
def test_who_decrypts(resources: list[Resource], expected: list[str]) -> None:
    assert into("k", *resources) == expected
    found = [edge.source for edge in decrypters(program(*resources), "k")]
    assert sorted(found) == [name.removesuffix("?") for name in expected]


def bucket(*statements: Any, **more: Any) -> list[Resource]:
    own = resource(
        "aws:s3/bucketPolicy:BucketPolicy", "p", bucket="b-id", policy=document(*statements)
    )
    return [resource(BUCKET, "b", **more), *([own] if statements else [])]


READ = allow("s3:GetObject", "arn:aws:s3:::b/in/*")
PUBLIC = READ | {"Principal": "*"}

DATA: list[tuple[str, list[Resource], list[str]]] = [
    ("by its own policy", [*bucket(), role("r", EC2, READ)], ["r"]),
    ("by the bucket's", [*bucket(READ | {"Principal": {"AWS": ARNS[ROLE] + "r"}}), role("r")],
     ["r"]),
    ("a part of it is denied, and not all", [
        *bucket(), role("r", EC2, READ, READ | {"Effect": "Deny"})], ["r"]),
    ("all of it is denied", [*bucket(), role("r", EC2, READ, allow(
        "s3:*", "arn:aws:s3:::b/*", Effect="Deny"))], []),
    ("all but others are denied", [*bucket(), role("r", EC2, READ, {
        "Effect": "Deny", "NotAction": "s3:List*", "Resource": "*"})], []),
    ("the bucket lets only one in", [
        *bucket({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
                 "Condition": {"StringNotEquals": {"aws:PrincipalArn": ARNS[ROLE] + "r"}}}),
        role("r", EC2, READ), role("s", EC2, READ)], ["r"]),
    ("a name that only begins alike", [*bucket(), role("r", EC2, allow(
        "s3:GetObject", "arn:aws:s3:::bc/*"))], []),
    ("all but this bucket", [*bucket(), role("r", EC2, {
        "Effect": "Allow", "Action": "s3:Get*", "NotResource": "arn:aws:s3:::b/*"})], []),
    ("by a tag that it has", [*bucket(tags={"team": "pay"}), role("r", EC2, READ | {
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "pay"}}})], ["r"]),
    ("by a tag that it has not", [*bucket(tags={"team": "pay"}), role("r", EC2, READ | {
        "Condition": {"StringEquals": {"s3:ResourceTag/team": "hr"}}})], []),
    ("anyone", bucket(PUBLIC), ["anyone"]),
    ("anyone, were it not blocked", [*bucket(PUBLIC), resource(
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "x", bucket="b-id",
        restrictPublicBuckets=True)], []),
    ("anyone from a network", bucket(PUBLIC | {"Condition": {
        "StringEquals": {"aws:SourceVpce": "vpce-1"}}}),
     ["anyone where aws:SourceVpce is vpce-1"]),
    ("a document of which a part is not known", [*bucket(), role("r", inlinePolicies=[
        {"policy": {"Statement": [allow("s3:GetObject", UNKNOWN)]}}])], ["r?"]),
]  # fmt: skip


@pytest.mark.parametrize(("resources", "expected"), [row[1:] for row in DATA], ids=[
    row[0] for row in DATA])  # fmt: skip
def test_who_reads(resources: list[Resource], expected: list[str]) -> None:
    assert into("b", *resources) == expected


def test_a_pattern_made_of_other_resources_names_none_but_these() -> None:
    inputs = {"role": "r-id", "policy": {"Statement": [allow("s3:GetObject", UNKNOWN)]}}
    given = Resource("x", ROLE_POLICY, "x", inputs, property_dependencies={"policy": ("b",)})
    others = resource(BUCKET, "c"), resource(BUCKET, "b"), role("r"), given

    assert into("b", *others) == ["r?"]
    assert into("c", *others) == []


def test_workloads_become_the_role_that_their_code_runs_as() -> None:
    rows = (
        role("r"),
        resource(PROFILE, "profile", role="r-id"),
        resource(INSTANCE, "i", iamInstanceProfile="profile-id"),
        resource(TASK, "t", taskRoleArn=ARNS[ROLE] + "r", executionRoleArn=ARNS[ROLE] + "s"),
        resource(SERVICE, "s", taskDefinition="t-id"),
        resource(FUNCTION, "f", role=ARNS[ROLE] + "r"),
    )
    assert into("r", *rows) == ["ec2.amazonaws.com", "f", "i", "s", "t"]
    assert list(becomes(program(*rows), "s")) == ["r"]


@pytest.mark.parametrize(
    ("call", "target"),
    [("ssm:StartSession", ARNS[INSTANCE] + "i"), ("ssm:SendCommand", ARNS[INSTANCE] + "*")],
)
def test_who_runs_commands_on_a_machine_becomes_its_role(call: str, target: str) -> None:
    rows = (
        role("r"),
        role("app", FROM_OTHER, allow(call, target)),
        resource(PROFILE, "profile", role="r-id"),
        resource(INSTANCE, "i", iamInstanceProfile="profile-id"),
    )
    assert "app" in into("r", *rows)
    assert list(becomes(program(*rows), f"account {OTHER}")) == ["app", "r"]


def test_credentials_of_a_user_are_the_user() -> None:
    user = resource(USER, "u")
    maker = role("r", EC2, allow("iam:CreateAccessKey", ARNS[USER] + "u"))
    assert into("u", user, maker) == ["r"]


def test_anybody_may_be_asked_about_any_call() -> None:
    queue = resource(QUEUE, "q", policy=document(allow("sqs:SendMessage", Principal=FROM_OTHER)))
    sender = role("r", EC2, allow("sqs:Send*", ARNS[QUEUE] + "q"))
    found = who_may(program(queue, sender), "q", "sqs:SendMessage")

    assert sorted((edge.source, edge.why) for edge in found) == [
        (f"account {OTHER}", "may call sqs:SendMessage"),
        ("r", "may call sqs:SendMessage"),
    ]


def test_only_a_key_decrypts() -> None:
    with pytest.raises(ValueError, match="no KMS key of this program"):
        decrypters(program(role("r")), "r")


def test_an_edge_says_what_declares_it() -> None:
    rows = (*bucket(), role("r", EC2, READ))
    (edge,) = (item for item in permission_edges(program(*rows)) if item.target == "b")
    expected = Edge(
        "r", Kind.MAY, "b", "may read its objects", "r", "inlinePolicies[0].policy.Statement[0]"
    )
    assert edge == expected


# What follows holds for every program. Names are few, so that documents meet.
_CALLS = st.sampled_from([
    "*", "sts:AssumeRole", "iam:PassRole", "iam:PutRolePolicy", "lambda:*", "kms:Decrypt", "s3:*",
    "s3:GetObject", "iam:*", "kms:*",
])  # fmt: skip
_THINGS = st.sampled_from([
    "*", ARNS[ROLE] + "a", ARNS[ROLE] + "*", ARNS[KEY] + "k", "arn:aws:s3:::b/*", "arn:aws:s3:::*",
])  # fmt: skip
_CONDITIONS = st.sampled_from([
    None, {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:PrincipalArn": ARNS[ROLE] + "a"}},
    {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    {"StringNotEquals": {"kms:ViaService": "s3.x"}},
])  # fmt: skip


@st.composite
def statements(draw: Any, effect: str | None = None, *, plain: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(
            st.lists(_CALLS, min_size=1, max_size=2)
        ),
        draw(st.sampled_from(["Resource", "Resource", "NotResource"])): draw(
            st.lists(_THINGS, min_size=1, max_size=2)
        ),
    }
    condition = None if plain else draw(_CONDITIONS)
    return found | ({"Condition": condition} if condition else {})


_PRINCIPALS = st.sampled_from([
    ROOT, FROM_OTHER, {"Service": "lambda.amazonaws.com"}, {"AWS": ARNS[ROLE] + "a"}, "*",
])  # fmt: skip
_OWN = st.lists(statements(), max_size=3)
_POLICIES = st.lists(st.tuples(statements(), _PRINCIPALS), max_size=2)


class Estate:
    """Three roles, a key and a bucket, and what their documents say."""

    def __init__(self, own: Sequence[Any], trusts: Sequence[Any], key_: Any, bucket_: Any) -> None:
        """Take the statements of each."""
        self.own = [list(item) for item in own]
        self.trusts, self.key, self.bucket = list(trusts), list(key_), list(bucket_)
        self.boundaries: dict[int, list[Any]] = {}

    def resources(self) -> list[Resource]:
        roles = [
            role(name, self.trusts[i], *self.own[i], **self._bound(i))
            for i, name in enumerate("acd")
        ]
        limits = [
            resource(POLICY, f"limit{i}", policy=document(*found))
            for i, found in self.boundaries.items()
        ]
        named = [statement | {"Principal": who} for statement, who in self.bucket]
        keyed = [statement | {"Principal": who} for statement, who in self.key]
        return [*roles, *limits, key(DELEGATES, *keyed), *bucket(*named)]

    def _bound(self, index: int) -> dict[str, Any]:
        found = {"permissionsBoundary": f"{ARNS[POLICY]}limit{index}"}
        return found if index in self.boundaries else {}


_ESTATES = st.builds(
    Estate,
    st.lists(_OWN, min_size=3, max_size=3),
    st.lists(_PRINCIPALS, min_size=3, max_size=3),
    _POLICIES,
    _POLICIES,
)


def steps(resources: list[Resource]) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in permission_edges(program(*resources))}


@settings(max_examples=40)
@given(_ESTATES, st.integers(0, 2), statements("Allow"))
def test_an_allow_takes_no_edge_away(estate: Estate, index: int, statement: Any) -> None:
    before = steps(estate.resources())
    estate.own[index].append(statement)
    assert before <= steps(estate.resources())


@settings(max_examples=40)
@given(_ESTATES, st.integers(0, 2), statements("Deny", plain=True))
def test_a_denial_adds_no_edge(estate: Estate, index: int, statement: Any) -> None:
    before = steps(estate.resources())
    estate.own[index].append(statement)
    assert steps(estate.resources()) <= before


@settings(max_examples=40)
@given(_ESTATES, statements("Deny", plain=True), _PRINCIPALS)
def test_a_denial_by_a_key_adds_no_edge(estate: Estate, statement: Any, who: Any) -> None:
    before = steps(estate.resources())
    estate.key.append((statement, who))
    assert steps(estate.resources()) <= before


@settings(max_examples=40)
@given(_ESTATES, st.integers(0, 2), _OWN)
def test_a_boundary_adds_no_edge(estate: Estate, index: int, limit: Any) -> None:
    before = steps(estate.resources())
    estate.boundaries[index] = limit
    after = steps(estate.resources())
    assert after <= before


@settings(max_examples=40)
@given(_ESTATES, st.randoms(use_true_random=False))
def test_order_changes_nothing(estate: Estate, random: Any) -> None:
    before = steps(estate.resources())
    for part in (*estate.own, estate.key, estate.bucket):
        random.shuffle(part)
    resources = estate.resources()
    random.shuffle(resources)
    assert steps(resources) == before


def test_administration_is_a_node() -> None:
    assert into(ADMINISTRATOR, role("r", EC2, allow("*"))) == ["r"]
    assert ANYONE in into("r", role("r", "*"))

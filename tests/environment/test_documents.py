"""Reading IAM policy documents. Whether AWS accepts a document in all else is not tested."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.environment import UNKNOWN, UnknownValueError
from fintech_infra.environment.documents import (
    Condition,
    DocumentError,
    Principal,
    Statement,
    matches,
    parse,
    resource_part,
)

FULL = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": ["111122223333", "arn:x"], "Service": "s3.amazonaws.com"},
            "Action": ["s3:Get*", "s3:List*"],
            "Resource": "arn:aws:s3:::b/*",
            "Condition": {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"a:b": 3}},
        },
        {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "s3:*", "NotResource": ["x"]},
    ],
}


def one(**elements: Any) -> Statement:
    document = {"Statement": {"Effect": "Allow", "Action": "*"} | elements}
    return parse(document).statements[0]


@pytest.mark.parametrize("value", [FULL, json.dumps(FULL)], ids=["mapping", "text"])
def test_every_element_is_read_whether_one_or_a_list(value: Any) -> None:
    assert parse(value).statements == (
        Statement(
            path="Statement[0]",
            allows=True,
            sid="Read",
            principals=(
                Principal("AWS", "111122223333"),
                Principal("AWS", "arn:x"),
                Principal("Service", "s3.amazonaws.com"),
            ),
            actions=("s3:Get*", "s3:List*"),
            resources=("arn:aws:s3:::b/*",),
            conditions=(
                Condition("Bool", "aws:SecureTransport", ("true",)),
                Condition("NumericLessThan", "a:b", ("3",)),
            ),
        ),
        Statement(
            path="Statement[1]",
            allows=False,
            not_principals=(Principal("*", "*"),),
            not_actions=("s3:*",),
            not_resources=("x",),
        ),
    )


def test_a_lone_statement_has_a_path_without_an_index() -> None:
    assert one().path == "Statement"


def test_statements_are_told_apart_by_effect() -> None:
    document = parse(FULL)

    assert [item.sid for item in document.allowing] == ["Read"]
    assert [item.path for item in document.denying] == ["Statement[1]"]


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ("", "", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[]", "", "is a list, not a policy document"),
        (None, "", "is empty, not a policy document"),
        ("{}", "", "has no Statement"),
        ({"Statement": "x"}, "Statement", "is a str, not a list of statements"),
        ({"Statement": ["x"]}, "Statement[0]", "is a str, not a statement"),
        (
            {"Statement": [{"Effect": "allow", "Action": "*"}]},
            "Statement[0].Effect",
            "is 'allow'; accepted are 'Allow', 'Deny'",
        ),
        ({"Statement": {"Effect": "Deny"}}, "Statement", "needs one of Action and NotAction"),
        (
            {"Statement": {"Effect": "Deny", "Action": "*", "NotAction": "*"}},
            "Statement",
            "needs one of Action and NotAction",
        ),
        (
            {"Statement": {"Effect": "Deny", "Action": [1]}},
            "Statement.Action",
            "is 1; accepted are text and a list of texts",
        ),
        (
            {"Statement": {"Effect": "Deny", "Action": "*", "Principal": "me"}},
            "Statement.Principal",
            "is 'me'; accepted are '*' and a map of kinds",
        ),
        (
            {"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"Bool": "x"}}},
            "Statement.Condition.Bool",
            "is a str, not a map of condition keys",
        ),
        (
            {"Statement": {"Effect": "Deny", "Action": "*", "Condition": []}},
            "Statement.Condition",
            "is a list, not a map of operators",
        ),
    ],
)
def test_what_is_no_policy_document_is_refused(value: Any, path: str, message: str) -> None:
    with pytest.raises(DocumentError) as raised:
        parse(value)

    assert (raised.value.path, str(raised.value)) == (path, message)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (UNKNOWN, ""),
        ({"Statement": UNKNOWN}, "Statement"),
        ({"Statement": [UNKNOWN]}, "Statement[0]"),
        ({"Statement": {"Effect": UNKNOWN, "Action": "*"}}, "Statement.Effect"),
        (
            {"Statement": {"Effect": "Deny", "Action": "*", "Condition": UNKNOWN}},
            "Statement.Condition",
        ),
        (
            {"Statement": {"Effect": "Deny", "Action": "*", "Condition": {"Bool": UNKNOWN}}},
            "Statement.Condition.Bool",
        ),
    ],
)
def test_what_decides_the_shape_must_be_known(value: Any, path: str) -> None:
    with pytest.raises(UnknownValueError) as raised:
        parse(value)

    assert raised.value.path == path


def test_an_unknown_value_disturbs_only_who_needs_it() -> None:
    statement = one(Action=["s3:GetObject", UNKNOWN], Resource=UNKNOWN, Principal=UNKNOWN)

    assert statement.covers_action("s3:GetObject")
    with pytest.raises(UnknownValueError):
        statement.covers_action("s3:PutObject")
    with pytest.raises(UnknownValueError):
        statement.covers_every_resource()


@pytest.mark.parametrize(
    ("elements", "covered"),
    [
        ({"Action": "kms:decrypt"}, True),
        ({"Action": "kms:D?crypt"}, True),
        ({"Action": "*"}, True),
        ({"Action": "kms:Encrypt"}, False),
        ({"Action": "kms.Decrypt"}, False),
        ({"Action": None, "NotAction": "iam:*"}, True),
        ({"Action": None, "NotAction": ["iam:*", "KMS:*"]}, False),
    ],
)
def test_actions_are_matched_as_aws_does(elements: dict[str, Any], covered: bool) -> None:
    assert one(**elements).covers_action("kms:Decrypt") is covered


@pytest.mark.parametrize(
    ("action", "every"), [("*", True), ("*:*", True), ("s3:*", False), ("s*", False)]
)
def test_every_action_is_told_from_a_service(action: str, every: bool) -> None:
    assert one(Action=["a:b", action]).covers_every_action() is every


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("arn:aws:s3:::bucket/*", "bucket/*"),
        ("arn:aws:kms:eu-west-1:111122223333:key/1:2", "key/1:2"),
        ("arn:aws:kms:*", "*"),
        ("*", "*"),
        ("role/x", "role/x"),
    ],
)
def test_the_last_part_of_an_arn_is_what_it_names(pattern: str, part: str) -> None:
    assert resource_part(pattern) == part


@given(st.text(alphabet="ab*?.[\\", max_size=6), st.text(alphabet="ab.[\\", max_size=6))
def test_patterns_know_no_wildcards_but_two(pattern: str, value: str) -> None:
    def naive(p: str, v: str) -> bool:
        if not p:
            return not v
        if p[0] == "*":
            return naive(p[1:], v) or (bool(v) and naive(p, v[1:]))
        return bool(v) and p[0] in {"?", v[0]} and naive(p[1:], v[1:])

    assert matches(pattern, value) is naive(pattern, value)

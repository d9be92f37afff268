"""Whom a statement lets in."""

from __future__ import annotations

from typing import Any

import pytest

from fintech_infra.environment import UNKNOWN, UnknownValueError
from fintech_infra.environment.access import (
    account_of,
    foreign_accounts,
    is_account,
    opens_to_anyone,
)
from fintech_infra.environment.documents import Principal, Statement, parse


def statement(principal: Any, condition: Any = None, effect: str = "Allow") -> Statement:
    elements = {"Effect": effect, "Action": "*", "Principal": principal, "Condition": condition}
    return parse({"Statement": elements}).statements[0]


@pytest.mark.parametrize(
    ("principal", "opening"),
    [
        ("*", "Principal"),
        ({"AWS": "*"}, "Principal"),
        ({"Federated": "*"}, "Principal"),
        ({"CanonicalUser": "abc"}, ""),
        ({"Service": "*"}, ""),
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, ""),
        (None, ""),
    ],
)
def test_anyone_has_several_spellings(principal: Any, opening: str) -> None:
    assert opens_to_anyone(statement(principal)) == opening


def test_a_denial_opens_nothing() -> None:
    assert opens_to_anyone(statement("*", effect="Deny")) == ""


@pytest.mark.parametrize(
    ("operator", "key", "value", "narrows"),
    [
        ("StringEquals", "aws:PrincipalOrgID", "o-1", True),
        ("StringLike", "aws:PrincipalOrgID", "o-*", False),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-1", False),
        ("StringEquals", "aws:userid", "AROAEXAMPLE:*", True),
        ("StringLike", "aws:userid", "*:admin", False),
        ("ArnEquals", "aws:SourceArn", "arn:aws:s3:::bucket", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:logs:*:111122223333:*", True),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0", False),
        ("IpAddress", "aws:SourceIp", ["198.51.100.0/24", "2001:db8::/32"], True),
        ("StringEquals", "aws:SourceAccount", ["111122223333", "*"], False),
        ("StringEquals", "aws:SourceAccount", [], False),
        ("Bool", "aws:SecureTransport", "true", False),
        ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com", False),
    ],
)
def test_only_a_fixed_owner_network_or_source_narrows(
    operator: str, key: str, value: Any, narrows: bool
) -> None:
    opening = opens_to_anyone(statement("*", {operator: {key: value}}))

    assert opening == ("" if narrows else "Principal")


def test_an_unknown_condition_leaves_it_undecided() -> None:
    with pytest.raises(UnknownValueError):
        opens_to_anyone(statement("*", {"StringEquals": {"aws:PrincipalOrgID": UNKNOWN}}))


def test_one_condition_that_narrows_is_enough() -> None:
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1", "s3:prefix": UNKNOWN}}

    assert opens_to_anyone(statement("*", condition)) == ""


def test_accounts_outside_the_trusted_are_foreign() -> None:
    principals = {"AWS": ["111122223333", "arn:aws:iam::444455556666:root", "AIDAEXAMPLE"]}

    assert list(foreign_accounts(statement(principals), {"111122223333"})) == ["444455556666"]
    assert list(foreign_accounts(statement(principals, effect="Deny"), set())) == []
    assert account_of(Principal("Service", "s3.amazonaws.com")) == ""


def test_an_account_is_named_by_its_number_or_its_root() -> None:
    assert is_account(Principal("AWS", "111122223333"))
    assert is_account(Principal("AWS", "arn:aws:iam::111122223333:root"))
    assert not is_account(Principal("AWS", "arn:aws:iam::111122223333:role/root"))

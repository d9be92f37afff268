"""The builder of policy documents. What these tests do not prove: that AWS accepts a document."""

from __future__ import annotations

import json

import pytest

from fintech_infra.components._policy import (
    Account,
    allow,
    aws,
    both,
    deny,
    document,
    service,
)

ACCOUNT = Account(
    id="111122223333", partition="aws-us-gov", region="us-gov-west-1", dns_suffix="amazonaws.com"
)


def test_a_document_has_the_version_and_the_statements_in_order() -> None:
    first = allow("One", who=aws("a"), actions=["s3:GetObject"], on="b/*")
    second = deny("Two", actions=("s3:*", "s3:List*"), on=["b", "b/*"], when={"Bool": {"k": "v"}})
    assert json.loads(document([first, second], 1000)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "One",
                "Effect": "Allow",
                "Principal": {"AWS": "a"},
                "Action": "s3:GetObject",
                "Resource": "b/*",
            },
            {
                "Sid": "Two",
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:*", "s3:List*"],
                "Resource": ["b", "b/*"],
                "Condition": {"Bool": {"k": "v"}},
            },
        ],
    }


def test_one_principal_is_text_and_several_are_a_list() -> None:
    assert aws("a") == {"AWS": "a"}
    assert aws("a", "b") == {"AWS": ["a", "b"]}
    assert service("x.amazonaws.com") == {"Service": "x.amazonaws.com"}


def test_two_statements_cannot_share_a_sid() -> None:
    twice = [deny("Same", actions=["s3:*"], on="*")] * 2
    with pytest.raises(ValueError, match="statements share a Sid: Same"):
        document(twice, 1000)


def test_a_document_that_is_too_long_is_refused_before_aws_does() -> None:
    statement = deny("Long", actions=["s3:*"], on="x" * 90)
    size = len(document([statement], 1000))
    assert document([statement], size)
    with pytest.raises(ValueError, match=f"the policy has {size} bytes and AWS accepts {size - 1}"):
        document([statement], size - 1)


def test_conditions_merge_and_never_lose_a_test() -> None:
    assert both({"Bool": {"a": "1"}}, {"Bool": {"b": "2"}, "Null": {"c": "3"}}) == {
        "Bool": {"a": "1", "b": "2"},
        "Null": {"c": "3"},
    }
    with pytest.raises(ValueError, match="Bool tests a twice"):
        both({"Bool": {"a": "1"}}, {"Bool": {"a": "2"}})


def test_arns_have_the_partition_of_the_account() -> None:
    assert ACCOUNT.root == "arn:aws-us-gov:iam::111122223333:root"
    assert ACCOUNT.arn("logs", "*") == "arn:aws-us-gov:logs:us-gov-west-1:111122223333:*"

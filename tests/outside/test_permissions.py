"""What documents allow together, and what AWS's own policies say, beside moto's reading of both.

moto answers calls by the identity policies of who makes them. Its matching knows no NotResource and
no `?`, so that documents here have none; what a condition does, it is not asked.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.aws_managed_policies import aws_managed_policies_data

from fintech_infra.environment.documents import Statement, parse
from fintech_infra.environment.graph.abilities import probed
from fintech_infra.environment.graph.effective import Effective
from fintech_infra.environment.graph.fits import Grant, on_action
from fintech_infra.environment.graph.managed_policies import managed_document
from fintech_infra.environment.graph.targets import Target

CALLS = ("iam:PassRole", "iam:PutRolePolicy", "kms:Decrypt", "s3:GetObject", "sts:AssumeRole")
ARNS = (
    "arn:aws:iam::123456789012:role/app",
    "arn:aws:iam::123456789012:role/app-admin",
    "arn:aws:kms:eu-west-1:123456789012:key/k",
    "arn:aws:s3:::data/in/object",
)
_PATTERNS = st.sampled_from(["*", "*:*", "iam:*", "iam:P*Role*", "kms:Decrypt", "s3:Get*", "sts:*"])
_RESOURCES = st.sampled_from([
    "*", *ARNS, "arn:aws:iam::123456789012:role/app*", "arn:aws:iam::*:role/*", "arn:aws:s3:::*",
    "arn:aws:s3:::data/*", "arn:aws:kms:*:123456789012:key/*",
])  # fmt: skip
_STATEMENTS = st.fixed_dictionaries({
    "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
    "Resource": st.lists(_RESOURCES, min_size=1, max_size=2),
}).flatmap(
    lambda found: st.builds(
        lambda element, patterns: found | {element: patterns},
        st.sampled_from(["Action", "Action", "NotAction"]),
        st.lists(_PATTERNS, min_size=1, max_size=2),
    )
)  # fmt: skip
_DOCUMENTS = st.lists(st.lists(_STATEMENTS, min_size=1, max_size=3), max_size=3)


def effective(documents: list[list[Any]]) -> Effective:
    parsed = (parse({"Statement": statements}) for statements in documents)
    return Effective(tuple(Grant(item, "", "") for found in parsed for item in found.statements))


def by_moto(documents: list[list[Any]], call: str, arn: str) -> bool:
    found = {
        IAMPolicy(json.dumps({"Statement": item})).is_action_permitted(call, arn)
        for item in documents
    }
    return PermissionResult.DENIED not in found and PermissionResult.PERMITTED in found


@settings(max_examples=60)
@given(_DOCUMENTS)
def test_documents_allow_together_what_moto_lets_pass(documents: list[list[Any]]) -> None:
    permissions = effective(documents)
    for call in CALLS:
        for arn in ARNS:
            found = permissions.access(call, Target(service=arn.split(":")[2], arn=arn))
            assert (found is not None) is by_moto(documents, call, arn), (call, arn)


ATTACHABLE = {
    name: policy
    for name, policy in json.loads(aws_managed_policies_data).items()
    if policy["Path"] != "/aws-service-role/"
}


def said_by(statements: tuple[Statement, ...]) -> list[tuple[Any, ...]]:
    """What statements say about the calls that the graph asks for."""
    return [
        (item.allows, calls, item.resources, item.not_resources, item.conditions)
        for item in statements
        if (calls := tuple(call for call in sorted(probed()) if on_action(item, call)))
    ]


@pytest.mark.parametrize("name", sorted(ATTACHABLE)[::12])
def test_the_table_says_of_a_policy_of_aws_what_it_says(name: str) -> None:
    """`python bench/managed_policies.py` writes it anew."""
    known = managed_document(f"arn:aws:iam::aws:policy/{name}")

    assert known is not None
    assert said_by(known.statements) == said_by(parse(ATTACHABLE[name]["Document"]).statements)


def test_the_table_knows_every_policy_that_moto_knows() -> None:
    arns = (f"arn:aws:iam::aws:policy/{name}" for name in ATTACHABLE)
    assert [arn for arn in arns if managed_document(arn) is None] == []


@pytest.mark.parametrize("name", ["AWSServiceRoleForNobody", "ecs/AmazonECSServiceRolePolicy"])
def test_of_other_names_nothing_is_known(name: str) -> None:
    assert managed_document(f"arn:aws:iam::aws:policy/{name}") is None

"""What the gate finds of exposure and permissions, as the model layer is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fintech_infra.cli.review_model import facts_of, sent
from fintech_infra.environment import Resource
from fintech_infra.operations.change import between
from fintech_infra.operations.review import Place, Review, Surprise
from fintech_infra.operations.review.graph_facts import gathered, said_by
from fintech_infra.operations.review.model import Fact, FactKind
from tests.operations.gate.changes import (
    BUCKET,
    DATABASE,
    GROUP,
    INLINE,
    ROLE,
    resource,
    shop,
    with_inputs,
)
from tests.operations.gate.test_facts import network, policy, role, trust
from tests.operations.language_model.samples import SETTINGS

CLOSED, PUBLIC = network("10.0.0.0/16"), network("10.0.0.0/16", "0.0.0.0/0")


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:prod::shop::{type_}::{name}"


def told(
    before: Sequence[Resource], after: Sequence[Resource], review: Review | None = None
) -> tuple[Fact, ...]:
    change = between(shop(*before), shop(*after))
    return facts_of(change, review or Review(), gathered(change))


def test_what_a_rule_opens_is_told_of_the_rule() -> None:
    opened = Fact(FactKind.EXPOSED, urn(GROUP, "db"), other=urn(DATABASE, "orders"))
    assert opened in told(CLOSED, PUBLIC)
    assert not [item for item in told(PUBLIC, CLOSED) if item.kind is FactKind.EXPOSED]


def test_what_changes_itself_is_told_of_itself() -> None:
    after = [with_inputs(it, allocatedStorage=20) if it.type == DATABASE else it for it in PUBLIC]
    assert Fact(FactKind.EXPOSED, urn(DATABASE, "orders")) in told(CLOSED, after)


def test_a_permission_is_told_of_the_policy_that_gives_it() -> None:
    bucket = resource(BUCKET, "logs", {"bucket": "logs"}, id="logs")
    bucket = replace(bucket, outputs={"arn": "arn:aws:s3:::logs", "bucket": "logs"})
    less = role("app", policy("s3:ListBucket", on="arn:aws:s3:::logs"))
    more = role("app", policy("s3:GetObject", on="arn:aws:s3:::logs/*"))
    given = Fact(FactKind.PERMISSION, urn(INLINE, "app"), other=urn(ROLE, "app"))
    assert told([bucket, *less], [bucket, *more]) == (given,)


def test_a_new_administrator_is_told_of_the_policy_that_makes_one() -> None:
    made = told(role("app", policy("s3:ListBucket")), role("app", policy("*")))
    assert Fact(FactKind.PERMISSION, urn(INLINE, "app"), other=urn(ROLE, "app")) in made


def test_who_is_outside_has_no_urn() -> None:
    mine = role("app", policy("s3:ListBucket"))
    theirs = role("app", policy("s3:ListBucket"), trust({"AWS": "arn:aws:iam::999999999999:root"}))
    assert told(mine, theirs) == (Fact(FactKind.EXPOSED, urn(ROLE, "app")),)


def test_surprises_come_along_and_all_of_it_is_sent_without_names() -> None:
    odd = Surprise(urn(GROUP, "db"), "ingress", "m", "c", 9.96, (Place(urn(GROUP, "db")),))
    change = between(shop(*CLOSED), shop(*PUBLIC))
    facts = told(CLOSED, PUBLIC, Review((odd,), found=1))
    assert facts[-1] == Fact(FactKind.SURPRISING, urn(GROUP, "db"), "ingress", weight=10.0)
    said = sent(change, facts, SETTINGS)
    assert all(kind in said for kind in ("newly-reachable", "unlike-history"))
    assert "orders" not in said


def test_the_sentences_are_the_gates() -> None:
    said = said_by(gathered(between(shop(*CLOSED), shop(*PUBLIC))))
    sentence = "rds.Instance orders can be reached from the internet, and could not before."
    assert sentence in said[urn(DATABASE, "orders")]

"""How advice reads; it always says who spoke."""

from __future__ import annotations

import json

from markdown_it import MarkdownIt

from fintech_infra.operations.review.model import Advice, Claim, Risk, as_json, lines, markdown

CLAIM = Claim(
    "urn:pulumi:prod::shop::aws:iam/policy:Policy::reader",
    "policy",
    "May read every bucket. <img src=x> @anna #1",
    Risk.MEDIUM,
    "Name the | buckets.",
    "Statement[0].Resource",
)
ADVICE = Advice(
    "bedrock",
    "some.model-v1:0",
    claims=(CLAIM,),
    dropped={"about a property that does not change": 2, "not of the schema": 1},
    merged=1,
    digest="sha256:" + "ab" * 32,
    size=1234,
    left_out={"tags": 3},
    tokens=(812, 96),
)


def test_on_a_terminal() -> None:
    assert lines(ADVICE) == [
        "The language model some.model-v1:0 (bedrock) made 1 claim (advice only)",
        "  medium reader policy Statement[0].Resource",
        "         May read every bucket. <img src=x> @anna #1",
        "         -> Name the | buckets.",
        "  Its input has 1,234 bytes, sha256:abababababab; not shown to it: 3 tags",
        "  3 claims dropped: 2 about a property that does not change, 1 not of the schema",
        "  1 claim merged with one that says the same",
    ]


def test_a_model_that_says_nothing_is_said_to() -> None:
    failed = Advice("openai", "m", failure="did not answer: time-out after 30 s")
    assert lines(failed) == [
        "The language model m (openai) did not answer: time-out after 30 s (advice only)"
    ]
    assert lines(Advice("openai", "m"))[0].endswith(
        "has nothing to say about this change (advice only)"
    )


def test_in_a_comment_nothing_of_it_is_markup() -> None:
    text = markdown(ADVICE)
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "<img" not in html
    assert "<a " not in html
    assert "@anna" not in text
    assert html.count("<tr>") == 2
    assert "some.model-v1:0 (bedrock) made 1 claim" in html


def test_as_data_it_keeps_everything() -> None:
    told = json.loads(json.dumps(as_json(ADVICE)))
    assert told["layer"] == "language model"
    assert told["claims"][0]["path"] == "policy"
    assert told["input"] == {"digest": ADVICE.digest, "bytes": 1234, "leftOut": {"tags": 3}}
    assert told["dropped"] == dict(ADVICE.dropped)

"""Asking for the wording of a diagnosis: whatever comes back, the diagnosis stays as it is."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.diagnosis.document import document
from fintech_infra.operations.diagnosis.pages import html
from fintech_infra.operations.diagnosis.say import markdown, text
from fintech_infra.operations.diagnosis.wording import Wording, as_json, lines, shown, word
from fintech_infra.operations.language_model import Settings
from fintech_infra.operations.language_model.bedrock import Bedrock
from tests.operations.diagnosis.wording_samples import answer, diagnosis, sentence, undecided
from tests.operations.language_model.samples import SETTINGS, Says, busy

FOUND = diagnosis()
GOOD = sentence("The deployment of r1 (c1) leads: it came 3 minutes before the onset.", "c1")


def worded(*said: str | Exception, **given: Any) -> Wording:
    return word(FOUND, replace(SETTINGS, **given), Says(*said), sleep=lambda _: None)


def test_a_sentence_that_holds_has_names_and_what_it_rests_on() -> None:
    found = worded(
        answer(
            GOOD,
            sentence("C1 is the most likely cause.", "c1", "c1"),
            sentence("m1 moved at the onset.", "m1"),
            sentence("x1 is ruled out.", "x1"),
        )
    )
    assert [(it.text, it.rests_on) for it in found.sentences] == [
        (
            "The deployment of api (cause 1) leads: it came 3 minutes before the onset.",
            ("cause 1",),
        ),
        ("Cause 1 is the most likely cause.", ("cause 1",)),
        ("Errors of api moved at the onset.", ("Errors of api",)),
        (
            "The later change (network, 02:30:00) is ruled out.",
            ("the later change (network, 02:30:00)",),
        ),
    ]
    assert (found.failure, found.dropped, found.tokens) == ("", {}, (100, 20))


def test_an_invented_cause_is_not_in_the_report_and_nor_is_what_cites_nothing() -> None:
    invented = [
        sentence("An expired certificate is the most likely cause.", "c1"),
        sentence("A meteor hit the data centre.", "c1"),
        sentence("The cause is c4, a failover.", "c4"),
        sentence("Zebra-db is the cause."),
        sentence("The deployment leads."),
        {"text": "c1 leads."},
        {"text": "c1 leads.", "cites": ["c1"], "rank": 1},
        {"cause": "a failover", "rank": 1},
    ]
    found = worded(answer(*invented))
    assert found.sentences == ()
    assert found.dropped == {
        "with a word of nothing that it cites": 2,
        "citing what was not sent": 1,
        "without a citation": 2,
        "not of the schema": 3,
    }
    told = "\n".join(lines(found))
    for report in (text(FOUND, told), markdown(FOUND, told), html(FOUND, told)):
        for word_ in ("certificate", "meteor", "failover", "ebra"):
            assert word_ not in report
    assert "said nothing that holds" in told


def test_six_sentences_are_kept_and_each_once() -> None:
    more = [sentence(f"{'Then ' * at}check c1.", "s2") for at in range(9)]
    found = worded(answer(GOOD, GOOD, *more))
    assert len(found.sentences) == 6
    assert found.dropped == {"said before": 1, "beyond the first 6": 4}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("The deployment did it.", "its answer is not JSON"),
        ('{"causes": []}', "its answer is not of the schema"),
        ('{"sentences": [], "outcome": "cannot say"}', "its answer is not of the schema"),
        ("", "its answer is empty"),
        (KeyError("x"), "the client failed with KeyError"),
    ],
)
def test_what_is_no_answer_leaves_one_line(said: str | Exception, reason: str) -> None:
    found = worded(said)
    line = f"The language model some-model (openai) did not answer: {reason}"
    assert lines(found) == [line]
    with_line, without = text(FOUND, line), text(FOUND)
    head = "IN SHORT (worded by a language model, which decided nothing)"
    assert with_line.replace(f"\n{head}\n  {line}\n", "") == without


def test_a_busy_service_is_asked_again() -> None:
    assert worded(busy(), answer(GOOD)).sentences
    assert worded(busy(), attempts=1).failure == "did not answer: rate limit"


def test_what_is_too_large_is_not_sent() -> None:
    client = Says()
    found = word(FOUND, replace(SETTINGS, max_input_bytes=100), client)
    assert found.failure.startswith("was not asked: ")
    assert client.sent == []


def test_what_is_shown_is_what_is_sent() -> None:
    client = Says(answer(GOOD))
    found = word(FOUND, SETTINGS, client)
    body = shown(FOUND, SETTINGS, client)
    assert json.loads(body) == client.sent[0]
    assert found.size == len(body.encode())
    assert found.size < 6_000


def test_a_wording_has_nothing_to_decide_with() -> None:
    assert {it.name for it in fields(Wording)} == {
        "provider", "model", "sentences", "dropped", "failure", "digest", "size", "left_out",
        "tokens",
    }  # fmt: skip


def test_as_data_it_keeps_everything() -> None:
    told = json.loads(json.dumps(as_json(worded(answer(GOOD, sentence("No."))))))
    assert told["sentences"][0]["restsOn"] == ["cause 1"]
    assert told["dropped"] == {"without a citation": 1}
    assert told["input"]["digest"].startswith("sha256:")


def test_bedrock_words_it() -> None:
    unsigned = Config(signature_version=UNSIGNED)
    runtime = boto3.client("bedrock-runtime", region_name="eu-central-1", config=unsigned)
    settings = Settings(provider="bedrock", model="some.model-v1:0", structured_output=True)
    message = {"role": "assistant", "content": [{"text": answer(GOOD)}]}
    response = {
        "output": {"message": message},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10},
        "metrics": {"latencyMs": 1},
    }
    with Stubber(runtime) as stubber:
        stubber.add_response("converse", response)
        found = word(FOUND, settings, Bedrock(runtime))
        stubber.assert_no_pending_responses()
    assert (len(found.sentences), found.failure) == (1, "")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["sentences", "text", "cites", "causes", "outcome"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)
PHRASES = st.sampled_from(
    ["c1", "c2", "x1", "r1", "the most likely cause is", "ruled out", "not", "undo", "a failover",
     "exit code 0", "the deployment", "leads", "3 minutes before the onset", "\x1b[2J", "<b>"]
)  # fmt: skip
SENTENCES = st.builds(
    sentence,
    st.lists(PHRASES, max_size=5).map(" ".join) | st.text(max_size=40),
    st.sampled_from(["c1", "c2", "x1", "s1", "m1", "e1", "c9", ""]),
)
SAID = (
    ANYTHING.map(json.dumps)
    | st.text(max_size=60)
    | st.lists(SENTENCES, max_size=8).map(lambda it: answer(*it))
)


@given(SAID, st.booleans())
def test_whatever_a_model_says_the_diagnosis_is_the_same(said: str, sure: bool) -> None:
    found = diagnosis() if sure else undecided()
    before, report = deepcopy(found), text(found)
    wording = word(found, SETTINGS, Says(said))
    assert found == before
    assert document(found) == document(before)
    told = "\n".join(lines(wording))
    start, end = "\nIN SHORT", "\nCAUSES\n"
    worded_report = text(found, told)
    head, _, rest = worded_report.partition(start)
    assert head + end + rest.partition(end)[2] == report
    assert "failover" not in told
    assert all(line.endswith("]") for line in lines(wording)[: len(wording.sentences)])
    assert not [char for char in told if ord(char) < 32 and char != "\n"]

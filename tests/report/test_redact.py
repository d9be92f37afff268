"""What may not be printed, and what may."""

import html
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.controls.control import Control
from fintech_infra.controls.evaluate import Finding, Former, Verdict, Waived
from fintech_infra.controls.waivers import Waiver
from fintech_infra.environment import UNKNOWN, Diagnostic, Environment, Resource
from fintech_infra.environment.graph import INTERNET, Edge, Kind
from fintech_infra.report import FORMATS, Report
from fintech_infra.report.redact import MASK, Redaction

Make = Callable[..., Resource]


def _environment(*resources: Resource, **more: Any) -> Environment:
    return Environment("p", "s", resources=resources, **more)


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        (("inputs.a",), {"a": MASK, "b": [{"c": "xyz"}, "q"], "d.e": "r"}),
        (("inputs.b",), {"a": {"k": "v"}, "b": MASK, "d.e": "r"}),
        (("inputs.b[0].c",), {"a": {"k": "v"}, "b": [{"c": MASK}, "q"], "d.e": "r"}),
        (("inputs.b[1]",), {"a": {"k": "v"}, "b": [{"c": "xyz"}, MASK], "d.e": "r"}),
        (("inputs.d.e",), {"a": {"k": "v"}, "b": [{"c": "xyz"}, "q"], "d.e": MASK}),
        (("outputs.a",), {"a": {"k": "v"}, "b": [{"c": "xyz"}, "q"], "d.e": "r"}),
        (("inputs.zzz",), {"a": {"k": "v"}, "b": [{"c": "xyz"}, "q"], "d.e": "r"}),
    ],
)
def test_what_lies_at_a_secret_path_is_masked_and_nothing_else(
    resource: Make, secrets: tuple[str, ...], expected: dict[str, Any]
) -> None:
    values = {"a": {"k": "v"}, "b": [{"c": "xyz"}, "q"], "d.e": "r"}
    held = resource("t:t:T", "n", inputs=values, secrets=secrets)
    assert Redaction(_environment(held)).inputs(held) == expected


def test_a_secret_path_that_leads_nowhere_hides_all_below_its_name(resource: Make) -> None:
    values = {"tags": {'odd"].name': "xyz"}, "other": "seen"}
    held = resource("t:t:T", "n", inputs=values, secrets=('inputs.tags["odd"].name"]',))
    assert Redaction(_environment(held)).inputs(held) == {"tags": MASK, "other": "seen"}


def test_an_unknown_secret_is_masked_like_a_known_one(resource: Make) -> None:
    held = resource("t:t:T", "n", outputs={"token": UNKNOWN}, secrets=("outputs.token",))
    assert Redaction(_environment(held)).outputs(held) == {"token": MASK}


def test_an_export_with_a_dotted_name_is_masked() -> None:
    environment = _environment(
        outputs={"db.password": "hunter22", "host": "ledger"}, secret_outputs=("db.password",)
    )
    assert Redaction(environment).exports(environment) == {"db.password": MASK, "host": "ledger"}


def test_a_secret_is_masked_wherever_its_text_turns_up(resource: Make) -> None:
    owner = resource("t:t:T", "a", inputs={"password": "hunter22"}, secrets=("inputs.password",))
    other = resource(
        "t:t:T",
        "b",
        inputs={"url": "postgres://app:hunter22@host", "hunter22": ["hunter22", 22, None, True]},
    )
    redaction = Redaction(_environment(owner, other))
    assert redaction.inputs(other) == {
        "url": f"postgres://app:{MASK}@host",
        MASK: [MASK, 22, None, True],
    }
    assert (
        redaction.text("got 'hunter22', wanted a longer one")
        == f"got '{MASK}', wanted a longer one"
    )


def test_a_secret_of_several_lines_is_found_in_its_escaped_forms(resource: Make) -> None:
    owner = resource("t:t:T", "a", inputs={"key": 'one\n"two"\n'}, secrets=("inputs.key",))
    text = Redaction(_environment(owner)).text
    assert text('value is one\n"two"') == f"value is {MASK}"
    assert text(r"""value is 'one\n"two"\n'""") == f"value is '{MASK}'"
    assert text(r'{"key": "one\n\"two\"\n"}') == f'{{"key": "{MASK}"}}'


@pytest.mark.parametrize(
    ("secret", "text", "expected"),
    [
        ("abc", "abc in abcd", "abc in abcd"),
        ("abcd", "abcd in abcde", f"{MASK} in {MASK}e"),
        (54321, "port 54321", f"port {MASK}"),
        (True, "is True", "is True"),
        (None, "is None", "is None"),
        ({"user": "root", "pw": ["s3cret"]}, "root has s3cret", f"{MASK} has {MASK}"),
        ("a.c*", "abcc a.c*", f"abcc {MASK}"),
    ],
)
def test_texts_of_four_characters_or_more_are_looked_for(
    resource: Make, secret: object, text: str, expected: str
) -> None:
    owner = resource("t:t:T", "a", inputs={"x": secret}, secrets=("inputs.x",))
    assert Redaction(_environment(owner)).text(text) == expected


def test_the_longest_of_overlapping_secrets_is_masked_whole(resource: Make) -> None:
    values = {"a": "token-1", "b": "token-12", "c": "token-12-old", "d": "zeta"}
    owner = resource("t:t:T", "n", inputs=values, secrets=tuple(f"inputs.{key}" for key in values))
    text = Redaction(_environment(owner)).text
    assert text("token-12-old token-12 token-1 token-2 zeta") == " ".join(
        [MASK, MASK, MASK, "token-2", MASK]
    )


@given(st.lists(st.text(min_size=4, max_size=12), min_size=1, max_size=12), st.data())
def test_no_secret_survives_in_any_text(secrets: list[str], data: st.DataObject) -> None:
    owner = Resource("urn", "t:t:T", "n", inputs={"all": secrets}, secrets=("inputs.all",))
    chosen = data.draw(st.sampled_from(secrets))
    before, after = data.draw(st.text(max_size=5)), data.draw(st.text(max_size=5))
    shown = Redaction(_environment(owner)).text(before + chosen + after)
    assert MASK in shown
    assert not any(secret in part for part in shown.split(MASK) for secret in secrets)


@pytest.mark.parametrize("name", FORMATS)
def test_no_machine_format_shows_a_secret(full: Report, name: str) -> None:
    rendered = FORMATS[name](full)
    assert "hunter22" not in rendered
    assert MASK in html.unescape(rendered)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("secret", ["p@ss|w<r>d", 'q"uo\\te', "zürich-7", "=SUM(A1)", "#12 www.x"])
def test_a_secret_is_taken_out_before_a_format_writes_it_its_own_way(
    report: Callable[..., Report], control: Callable[..., Control], name: str, secret: str
) -> None:
    owner = Resource(
        "urn", "aws:s3/bucket:Bucket", "n", inputs={"key": secret}, secrets=("inputs.key",)
    )
    said = f"has {secret} in it"
    held = control("c", remedy=lambda _: {"key": f"{secret}!", "tags": {"was": said}})
    chain = (Edge(INTERNET, Kind.REACHES, owner.urn, said, owner.urn, "key"),)
    day = date(2026, 1, 1)
    waiver = Waiver("c", "*", said, said, said, day, day, origin="w.yaml:1", ticket=said)
    found = Finding(held, owner, Verdict.VIOLATED, "key", said, chain)
    unknown = Finding(held, owner, Verdict.UNDECIDED, "key", said)
    made = report(
        owner,
        findings=[found, unknown],
        diagnostics=[Diagnostic("error", said)],
        requirements={"c": (("NIST 800-53", "AC-3"),)},
    )
    evaluation = replace(
        made.evaluation,
        waived=(Waived(found, waiver),),
        known=(found,),
        fixed=(Former("c", "urn", Verdict.VIOLATED, "", said),),
    )
    rendered = FORMATS[name](replace(made, evaluation=evaluation))
    shown = html.unescape(rendered).replace("\u200b", "")
    assert MASK in shown
    for form in (secret, json.dumps(secret)[1:-1], secret.replace('"', '""')):
        assert form not in shown
        assert form not in rendered


def test_an_input_at_a_path_is_shown_without_secrets(resource: Make) -> None:
    held = resource(
        "t:t:T",
        "n",
        inputs={"a": {"b": "xyzzy", "c": 1}, "d": "xyzzy!"},
        secrets=("inputs.a.b",),
    )
    redaction = Redaction(_environment(held))
    assert [redaction.input(held, path) for path in ("a.b", "a.c", "d", "a.b.c", "e", "e.f")] == [
        MASK,
        1,
        f"{MASK}!",
        MASK,
        None,
        None,
    ]


def test_a_proposed_value_is_shown_without_secrets(resource: Make) -> None:
    held = resource("t:t:T", "n", inputs={"a": "xyzzy"}, secrets=("inputs.a",))
    redaction = Redaction(_environment(held))
    assert redaction.value({"k": ["xyzzy", 1]}) == {"k": [MASK, 1]}

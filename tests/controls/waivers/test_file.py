"""The file of waivers: what is read, and what is said about mistakes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.controls.waivers import Mistake, Waiver
from fintech_infra.controls.waivers.fields import NAMES
from fintech_infra.controls.waivers.file import read_file, read_text
from fintech_infra.environment import Source

KNOWN = {"kms-rotation-enabled", "s3-versioning-enabled", "waiver-used", "org/policy"}
ENTRY = """\
  - control: kms-rotation-enabled
    resource: aws:kms/key:Key::pay
    reason: The key is rotated by hand every month.
    owner: payments
    approver: risk office
    created: 2026-11-01
    expires: 2027-01-15
"""
HEAD = "version: 1\nwaivers:\n"


def mistakes(text: str) -> list[str]:
    return [f"{item.line}: {item.message}" for item in read_text(text, "waivers.yaml", KNOWN)[1]]


def changed(field: str, value: str) -> str:
    """The entry with another value of a field, or with one more field."""
    lines: list[str] = [*ENTRY.splitlines(keepends=True)]
    at = next((n for n, line in enumerate(lines) if f"{field}:" in line), len(lines))
    lead = "  - " if at == 0 else "    "
    lines[at : at + 1] = [f"{lead}{field}: {value}\n"]
    return HEAD + "".join(lines)


def test_a_waiver_is_read_with_the_line_that_it_begins_in() -> None:
    read, wrong = read_text(HEAD + "\n" + ENTRY, "waivers.yaml", KNOWN)

    assert wrong == ()
    assert read == (
        Waiver(
            control="kms-rotation-enabled",
            resource="aws:kms/key:Key::pay",
            reason="The key is rotated by hand every month.",
            owner="payments",
            approver="risk office",
            created=date(2026, 11, 1),
            expires=date(2027, 1, 15),
            origin="waivers.yaml:4",
            source=Source("waivers.yaml", 4),
        ),
    )


def test_what_may_be_left_out_is_read_as_well() -> None:
    more = "    ticket: 'RISK-7'\n    path: rules[0]\n    stacks: [prod, 'prod-*']\n"
    (read,), wrong = read_text(f"{HEAD}{ENTRY}{more}    undecided: true\n", "w", KNOWN)

    assert wrong == ()
    assert (read.ticket, read.path, read.stacks, read.undecided) == (
        "RISK-7",
        "rules[0]",
        ("prod", "prod-*"),
        True,
    )


def test_a_reason_over_several_lines_is_one_sentence() -> None:
    folded = "|\n      The key is rotated\n      by hand every month."
    (read,), _ = read_text(changed("reason", folded), "w", KNOWN)

    assert read.reason == "The key is rotated by hand every month."


def test_a_file_without_waivers_is_right() -> None:
    assert read_text("version: 1\nwaivers: []\n", "w", KNOWN) == ((), ())


def test_all_mistakes_are_reported_at_once_each_with_its_line() -> None:
    text = """\
version: 2
extra: 1
waivers:
  - control: kms-rotation-enabld
    resource: "aws:kms/key:Key::*"
    reason: legacy
    owner: yes
    approver: Ann
    created: 2026-02-30
    expires: soon
    ticket: 4711
    colour: red
  - control: waiver-used
    resource: pay
    owner: Ann
    approver: "  ANN "
    created: 2026-11-30
    expires: 2026-11-30
    reason: The key is rotated by hand every month.
    reason: The key is rotated by hand every month.
    stacks: prod
    undecided: maybe
  - just text
"""
    assert mistakes(text) == [
        "1: has version 2",
        "2: the file has 'extra'",
        "4: there is no control 'kms-rotation-enabld'",
        ("5: resource 'aws:kms/key:Key::*' leaves the name open: '*' is every name, or nearly so"),
        "6: reason is 'legacy', which has fewer than 20 letters",
        "7: owner is yes, but must be text",
        "9: created is '2026-02-30', which is no date",
        "10: expires is 'soon', which is no date",
        "11: ticket is 4711, but must be text",
        "12: 'colour' is no field of a waiver",
        "13: waiver-used is about waivers, which no waiver can be for",
        "14: resource 'pay' does not say a type and a name",
        "16: approver is 'ANN', who is the owner as well",
        "18: expires on 2026-11-30, which is not after 2026-11-30, when it was created",
        "20: has 'reason' twice",
        "21: stacks is 'prod', but must be a list of texts",
        "22: undecided is 'maybe', but must be true or false",
        "23: a waiver must be a mapping",
    ]


@pytest.mark.parametrize("field", ["control", "resource", "reason", "owner", "approver"])
def test_what_is_left_out_or_left_empty_is_named(field: str) -> None:
    assert [item.split(": ")[1] for item in mistakes(changed(field, ""))] == [f"lacks {field!r}"]
    assert [item.split(": ")[1] for item in mistakes(changed(field, "' '"))] == [
        f"{field} is empty"
    ]


def test_a_waiver_that_is_there_twice_is_named_with_the_first() -> None:
    assert mistakes(HEAD + ENTRY + ENTRY) == [
        (
            "10: waives kms-rotation-enabled for aws:kms/key:Key::pay a second time; the first is "
            "in line 3"
        )
    ]
    assert mistakes(HEAD + ENTRY + ENTRY + "    path: policy\n") == []


def test_near_names_are_proposed() -> None:
    text = changed("control", "kms-rotation-enabld").replace("owner:", "ovner:")
    hints = {item.hint for item in read_text(text, "w", KNOWN)[1]}

    assert "did you mean owner?" in hints
    assert any(hint.startswith("did you mean kms-rotation-enabled") for hint in hints)


def test_a_policy_of_a_pack_can_be_waived() -> None:
    assert mistakes(changed("control", "org/policy")) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("[]", 1),
        ("a\n--- b", 2),
        ("version: 1\nwaivers: [", 2),
        ("a: *nothing", 1),
        ("[" * 1500, 0),
        ('"\\UFFFFFFFF"', 0),
        ("\0", 0),
        ("version: 1\nwaivers:\n  control: x", 3),
    ],
)
def test_what_is_no_file_of_waivers_is_one_mistake(text: str, line: int) -> None:
    read, (wrong,) = read_text(text, "waivers.yaml", KNOWN)

    assert read == ()
    assert (wrong.file, wrong.line) == ("waivers.yaml", line)


def test_text_that_a_terminal_would_obey_is_refused() -> None:
    (wrong,) = mistakes(changed("owner", r'"\e[2J payments"'))

    assert wrong == r"6: owner is '\x1b[2J payments', which cannot be printed"


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff")
    for name in ("none", "bytes"):
        read, (wrong,) = read_file(tmp_path / name, name, KNOWN)
        assert read == ()
        assert wrong.message.startswith("cannot be read: ")


_SCALARS: Any = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.text(max_size=8),
    st.sampled_from([*KNOWN, "aws:kms/key:Key::pay", "2026-11-01", "2027-01-15", "*"]),
)
_VALUES: Any = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=12,
)
_FIELDS: dict[str, Any] = dict.fromkeys(NAMES, _VALUES)
_FILES = st.fixed_dictionaries(
    {"version": st.one_of(st.just(1), _SCALARS)},
    optional={
        "waivers": st.one_of(
            _VALUES,
            st.lists(st.fixed_dictionaries({}, optional=_FIELDS), max_size=3),
        )
    },
)


@given(st.one_of(_FILES.map(yaml.safe_dump), st.text(), st.text(alphabet="-:[]{}&*!|>'\"# \na1")))
def test_whatever_is_in_the_file_is_read_or_refused(text: str) -> None:
    read, wrong = read_text(text, "w", KNOWN)

    for item in wrong:
        assert isinstance(item, Mistake)
        assert 0 <= item.line <= text.count("\n") + 2
    for waiver in read:
        assert waiver.created < waiver.expires
        assert waiver.owner != waiver.approver
        assert waiver.control in KNOWN


@given(st.fixed_dictionaries({}, optional=_FIELDS))
def test_an_entry_that_lacks_or_mangles_a_field_is_never_a_waiver(entry: dict[str, Any]) -> None:
    text = yaml.safe_dump({"version": 1, "waivers": [entry]})
    read, wrong = read_text(text, "w", KNOWN)

    assert len(read) == (0 if wrong else 1)

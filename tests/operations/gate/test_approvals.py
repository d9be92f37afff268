"""Which approvals let a decision go out: the judgement, without files and signatures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.operations.gate.approvals import (
    Approval,
    Approver,
    Approvers,
    Fault,
    Key,
    Paper,
    Question,
    Ruling,
    Status,
    decide,
    sentences,
)
from fintech_infra.operations.gate.approvals.people import names_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
AUTHORS = ("Ada <ada@example.com>",)


def key(id_: str, **changes: Any) -> Key:
    return replace(Key(id_, "-", date(2026, 1, 1), date(2026, 12, 31)), **changes)


def approver(name: str, *groups: str, keys: tuple[Key, ...] = (), **changes: Any) -> Approver:
    held = keys or (key(f"{name}-key"),)
    return Approver(name, groups, (f"{name}@example.com",), held, **changes)


APPROVERS = Approvers(
    (
        approver("ada", "risk", "sre"),
        approver("bob", "risk", "sre"),
        approver("carl", "risk", keys=(key("carl-key"), key("carl-token"))),
        approver("dan", "sre", "security"),
        approver("eve", "risk", keys=(key("eve-key", revoked=date(2026, 11, 20)),)),
        approver("fay", "risk", keys=(key("fay-key", until=date(2026, 11, 19)),)),
        Approver(
            "duty", ("sre",), ("gil@example.com", "hal@example.com"), (key("duty-key"),), True
        ),
    )
)
QUESTION = Question(DIGEST, "shop", "prod", "approve", (("risk", 1), ("sre", 1)))
BLOCKED = Question(DIGEST, "shop", "prod", "block")
OVERRIDABLE = replace(BLOCKED, override=("security", 1))


def paper(who: str, group: str = "risk", *, signed_by: str = "", **changes: Any) -> Paper:
    created = changes.pop("created", NOW - timedelta(hours=1))
    says = Approval(
        who,
        group,
        DIGEST,
        "shop",
        "prod",
        "Looked at the replaced table and its copy.",
        created,
        created + timedelta(hours=24),
        "0" * 32,
    )
    return Paper(f"{who}-{group}.json", replace(says, **changes), signed_by or f"{who}-key")


def ruled(*papers: Paper, question: Question = QUESTION, **changes: Any) -> Ruling:
    given_: dict[str, Any] = {"approvers": APPROVERS, "authors": AUTHORS, "now": NOW, **changes}
    return decide(question, papers, **given_)


def test_one_of_each_group_lets_it_go_out() -> None:
    ruling = ruled(paper("bob", "sre"), paper("carl"))
    assert (ruling.status, ruling.exit_code) == (Status.MAY_GO_OUT, 0)
    assert [(item.approval.approver, item.place) for item in ruling.counted] == [
        ("bob", "sre"),
        ("carl", "risk"),
    ]


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (paper("carl", decision=OTHER), Fault.OTHER_DECISION),
        (paper("carl", stack="dev"), Fault.OTHER_STACK),
        (paper("carl", project="bank"), Fault.OTHER_STACK),
        (paper("carl", override=True), Fault.OVERRIDE),
        (paper("carl", signed_by="dan-key"), Fault.IMPOSTOR),
        (paper("carl", signed_by="nobody"), Fault.UNKNOWN_KEY),
        (paper("eve"), Fault.KEY_REVOKED),
        (paper("eve", created=NOW - timedelta(days=30)), Fault.KEY_REVOKED),
        (paper("fay"), Fault.KEY_NOT_VALID),
        (paper("carl", created=NOW + timedelta(minutes=6)), Fault.AHEAD),
        (paper("carl", created=NOW - timedelta(hours=24)), Fault.EXPIRED),
        (paper("carl", expires=NOW - timedelta(hours=2)), Fault.EXPIRED),
        (paper("carl", expires=NOW + timedelta(days=7)), Fault.TOO_LONG),
        (paper("dan"), Fault.NOT_IN_GROUP),
        (paper("dan", "security"), Fault.GROUP_NOT_ASKED),
        (paper("ada"), Fault.AUTHOR),
        (Paper("x", None, "", Fault.UNREADABLE, "it is no JSON"), Fault.UNREADABLE),
        (Paper("x"), Fault.UNREADABLE),
        (Paper("x", paper("carl").approval, "carl-key", Fault.BAD_SIGNATURE), Fault.BAD_SIGNATURE),
    ],
)
def test_what_is_wrong_with_an_approval_keeps_it_from_counting(bad: Paper, fault: Fault) -> None:
    ruling = ruled(paper("bob", "sre"), bad)
    assert (ruling.status, ruling.exit_code) == (Status.NOT_APPROVED, 1)
    assert [item.fault for item in ruling.refused] == [fault]
    assert [item.approval.approver for item in ruling.counted] == ["bob"]


def test_an_approval_holds_from_its_beginning_until_just_before_its_end() -> None:
    both = (paper("bob", "sre"), paper("carl"))
    begin, end = NOW - timedelta(hours=1), NOW + timedelta(hours=23)
    early = begin - timedelta(minutes=5)
    second = timedelta(seconds=1)
    times = [early - second, early, begin, end - second, end]
    assert [ruled(*both, now=time).may_go_out for time in times] == [False, True, True, True, False]


def test_an_approval_holds_for_seven_days_at_most() -> None:
    longest = NOW - timedelta(hours=1) + timedelta(days=7)
    exact, over = (paper("carl", expires=longest + timedelta(seconds=more)) for more in (0, 1))
    assert ruled(paper("bob", "sre"), exact).may_go_out
    assert not ruled(paper("bob", "sre"), over).may_go_out
    assert not ruled(
        paper("bob", "sre"), exact, approvers=replace(APPROVERS, longest=timedelta(hours=24))
    ).may_go_out


def test_an_approval_that_ends_before_it_begins_never_holds() -> None:
    ahead = NOW + timedelta(minutes=4)
    odd = paper("carl", created=ahead, expires=NOW + timedelta(minutes=2))
    assert [item.fault for item in ruled(odd).refused] == [Fault.EXPIRED]


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        ("2026-11-20", "2026-11-20", True),
        ("2026-11-19", "2026-11-20", True),
        ("2026-11-21", "2026-11-21", False),
        ("2026-11-18", "2026-11-19", False),
    ],
)
def test_a_key_counts_from_its_first_day_to_its_last(since: str, until: str, counts: bool) -> None:
    days = key("carl-key", since=date.fromisoformat(since), until=date.fromisoformat(until))
    people = Approvers((approver("carl", "risk", keys=(days,)), APPROVERS.every[1]))
    both = (paper("bob", "sre"), paper("carl"))
    assert ruled(*both, approvers=people).may_go_out is counts


@pytest.mark.parametrize("made", [-1, 1])
def test_a_key_counts_when_it_signs_and_when_it_is_checked(made: int) -> None:
    today = date(2026, 11, 20)
    days = (today, date(2026, 12, 1)) if made < 0 else (date(2026, 1, 1), today)
    held = key("carl-key", since=days[0], until=days[1])
    people = Approvers((approver("carl", "risk", keys=(held,)), APPROVERS.every[1]))
    midnight = datetime(2026, 11, 20 if made < 0 else 21, tzinfo=UTC)
    both = [
        paper(*who, created=midnight - timedelta(minutes=1)) for who in (("bob", "sre"), ("carl",))
    ]
    ruling = ruled(*both, approvers=people, now=midnight + timedelta(minutes=1))
    assert [item.fault for item in ruling.refused] == [Fault.KEY_NOT_VALID]


def test_a_key_counts_on_its_days_only_and_until_it_is_revoked() -> None:
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    both = [
        paper(*who, created=midnight - timedelta(hours=1)) for who in (("eve",), ("bob", "sre"))
    ]
    assert ruled(*both, now=midnight - timedelta(seconds=1)).may_go_out
    assert not ruled(*both, now=midnight).may_go_out


@pytest.mark.parametrize(
    "second", [paper("bob", "sre"), paper("bob"), paper("bob", "sre", nonce="1" * 32)]
)
def test_one_person_counts_once_for_all_groups_together(second: Paper) -> None:
    ruling = ruled(paper("bob"), second)
    assert not ruling.may_go_out
    assert sum(bool(item.place) for item in ruling.counted) == 1


def test_one_person_with_two_keys_counts_once() -> None:
    two = replace(QUESTION, required=(("risk", 2),))
    ruling = ruled(paper("carl"), paper("carl", signed_by="carl-token"), question=two)
    assert [item.fault for item in ruling.refused] == [Fault.DUPLICATE]
    assert ruling.missing[0].number == 1


def test_people_sit_where_most_places_are_filled() -> None:
    # Bob could sit in either group; Carl in one only.
    assert ruled(paper("bob"), paper("bob", "sre"), paper("carl")).may_go_out


def test_a_role_has_one_voice_and_none_where_a_member_wrote_the_change() -> None:
    both = (paper("carl"), paper("duty", "sre"))
    assert ruled(*both).may_go_out
    by_member = ruled(*both, authors=("HAL@example.com",))
    assert [item.fault for item in by_member.refused] == [Fault.AUTHOR]
    assert "HAL@example.com, of duty, wrote the change" in by_member.refused[0].detail


@pytest.mark.parametrize(
    "author",
    [
        "ada",
        "ADA@example.com",
        " Somebody <ada@example.com>",
        "Ada <x@y>",
        "a <b> <ada@example.com>",
        "\uff21da <x@y>",
    ],
)
def test_an_author_is_known_by_name_and_address_in_any_spelling(author: str) -> None:
    ruling = ruled(paper("ada"), paper("bob", "sre"), authors=("Zoe <zoe@example.com>", author))
    assert [item.fault for item in ruling.refused] == [Fault.AUTHOR]
    assert ruling.strangers == ("Zoe <zoe@example.com>",)


@pytest.mark.parametrize("authors", [(), ("",), (" ",)])
def test_without_authors_nothing_is_decided(authors: tuple[str, ...]) -> None:
    ruling = ruled(paper("bob", "sre"), paper("carl"), authors=authors)
    assert (ruling.status, ruling.exit_code) == (Status.UNDECIDED, 2)


@pytest.mark.parametrize("required", [(), (("risk", 0),), (("risk", 1), ("sre", -1))])
def test_a_decision_that_asks_for_nobody_is_not_taken_for_approved(required: Any) -> None:
    ruling = ruled(paper("carl"), question=replace(QUESTION, required=required))
    assert ruling.status is Status.UNDECIDED


def test_what_is_automatic_needs_nobody() -> None:
    ruling = ruled(question=replace(QUESTION, outcome="auto", required=()), authors=())
    assert (ruling.status, list(sentences(ruling))) == (
        Status.MAY_GO_OUT,
        ["shop/prod: may go out; no approval is needed"],
    )


def test_what_is_blocked_stays_blocked_unless_the_rules_name_who_may_override() -> None:
    overrides = [paper(who, "security", override=True) for who in ("dan", "bob", "carl")]
    ruling = ruled(*overrides, question=BLOCKED)
    assert (ruling.status, ruling.exit_code) == (Status.BLOCKED, 1)
    assert "blocked, and the rules name nobody" in next(iter(sentences(ruling)))


def test_an_override_takes_two_people_who_say_that_it_is_one() -> None:
    people = Approvers((*APPROVERS.every, approver("ivy", "security")))
    dan, ivy = (paper(who, "security", override=True) for who in ("dan", "ivy"))
    one = ruled(dan, question=OVERRIDABLE, approvers=people)
    assert (one.status, one.missing[0].number) == (Status.BLOCKED, 1)
    unsaid = ruled(dan, paper("ivy", "security"), question=OVERRIDABLE, approvers=people)
    assert [item.fault for item in unsaid.refused] == [Fault.OVERRIDE]
    both = ruled(dan, ivy, question=OVERRIDABLE, approvers=people)
    assert (both.may_go_out, both.is_override) == (True, True)
    assert "although it is blocked" in next(iter(sentences(both)))


def test_an_override_takes_those_whom_the_decision_asks_for_as_well() -> None:
    people = Approvers((*APPROVERS.every, approver("ivy", "security")))
    two = [paper(who, "security", override=True) for who in ("dan", "ivy")]
    asked = replace(OVERRIDABLE, required=(("risk", 1),))
    assert ruled(*two, question=asked, approvers=people).status is Status.BLOCKED
    more = (*two, paper("carl", override=True))
    assert ruled(*more, question=asked, approvers=people).may_go_out


def test_an_author_is_known_by_a_name_that_is_no_address() -> None:
    assert "lovelace, ada" in names_of("Lovelace, Ada <x@example.com>")


def test_it_says_exactly_what_is_missing() -> None:
    ruling = ruled(paper("bob", "sre"), paper("ada"))
    said = "\n".join(sentences(ruling))
    assert (
        said
        == """\
shop/prod: not approved yet
  needs 1 more of group risk, not ada, who wrote it, not bob, counted already: carl can approve
  bob approved for sre, until 2026-11-21T11:00:00.000Z: Looked at the replaced table and its copy.
  ada-risk.json does not count: ada wrote the change"""
    )


def test_it_says_when_too_few_people_are_left() -> None:
    two = replace(QUESTION, required=(("security", 2),))
    assert "  needs 2 more of group security: only dan in approvers can" in "\n".join(
        sentences(ruled(question=two))
    )


NAMES = [item.name for item in APPROVERS.every]
PAPERS = st.builds(
    paper,
    st.sampled_from(NAMES),
    st.sampled_from(["risk", "sre", "security"]),
    signed_by=st.sampled_from(["", *(f"{name}-key" for name in NAMES)]),
    decision=st.sampled_from([DIGEST, DIGEST, DIGEST, OTHER]),
    stack=st.sampled_from(["prod", "prod", "prod", "dev"]),
    override=st.booleans(),
    nonce=st.sampled_from(["0" * 32, "1" * 32]),
    created=st.sampled_from([NOW - timedelta(hours=hours) for hours in (-2, 1, 1, 1, 30)]),
)
QUESTIONS = st.sampled_from(
    [
        QUESTION,
        replace(QUESTION, required=(("risk", 2),)),
        replace(QUESTION, required=(("risk", 2), ("sre", 1))),
        OVERRIDABLE,
        BLOCKED,
    ]
)


@given(QUESTIONS, st.lists(PAPERS, max_size=8), st.data())
def test_order_does_not_matter_and_taking_away_never_helps(
    question: Question, papers: list[Paper], data: st.DataObject
) -> None:
    whole = ruled(*papers, question=question)
    assert ruled(*data.draw(st.permutations(papers)), question=question) == whole
    kept = [item for item in papers if data.draw(st.booleans())]
    if ruled(*kept, question=question).may_go_out:
        assert whole.may_go_out
    counted = [item.paper for item in whole.counted]
    assert ruled(*counted, question=question).status is whole.status


@given(QUESTIONS, st.lists(PAPERS, max_size=8))
def test_no_approvals_of_another_decision_ever_pass(
    question: Question, papers: list[Paper]
) -> None:
    there = replace(question, digest="sha256:" + "c" * 64)
    assert not ruled(*papers, question=there).may_go_out


@given(QUESTIONS, st.lists(PAPERS, max_size=8))
def test_whoever_lets_it_go_out_are_enough_people_and_no_authors(
    question: Question, papers: list[Paper]
) -> None:
    ruling = ruled(*papers, question=question)
    seated = [item.approval.approver for item in ruling.counted if item.place]
    assert len(seated) == len(set(seated))
    assert "ada" not in seated
    if ruling.may_go_out:
        assert len(seated) == sum(count for _, count in question.needs)

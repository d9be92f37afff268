"""The judgement of a deployment: what ECS asked, what the judges say, what ECS is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fintech_infra.functions.rollout.decide import (
    Decision,
    HookStatus,
    Judgement,
    Outcome,
    Stage,
    answer,
    decide,
    read_question,
)
from fintech_infra.functions.rollout.judges import (
    NO_SCAN,
    Alarm,
    ImageFacts,
    ImageName,
    image_name,
    judge_alarms,
    judge_reference,
    judge_signature,
    judge_vulnerabilities,
)

BLUE = "arn:aws:ecs:eu-west-1:111122223333:service-revision/books/api/1920498462936580504"
GREEN = "arn:aws:ecs:eu-west-1:111122223333:service-revision/books/api/9313423515462893900"
DIGEST = "sha256:" + "a" * 64
IMAGE = f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/books/api@{DIGEST}"
PROFILE = "arn:aws:signer:eu-west-1:111122223333:/signing-profiles/books"

HOLDS = Judgement("a", Outcome.HOLDS, "is fine")
PENDING = Judgement("b", Outcome.PENDING, "is not known")
BROKEN = Judgement("c", Outcome.BROKEN, "is bad")
WATCHING = Judgement("d", Outcome.WATCHING, "is fine so far", {"seen": 1})


def event(
    stage: str = "PRODUCTION_TRAFFIC_SHIFT", weights: Any = None, **more: Any
) -> dict[str, Any]:
    """An event as AWS documents it."""
    return {
        "executionId": "e8d5a28f-eb01-4f3c-9454-a30ba6dc54bc",
        "lifecycleStage": stage,
        "resourceArn": "arn:aws:ecs:eu-west-1:111122223333:service-deployment/books/api/EZe5",
        "executionDetails": {
            "serviceArn": "arn:aws:ecs:eu-west-1:111122223333:service/books/api",
            "targetServiceRevisionArn": GREEN,
            "testTrafficWeights": {},
            "productionTrafficWeights": weights or {},
        },
        **more,
    }


@pytest.mark.parametrize(
    ("weights", "own", "rolling_back"),
    [
        ({}, None, False),
        ({GREEN: 5, BLUE: 95}, 5, False),
        ({GREEN: 100, BLUE: 0}, 100, False),
        ({GREEN: 0, BLUE: 100}, 0, True),
        ({GREEN: 100}, 100, False),
    ],
)
def test_a_rollback_is_recognised_by_its_weights(
    weights: dict[str, int], own: int | None, rolling_back: bool
):
    question = read_question(event(weights=weights))
    assert (question.target_weight, question.rolling_back) == (own, rolling_back)
    assert (question.stage, question.revision_arn) == (Stage.PRODUCTION_TRAFFIC_SHIFT, GREEN)


def test_a_stage_that_no_judge_knows_is_refused():
    with pytest.raises(ValueError, match="RECONCILE_SERVICE"):
        read_question(event("RECONCILE_SERVICE"))


def test_an_event_of_something_else_is_refused():
    with pytest.raises(KeyError):
        read_question({"lifecycleStage": "PRE_SCALE_UP"})


def test_a_wait_is_counted_from_the_first_asking_about_the_same_step():
    first = read_question(event(weights={GREEN: 5, BLUE: 95}))
    waits = Decision(HookStatus.IN_PROGRESS, (), waits=True)
    waiting = answer(waits, first, 1000.0)
    assert waiting == {
        "hookStatus": "IN_PROGRESS",
        "callBackDelay": 30,
        "hookDetails": {"step": "PRODUCTION_TRAFFIC_SHIFT:5", "startedAt": 1000.0},
    }
    details = waiting["hookDetails"]
    again = read_question(event(weights={GREEN: 5, BLUE: 95}, hookDetails=details))
    assert again.started(1090.0) == 1000.0
    assert answer(waits, again, 1090.0)["hookDetails"] == details
    next_step = read_question(event(weights={GREEN: 100, BLUE: 0}, hookDetails=details))
    assert next_step.started(1090.0) == 1090.0


@pytest.mark.parametrize("status", [HookStatus.SUCCEEDED, HookStatus.FAILED])
def test_a_final_answer_says_nothing_else(status: HookStatus):
    question = read_question(event())
    assert answer(Decision(status, ("because",)), question, 0) == {"hookStatus": status.value}


@pytest.mark.parametrize(
    ("judgements", "waited", "status", "reasons"),
    [
        ([], 0, HookStatus.FAILED, ("nothing was judged",)),
        ([HOLDS], 0, HookStatus.SUCCEEDED, ("a: is fine",)),
        ([HOLDS, PENDING], 599, HookStatus.IN_PROGRESS, ("b: is not known",)),
        (
            [HOLDS, PENDING],
            600,
            HookStatus.FAILED,
            ("b: is not known", "waited for 10 minutes"),
        ),
        ([HOLDS, PENDING, BROKEN], 0, HookStatus.FAILED, ("c: is bad",)),
        ([HOLDS, WATCHING], 86_000, HookStatus.IN_PROGRESS, ("d: is fine so far",)),
        ([WATCHING, PENDING], 0, HookStatus.IN_PROGRESS, ("b: is not known", "d: is fine so far")),
        ([WATCHING, BROKEN], 0, HookStatus.FAILED, ("c: is bad",)),
    ],
)
def test_judgements_are_weighed(
    judgements: list[Judgement], waited: float, status: HookStatus, reasons: tuple[str, ...]
):
    found = decide(judgements, waited_seconds=waited, patience_seconds=600)
    assert (found.status, found.reasons) == (status, reasons)


@given(
    st.lists(st.sampled_from([HOLDS, PENDING, BROKEN, WATCHING])),
    st.floats(0, 10_000),
    st.floats(0, 10_000),
)
def test_a_deployment_goes_on_only_if_every_judge_agrees(
    judgements: list[Judgement], waited: float, patience: float
):
    status = decide(judgements, waited_seconds=waited, patience_seconds=patience).status
    agreed = bool(judgements) and {it.outcome for it in judgements} == {Outcome.HOLDS}
    assert (status is HookStatus.SUCCEEDED) == agreed
    in_time = waited < patience or PENDING not in judgements
    waits = PENDING in judgements or WATCHING in judgements
    assert (status is HookStatus.IN_PROGRESS) <= (waits and in_time)


def test_a_long_watch_does_not_use_up_the_patience_with_what_becomes_unclear_later():
    question = read_question(event(weights={GREEN: 5, BLUE: 95}))
    watched = answer(decide([WATCHING], waited_seconds=0, patience_seconds=600), question, 1000.0)
    assert watched["hookDetails"] == {
        "seen": 1,
        "step": "PRODUCTION_TRAFFIC_SHIFT:5",
        "startedAt": 1000.0,
    }
    again = read_question(
        event(weights={GREEN: 5, BLUE: 95}, hookDetails={**watched["hookDetails"]})
    )
    late = answer(decide([WATCHING], waited_seconds=0, patience_seconds=600), again, 4000.0)
    assert late["hookDetails"]["startedAt"] == 4000.0


@pytest.mark.parametrize(
    ("weights", "shared"),
    [
        ({}, False),
        ({GREEN: 100}, False),
        ({GREEN: 100, BLUE: 0}, False),
        ({GREEN: 0, BLUE: 100}, False),
        ({GREEN: 5, BLUE: 95}, True),
    ],
)
def test_versions_are_compared_only_where_both_have_traffic(weights: Any, shared: bool):
    assert read_question(event(weights=weights)).shared is shared


@pytest.mark.parametrize(
    "reference",
    [
        "nginx:latest",
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/books/api:v1",
        f"public.ecr.aws/nginx/nginx@{DIGEST}",
        IMAGE[:-1],
    ],
)
def test_an_image_that_is_not_in_ecr_by_digest_is_refused(reference: str):
    assert image_name(reference) is None
    assert judge_reference(reference).outcome is Outcome.BROKEN


def test_an_image_in_ecr_by_digest_is_found_there():
    assert image_name(IMAGE) == ImageName("111122223333", "books/api", DIGEST)
    assert judge_reference(IMAGE).outcome is Outcome.HOLDS


@pytest.mark.parametrize(
    ("status", "critical", "outcome"),
    [
        ("ACTIVE", 0, Outcome.HOLDS),
        ("COMPLETE", 0, Outcome.HOLDS),
        ("COMPLETE", 1, Outcome.BROKEN),
        ("ACTIVE", 3, Outcome.BROKEN),
        ("PENDING", 0, Outcome.PENDING),
        ("IN_PROGRESS", 0, Outcome.PENDING),
        (NO_SCAN, 0, Outcome.PENDING),
        ("FAILED", 0, Outcome.BROKEN),
        ("UNSUPPORTED_IMAGE", 0, Outcome.BROKEN),
        ("SCAN_ELIGIBILITY_EXPIRED", 0, Outcome.BROKEN),
    ],
)
def test_findings_are_judged_and_a_missing_scan_is_no_pass(
    status: str, critical: int, outcome: Outcome
):
    assert judge_vulnerabilities("it", ImageFacts(status, critical)).outcome is outcome


@pytest.mark.parametrize(
    ("signatures", "outcome"),
    [
        ({PROFILE: "COMPLETE"}, Outcome.HOLDS),
        ({PROFILE: "IN_PROGRESS"}, Outcome.PENDING),
        ({PROFILE: "FAILED"}, Outcome.BROKEN),
        ({}, Outcome.PENDING),
        ({f"{PROFILE}-2": "COMPLETE"}, Outcome.PENDING),
    ],
)
def test_only_the_signature_of_the_profile_counts(signatures: dict[str, str], outcome: Outcome):
    facts = ImageFacts("COMPLETE", 0, signatures)
    assert judge_signature("it", facts, PROFILE).outcome is outcome


def test_every_wanted_alarm_must_be_there_and_quiet():
    found = [
        Alarm("quiet", "OK", learns=False),
        Alarm("ringing", "ALARM", learns=False),
        Alarm("new", "INSUFFICIENT_DATA", learns=False),
        Alarm("learning", "INSUFFICIENT_DATA", learns=True),
        Alarm("left-its-band", "ALARM", learns=True),
    ]
    wanted = ["quiet", "ringing", "new", "learning", "left-its-band", "deleted"]
    assert [it.outcome for it in judge_alarms(wanted, found)] == [
        Outcome.HOLDS,
        Outcome.BROKEN,
        Outcome.PENDING,
        Outcome.HOLDS,
        Outcome.BROKEN,
        Outcome.BROKEN,
    ]

"""Which causes are found: changes by their evidence, and conditions that are nobody's change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fintech_infra.functions.rollout.decide import Judgement
from fintech_infra.functions.rollout.judges import (
    Alarm as WatchedAlarm,
)
from fintech_infra.functions.rollout.judges import (
    ImageFacts,
    judge_alarms,
    judge_reference,
    judge_signature,
    judge_vulnerabilities,
)
from fintech_infra.operations.diagnosis import (
    Alarm,
    ChangeKind,
    Condition,
    LogLine,
    Outcome,
    Sign,
    diagnose,
)
from fintech_infra.operations.diagnosis.nearness import Nearness
from tests.operations.diagnosis.cases import MINUTES, ONSET, at, case, change, series, shop, urn

K = ChangeKind
PROFILE = "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/payments"


def failing(text: str, rate: int = 1) -> tuple[LogLine, ...]:
    return tuple(LogLine(at(it), "api", text) for it in range(ONSET, MINUTES) for _ in range(rate))


def test_a_deployment_just_before_stands_out_and_can_be_undone() -> None:
    deployed = change(79)
    found = diagnose(case(deployed, change(20, "report"), change(95)), shop())
    assert found.outcome is Outcome.STANDS_OUT
    assert found.causes[0].change == deployed
    assert found.steps[0].command == "undo api"
    assert found.onset == at(ONSET)
    assert {it.sign for it in found.causes[0].speaks_for} >= {Sign.JUST_BEFORE, Sign.ON_PATH}


def test_what_is_on_the_path_beats_what_is_not() -> None:
    found = diagnose(case(change(78, "rule", K.NETWORK), change(79, "report")), shop())
    assert found.causes[0].change == change(78, "rule", K.NETWORK)
    why = {it.sign: it.says for it in found.causes[0].speaks_for}
    assert why[Sign.ON_PATH].startswith("2 steps away: ecs.Service rule -> ecs.Service database")
    against = next(it for it in found.causes if it.change and "report" in it.change.says)
    assert Sign.NO_PATH in {it.sign for it in against.speaks_against}


def test_logs_choose_between_two_changes_at_once() -> None:
    lines = failing("ERROR AccessDenied: not authorized to perform s3:PutObject")
    changes = change(79, kind=K.PERMISSION), change(79, kind=K.SCALING)
    found = diagnose(case(*changes, lines=lines), shop())
    assert found.causes[0].change == changes[0]


def test_without_a_recorded_change_it_says_so() -> None:
    found = diagnose(case(), shop())
    assert found.outcome is Outcome.UNKNOWN
    assert found.why == "none of the recorded changes explains it well"
    assert "lookup-events" in found.steps[-1].command
    elsewhere = diagnose(case(change(60, "report")), shop())
    assert elsewhere.causes[0].condition is Condition.UNRECORDED


def test_nothing_that_moved_and_no_alarm_cannot_be_judged() -> None:
    quiet = case(change(79), measured=(series(),))
    quiet = replace(quiet, incident=replace(quiet.incident, noticed=None))
    found = diagnose(quiet, shop())
    assert (found.outcome, found.onset) == (Outcome.UNKNOWN, None)
    rang = diagnose(replace(quiet, alarms=(Alarm(at(82), "errors"),)), shop())
    assert (rang.onset, rang.onset_from) == (at(82), "alarm errors")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("ERROR the certificate of clearing has expired", Condition.EXPIRED),
        ("ERROR ThrottlingException: Rate exceeded", Condition.QUOTA),
        ("ERROR no space left on device", Condition.EXHAUSTION),
        ("ERROR api.clearing.example answered 503 service unavailable", Condition.DEPENDENCY),
    ],
)
def test_conditions_that_logs_tell(text: str, condition: Condition) -> None:
    found = diagnose(case(change(10, "report"), lines=failing(text)), shop())
    assert found.causes[0].condition is condition


def test_growth_of_traffic() -> None:
    measured = (
        series("TargetResponseTime", adds=12),
        series("RequestCount", adds=25, step=ONSET - 3, seed=2),
        series("CPUUtilization", adds=20, step=ONSET - 3, seed=5),
    )
    found = diagnose(case(measured=measured), shop())
    assert found.causes[0].condition is Condition.TRAFFIC


def test_one_zone() -> None:
    zones = tuple(
        replace(series(name, adds=adds, seed=seed), zone=zone)
        for seed, (name, zone, adds) in enumerate(
            (name, zone, 30 if zone == "a" else 0)
            for name in ("Errors", "TargetResponseTime")
            for zone in "abc"
        )
    )
    found = diagnose(case(measured=zones), shop())
    assert (found.causes[0].condition, found.causes[0].place) == (Condition.ZONE, "a")


def test_a_dependency_that_moved_first() -> None:
    measured = (
        series(adds=30),
        series("CommitLatency", "database", adds=20, step=ONSET - 5, seed=2),
    )
    found = diagnose(case(measured=measured), shop())
    assert (found.causes[0].condition, found.causes[0].place) == (
        Condition.DEPENDENCY,
        urn("database"),
    )


SUBJECT = "payments-api"
JUDGED = (
    judge_reference("payments:latest"),
    judge_vulnerabilities(SUBJECT, ImageFacts("FAILED", 0)),
    judge_vulnerabilities(SUBJECT, ImageFacts("ACTIVE", 3)),
    judge_signature(SUBJECT, ImageFacts("ACTIVE", 0, {PROFILE: "FAILED"}), PROFILE),
    *judge_alarms(["errors"], [WatchedAlarm("errors", "ALARM", learns=False)]),
)
"""Each way in which the hook of a deployment refuses it."""


@pytest.mark.parametrize("judgement", JUDGED, ids=lambda it: it.reason.replace(" ", "-"))
def test_a_deployment_that_its_hook_refused(judgement: Judgement) -> None:
    lines = failing(f"FAILED {judgement.subject}: {judgement.reason}")
    deployed = change(ONSET - 2)
    case_ = case(deployed, change(40, "report"), measured=(series(),), lines=lines)
    found = diagnose(case_, shop())
    assert found.causes[0].change == deployed
    assert {it.sign for it in found.causes[0].speaks_for} >= {Sign.LOG_FITS}


@pytest.mark.parametrize(
    ("text", "kind", "subject"),
    [
        ("essential container in task exited with 1", K.DEPLOYMENT, "api"),
        ("service was unable to place a task: insufficient capacity", K.SCALING, "api"),
        (
            "CannotPullContainerError: not authorized to perform ecr:BatchGetImage",
            K.PERMISSION,
            "rule",
        ),
        ("ResourceInitializationError: AccessDenied secretsmanager", K.PERMISSION, "database"),
        ("task failed ELB health checks", K.DEPLOYMENT, "api"),
        ("deployment circuit breaker: tasks failed to start", K.DEPLOYMENT, "api"),
    ],
)
def test_failures_of_an_ecs_deployment(text: str, kind: ChangeKind, subject: str) -> None:
    made = change(ONSET - 3, subject, kind)
    case_ = case(made, change(40, "report"), measured=(series(),), lines=failing(f"ERROR {text}"))
    found = diagnose(case_, shop())
    assert found.causes[0].change == made


def test_subjects_are_known_by_any_name() -> None:
    near = Nearness(shop())
    for name in ("api", "id-api", "arn:aws:x:::api", urn("api")):
        assert near.places(name) == {urn("api")}
    assert near.places("nowhere") == {"nowhere"}
    assert near.places("") == frozenset()
    way = near.way(("database",), ("api",))
    assert way is not None
    assert way.steps == 1
    assert near.way(("api",), ("database",)) is None
    alone = Nearness()
    assert alone.way(("api",), ("api",)) is not None
    assert alone.way(("database",), ("api",)) is None


def test_a_name_that_the_environment_has_not_is_told() -> None:
    found = diagnose(case(change(79, "gone")), shop())
    assert any(urn("gone") in it for it in found.unknown)

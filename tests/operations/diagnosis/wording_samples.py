"""A diagnosis with something of everything, and what a model says of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fintech_infra.operations.diagnosis import (
    Cause,
    Change,
    ChangeKind,
    Condition,
    Diagnosis,
    Entry,
    Evidence,
    Incident,
    Measured,
    Outcome,
    Pattern,
    Role,
    Shift,
    Sign,
    Step,
)
from tests.operations.diagnosis.cases import MINUTES, ONSET, at, change, urn


def _ranked(
    rank: int, made: Change | Condition, evidence: Mapping[Sign, float], place: str = ""
) -> Cause:
    reasons = [Evidence(sign, weight, f"says {sign}") for sign, weight in evidence.items()]
    return Cause(
        rank,
        round(sum(evidence.values()), 2),
        f"says cause {rank}",
        tuple(it for it in reasons if it.weight > 0),
        tuple(it for it in reasons if it.weight < 0),
        made if isinstance(made, Change) else None,
        made if isinstance(made, Condition) else None,
        place,
    )


def diagnosis(outcome: Outcome = Outcome.STANDS_OUT) -> Diagnosis:
    """A deployment leads, a quota comes next, then a scaling; a later change is ruled out."""
    deployed = change(ONSET - 3)
    scaled = change(20, "report", ChangeKind.SCALING)
    late = change(ONSET + 10, "rule", ChangeKind.NETWORK)
    after = Evidence(Sign.AFTER_ONSET, -math.inf, "it came after the onset")
    incident = Incident("the api fails", at(0), at(MINUTES), (urn("api"),), noticed=at(ONSET + 6))
    measured = Measured("Errors", (), urn("api"), Role.ERRORS)
    return Diagnosis(
        incident=incident,
        outcome=outcome,
        why="one cause leads by its evidence",
        onset=at(ONSET),
        onset_from="Errors",
        causes=(
            _ranked(1, deployed, {Sign.JUST_BEFORE: 2.26, Sign.LOG_FITS: 2.33}),
            _ranked(2, Condition.QUOTA, {Sign.LOGGED: 1.5}, urn("database")),
            _ranked(3, scaled, {Sign.KIND_FITS: 0.27, Sign.NO_PATH: -2.64}),
        ),
        ruled_out=(Cause(0, -math.inf, "late", (), (after,), late),),
        timeline=(Entry(at(ONSET), "onset", "it began"),),
        steps=(
            Step("Undo it: the deployment.", "undo api"),
            Step("Check cause 1: Hold the errors of the new version to those of the old one."),
            Step("Read what could not be read of the logs: orders."),
        ),
        shifts=(Shift(measured, Role.ERRORS, at(ONSET), at(ONSET - 1), 10.0, 40.0, 0.001, True),),
        patterns=(Pattern("api", "ERROR KeyError", at(ONSET + 1), 3, 0),),
        unknown=("logs: orders could not be read: access denied",),
    )


def undecided() -> Diagnosis:
    """The same with an answer that is not sure."""
    return replace(diagnosis(), outcome=Outcome.SEVERAL)


def sentence(text: str, *cites: str) -> dict[str, Any]:
    return {"text": text, "cites": list(cites)}


def answer(*sentences: Mapping[str, Any]) -> str:
    return json.dumps({"sentences": sentences})

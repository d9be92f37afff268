"""Acts as the journal keeps them: signed statements, written once before and once after each act.

An act is an in-toto Statement v1 with a predicate of our own (`PREDICATE`, whose JSON Schema is
`healing-act-v1.schema.json` in this package). Numbers run without a gap; each names the digest of
the one before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib import resources
from typing import Any, Final

from fintech_infra.operations.digest import canonical, digest
from fintech_infra.operations.healing.model import Mark, Measure
from fintech_infra.operations.ledger.statement import STATEMENT
from fintech_infra.operations.moments import read_written, written
from fintech_infra.operations.signing import Verified

PREDICATE: Final = "urn:fintech-infra:healing-act:v1"
"""Type of the predicate. A field that goes or changes its meaning makes another version."""
ACTS: Final = "acts/"
"""What the keys of acts begin with in the store."""

_KEY: Final = re.compile(r"acts/([0-9]{12})\.json")


class Result(StrEnum):
    """What came of an act."""

    HEALED = "healed"
    """It was done, and it is as declared."""
    LEFT = "left"
    """It was done, and it is not as declared."""
    FAILED = "failed"
    """A call failed, and it is not as declared."""
    STOPPED = "stopped"
    """A rail stopped it after it was begun."""
    FOUND = "found"
    """A later run found it as declared: whoever began it had died."""
    GONE = "gone"
    """A later run found no such drift: whoever began it had died."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the journal an act stands; `previous` is empty for the first."""

    number: int
    previous: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """That something is about to be done.

    `what` is the digest of the calls, which an approval is bound to. `before` is what was found.
    `lease` is in seconds: for so long others keep away. `resumes` is the number of the intent of a
    healer that died. `by` is who runs it, and `run` what its pipeline calls that. `measure` is
    there where it stands for a time only.
    """

    place: Place
    project: str
    stack: str
    key: tuple[str, ...]
    marks: tuple[Mark, ...]
    what: str
    calls: tuple[str, ...]
    tier: str
    why: str
    approval: Mapping[str, Any] | None
    before: Mapping[str, Any]
    lease: int
    by: str
    run: str
    resumes: int | None = None
    measure: Measure | None = None

    @property
    def number(self) -> int:
        """Its number."""
        return self.place.number

    @property
    def urns(self) -> frozenset[str]:
        """The resources that it is about."""
        return frozenset(urn for urn, _ in self.marks)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the act with the number `intent`; `after` is what was found then."""

    place: Place
    intent: int
    result: Result
    after: Mapping[str, Any] | None
    error: str
    by: str
    run: str

    @property
    def number(self) -> int:
        """Its number."""
        return self.place.number


Act = Intent | Outcome


def schema() -> Mapping[str, Any]:
    """The JSON Schema of the predicate."""
    folder = resources.files("fintech_infra.operations.healing")
    return json.loads(folder.joinpath("healing-act-v1.schema.json").read_text("utf-8"))


def act_key(number: int) -> str:
    """The key of an act; the first one has number 0."""
    return f"{ACTS}{number:012}.json"


def number_of(key: str) -> int | None:
    """The number in a key, None where it is not of that form.

    >>> number_of("acts/000000000042.json"), number_of("acts/42.json")
    (42, None)
    """
    found = _KEY.fullmatch(key)
    return int(found.group(1)) if found else None


def statement_of(act: Act) -> bytes:
    """The statement of an act, as canonical JSON."""
    place = act.place
    facts = _intent(act) if isinstance(act, Intent) else _outcome(act)
    about = act.what if isinstance(act, Intent) else digest(canonical(facts))
    algorithm, _, value = about.partition(":")
    name = " ".join(act.key) if isinstance(act, Intent) else f"outcome of act {act.intent}"
    return canonical(
        {
            "_type": STATEMENT,
            "subject": [{"name": name, "digest": {algorithm: value}}],
            "predicateType": PREDICATE,
            "predicate": {
                "number": place.number,
                "previous": place.previous or None,
                "recorded": written(place.recorded),
                "by": act.by,
                "run": act.run or None,
                **facts,
            },
        }
    )


def _intent(act: Intent) -> dict[str, Any]:
    kind, account, region, remedy, subject = act.key
    return {
        "part": "intent",
        "project": act.project,
        "stack": act.stack,
        "step": {
            "kind": kind,
            "account": account,
            "region": region,
            "remedy": remedy,
            "subject": subject,
            "digest": act.what,
            "calls": act.calls,
            "restores": [{"urn": urn, "path": path} for urn, path in act.marks],
        },
        "tier": act.tier,
        "why": act.why,
        "approval": act.approval,
        "before": act.before,
        "lease": act.lease,
        "resumes": act.resumes,
        **({"measure": _measure(act.measure)} if act.measure else {}),
    }


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "sets": measure.sets,
        "found": measure.found,
        "until": written(measure.until) if measure.until else None,
        "hold": measure.hold,
        "ends": measure.ends,
    }


def _outcome(act: Outcome) -> dict[str, Any]:
    return {
        "part": "outcome",
        "intent": act.intent,
        "result": act.result,
        "after": act.after,
        "error": act.error or None,
    }


def read_act(verified: Verified) -> Act:
    """Return the act in a payload.

    Raises:
        ValueError: the payload is no statement about an act, as this release knows them.
    """
    try:
        statement: Any = json.loads(verified.payload)
        if (statement["_type"], statement["predicateType"]) != (STATEMENT, PREDICATE):
            raise ValueError(f"is about {statement['predicateType']!r}, not {PREDICATE!r}")
        return _read(statement["predicate"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is no statement about an act: {error!r}") from None


def _read(given: Mapping[str, Any]) -> Act:
    number, intent = given["number"], given.get("intent")
    if type(number) is not int:
        raise TypeError("number is no number")
    place = Place(number, str(given["previous"] or ""), read_written(given["recorded"]))
    by, run = str(given["by"]), str(given["run"] or "")
    if given["part"] == "outcome":
        if type(intent) is not int:
            raise TypeError("intent is no number")
        result = Result(given["result"])
        return Outcome(place, intent, result, given["after"], str(given["error"] or ""), by, run)
    step = given["step"]
    names = ("kind", "account", "region", "remedy", "subject")
    return Intent(
        place,
        str(given["project"]),
        str(given["stack"]),
        tuple(str(step[name]) for name in names),
        tuple((str(item["urn"]), str(item["path"])) for item in step["restores"]),
        str(step["digest"]),
        tuple(map(str, step["calls"])),
        str(given["tier"]),
        str(given["why"]),
        given["approval"],
        given["before"],
        int(given["lease"]),
        by,
        run,
        given["resumes"],
        _read_measure(given["measure"]) if "measure" in given else None,
    )


def _read_measure(given: Mapping[str, Any]) -> Measure:
    sets, found = ({str(it): int(of[it]) for it in of} for of in (given["sets"], given["found"]))
    until = read_written(given["until"]) if given["until"] else None
    return Measure(sets, found, until, int(given["hold"]), given["ends"])

"""Cases as JSON, and files of changes and log lines.

- `schema`: 1.
- `incident`: `what`, `start`, `end`, and where known `noticed`, `subjects`, `metrics` (lists).
- `changes`: `time`, `kind` (see `ChangeKind`), `subjects`, `says`, and where known `source`,
  `actor`, `rollback`.
- `alarms`: `time`, `name`, and where known `says`, `subjects`.
- `metrics`: `name`, `samples` as a list of `[time, value]` with null where one is missing, and
  where known `subject`, `role` (see `Role`), `zone`.
- `logs`: `time`, `group`, `text`, and where known `subject`.
- `unread`: `part` (changes, alarms, metrics, logs or environment), `what`, `why`.
- `tolerance`: seconds by which clocks may differ; 60 where it is absent.

All but `schema` and `incident` may be absent. A moment is in ISO 8601 with its offset. A file of
changes is a list as `changes` is, or an object with that list; one of log lines has one such object
a line, or as CloudWatch Logs has it (`timestamp`, `message`, `logGroup`). Other keys are mistakes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from fintech_infra.engine.errors import Problem
from fintech_infra.operations.diagnosis.model import (
    TOLERANCE,
    Alarm,
    Case,
    Change,
    ChangeKind,
    Incident,
    LogLine,
    Measured,
    Part,
    Role,
    Unread,
)
from fintech_infra.operations.metrics import Sample
from fintech_infra.operations.moments import read_moment, written

SCHEMA: Final = 1
_TOLD: Final = 20
_LONGEST: Final = 3600
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset(
        ("schema", "incident", "changes", "alarms", "metrics", "logs", "unread", "tolerance")
    ),
    "incident": frozenset(("what", "start", "end", "noticed", "subjects", "metrics")),
    "changes": frozenset(("time", "kind", "subjects", "says", "source", "actor", "rollback")),
    "alarms": frozenset(("time", "name", "says", "subjects")),
    "metrics": frozenset(("name", "samples", "subject", "role", "zone")),
    "logs": frozenset(("time", "group", "text", "subject")),
    "unread": frozenset(("part", "what", "why")),
}
_Made = TypeVar("_Made")
_Word = TypeVar("_Word", bound=StrEnum)
_Entry = Mapping[str, Any]


class _Mistakes:
    """Mistakes of one file, with their places in it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def note(self, place: str, says: str) -> None:
        self.problems.append(Problem(f"{place} {says}".strip(), self.file))

    @property
    def told(self) -> list[Problem]:
        rest = len(self.problems) - _TOLD
        if rest <= 0:
            return self.problems
        more = Problem(f"and {rest} further mistakes like these", self.file)
        return [*self.problems[:_TOLD], more]


def read_case(text: str, file: str) -> tuple[Case | None, list[Problem]]:
    """Read a case, or None and every mistake."""
    mistakes = _Mistakes(file)
    document = _parsed(text, mistakes)
    if not isinstance(document, dict):
        if not mistakes.problems:
            mistakes.note("", "is not a case: an object with `schema` 1 and `incident`")
        return None, mistakes.told
    content = cast("_Entry", document)
    if content.get("schema") != SCHEMA:
        mistakes.note("schema", f"is {content.get('schema')!r}; accepted: {SCHEMA}")
    _check_keys(content, "", "", mistakes)
    incident = _made(content.get("incident"), "incident", "incident", _incident, mistakes)
    case = Case(
        incident
        or Incident("", datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
        tuple(_each(content, "changes", _change, mistakes)),
        tuple(_each(content, "alarms", _alarm, mistakes)),
        tuple(_each(content, "metrics", _measured, mistakes)),
        tuple(_each(content, "logs", _line, mistakes)),
        tuple(_each(content, "unread", _unread, mistakes)),
        _made(content, "", "", _tolerance, mistakes) or 0.0,
    )
    return (None, mistakes.told) if mistakes.problems else (case, [])


def read_changes(text: str, file: str) -> tuple[list[Change], list[Problem]]:
    """Read a file of changes."""
    mistakes = _Mistakes(file)
    document = _parsed(text, mistakes)
    if mistakes.problems:
        return [], mistakes.told
    content = cast("_Entry", document if isinstance(document, dict) else {"changes": document})
    return list(_each(content, "changes", _change, mistakes)), mistakes.told


def read_lines(text: str, file: str) -> tuple[list[LogLine], list[Problem]]:
    """Read a file of log lines, one JSON object a line."""
    mistakes = _Mistakes(file)
    found: list[LogLine] = []
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        try:
            entry = json.loads(row)
        except (ValueError, RecursionError):
            mistakes.note(f"line {number}", "is not a JSON object")
            continue
        line = _made(_renamed(entry), f"line {number}", "logs", _line, mistakes)
        found += [line] if line else []
    return found, mistakes.told


def _renamed(entry: object) -> object:
    """An event of CloudWatch Logs as a line of ours."""
    if not isinstance(entry, dict) or "timestamp" not in entry:
        return entry
    event = cast("_Entry", entry)
    try:
        time = written(datetime.fromtimestamp(float(event["timestamp"]) / 1000, tz=UTC))
    except (TypeError, ValueError, OverflowError, OSError):
        time = event["timestamp"]
    group = event.get("logGroup", event.get("logGroupName", event.get("logStreamName", "")))
    return {"time": time, "group": group, "text": event.get("message", "")}


def _parsed(text: str, mistakes: _Mistakes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        mistakes.note("", f"is not JSON: {error}")
        return None


def _check_keys(entry: _Entry, kind: str, place: str, mistakes: _Mistakes) -> None:
    for key in sorted(set(entry) - _KEYS[kind]):
        known = ", ".join(sorted(_KEYS[kind]))
        mistakes.note(f"{place}.{key}" if place else key, f"is not known; accepted: {known}")


def _each(
    content: _Entry, kind: str, make: Callable[[_Entry], _Made], mistakes: _Mistakes
) -> Iterator[_Made]:
    entries = content.get(kind, [])
    if not isinstance(entries, list):
        mistakes.note(kind, "is not a list")
        return
    for at, entry in enumerate(cast("list[object]", entries)):
        made = _made(entry, f"{kind}[{at}]", kind, make, mistakes)
        if made is not None:
            yield made


def _made(
    entry: object,
    place: str,
    kind: str,
    make: Callable[[_Entry], _Made],
    mistakes: _Mistakes,
) -> _Made | None:
    if not isinstance(entry, dict):
        mistakes.note(place, "is not an object" if entry is not None else "is missing")
        return None
    content = cast("_Entry", entry)
    if kind:
        _check_keys(content, kind, place, mistakes)
    try:
        return make(content)
    except ValueError as error:
        mistakes.note(f"{place}.{error}" if place else str(error), "")
        return None


def _incident(entry: _Entry) -> Incident:
    start, end = _moment(entry, "start"), _moment(entry, "end")
    if end <= start:
        raise ValueError(f"end is {written(end)}, not after start, {written(start)}")
    noticed = _moment(entry, "noticed") if entry.get("noticed") is not None else None
    return Incident(
        _text(entry, "what", needed=True),
        start,
        end,
        _texts(entry, "subjects"),
        _texts(entry, "metrics"),
        noticed,
    )


def _change(entry: _Entry) -> Change:
    return Change(
        _moment(entry, "time"),
        _word(entry, "kind", ChangeKind),
        _texts(entry, "subjects"),
        _text(entry, "says", needed=True),
        _text(entry, "source"),
        _text(entry, "actor"),
        _text(entry, "rollback"),
    )


def _alarm(entry: _Entry) -> Alarm:
    name, says = _text(entry, "name", needed=True), _text(entry, "says")
    return Alarm(_moment(entry, "time"), name, says, _texts(entry, "subjects"))


def _measured(entry: _Entry) -> Measured:
    samples = entry.get("samples")
    if not isinstance(samples, list):
        raise ValueError("samples is not a list of [time, value]")  # noqa: TRY004 - told as others
    read = tuple(_sample(it, at) for at, it in enumerate(cast("list[object]", samples)))
    role = _word(entry, "role", Role) if entry.get("role") is not None else None
    ordered = tuple(sorted(read, key=lambda it: it.time))
    name, subject = _text(entry, "name", needed=True), _text(entry, "subject")
    return Measured(name, ordered, subject, role, _text(entry, "zone"))


def _sample(entry: object, at: int) -> Sample:
    match entry:
        case [str(time), None]:
            return Sample(_read(f"samples[{at}]", time), math.nan)
        case [str(time), int() | float() as value] if not isinstance(value, bool):
            try:
                return Sample(_read(f"samples[{at}]", time), float(value))
            except OverflowError:
                raise ValueError(f"samples[{at}] is too large a number") from None
        case _:
            raise ValueError(f"samples[{at}] is {entry!r}, not [time, value]")


def _line(entry: _Entry) -> LogLine:
    group, text = _text(entry, "group"), _text(entry, "text", needed=True)
    return LogLine(_moment(entry, "time"), group, text, _text(entry, "subject"))


def _unread(entry: _Entry) -> Unread:
    what, why = _text(entry, "what", needed=True), _text(entry, "why", needed=True)
    return Unread(_word(entry, "part", Part), what, why)


def _tolerance(entry: _Entry) -> float:
    given = entry.get("tolerance", TOLERANCE)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= _LONGEST:
        raise ValueError(f"tolerance is {given!r}, not seconds from 0 to {_LONGEST}")
    return float(given)


def _text(entry: _Entry, key: str, *, needed: bool = False) -> str:
    given = entry.get(key, "")
    if not isinstance(given, str) or (needed and not given.strip()):
        raise ValueError(f"{key} is {given!r}, not a text")
    return given


def _texts(entry: _Entry, key: str) -> tuple[str, ...]:
    given = entry.get(key, [])
    texts = cast("list[object]", given) if isinstance(given, list) else [None]
    if not all(isinstance(it, str) and it for it in texts):
        raise ValueError(f"{key} is {given!r}, not a list of texts")
    return tuple(dict.fromkeys(str(it) for it in texts))


def _word(entry: _Entry, key: str, words: type[_Word]) -> _Word:
    try:
        return words(str(entry.get(key)))
    except ValueError:
        accepted = ", ".join(it.value for it in words)
        raise ValueError(f"{key} is {entry.get(key)!r}; accepted: {accepted}") from None


def _moment(entry: _Entry, key: str) -> datetime:
    return _read(key, str(entry.get(key)))


def _read(key: str, text: str) -> datetime:
    try:
        return read_moment(text).astimezone(UTC)
    except ValueError as error:
        raise ValueError(f"{key} {error}") from None

"""What a waiver says about itself, and what is accepted: for files and programs alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, Final, Literal, NamedTuple

from fintech_infra.controls.waivers.model import Waiver
from fintech_infra.controls.waivers.patterns import too_broad

REASON_LENGTH: Final = 20
"""Letters of the shortest reason: enough for a sentence, too many for a word such as `legacy`."""
_PROSE: Final = frozenset({"reason", "owner", "approver", "ticket"})
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entry. A `texts` field is a list of texts, a `flag` is true or false."""

    name: str
    kind: Literal["text", "date", "texts", "flag"]
    description: str
    required: bool = True


FIELDS: Final = (
    Field("control", "text", "Id of the control that may stay violated."),
    Field(
        "resource",
        "text",
        "What it may be violated by: a shell-style pattern of URNs where it begins with urn:, "
        "else of type::name, as in aws:s3/bucket:Bucket::logs. It has to narrow the name down.",
    ),
    Field("reason", "text", "Why that is acceptable until then, in a sentence."),
    Field("owner", "text", "Who mends it, or asks again."),
    Field("approver", "text", "Who accepts the risk; somebody else than the owner."),
    Field("created", "date", "First day on which it holds."),
    Field("expires", "date", "Last day on which it holds."),
    Field("ticket", "text", "Where the risk is tracked.", required=False),
    Field(
        "path",
        "text",
        "Property path: only what is found there or below may stay. All of the resource otherwise.",
        required=False,
    ),
    Field(
        "stacks",
        "texts",
        "Shell-style patterns of the stacks that it is for. All of the project otherwise.",
        required=False,
    ),
    Field(
        "undecided",
        "flag",
        "Whether it is also for what a preview could not decide. It is not otherwise.",
        required=False,
    ),
)
NAMES: Final = tuple(item.name for item in FIELDS)


class Wrong(NamedTuple):
    """What is wrong with one field; a name of no field is that of the whole entry."""

    field: str
    message: str
    hint: str = ""


def read(
    values: Mapping[str, Any], known: Collection[str], *, is_exact: bool = False
) -> tuple[Waiver | None, list[Wrong]]:
    """Return the waiver that an entry's values make, and all that is wrong with them.

    Dates are texts such as `2026-11-30`. `known` are the ids of the controls that there are.
    `is_exact` says that the pattern is for one resource, whatever its name looks like.
    """
    wrong = [
        *_unknown_fields(values),
        *(fault for item in FIELDS for fault in _shape(item, values.get(item.name))),
    ]
    bad = {item.field for item in wrong}
    good = {
        item.name: _tidy(item, values[item.name])
        for item in FIELDS
        if values.get(item.name) is not None and item.name not in bad
    }
    wrong += _meaning(good, known)
    if not is_exact and "resource" in good:
        wrong += _resource(good["resource"])
    if wrong:
        return None, wrong
    for name in ("created", "expires"):
        good[name] = date.fromisoformat(good[name])
    good["stacks"] = tuple(item.strip() for item in good.get("stacks", ()))
    return Waiver(**good), []


def _tidy(field: Field, value: Any) -> Any:
    """A prose text in one line; of any other text, only the ends are trimmed."""
    if field.name in _PROSE:
        return " ".join(value.split())
    return value.strip() if isinstance(value, str) else value


def _unknown_fields(values: Mapping[str, Any]) -> Iterator[Wrong]:
    for name in values:
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1)
            hint = f"did you mean {near[0]}?" if near else f"accepted are {', '.join(NAMES)}"
            yield Wrong(name, f"{name!r} is no field of a waiver", hint)


def _shape(field: Field, value: Any) -> Iterator[Wrong]:
    if value is not None:
        yield from _SHAPES[field.kind](field, value)
    elif field.required:
        yield Wrong(field.name, f"lacks {field.name!r}", field.description)


def _flag(field: Field, value: Any) -> Iterator[Wrong]:
    if not isinstance(value, bool):
        yield Wrong(field.name, f"{field.name} is {value!r}, but must be true or false")


def _texts(field: Field, value: Any) -> Iterator[Wrong]:
    is_list = isinstance(value, list | tuple) and bool(value)
    if not (is_list and all(isinstance(item, str) and _is_printable(item) for item in value)):
        yield Wrong(
            field.name,
            f"{field.name} is {value!r}, but must be a list of texts",
            f"as in {field.name}: [prod, 'prod-*']; without any, it is for all",
        )


def _text(field: Field, value: Any) -> Iterator[Wrong]:
    if not isinstance(value, str):
        yield Wrong(
            field.name, f"{field.name} is {value!r}, but must be text", "put it in quotation marks"
        )
    elif not value.strip():
        yield Wrong(field.name, f"{field.name} is empty", field.description)
    elif not _is_printable(value):
        yield Wrong(field.name, f"{field.name} is {value!r}, which cannot be printed")


def _is_printable(text: str) -> bool:
    return bool(text.strip()) and " ".join(text.split()).isprintable()


def _day(field: Field, value: Any) -> Iterator[Wrong]:
    wrong = list(_text(field, value))
    yield from wrong
    if not wrong and not _is_date(value.strip()):
        yield Wrong(field.name, f"{field.name} is {value!r}, which is no date", "as in 2026-11-30")


_SHAPES: Final = {"text": _text, "texts": _texts, "flag": _flag, "date": _day}


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _meaning(good: Mapping[str, Any], known: Collection[str]) -> Iterator[Wrong]:
    """Yield what is wrong with values of the right shape."""
    if "control" in good:
        yield from _control(good["control"], known)
    if "reason" in good and len(good["reason"]) < REASON_LENGTH:
        yield Wrong(
            "reason",
            f"reason is {good['reason']!r}, which has fewer than {REASON_LENGTH} letters",
            "say in a sentence why the risk is acceptable until it expires",
        )
    if {"owner", "approver"} <= good.keys() and _same(good["owner"], good["approver"]):
        yield Wrong(
            "approver",
            f"approver is {good['approver']!r}, who is the owner as well",
            "let somebody accept the risk who does not gain from it",
        )
    if {"created", "expires"} <= good.keys() and good["expires"] <= good["created"]:
        yield Wrong(
            "expires",
            f"expires on {good['expires']}, which is not after {good['created']}, when it was "
            "created",
        )


def _control(id_: str, known: Collection[str]) -> Iterator[Wrong]:
    if id_.startswith("waiver-"):
        yield Wrong(
            "control", f"{id_} is about waivers, which no waiver can be for", "mend the waiver"
        )
    elif id_ not in known:
        near = get_close_matches(id_, sorted(known), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "fintech-infra controls lists them"
        yield Wrong("control", f"there is no control {id_!r}", hint)


def _resource(pattern: str) -> Iterator[Wrong]:
    why = too_broad(pattern)
    if why:
        yield Wrong(
            "resource",
            f"resource {pattern!r} {why}",
            "name what it is for, as in aws:s3/bucket:Bucket::logs, or a part of the name, as in "
            "aws:s3/bucket:Bucket::legacy-*",
        )


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()

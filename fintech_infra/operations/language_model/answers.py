"""From what a model wrote to entries of the form that was asked for, and to harmless words."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from fintech_infra.operations.language_model.clients import NoAnswer, missing
from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

LONGEST: Final = 64_000
"""Characters of an answer; none of what is asked for comes near it."""
SCHEMA_REASON: Final = "not of the schema"

_FENCED: Final = re.compile(r"\s*```(?:json)?[ \t]*\n(.*)\n```\s*", re.DOTALL)
_LINK: Final = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+|\bwww\.\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of an answer that are of the schema, and how many are not."""

    fitting: tuple[Mapping[str, Any], ...]
    broken: int


def validator(schema: Mapping[str, Any]) -> Validator:
    """What holds an answer to a schema.

    Raises:
        NoAnswer: the library for it is not installed.
    """
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        raise NoAnswer(missing("jsonschema")) from None
    return Draft202012Validator(schema)


def entries(text: str, schema: Validator, name: str) -> Entries:
    """The entries of the list `name`, which is all that the schema has; a fence is taken off.

    Raises:
        NoAnswer: it is no JSON, or has not the form that was asked for.
    """
    answer = _read(text)
    broken: set[int] = set()
    for error in schema.iter_errors(cast("Any", answer)):
        match list(error.absolute_path):
            case [str(at), int(number), *_] if at == name:
                broken.add(number)
            case _:
                raise NoAnswer("its answer is not of the schema")
    listed = cast("dict[str, list[dict[str, Any]]]", answer)[name]
    fitting = tuple(entry for at, entry in enumerate(listed) if at not in broken)
    return Entries(fitting, len(broken))


def _read(text: str) -> object:
    if not text.strip():
        raise NoAnswer("its answer is empty")
    if len(text) > LONGEST:
        raise NoAnswer(f"its answer has more than {LONGEST:,} characters")
    fenced = _FENCED.fullmatch(text)
    try:
        return json.loads(fenced[1] if fenced else text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise NoAnswer("its answer is not JSON") from None


def _refused(constant: str) -> object:
    raise ValueError(constant)


def harmless(text: str, longest: int) -> str:
    r"""A model's words in one line: links, unseen characters and overlong ends taken out.

    >>> harmless("see\x1b\nhttps://example.com/x or not", 20)
    'see [link] or not'
    """
    seen = "".join(" " if char.isspace() else char for char in text)
    seen = "".join(char for char in seen if not unicodedata.category(char).startswith("C"))
    seen = _LINK.sub("[link]", " ".join(seen.split()))
    return one_line(seen if len(seen) <= longest else f"{seen[: longest - 1]}…")

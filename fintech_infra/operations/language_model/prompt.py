"""`Prompt`: what a model is told, whichever it is, and the form that its answer has to have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is said to a model.

    `name` and `schema`, a JSON Schema in the part of it that services hold models to, are of the
    answer. It is an object with one list in it.
    """

    system: str
    user: str
    name: str
    schema: Mapping[str, Any]


def between_marks(data: Mapping[str, Any]) -> str:
    r"""Data between the lines BEGIN DATA and END DATA.

    JSON has no line feed inside its texts, so no text can end the data.

    >>> between_marks({"a": "b"})
    'BEGIN DATA\n{"a":"b"}\nEND DATA'
    """
    return f"BEGIN DATA\n{json.dumps(data, separators=(',', ':'))}\nEND DATA"

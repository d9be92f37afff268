"""Plain text of what a program says: nothing in it steers a terminal or a reader's eye."""

from __future__ import annotations

import json
import re
from typing import Final

_STEERING: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Control characters, line feeds apart, and those that reorder what is read."""

_BREAKS: Final = re.compile(r"[\n\u2028\u2029]+")


def visible(text: str) -> str:
    r"""Return `text` with steering characters written as escapes, and so whatever UTF-8 lacks.

    Line feeds stay; a tab becomes two spaces.

    >>> print(visible("a\tb\x1b[31m\ud800"))
    a  b\x1b[31m\ud800
    """
    shown = _STEERING.sub(_escaped, text.replace("\r\n", "\n").replace("\t", "  "))
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")


def one_line(text: str) -> str:
    r"""Return `text` as `visible` does, in one line.

    >>> one_line(" a\nb ")
    'a b'
    """
    return _BREAKS.sub(" ", visible(text)).strip()


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] > "\xff" else f"\\x{ord(found[0]):02x}"

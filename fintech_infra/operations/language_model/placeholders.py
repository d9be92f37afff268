"""`Placeholders`: what names and texts are called in what is sent.

The same one is called the same throughout a run. Nothing can be worked back from that: unlike a
digest, it cannot be guessed at. The way back is kept here and goes nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_NAMED: Final = re.compile(r"\b[a-z]\d{1,6}\b")


class Placeholders:
    """The names of one run. Numbers are given in order of first use, so equal runs look equal."""

    def __init__(self) -> None:
        """Nothing has a name yet."""
        self._numbers: dict[str, dict[str, int]] = {}

    def called(self, kind: str, value: str) -> str:
        """A value of some kind, such as `<text #1>`; `kind` is a word of ours."""
        return f"<{kind} #{self._number(kind, value)}>"

    def short(self, letter: str, value: str) -> str:
        """A placeholder that can be cited: the letter and a number, such as `k1`."""
        return f"{letter}{self._number(letter, value)}"

    def behind(self, letter: str) -> Mapping[str, str]:
        """What the short placeholders of a letter stand for."""
        return {f"{letter}{at}": value for value, at in self._numbers.get(letter, {}).items()}

    def _number(self, kind: str, value: str) -> int:
        given = self._numbers.setdefault(kind, {})
        return given.setdefault(value, len(given) + 1)


def named(text: str, names: Mapping[str, str]) -> str:
    """A text in which short placeholders are what they stand for.

    >>> named("r1 is open, r7 is not", {"r1": "web"})
    'web is open, r7 is not'
    """
    return _NAMED.sub(lambda found: names.get(found[0], found[0]), text)

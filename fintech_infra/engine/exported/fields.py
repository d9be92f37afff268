"""Reading a document field by field, so that all that is wrong with it is reported together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.engine.errors import PreviewError, Problem

_SHOWN: Final = 20
"""Mistakes that are listed; a file with more is wrong as a whole."""

_WORDS: Final = {str: "text", bool: "true or false", dict: "an object", list: "a list"}


class Fields:
    """The fields of one file. What is missing or of another type is noted with its path."""

    def __init__(self, file: str) -> None:
        """Start with no mistakes in `file`."""
        self.file = file
        self._problems: list[Problem] = []
        self._more = 0

    def note(self, path: str, message: str, hint: str = "") -> None:
        """Note a mistake; `path` leads to it from the top of the document."""
        if len(self._problems) == _SHOWN:
            self._more += 1
            return
        self._problems.append(
            Problem(f"{path}: {message}" if path else message, self.file, 0, hint)
        )

    @property
    def sound(self) -> bool:
        """Whether no mistake was noted so far."""
        return not self._problems

    def settle(self) -> None:
        """End the reading.

        Raises:
            PreviewError: mistakes were noted.
        """
        if self._more:
            self._problems.append(Problem(f"and {self._more} more such mistakes", self.file))
        if self._problems:
            raise PreviewError(self._problems)

    def text(self, owner: Mapping[str, Any], key: str, at: str, *, needed: bool = False) -> str:
        """A text; empty where it is absent."""
        found: str = self._field(owner, key, at, str, "")
        if needed and not found and isinstance(owner.get(key) or "", str):
            self.note(below(at, key), "is missing")
        return found

    def flag(self, owner: Mapping[str, Any], key: str, at: str) -> bool:
        """A truth value; false where it is absent."""
        return self._field(owner, key, at, bool, None) is True

    def mapping(self, owner: Mapping[str, Any], key: str, at: str) -> Mapping[str, Any]:
        """An object; empty where it is absent."""
        found: dict[str, Any] = self._field(owner, key, at, dict, {})
        return found

    def texts(self, owner: Mapping[str, Any], key: str, at: str) -> tuple[str, ...]:
        """A list of texts; nulls in it are left out."""
        found: list[Any] = self._field(owner, key, at, list, [])
        texts = tuple(item for item in found if isinstance(item, str))
        if len(texts) < sum(item is not None for item in found):
            self.note(below(at, key), "must hold texts only")
        return texts

    def text_lists(self, owner: Mapping[str, Any], key: str, at: str) -> dict[str, tuple[str, ...]]:
        """An object of lists of texts."""
        found = self.mapping(owner, key, at)
        return {name: self.texts(found, name, below(at, key)) for name in found}

    def objects(
        self, owner: Mapping[str, Any], key: str, at: str
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield each object of a list with the path that leads to it."""
        found: list[Any] = self._field(owner, key, at, list, [])
        for index, item in enumerate(found):
            path = f"{below(at, key)}[{index}]"
            if isinstance(item, dict):
                yield path, item
            else:
                self.note(path, f"is {_kind(item)}, but must be an object")

    def _field(self, owner: Mapping[str, Any], key: str, at: str, type_: type, absent: Any) -> Any:
        found = owner.get(key)
        if found is None:
            return absent
        if not isinstance(found, type_):
            self.note(below(at, key), f"is {_kind(found)}, but must be {_WORDS[type_]}")
            return absent
        return found


def below(at: str, key: str) -> str:
    """The path of a field of what is at the path `at`, which is empty for the top."""
    return f"{at}.{key}" if at else key


def _kind(value: Any) -> str:
    """What a value of a JSON document is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return _WORDS.get(type(value), "a number")

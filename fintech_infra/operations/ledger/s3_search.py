"""Finds the greatest key below a prefix in few listings, as S3 lists ascending only. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

Page = Callable[[str, int], list[str]]
"""Up to so many keys that come after a key, ascending; the first ones where that is empty."""

PAGE: Final = 1000
"""How many keys S3 lists at most in one answer."""
_NUMBER: Final = re.compile(r"([0-9]{12})\.json")
_GREATEST: Final = 10**12 - 1


def greatest(prefix: str, page: Page) -> str | None:
    """The greatest key that begins with `prefix`, None where there is none.

    Whether any key comes after a given one is a question whose answer turns once, from yes to no,
    as that one grows, whatever the keys are. So the end is found by steps that double, then halve:
    quick where keys are numbers with few gaps, and right where they are not.
    """
    first = page("", PAGE)
    if len(first) < PAGE:
        return first[-1] if first else None
    return _walk(_close_to_the_end(prefix, first[-1], page), page)


def _close_to_the_end(prefix: str, known: str, page: Page) -> str:
    """A key that exists and has few after it, or else is not a number."""
    step, high = PAGE, _GREATEST
    number = _number(prefix, known)
    while number is not None and high - number > PAGE:
        middle = min(number + step, (number + high) // 2)
        found = page(f"{prefix}{middle:012}.json", 1)
        if found:
            known, step = found[0], 2 * step
            number = _number(prefix, known)
        else:
            high = middle
    return known


def _walk(known: str, page: Page) -> str:
    while found := page(known, PAGE):
        known = found[-1]
        if len(found) < PAGE:
            break
    return known


def _number(prefix: str, key: str) -> int | None:
    found = _NUMBER.fullmatch(key.removeprefix(prefix))
    return int(found.group(1)) if found else None

"""Values as a line of blocks: for a glance, not for reading numbers off."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def sparklines(*rows: Sequence[float], width: int = 12) -> list[str]:
    """Draw rows of finite values on one scale, each at most `width` wide.

    Each block is the median of its part of the values, so that one outlier does not flatten the
    rest.

    >>> sparklines([1, 1, 1], [1, 8, 4])
    ['▁▁▁', '▁█▄']
    """
    cut = [_parts(row, width) for row in rows]
    known = [value for row in cut for value in row]
    low, span = (min(known), max(known) - min(known)) if known else (0.0, 0.0)
    top = len(_BLOCKS) - 1
    return [
        "".join(_BLOCKS[int((value - low) / span * top) if span else 0] for value in row)
        for row in cut
    ]


def _parts(row: Sequence[float], width: int) -> list[float]:
    number = min(width, len(row))
    ends = [len(row) * part // number for part in range(number + 1)] if number else []
    return [median(row[start:end]) for start, end in pairwise(ends)]

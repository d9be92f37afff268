"""How much each kind of evidence counts, and when a cause stands out.

Fitted by `bench/diagnosis_fit.py` on incidents of other seeds than those that figures are of. A
weight is what full evidence of a kind adds to a score; its direction is fixed, its size is fitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fintech_infra.operations.diagnosis.answer import Sign

WEIGHTS: Final[Mapping[Sign, float]] = {
    Sign.JUST_BEFORE: 2.6,
    Sign.ON_PATH: 0.3,
    Sign.KIND_FITS: 0.53,
    Sign.LOG_NAMES: 0.69,
    Sign.LOG_FITS: 2.33,
    Sign.MOVED_FIRST: 1.14,
    Sign.RADIUS_AGREES: 1.35,
    Sign.SHOWN: 2.73,
    Sign.LOGGED: 4.13,
    Sign.ELSEWHERE_TOO: 2.09,
    Sign.NOTHING_EXPLAINS: 1.15,
    Sign.NO_PATH: -2.64,
    Sign.KIND_UNLIKELY: -1.34,
    Sign.LONG_BEFORE: -1.48,
    Sign.MISSES_MOVED: -0.3,
    Sign.NEIGHBOURS_QUIET: -0.3,
    Sign.UNSEEN: -1.16,
}
STANDS_OUT: Final = 2.5
"""Least score of a cause that stands out."""
MARGIN: Final = 0.5
"""Least distance of its score from the next one's."""

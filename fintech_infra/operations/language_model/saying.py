"""How it is said which model spoke, what it was sent, and what was dropped of its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.report.naming import counted
from fintech_infra.report.plain import one_line

LAYER: Final = "language model"
_DIGEST: Final = 19
"""Characters of a digest that people are shown: its name and twelve of its digits."""


def speaker(provider: str, model: str) -> str:
    """The model that spoke.

    >>> speaker("bedrock", "some.model-v1:0")
    'The language model some.model-v1:0 (bedrock)'
    """
    return f"The {LAYER} {one_line(model)} ({provider})"


def account(
    size: int, digest: str, left_out: Mapping[str, int], dropped: Mapping[str, int], thing: str
) -> Iterator[str]:
    """What was sent, and what became of the answer; `thing` is what it consists of.

    >>> list(account(1234, "sha256:" + "ab" * 32, {"tags": 3}, {"without a text": 1}, "claim"))
    ['Its input has 1,234 bytes, sha256:abababababab; not shown to it: 3 tags', \
'1 claim dropped: 1 without a text']
    """
    if digest:
        sent = f"Its input has {size:,} bytes, {digest[:_DIGEST]}"
        yield f"{sent}; not shown to it: {_listed(left_out)}" if left_out else sent
    if dropped:
        yield f"{counted(sum(dropped.values()), thing)} dropped: {_listed(dropped)}"


def account_json(
    size: int,
    digest: str,
    left_out: Mapping[str, int],
    dropped: Mapping[str, int],
    tokens: tuple[int, int],
) -> dict[str, Any]:
    """The same as JSON values, with the tokens that were read and written."""
    return {
        "dropped": dict(sorted(dropped.items())),
        "input": {"digest": digest, "bytes": size, "leftOut": dict(sorted(left_out.items()))},
        "tokens": {"read": tokens[0], "written": tokens[1]},
    }


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {kind}" for kind, number in sorted(counts.items()))

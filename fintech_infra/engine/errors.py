"""What can go wrong with a preview, told so that the reader can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: what is wrong, where in the user's files, and how to mend it.

    `trace` is for `--debug` only.
    """

    message: str
    file: str = ""
    line: int = 0
    hint: str = ""
    trace: str = ""

    @property
    def place(self) -> str:
        """`file:line`, `file`, or nothing."""
        return f"{self.file}:{self.line}" if self.line else self.file


class PreviewError(Exception):
    """The preview could not decide: every mistake found is in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; the message lists them."""
        super().__init__(
            "\n".join(f"{p.place}: {p.message}" if p.file else p.message for p in problems)
        )
        self.problems = tuple(problems)


def fail(message: str, *, file: str = "", line: int = 0, hint: str = "") -> PreviewError:
    """Return an error with one problem, for `raise`."""
    return PreviewError([Problem(message, file, line, hint)])

"""What can go wrong with keys, told so that the reader can mend it."""

from __future__ import annotations

from collections.abc import Iterable

from fintech_infra.engine.errors import Problem


class SigningError(Exception):
    """A key or a file of keys cannot be used; every reason is in `problems`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems; the message lists them."""
        self.problems = tuple(problems)
        super().__init__(
            "\n".join(f"{p.place}: {p.message}" if p.file else p.message for p in self.problems)
        )


def refuse(message: str, place: str = "", hint: str = "") -> SigningError:
    """Return an error with one problem, for `raise`."""
    return SigningError([Problem(message, place, hint=hint)])

"""Mistakes in what the command was given, and how it says them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from fintech_infra.engine.errors import Problem

T = TypeVar("T")


class Failure(Exception):  # noqa: N818 - it is what the user sees, not a fault of the program
    """The command cannot do what was asked; every reason is in `problems`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the reasons."""
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


class Attempts:
    """Several readings of what the command was given, so that all mistakes are told together."""

    def __init__(self) -> None:
        """Start with no mistakes."""
        self._problems: list[Problem] = []

    def of(self, action: Callable[[], T]) -> T | None:
        """What an action returns, or None where it fails."""
        try:
            return action()
        except Failure as failure:
            self._problems += failure.problems
            return None

    def settle(self) -> None:
        """End the readings.

        Raises:
            Failure: one of them failed.
        """
        if self._problems:
            raise Failure(self._problems)


def print_failure(failure: Failure, *, debug: bool) -> None:
    """Print every problem to standard error: place, what is wrong, how to mend it."""
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    red, dim, plain = ("\033[1;31m", "\033[2m", "\033[0m") if colour else ("", "", "")
    for problem in failure.problems:
        place = f"{_short(problem.place)}: " if problem.file else ""
        first, *rest = problem.message.splitlines() or [""]
        print(f"{red}error:{plain} {place}{first}", file=sys.stderr)
        for line in rest:
            print(f"  {line}", file=sys.stderr)
        if problem.hint:
            print(f"  {dim}fix:{plain} {problem.hint}", file=sys.stderr)
        if debug and problem.trace:
            print(problem.trace, file=sys.stderr)


def _short(place: str) -> str:
    here = str(Path.cwd()) + os.sep
    return place.removeprefix(here)

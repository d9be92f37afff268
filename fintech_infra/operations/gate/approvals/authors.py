"""Who wrote a change, as git tells: authors, committers and those named as co-authors."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from fintech_infra.engine.errors import Problem

_FORMAT: Final = "%an <%ae>%n%cn <%ce>%n%(trailers:key=Co-authored-by,valueonly,unfold)"
"""Names as the commits have them: a `.mailmap` is part of what the authors can change."""
_LOG: Final = ("log", "--no-show-signature", "--encoding=UTF-8", f"--format={_FORMAT}")
_TIMEOUT: Final = 30
"""Seconds; a log of commits takes far less."""


class AuthorsError(Exception):
    """Git does not tell who wrote a change; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(problem.message)
        self.problem = problem


def authors_of(revisions: str, folder: Path) -> tuple[str, ...]:
    """Return everybody who wrote the commits of a range such as `origin/main..HEAD`.

    A committer counts as well: whoever amends or rebases a commit can change what is in it.

    Raises:
        AuthorsError: git cannot be run or does not know the range, the range is empty, or the clone
            is shallow, so that some of it may be missing.
    """
    if _git(folder, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise AuthorsError(
            Problem(
                f"--commits {revisions}: the history of this clone is cut short",
                hint="fetch all of it (fetch-depth: 0, or git fetch --unshallow)",
            )
        )
    said = _git(folder, *_LOG, "--end-of-options", revisions, "--")
    found = tuple(dict.fromkeys(line.strip() for line in said.split("\n") if line.strip()))
    if not found:
        raise AuthorsError(
            Problem(f"--commits {revisions} has no commit", hint="name authors with --author")
        )
    return found


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "--no-replace-objects", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the range cannot be an option
            command, cwd=folder, capture_output=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AuthorsError(Problem(f"git cannot be run: {error}")) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise AuthorsError(
            Problem(
                f"--commits: git says {said}",
                hint="name a range such as origin/main..HEAD; CI has to fetch its history",
            )
        )
    return done.stdout.decode("utf-8", "replace")

"""What git says of a folder. Reads through the `git` command; changes nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from fintech_infra.operations.ledger.model import Git

_SECONDS: Final = 30
_SCP: Final = re.compile(r"(?:[^@/]+@)?([^:/@]+):(?!/)(.+)")


def git_facts(folder: Path) -> tuple[Git | None, str]:
    """The commit and tree of a folder's repository, or None and why there is none.

    Files that differ from the commit, untracked ones included, make it dirty.
    """
    program = shutil.which("git")
    if program is None:
        return None, "git is not installed"
    asked = _Asked(program, folder)
    commit = asked("rev-parse", "--verify", "HEAD")
    if commit is None:
        return None, asked.why or "git has no commit here"
    tree = asked("rev-parse", "--verify", "HEAD^{tree}")
    status = asked("status", "--porcelain", "--untracked-files=normal")
    if tree is None or status is None:
        return None, asked.why or "git does not answer"
    remote = asked("remote", "get-url", "origin") or ""
    return Git(commit, tree, bool(status), address_without_secrets(remote)), ""


class _Asked:
    """Asks git about a folder; `why` is the first line of the last complaint."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder, self.why = program, folder, ""

    def __call__(self, *words: str) -> str | None:
        command = [self._program, "-C", str(self._folder), *words]
        environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 - git, with words of ours
                command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=environ
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            self.why = f"git does not answer: {type(error).__name__}"
            return None
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            self.why = lines[0].removeprefix("fatal: ") if lines else ""
            return None
        return done.stdout.strip()


def address_without_secrets(remote: str) -> str:
    """The address of a remote without user, password and query; empty for a folder.

    >>> address_without_secrets("https://me:secret@git.example/acme/pay.git?token=x")
    'https://git.example/acme/pay.git'
    >>> address_without_secrets("git@git.example:acme/pay.git")
    'ssh://git.example/acme/pay.git'
    """
    if short := _SCP.fullmatch(remote):
        return f"ssh://{short.group(1)}/{short.group(2)}"
    parts = urlsplit(remote)
    if not parts.hostname or parts.scheme == "file":
        return ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))

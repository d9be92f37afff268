"""Runs Pulumi: whether it has something to apply, and `pulumi up` of one resource.

Arguments are a list and never go through a shell. What Pulumi prints is kept short, and without
what looks like a secret; it may have values that the program did not mark as one.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fintech_infra.functions.remediation.model import Plan, Step, conforms, restore
from fintech_infra.operations.healing.contain import Guard
from fintech_infra.operations.healing.model import Look, Task
from fintech_infra.report.plain import visible
from fintech_infra.report.redact import MASK

SECONDS: Final = 1800.0
"""How long one run of Pulumi may take."""

_UNATTENDED: Final = ("--non-interactive", "--color", "never")
_CHANGES: Final = re.compile(r"no changes were expected\b.*\bbut changes")
"""What `--expect-no-changes` says where there is something to apply; other failures share its exit
code in all but late releases. https://github.com/pulumi/pulumi/issues/5144"""
_SECRET: Final = re.compile(
    r"(?i)(?:(?:password|passwd|secret|token|api[_-]?key|private[_-]?key)\S*\s*[:=]\s*\S+"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bpul-[0-9a-f]{40}\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----)"
)
_LINES: Final = 20
_CHARACTERS: Final = 2000


class PulumiError(Exception):
    """Pulumi did not do what was asked: the end of what it said."""


@dataclass(frozen=True, slots=True)
class Pulumi:
    """Pulumi's command, run in the folder of a project; `command` is empty where it is not there.

    `seconds` is how long a run may take. One that takes longer is stopped, and counts as failed.
    """

    command: str
    folder: Path
    seconds: float = SECONDS

    def look(self, task: Task) -> Look:
        """Whether Pulumi has something to apply. Never raises."""
        if not self.command:
            return Look(
                problem="pulumi is not on the PATH; install it, or run the command yourself"
            )
        try:
            said = self._run(
                ("preview", *task.arguments[1:], "--expect-no-changes", *_UNATTENDED),
                wanted=_CHANGES,
            )
        except PulumiError as error:
            return Look(problem=f"pulumi preview failed: {error}")
        if said is None:
            return Look(conforms("Pulumi finds it as the program declares"), {"changes": False})
        return Look(planned(task), {"changes": True})

    def act(self, task: Task, guard: Guard) -> None:
        """Apply.

        Raises:
            StoppedError: a rail forbids it.
            PulumiError: it failed.
        """
        guard()
        self._run((*task.arguments, "--yes", *_UNATTENDED))

    def _run(self, arguments: Sequence[str], wanted: re.Pattern[str] | None = None) -> str | None:
        """Run it; None where it succeeds, and what it said where that is what is `wanted`.

        Raises:
            PulumiError: it fails otherwise, or takes too long.
        """
        try:
            done = subprocess.run(  # noqa: S603 - a list; the words are checked by `tasks`
                [self.command, *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self.seconds,
                check=False,
                text=True,
                errors="replace",
            )
        except subprocess.TimeoutExpired as error:
            raise PulumiError(f"it was stopped after {self.seconds:g} s") from error
        except OSError as error:
            raise PulumiError(f"it cannot be run: {error.strerror}") from error
        if done.returncode == 0:
            return None
        if wanted and wanted.search(done.stdout):
            return told(done.stdout)
        raise PulumiError(f"exit code {done.returncode}: {told(done.stdout)}")


def find(folder: Path, seconds: float = SECONDS) -> Pulumi:
    """Pulumi as it is on the PATH."""
    return Pulumi(shutil.which("pulumi") or "", folder, seconds)


def planned(task: Task) -> Plan:
    """The plan to apply; its one step is not of boto3."""
    arguments = [*task.arguments, "--yes", *_UNATTENDED]
    return restore("Pulumi restores what the program declares", _up(arguments))


def _up(arguments: list[str]) -> Step:
    return Step("pulumi", arguments[0], {"arguments": arguments})


def told(output: str) -> str:
    r"""The end of what Pulumi said, short, plain, and without what looks like a secret.

    >>> told("one\npassword: hunter2\n")
    'one\n[secret]'
    """
    lines = _SECRET.sub(MASK, visible(output)).strip().splitlines()[-_LINES:]
    return "\n".join(line.rstrip() for line in lines if line.strip())[-_CHARACTERS:]

"""The project's waivers in a deployment: found, read once, and remembered as programs add to them.

The engine does not tell a pack where the project is. It starts a pack in Python in the pack's own
folder, and is to start it in the project's later
(https://github.com/pulumi/pulumi/pull/19334), so both are looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from fintech_infra.controls.control import NO_PARAMETERS
from fintech_infra.controls.evaluate import Evaluation
from fintech_infra.controls.waivers.apply import apply, waive
from fintech_infra.controls.waivers.model import FILE_NAME, MARKER_TYPE, Mistake, Waiver
from fintech_infra.environment import Environment, Resource

VARIABLE: Final = "FINTECH_INFRA_WAIVERS"
"""The environment variable that names the file of waivers, before any other place."""
_PROJECT: Final = "Pulumi.yaml"


class WaiverError(ValueError):
    """Raised when waivers are wrong or their file is missing; lists every mistake."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where a project may be: what `VARIABLE` names, and the folders to look from."""

    named: str
    folders: tuple[Path, ...]


def places(variables: Mapping[str, str], *folders: Path) -> Places:
    """Return the places of a process: its shell's folder, and the given ones."""
    shell = Path(variables.get("PWD", ""))
    return Places(
        variables.get(VARIABLE, ""), (*folders, shell) if shell.is_absolute() else folders
    )


def find(where: Places, project: str) -> Path | None:
    """Return the file of a project's waivers, None where it has none or cannot be found.

    Without a file that is named, it is the one beside the nearest `Pulumi.yaml`, at or above one of
    the folders, that is of the project: another project's waivers are never taken.

    Raises:
        WaiverError: the file that is named does not exist.
    """
    if where.named:
        file = Path(where.named)
        if not file.is_file():
            raise WaiverError(f"{VARIABLE} names {where.named}, which is no file; unset or mend it")
        return file
    for folder in where.folders:
        for above in (folder, *folder.parents):
            if _is_of(above / _PROJECT, project):
                file = above / FILE_NAME
                return file if file.is_file() else None
    return None


def _is_of(file: Path, project: str) -> bool:
    """Whether a file describes the project of this name."""
    if not file.is_file():
        return False
    import yaml

    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return False
    return isinstance(content, dict) and content.get("name") == project


class Waivers:
    """The waivers of one deployment, as far as they are known. Threads may share it."""

    def __init__(self, where: Places, known: Collection[str], today: date) -> None:
        """Look in `where` for the project's file; `known` are the ids of the controls."""
        self._where = where
        self._known = known
        self._today = today
        self._lock = threading.Lock()
        self._files: dict[str, tuple[Waiver, ...]] = {}
        self._markers: dict[str, Resource] = {}
        self._declared: tuple[Waiver, ...] = ()

    def read(self, project: str) -> tuple[Waiver, ...]:
        """Return the waivers in the project's file; it is read once.

        Raises:
            WaiverError: the file is wrong; every mistake is listed.
        """
        with self._lock:
            if project not in self._files:
                self._files[project] = self._of_file(project)
            return self._files[project]

    def notice(self, environment: Environment) -> None:
        """Remember the waivers that the program declares in an environment.

        Raises:
            WaiverError: they are wrong; every mistake is listed.
        """
        markers = {item.urn: item for item in environment.of_type(MARKER_TYPE)}
        if not markers:
            return
        from fintech_infra.controls.waivers.inline import read_inline

        with self._lock:
            self._markers |= markers
            seen = Environment(
                environment.project,
                environment.stack,
                environment.organization,
                tuple(self._markers.values()),
            )
            waivers, mistakes = read_inline(seen, self._known)
            _refuse(mistakes)
            self._declared = waivers

    def waive(
        self, evaluation: Evaluation, environment: Environment, parents: Mapping[str, str]
    ) -> Evaluation:
        """Take what is waived out of the findings about one resource."""
        found = self._all(environment)
        if not found or not evaluation.findings:
            return evaluation
        return waive(evaluation, environment, found, self._today, parents=parents)

    def apply(
        self,
        evaluation: Evaluation,
        environment: Environment,
        parameters: Mapping[str, Mapping[str, Any]] = NO_PARAMETERS,
    ) -> Evaluation:
        """Take what is waived out of the findings about a stack, and judge the waivers."""
        found = self._all(environment)
        return apply(evaluation, environment, found, self._today, parameters=parameters)

    def any(self, environment: Environment) -> bool:
        """Whether there are waivers."""
        return bool(self._all(environment))

    def _all(self, environment: Environment) -> Sequence[Waiver]:
        return (*self.read(environment.project), *self._declared)

    def _of_file(self, project: str) -> tuple[Waiver, ...]:
        file = find(self._where, project)
        if file is None:
            return ()
        from fintech_infra.controls.waivers.file import read_file

        waivers, mistakes = read_file(file, self._where.named or file.name, self._known)
        _refuse(mistakes)
        return waivers


def _refuse(mistakes: Iterable[Mistake]) -> None:
    lines = list(_told(mistakes))
    if lines:
        raise WaiverError("\n".join(["waivers are wrong, and none of them is taken:", *lines]))


def _told(mistakes: Iterable[Mistake]) -> Iterator[str]:
    for item in mistakes:
        place = f"{item.file}:{item.line}: " if item.line else f"{item.file}: " if item.file else ""
        yield f"  {place}{item.message}" + (f"; {item.hint}" if item.hint else "")

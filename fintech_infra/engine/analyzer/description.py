"""`PulumiPolicy.yaml`: what a policy pack's folder says about how to run it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fintech_infra.engine.errors import PreviewError, Problem, fail
from fintech_infra.engine.project import interpreter, read_yaml, runtime_options, virtualenv_of

FILE: Final = "PulumiPolicy.yaml"


@dataclass(frozen=True, slots=True)
class Description:
    """A policy pack on disk. `program` is relative to `root`; an empty `version` is not given."""

    root: Path
    program: str
    version: str = ""
    virtualenv: Path | None = None

    @property
    def interpreter(self) -> str:
        """The Python that runs the pack: its own where it has one."""
        return interpreter(self.virtualenv)

    @property
    def requirements(self) -> str:
        """The file that lists what the pack needs, empty where there is none."""
        file = self.root / "requirements.txt"
        return str(file) if file.is_file() else ""


def read_description(folder: Path) -> Description:
    """Read what describes the policy pack in `folder`.

    Raises:
        PreviewError: the folder holds no policy pack, or one that is not written in Python, or its
            description has mistakes; all are listed.
    """
    if not folder.is_dir():
        raise fail(
            f"the policy pack {folder} is not a folder" if folder.exists() else
            f"the policy pack {folder} does not exist",
            hint=f"name the folder that holds the pack's {FILE}",
        )  # fmt: skip
    root = folder.resolve()
    file = root / FILE
    if not file.is_file():
        raise fail(
            f"{folder} is no policy pack: it has no {FILE}",
            hint=f"name the folder that holds the pack's {FILE}",
        )
    content = read_yaml(file)
    problems: list[Problem] = []
    options = runtime_options(
        content.get("runtime"),
        file,
        problems,
        kind="policy pack",
        other="hold the stack to it with the Pulumi CLI, which runs every language",
    )
    program = _program(content.get("main"), root, file, problems)
    if problems:
        raise PreviewError(problems)
    version = content.get("version")
    return Description(
        root=root,
        program=program,
        version=str(version) if version is not None else "",
        virtualenv=virtualenv_of(options, root),
    )


def _program(main: Any, root: Path, file: Path, problems: list[Problem]) -> str:
    program = str(main) if main else "."
    path = root / program
    if not path.exists():
        problems.append(Problem(f"main: {program} does not exist", str(file)))
    elif path.is_dir() and not (path / "__main__.py").is_file():
        problems.append(
            Problem(
                f"{path.resolve()} has no __main__.py, so there is no pack to run",
                str(file),
                hint="add __main__.py, or let main: name the pack's file or folder",
            )
        )
    return program

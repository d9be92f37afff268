"""Pulumi projects on disk: `Pulumi.yaml`, `Pulumi.<stack>.yaml` and what they say."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import yaml

from fintech_infra.engine.errors import PreviewError, Problem, fail

_PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlLoader(_Base):
    """Reads YAML as Pulumi's own library does, which is stricter about what is no string.

    `yes`, `on` and the like are text there, so are dates and numbers to the base of 60.
    """


YamlLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in {"bool", "timestamp", "int"}
    ]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}
YamlLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
YamlLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int",
    re.compile(r"[-+]?(?:0|[1-9][0-9_]*|0[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+)$"),
    list("-+0123456789"),
)


@dataclass(frozen=True, slots=True)
class Project:
    """A project file and where it lies. `program` is the folder or file that runs."""

    root: Path
    file: Path
    name: str
    program: Path
    virtualenv: Path | None
    config: Mapping[str, Any]
    stack_folder: Path

    def stacks(self) -> dict[str, Path]:
        """Stack names that have a configuration file, and the file."""
        found: dict[str, Path] = {}
        for path in sorted(self.stack_folder.glob("Pulumi.*.y*ml")):
            name = path.name.removeprefix("Pulumi.").rpartition(".")[0]
            if path.suffix in {".yaml", ".yml"} and name:
                found[name] = path
        return found


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file; an empty file is an empty mapping.

    Raises:
        PreviewError: it cannot be read, is not YAML, or is not a mapping at the top.
    """
    try:
        content: Any = yaml.load(path.read_text("utf-8"), YamlLoader)  # noqa: S506 - a safe one
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"cannot be read: {error}", file=str(path)) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        what = " ".join(filter(None, (error.context, error.problem)))
        raise fail(f"is not valid YAML: {what}", file=str(path), line=line) from error
    except yaml.YAMLError as error:
        raise fail(f"is not valid YAML: {error}", file=str(path)) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise fail(f"must hold a mapping, not {type(content).__name__}", file=str(path))
    return content


def find_project(start: Path) -> Path:
    """Return the project file of `start`: in it, or in the nearest folder above it.

    Raises:
        PreviewError: there is none.
    """
    if not start.is_dir():
        raise fail(f"{start} is not a folder", hint="name a folder that holds a Pulumi.yaml")
    for folder in (start, *start.parents):
        for name in _PROJECT_FILES:
            if (folder / name).is_file():
                return folder / name
    raise fail(
        f"no Pulumi.yaml in {start} or in a folder above it",
        hint="run inside a Pulumi project, or name one with --cwd",
    )


def load_project(start: Path) -> Project:
    """Read the project that `start` lies in.

    Raises:
        PreviewError: no project, not a Python project, or mistakes in its file; all are listed.
    """
    file = find_project(start.resolve())
    content = read_yaml(file)
    problems: list[Problem] = []
    root = file.parent

    name = content.get("name")
    if not isinstance(name, str) or not name:
        problems.append(
            Problem("needs a `name`", str(file), hint="add a line such as name: payments")
        )
    options = runtime_options(
        content.get("runtime"),
        file,
        problems,
        kind="project",
        other="preview it with the Pulumi CLI, which runs every language",
    )
    main = content.get("main") or "."
    program = (root / str(main)).resolve()
    if not program.exists():
        problems.append(Problem(f"main: {main} does not exist", str(file)))
    elif program.is_dir() and not (program / "__main__.py").is_file():
        problems.append(
            Problem(
                f"{shown_in(program, root)} has no __main__.py, so there is no program to run",
                str(file),
                hint="add __main__.py, or let main: name the program's file or folder",
            )
        )
    config = content.get("config") or {}
    folder: Any = content.get("stackConfigDir") or ""
    if isinstance(config, str):  # the old spelling of stackConfigDir
        config, folder = {}, config
    if not isinstance(config, dict):
        problems.append(Problem("config: must be a mapping of configuration keys", str(file)))
        config = {}
    if problems:
        raise PreviewError(problems)
    return Project(
        root=root,
        file=file,
        name=str(name),
        program=program,
        virtualenv=virtualenv_of(options, root),
        config=config,
        stack_folder=(root / str(folder)).resolve(),
    )


def choose_stack(project: Project, stack: str | None, selected: str = "") -> str:
    """Return the stack to preview: the one named, the one selected, or the only one there is.

    A project without any stack file has no stacks to choose from: every name is accepted, and
    `dev` is the default.

    Raises:
        PreviewError: the name is not one of the project's stacks, or several could be meant.
    """
    stacks = project.stacks()
    wanted = (stack or selected).rpartition("/")[2]
    if wanted and stacks and wanted not in stacks:
        near = get_close_matches(wanted, stacks, n=1)
        raise fail(
            f"project {project.name} has no stack {wanted!r}: there is no Pulumi.{wanted}.yaml",
            file=str(project.stack_folder),
            hint=(f"did you mean {near[0]}? " if near else "")
            + f"its stacks are {', '.join(stacks)}",
        )
    if wanted:
        return wanted
    if len(stacks) > 1:
        raise fail(
            f"project {project.name} has several stacks: {', '.join(stacks)}",
            file=str(project.stack_folder),
            hint="name one, as in: fintech-infra preview " + next(iter(stacks)),
        )
    return next(iter(stacks), "dev")


def virtualenv_of(options: Mapping[str, Any], root: Path) -> Path | None:
    """The virtual environment that a runtime's options ask for, whether it exists or not."""
    named = options.get("virtualenv")
    if isinstance(named, str) and named:
        return (root / named).resolve()
    if options.get("toolchain") in {"uv", "poetry"}:
        return root / ".venv"
    return None


def interpreter(virtualenv: Path | None) -> str:
    """The Python of a virtual environment, or the one that runs this where there is none."""
    if virtualenv:
        for candidate in ("bin/python", "Scripts/python.exe"):
            if (virtualenv / candidate).exists():
                return str(virtualenv / candidate)
    return sys.executable


def runtime_options(
    runtime: Any, file: Path, problems: list[Problem], *, kind: str, other: str
) -> Mapping[str, Any]:
    """Return the options below `runtime:`, noting where there is no runtime.

    `kind` names what the file describes, and `other` says what runs one in another language.

    Raises:
        PreviewError: the runtime is not Python, so nothing else about the file matters.
    """
    name: Any = runtime.get("name") if isinstance(runtime, dict) else runtime
    if name is None:
        problems.append(
            Problem("needs a `runtime`", str(file), hint="add the line runtime: python")
        )
    elif name != "python":
        raise fail(
            f"is a {name} {kind}; only those in Python run offline", file=str(file), hint=other
        )
    options: Any = runtime.get("options") if isinstance(runtime, dict) else None
    return options if isinstance(options, dict) else {}


def shown_in(path: Path, root: Path) -> str:
    """A path as the project's own people know it; reports must not tell where a checkout lies."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)

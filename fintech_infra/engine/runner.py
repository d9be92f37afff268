"""Previewing a project: reads it, starts the interpreter that runs it, returns what it declares."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from fintech_infra.engine.config import stack_config
from fintech_infra.engine.errors import PreviewError, Problem, fail
from fintech_infra.engine.project import Project, choose_stack, interpreter, load_project, shown_in
from fintech_infra.engine.request import Request
from fintech_infra.environment import Diagnostic, Environment
from fintech_infra.environment.codec import decode, revive

_GRACE: Final = 10.0
"""Seconds that a program which hangs outside Python gets beyond its time limit."""

_START: Final = """
import sys
if sys.path[0] == "":
    del sys.path[0]
from importlib.util import module_from_spec, spec_from_file_location
if sys.version_info < (3, 11):
    sys.exit("the preview needs Python 3.11 or newer; the project's is " + sys.version.split()[0])
spec = spec_from_file_location("fintech_infra", sys.argv[1] + "/__init__.py",
                               submodule_search_locations=[sys.argv[1]])
sys.modules["fintech_infra"] = module = module_from_spec(spec)
spec.loader.exec_module(module)
from fintech_infra.engine.host.worker import main
main()
"""
"""Loads this very package in any interpreter, without putting its neighbours on the path."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A finished preview: what was declared, where the project lies, and seconds per phase."""

    environment: Environment
    root: Path
    timings: Mapping[str, float]


def preview(
    cwd: Path | str = ".",
    stack: str | None = None,
    *,
    config: Iterable[str] = (),
    organization: str = "organization",
    answers: Path | str = "",
    stack_outputs: Mapping[str, Mapping[str, Any]] | None = None,
    projects: Iterable[Path | str] = (),
    chain: tuple[str, ...] = (),
    time_limit: float = 300.0,
    allow_network: bool = False,
) -> Preview:
    """Run the program of the project at `cwd` for one stack, offline, and return its environment.

    Args:
        cwd: A folder in the project.
        stack: The stack; may be left out where the project has one only.
        config: `key=value` pairs that override the stack's configuration.
        organization: What the program is told its organization is.
        answers: A file with answers for data sources and outputs (`docs/answers.md`).
        stack_outputs: Outputs of other stacks, by stack name.
        projects: Folders of projects whose stacks the program refers to.
        chain: Stacks whose preview is waiting for this one.
        time_limit: Seconds after which a program counts as hanging.
        allow_network: Let the program reach other machines.

    Raises:
        PreviewError: the project, its configuration or its program has mistakes; all are listed.
    """
    project = load_project(Path(cwd))
    chosen = choose_stack(project, stack, os.environ.get("PULUMI_STACK", ""))
    resolved = stack_config(project, chosen, config)
    request = Request(
        organization=organization,
        project=project.name,
        stack=chosen,
        root=str(project.root),
        program=str(project.program),
        config=resolved.values,
        secret_keys=resolved.secret_keys,
        region=resolved.values.get("aws:region", ""),
        answers=str(Path(answers).resolve()) if answers else "",
        stack_outputs=stack_outputs or {},
        projects=tuple(str(Path(folder).resolve()) for folder in projects),
        chain=chain,
        time_limit=time_limit,
        allow_network=allow_network,
    )
    content = revive(_answer(request, project))
    if "problems" in content:
        raise PreviewError([Problem(**item) for item in content["problems"]])
    environment = decode(content)
    notes = [Diagnostic("warning", note) for note in resolved.notes]
    if project.virtualenv and not project.virtualenv.exists():
        notes.append(
            Diagnostic(
                "warning",
                f"the project's virtual environment {shown_in(project.virtualenv, project.root)} "
                "does not exist; the preview used the one that fintech-infra runs in",
            )
        )
    if notes:
        environment = replace(environment, diagnostics=(*notes, *environment.diagnostics))
    return Preview(environment, project.root, content["timings"])


def _answer(request: Request, project: Project) -> str:
    """What an interpreter of its own says to the request: an environment, or problems."""
    package = Path(__file__).resolve().parent.parent
    process = subprocess.Popen(  # noqa: S603 - the project's own interpreter, as Pulumi runs it
        [interpreter(project.virtualenv), "-c", _START, str(package)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Sets and dictionaries of the program keep one order, so two runs give the same bytes.
        env={**os.environ, "PYTHONHASHSEED": "0"},
        text=True,
        encoding="utf-8",
    )
    try:
        text, _ = process.communicate(request.to_json(), timeout=request.time_limit + _GRACE)
    except subprocess.TimeoutExpired as error:
        raise fail(
            f"the program did not end within {request.time_limit:g} seconds, and hangs outside "
            "Python, so its line is not known",
            hint="allow more with --timeout, or look for a native library that waits",
        ) from error
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode == -signal.SIGINT:
        raise KeyboardInterrupt  # Ctrl-C reached the program first
    if not text:
        raise fail(
            f"the interpreter that runs the program ended early (exit code {process.returncode})",
            file=str(project.program),
            hint="its own words are above; a program must not end the process (os._exit)",
        )
    return text

"""A git revision of a project in a folder of its own, for as long as it is looked at."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from fintech_infra.engine.errors import fail

_TIMEOUT: Final = 120
"""Seconds; a checkout of a large repository takes less."""


@contextmanager
def checked_out(revision: str, project: Path) -> Generator[Path]:
    """Give the folder of a project as it was at a revision; it is gone afterwards.

    The working tree and its index stay as they are. The project's virtual environment, which git
    does not have, is lent to it.

    Raises:
        PreviewError: git does not know the revision, or the project was not there.
    """
    top = Path(_git(project, "rev-parse", "--show-toplevel"))
    commit = _git(project, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    inside = project.resolve().relative_to(top.resolve())
    with tempfile.TemporaryDirectory(prefix="fintech-infra-") as folder:
        tree = Path(folder) / "tree"
        _git(top, "worktree", "add", "--detach", "--quiet", str(tree), commit)
        try:
            found = tree / inside
            if not (found / "Pulumi.yaml").exists():
                raise fail(
                    f"--since {revision}: has no Pulumi.yaml in {inside}",
                    hint="name a revision in which the project is, or --first",
                )
            _lend_interpreter(project, found)
            yield found
        finally:
            _git(top, "worktree", "remove", "--force", str(tree))


def _git(folder: Path, *arguments: str) -> str:
    """What git says.

    Raises:
        PreviewError: it cannot be run, or refuses.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell; what the user names is no option
            ["git", *arguments],  # noqa: S607 - the user's own git
            cwd=folder,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise fail(f"git cannot be run: {error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise fail(
            f"git {arguments[0]}: {said}",
            hint="--since takes a commit, a branch or a tag of the project's repository",
        )
    return done.stdout.decode("utf-8", "replace").strip()


def _lend_interpreter(project: Path, found: Path) -> None:
    """Link the virtual environment that the project at the revision names, where it has none."""
    try:
        content: Any = yaml.safe_load((found / "Pulumi.yaml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return  # the preview says what is wrong with it
    runtime: Any = content.get("runtime") if isinstance(content, dict) else None
    options: Any = runtime.get("options") if isinstance(runtime, dict) else None
    name: Any = options.get("virtualenv") if isinstance(options, dict) else None
    if not isinstance(name, str) or Path(name).is_absolute():
        return
    link, own = found / name, project.resolve() / name
    if own.is_dir() and not link.exists() and link.parent.is_dir():
        link.symlink_to(own, target_is_directory=True)

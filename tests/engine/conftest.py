"""Programs written into a temporary folder, and their previews."""

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from fintech_infra.engine import Preview, PreviewError, Problem, preview
from fintech_infra.environment import Environment

Files = Mapping[str, str]


@pytest.fixture
def write_project(tmp_path: Path) -> Callable[[Files], Path]:
    """Write files by path, a `Pulumi.yaml` among them where none is given; return the folder."""

    def write(files: Files) -> Path:
        for name, text in {"Pulumi.yaml": "name: shop\nruntime: python\n", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).lstrip("\n"), "utf-8")
        return tmp_path

    return write


@pytest.fixture
def run_whole(write_project: Callable[[Files], Path]) -> Callable[..., Preview]:
    """Preview files, or one program given as text, and return all there is to say of it."""

    def run(files: Files | str, stack: str | None = "dev", **options: Any) -> Preview:
        program = {"__main__.py": files} if isinstance(files, str) else files
        return preview(write_project(program), stack, **options)

    return run


@pytest.fixture
def run(run_whole: Callable[..., Preview]) -> Callable[..., Environment]:
    """Preview files, or one program given as text, and return its environment."""

    def environment(files: Files | str, stack: str | None = "dev", **options: Any) -> Environment:
        return run_whole(files, stack, **options).environment

    return environment


@pytest.fixture
def refuse(run_whole: Callable[..., Preview]) -> Callable[..., list[tuple[str, str, str]]]:
    """Preview what must fail; return `(place, message, hint)` of every problem."""

    def problems(
        files: Files | str, stack: str | None = "dev", **options: Any
    ) -> list[tuple[str, str, str]]:
        with pytest.raises(PreviewError) as caught:
            run_whole(files, stack, **options)
        return [_seen(problem) for problem in caught.value.problems]

    return problems


def _seen(problem: Problem) -> tuple[str, str, str]:
    return problem.place, problem.message, problem.hint

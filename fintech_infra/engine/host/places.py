"""From the frames that the SDK sends to the line in the user's program that they should look at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from fintech_infra.environment import Source

_INSTALLED: Final = 2
_ENGINE: Final = Path(__file__).parent.parent
_FOREIGN: Final = ("site-packages", "dist-packages", "lib/python")


class Places:
    """Finds the user's own line among stack frames.

    The frame nearest to the resource that lies in the program's folder wins, then one in the
    project, then the nearest of all: a component's children are declared where the program makes
    the component.
    """

    def __init__(self, program: Path, root: Path) -> None:
        """Take the folder of the program and the folder of the project."""
        self._program = program
        self._root = root
        self._known: dict[str, tuple[int, str]] = {}

    def nearest(self, frames: Iterable[tuple[str, int]]) -> Source | None:
        """Return the best of `(file or file URI, line)` frames, given innermost first.

        None where no frame is the project's own, as for what the engine makes by itself.
        """
        best: tuple[int, Source] | None = None
        for file, line in frames:
            rank, shown = self._look_up(file)
            if best is None or rank < best[0]:
                best = (rank, Source(shown, line))
                if rank == 0:
                    break
        return best[1] if best and best[0] < _INSTALLED else None

    def is_users(self, file: str) -> bool:
        """Whether a file is part of the project rather than of something installed."""
        return self._look_up(file)[0] < _INSTALLED

    def _look_up(self, file: str) -> tuple[int, str]:
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = self._place(file)
        return known

    def _place(self, file: str) -> tuple[int, str]:
        path = Path(unquote(urlsplit(file).path) if file.startswith("file:") else file)
        if path.is_relative_to(_ENGINE) or not path.is_relative_to(self._root):
            return _INSTALLED, str(path)
        shown = path.relative_to(self._root).as_posix()
        if any(part in shown for part in _FOREIGN):  # a virtual environment in the project
            return _INSTALLED, str(path)
        return (0 if path.is_relative_to(self._program) else 1), shown

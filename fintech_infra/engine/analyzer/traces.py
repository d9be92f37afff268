"""What a policy pack printed when it failed, read for the line of the pack that is at fault."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from fintech_infra.engine.errors import Problem

_TRACE: Final = "Traceback (most recent call last):\n"
_FRAME: Final = re.compile(r'^\s+File "(.+?)", line (\d+)', re.MULTILINE)


def problem_of(text: str, root: Path, before: str) -> Problem | None:
    """Return the last failure in a pack's standard error: what, and where in the pack at `root`.

    `before` is put in front of the error's own words. None where nothing failed that left a trace.
    """
    _, found, trace = text.rpartition(_TRACE)
    if not found:
        return None
    lines = trace.splitlines()
    at = next((i for i, line in enumerate(lines) if line and not line[0].isspace()), len(lines))
    said = "\n".join(lines[at:]).strip() or "an error without words"
    file, line = _own_frame(trace, root)
    return Problem(f"{before}: {said}", file, line, trace=found + trace)


def _own_frame(trace: str, root: Path) -> tuple[str, int]:
    """The innermost line that is the pack's own: below its folder, and not installed there."""
    for name, line in reversed(_FRAME.findall(trace)):
        path = (root / name).resolve()
        if path.is_relative_to(root) and "site-packages" not in path.parts:
            return str(path), int(line)
    return "", 0

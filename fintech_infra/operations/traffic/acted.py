"""What was done about a spike, or would be, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.operations.healing import Done, Fate
from fintech_infra.operations.healing.report import step_lines, step_of
from fintech_infra.operations.moments import written
from fintech_infra.operations.traffic.acting import Acted
from fintech_infra.report.plain import one_line

FORMAT: Final = "fintech-infra/traffic-measures/1"


def document(acted: Acted) -> dict[str, Any]:
    """What was done: `steps` as the report of healing has them, and `stands`, a list of texts."""
    return {
        "format": FORMAT,
        "at": written(acted.at),
        "dryRun": acted.dry_run,
        "steps": [step_of(it) for it in acted.done],
        "stands": list(acted.stands),
    }


def text(acted: Acted) -> str:
    """What was done as plain text, each step with its calls and what an approval is bound to."""
    return "".join(f"{line}\n" for line in _lines(acted))


def headline(acted: Acted) -> str:
    """What was done, in a sentence."""
    if not acted.done:
        return "measures: nothing to do"
    number = sum(it.ruling.fate is Fate.HEALED for it in acted.done)
    said = "dry run, nothing was done" if acted.dry_run else f"{number} of {len(acted.done)} done"
    return f"measures: {said}" + ("; a rail stopped the rest" if acted.is_stopped else "")


def _lines(acted: Acted) -> Iterator[str]:
    yield headline(acted)
    yield from (f"  {one_line(it)}" for it in acted.stands)
    for number, done in enumerate(acted.done, start=1):
        for line in (*step_lines(number, done), *_digest(done)):
            indent = len(line) - len(line.lstrip(" "))
            yield f"  {' ' * indent}{one_line(line)}"


def _digest(done: Done) -> Iterator[str]:
    if done.ruling.fate in {Fate.APPROVAL, Fate.REHEARSED}:
        yield f"   digest: {done.case.digest}"

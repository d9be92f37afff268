"""Frameworks: which controls support which requirement, and what they found in a stack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from fintech_infra.controls.frameworks import Beyond, Framework, Requirement
from fintech_infra.controls.frameworks.coverage import Coverage, Status
from fintech_infra.report.encoding import document
from fintech_infra.report.naming import counted

if TYPE_CHECKING:
    from rich.console import Console

VERSION: Final = 1
"""Of the JSON; raised when a field is taken away or changes its meaning."""

DISCLAIMER: Final = (
    "A control supports a requirement by how an environment is built. Nothing here says that a "
    "requirement is fulfilled: that also takes people, process and operation."
)

_STYLE: Final = {
    Status.FAILED: "bold red",
    Status.UNDECIDED: "magenta",
    Status.WAIVED: "yellow",
    Status.PASSED: "green",
    Status.NOT_JUDGED: "dim",
    Status.OUT_OF_REACH: "dim",
}

_REASON: Final = {
    Beyond.PROCESS: "out of reach: asks how an organisation works",
    Beyond.PEOPLE: "out of reach: asks what people know or do",
    Beyond.RUNTIME: "out of reach: only running systems show it",
}

Covered = Sequence[tuple[Framework, Sequence[Coverage]]]
"""Frameworks with what was found about their requirements; nothing was found without a stack."""


def frameworks_table(frameworks: Sequence[Framework], console: Console) -> None:
    """Print the frameworks: name, version, requirements, controls."""
    from fintech_infra.report.page import Page

    page = Page(console)
    room = max(len(str(item)) for item in frameworks)
    for item in frameworks:
        controls = {control for needed in item.requirements for control in needed.controls}
        total, reached = len(item.requirements), len(item.within_reach)
        counts = f"{counted(len(controls), 'control')} for {reached} of {total} requirements, "
        page.line((str(item).ljust(room), "bold"), "  ", counts, f"{total - reached} out of reach")
    page.gap()
    page.prose(DISCLAIMER, style="dim")
    page.finish()


def framework_page(framework: Framework, console: Console) -> None:
    """Print the requirements of one framework with the controls that support them."""
    from fintech_infra.report.page import Page

    page = Page(console)
    page.line((str(framework), "bold"), "  ", framework.title)
    page.gap()
    for item in framework.requirements:
        page.prose(item.title, lead=((item.id, "bold"), "  "))
        listed = ", ".join(item.controls) if item.beyond is None else _REASON[item.beyond]
        page.prose(listed, lead=("  ",), style="dim")
    page.gap()
    page.prose(DISCLAIMER, style="dim")
    page.finish()


def coverage_page(covered: Covered, stack: str, console: Console) -> None:
    """Print what was found in a stack, by requirement; worst first within a framework."""
    from fintech_infra.report.page import Page

    page = Page(console)
    words = max(len(status) for status in Status)
    for framework, found in covered:
        page.line((str(framework), "bold"), "  ", f"in {stack}: ", _counts(found))
        for item in sorted(found, key=lambda entry: list(Status).index(entry.status)):
            lead = ("  ", (item.status.ljust(words), _STYLE[item.status]), "  ")
            page.prose(f"{item.requirement.id}  {item.requirement.title}", lead=lead)
            if wrong := (*item.failed, *item.undecided, *item.waived):
                page.prose(", ".join(wrong), lead=(" " * (words + 4),), style="dim")
        page.gap()
    page.prose(DISCLAIMER, style="dim")
    page.finish()


def _counts(found: Sequence[Coverage]) -> str:
    counts = Counter(item.status for item in found)
    return ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])


def frameworks_json(covered: Covered, stack: str | None) -> str:
    """Render frameworks as JSON: `version` 1, `stack` (null without one) and `frameworks`.

    A framework is an object of `name`, `version`, `title`, `source` and `requirements`; a
    requirement of `id`, `title`, `controls` and `beyond` (null, or why no preview can say anything
    about it: `process`, `people`, `runtime`), and with a stack of `status`, `failed`, `undecided`,
    `waived`, `passed` and `not_judged`, which are lists of control ids.
    """
    listed = [_framework(framework, found) for framework, found in covered]
    return document({"version": VERSION, "stack": stack, "frameworks": listed})


def _framework(framework: Framework, found: Sequence[Coverage]) -> dict[str, Any]:
    outcomes = {item.requirement.id: _outcome(item) for item in found}
    return {
        "name": framework.name,
        "version": framework.version,
        "title": framework.title,
        "source": framework.source,
        "requirements": [
            _requirement(item) | outcomes.get(item.id, {}) for item in framework.requirements
        ],
    }


def _requirement(item: Requirement) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "controls": list(item.controls),
        "beyond": item.beyond,
    }


def _outcome(item: Coverage) -> dict[str, Any]:
    return {
        "status": item.status,
        "failed": list(item.failed),
        "undecided": list(item.undecided),
        "waived": list(item.waived),
        "passed": list(item.passed),
        "not_judged": list(item.not_judged),
    }

"""The pages of the frameworks: which controls support which requirement."""

from __future__ import annotations

import re
from collections import Counter

from fintech_infra.controls.frameworks import Beyond, Framework, Requirement, load
from fintech_infra.report.frameworks import DISCLAIMER
from pages.form import NOTE, page

_BEYOND = {
    Beyond.PROCESS: "out of reach: how an organisation works",
    Beyond.PEOPLE: "out of reach: what people know or do",
    Beyond.RUNTIME: "out of reach: what only running systems show",
}


_NOTE = (
    "*Process*, *people* and *runtime* count the requirements that no preview can say anything "
    "about, by what they ask for. Of NIST 800-53 every base control is listed, and enhancements "
    "where a control supports one. `fintech-infra frameworks NAME STACK` says what the controls "
    "found in a stack."
)


def framework_pages() -> dict[str, str]:
    """The matrix of every framework and a page that counts them, by file name."""
    return {"README.md": _overview(), **{_file(item): _matrix(item) for item in load()}}


def _file(framework: Framework) -> str:
    return re.sub(r"\W+", "-", framework.name.lower()) + ".md"


def _overview() -> str:
    lines = ["# Frameworks", "", NOTE, "", DISCLAIMER, ""]
    lines += ["| Framework | Requirements | Supported | Controls | Process | People | Runtime |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for item in load():
        kinds = Counter(needed.beyond for needed in item.requirements)
        controls = {control for needed in item.requirements for control in needed.controls}
        counts = (
            len(item.requirements), kinds[None], len(controls), *(kinds[kind] for kind in Beyond)
        )  # fmt: skip
        lines.append(f"| [{item}]({_file(item)}) | {' | '.join(map(str, counts))} |")
    return page([*lines, "", _NOTE])


def _matrix(framework: Framework) -> str:
    lines = [f"# {framework}", "", NOTE, ""]
    lines += [f"{framework.title}: <{framework.source}>. {DISCLAIMER}", ""]
    lines += ["| Requirement | In our words | Supported by |", "| --- | --- | --- |"]
    lines += [f"| {item.id} | {item.title} | {_support(item)} |" for item in framework.requirements]
    return page(lines)


def _support(requirement: Requirement) -> str:
    if requirement.beyond is not None:
        return f"*{_BEYOND[requirement.beyond]}*"
    return ", ".join(f"[{item}](../controls.md#{item})" for item in requirement.controls)

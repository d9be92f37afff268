"""Comparing with a baseline: which findings were there before, and which are gone.

Two findings are the same where one control says the same about one place of one resource. A list
that has grown shifts what comes after it, so indices do not count, and neither does the wording of
the message; but each finding of the baseline stands for one finding only, so that a second public
rule on a group is new although the first is known. What was undecided and is violated now is new;
what was violated and is undecided now is not. A control that failed is never known.

Stacks of one project compare with each other: URNs count without the stack's name. A resource that
was renamed is found by its aliases.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from fintech_infra.controls.evaluate import Evaluation, Finding, Former, Verdict

_INDEX: Final = re.compile(r"\[\d+\]")
_DIGITS: Final = re.compile(r"\d+")

Likeness = Callable[[Former], tuple[str, ...]]
"""What two findings must have in common."""


def formers(evaluation: Evaluation) -> tuple[Former, ...]:
    """The findings of a baseline's evaluation, those of all sections."""
    return tuple(map(_former, evaluation.every))


def completed(found: Sequence[Former], recorded: Iterable[Former]) -> tuple[Former, ...]:
    """What was found in a baseline, and what was recorded where it cannot decide any more.

    A saved environment has no secrets, so a control that needs one is undecided about it. A
    violation that was recorded while the secret was known was there all the same.
    """
    open_ = {(item.control, item.urn) for item in found if item.verdict is Verdict.UNDECIDED}
    there = Counter(map(_in_other_words, found))
    more: list[Former] = []
    for item in recorded:
        key = _in_other_words(item)
        there[key] -= 1
        if there[key] < 0 and (item.control, item.urn) in open_:
            more.append(item)
    return (*found, *more)


def compare(evaluation: Evaluation, baseline: Iterable[Former]) -> Evaluation:
    """Move the findings that `baseline` has, too, to `known`, and list what it alone has as fixed.

    Findings of controls that this run was not held to are neither.
    """
    judged = {control.id for control in evaluation.controls}
    left = [item for item in baseline if item.control in judged and _counts(item.verdict)]
    present = [item for item in evaluation.every if _counts(item.verdict)]
    matched: set[int] = set()
    for likeness, now in _STEPS:
        waiting = [item for item in present if id(item) not in matched]
        left = _match([item for item in waiting if item.verdict in now], left, likeness, matched)
    known = [item for item in evaluation.findings if id(item) in matched]
    return replace(
        evaluation,
        findings=tuple(item for item in evaluation.findings if id(item) not in matched),
        known=(*evaluation.known, *known),
        fixed=tuple(sorted(item for item in left if item.verdict is Verdict.VIOLATED)),
    )


def _match(
    findings: Sequence[Finding], left: Sequence[Former], likeness: Likeness, matched: set[int]
) -> list[Former]:
    """Pair findings with those of the baseline, add them to `matched`, return what is left."""
    waiting: dict[tuple[str, ...], list[Former]] = defaultdict(list)
    for former in reversed(left):
        waiting[likeness(replace(former, urn=_stackless(former.urn)))].append(former)
    taken: set[int] = set()
    for finding in findings:
        pairs = (waiting.get(likeness(name)) for name in _names(finding))
        same = next(filter(None, pairs), None)
        if same:
            taken.add(id(same.pop()))
            matched.add(id(finding))
    return [former for former in left if id(former) not in taken]


def _names(finding: Finding) -> Iterator[Former]:
    """A finding under each URN that its resource has or had."""
    former = _former(finding)
    for urn in (former.urn, *finding.resource.options.aliases):
        yield replace(former, urn=_stackless(urn))


def _former(finding: Finding) -> Former:
    return Former(
        finding.control.id, finding.resource.urn, finding.verdict, finding.path, finding.message
    )


def _stackless(urn: str) -> str:
    return urn.partition("::")[2] or urn


def _counts(verdict: Verdict) -> bool:
    return verdict is not Verdict.BROKEN


def _exactly(item: Former) -> tuple[str, ...]:
    return (item.control, item.urn, item.verdict, item.path, item.message)


def _elsewhere_in_the_list(item: Former) -> tuple[str, ...]:
    words = _DIGITS.sub("#", item.message)
    return (item.control, item.urn, item.verdict, _INDEX.sub("[]", item.path), words)


def _in_other_words(item: Former) -> tuple[str, ...]:
    return (item.control, item.urn, item.verdict, _INDEX.sub("[]", item.path))


def _at_the_place(item: Former) -> tuple[str, ...]:
    return (item.control, item.urn, _INDEX.sub("[]", item.path))


_STEPS: Final[Sequence[tuple[Likeness, frozenset[Verdict]]]] = (
    (_exactly, frozenset(Verdict)),
    (_elsewhere_in_the_list, frozenset(Verdict)),
    (_in_other_words, frozenset(Verdict)),
    (_at_the_place, frozenset({Verdict.UNDECIDED})),
)
"""From the most alike to the least, so that what is left over in the end is what is new."""

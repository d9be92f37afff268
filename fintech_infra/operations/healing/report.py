"""The report of a run: its outcome, its exit code, and the same as text and as JSON.

`document` is an object of `format` (`fintech-infra/heal/1`), `project`, `stack`, `at`, `dryRun`,
`exitCode`, `headline`, `steps` and `left`. A step has `kind`, `tier`, `fate`, `reason`, `says`,
`remedy`, `subject`, `account`, `region`, `restores` (objects of `urn` and `path`), `digest` (what
an approval is bound to), `calls`, `before` and `after` (what was found, null where it was not
looked for), `act` (its number in the journal, null where nothing was begun), `resumes`,
`approvedBy` and `error`. `left` lists what still drifts where it was judged again, else null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fintech_infra.operations.drift import Drift, Judgement, Kind
from fintech_infra.operations.healing.model import Case, Done, Fate, Mark
from fintech_infra.operations.healing.tasks import marks_of
from fintech_infra.report.plain import one_line

FORMAT: Final = "fintech-infra/heal/1"

EXIT_CODES: Final = {"healed": 0, "danger": 1, "undecided": 2, "waits": 3, "rail": 4}
"""Exit codes by outcome."""

_DANGER_OVER: Final = frozenset({Fate.NOTHING, Fate.HEALED})
_WAITS: Final = frozenset({Fate.APPROVAL, Fate.PERSON, Fate.REAPPLY, Fate.BUSY, Fate.REHEARSED})
_WORDS: Final = {
    Fate.NOTHING: "nothing to do",
    Fate.ACT: "may be done",
    Fate.HEALED: "healed",
    Fate.LEFT: "not healed",
    Fate.REHEARSED: "would be done",
    Fate.APPROVAL: "waits for approval",
    Fate.PERSON: "a person decides",
    Fate.REAPPLY: "only Pulumi can restore it",
    Fate.RAIL: "stopped",
    Fate.BUSY: "another healer is at it",
    Fate.UNDECIDED: "could not be looked at",
}
_OF_MEASURES: Final = {Fate.HEALED: "done", Fate.LEFT: "not done"}
"""What stands for a time heals nothing."""


@dataclass(frozen=True, slots=True)
class Healed:
    """What a run did. `left` is drift judged again afterwards, None where it was not."""

    judged: Drift
    done: tuple[Done, ...]
    dry_run: bool
    left: Drift | None = None

    @property
    def outcome(self) -> str:
        """The worst that came of it: a key of `EXIT_CODES`."""
        if any(it.ruling.fate is Fate.RAIL for it in self.done):
            return "rail"
        if self._danger():
            return "danger"
        if self._undecided():
            return "undecided"
        return "waits" if self._waits() else "healed"

    @property
    def exit_code(self) -> int:
        """0 all healed, 1 danger remains, 2 undecided, 3 waits for people, 4 a rail stopped it."""
        return EXIT_CODES[self.outcome]

    @property
    def _last(self) -> Drift:
        return self.left or self.judged

    def _danger(self) -> bool:
        """Whether something dangerous is there that no step has taken away."""
        over = {
            mark
            for it in self.done
            if it.ruling.fate in _DANGER_OVER and it.case.look.plan is not None
            for mark in it.case.task.marks
        }
        known = set() if self.left else over
        return any(
            it.judgement is Judgement.DANGEROUS and (it.urn, it.path) not in known
            for it in self._last.items
        )

    def _undecided(self) -> bool:
        return any(it.ruling.fate in {Fate.UNDECIDED, Fate.LEFT} for it in self.done) or any(
            it.judgement is Judgement.UNDECIDED for it in self._last.items
        )

    def _waits(self) -> bool:
        if self.left and any(it.judgement is Judgement.RELEVANT for it in self.left.items):
            return True
        # To adopt is but the other way out of what a step before it restores.
        steps = (it for it in self.done if it.case.task.kind is not Kind.ADOPT)
        gone = self._gone()
        return any(
            it.ruling.fate in _WAITS and not gone.issuperset(it.case.task.marks) for it in steps
        )

    def _gone(self) -> frozenset[Mark]:
        """What drifted and does not any more, where that was looked at again."""
        return marks_of(self.judged) - marks_of(self.left) if self.left else frozenset()


def document(healed: Healed) -> str:
    """A report as JSON text."""
    content = {
        "format": FORMAT,
        "project": healed.judged.project,
        "stack": healed.judged.stack,
        "at": healed.judged.at,
        "dryRun": healed.dry_run,
        "exitCode": healed.exit_code,
        "headline": headline(healed),
        "steps": [step_of(it) for it in healed.done],
        "left": [_left(it) for it in healed.left.items] if healed.left else None,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _left(item: Any) -> dict[str, str]:
    return {"urn": item.urn, "path": item.path, "judgement": item.judgement, "reason": item.reason}


def step_of(done: Done) -> dict[str, Any]:
    """What became of a task, as JSON."""
    case, ruling = done.case, done.ruling
    task = case.task
    return {
        "kind": task.kind,
        "tier": ruling.tier,
        "fate": ruling.fate,
        "reason": ruling.reason,
        "says": task.says,
        "remedy": task.remedy or None,
        "subject": task.subject or None,
        "account": task.account or None,
        "region": task.region or None,
        "restores": [{"urn": urn, "path": path} for urn, path in task.marks],
        "digest": case.digest if case.calls else None,
        "calls": list(case.calls),
        "before": case.look.facts or None,
        "after": done.after,
        "act": done.act,
        "resumes": ruling.resumes,
        "approvedBy": ruling.consent.by if ruling.consent else None,
        "error": done.error or None,
    }


def headline(healed: Healed) -> str:
    """What came of a run, in a sentence."""
    if not healed.judged.items:
        return "nothing has drifted."
    said = {
        "healed": "nothing is left to do.",
        "danger": "danger remains.",
        "undecided": "not all of it could be decided.",
        "waits": "the rest waits for people.",
        "rail": "a rail stopped it.",
    }[healed.outcome]
    number = sum(it.ruling.fate is Fate.HEALED for it in healed.done)
    acts = "dry run, nothing was done" if healed.dry_run else f"{number} healed"
    return f"{acts}; {said}"


def text(healed: Healed) -> str:
    """A report as plain text."""
    judged = healed.judged
    lines = [f"{judged.project} / {judged.stack}: {headline(healed)}"]
    for number, done in enumerate(healed.done, 1):
        lines += ["", *step_lines(number, done)]
    if healed.left:
        lines += ["", *_left_lines(healed.left)]
    if healed.outcome == "rail":
        lines += ["", *_halves(healed.done)]
    return "\n".join(map(_safe, lines)) + "\n"


def step_lines(number: int, done: Done) -> Iterator[str]:
    """What became of a task, as lines of text; foreign text in them is as it came."""
    case, ruling = done.case, done.ruling
    task = case.task
    what = f"{task.remedy} {task.subject}" if task.remedy else _names(task.marks)
    yield f"{number}. {task.kind} ({ruling.tier}) {what}: {_word(done)}"
    if ruling.reason != task.says:
        yield f"   {ruling.reason}"
    else:
        yield f"   {task.says}"
    yield from (f"   {line}" for line in _called(case, ruling.fate))
    if done.act is not None:
        resumed = f", which resumes act {ruling.resumes}" if ruling.resumes is not None else ""
        by = f", approved by {ruling.consent.by}" if ruling.consent else ""
        yield f"   act {done.act}{resumed}{by}"
        yield f"   before: {_json(case.look.facts)}"
        yield f"   after: {_json(done.after) if done.after is not None else 'not known'}"


def _word(done: Done) -> str:
    words = _OF_MEASURES if done.case.task.measure else {}
    return words.get(done.ruling.fate, _WORDS[done.ruling.fate])


def _called(case: Case, fate: Fate) -> Iterator[str]:
    if fate in {Fate.NOTHING, Fate.UNDECIDED, Fate.PERSON}:
        return
    for step, line in zip(case.look.plan.steps if case.look.plan else (), case.calls, strict=True):
        if step.service == "pulumi":
            yield f"call: pulumi {' '.join(step.parameters['arguments'])}"
        else:
            yield f"call: {line}"


def _names(marks: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{urn.rpartition('::')[2]} {path}".strip() for urn, path in marks)


def _left_lines(left: Drift) -> Iterator[str]:
    if not left.items:
        yield "AWS was read again: nothing drifts any more."
        return
    yield "AWS was read again; this still drifts:"
    for item in left.items:
        yield f"  {item.judgement} {item.name} {item.path}: {item.reason}"


def _halves(done: Sequence[Done]) -> Iterator[str]:
    """Say what was done before a rail stopped the rest, and what was not."""
    for word, fates in (("done", {Fate.HEALED}), ("not done", {Fate.RAIL, Fate.LEFT})):
        what = [
            f"{it.case.task.kind} {it.case.task.remedy or _names(it.case.task.marks)}"
            for it in done
            if it.ruling.fate in fates
        ]
        yield f"{word}: {', '.join(what) or 'nothing'}"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _safe(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + one_line(line)

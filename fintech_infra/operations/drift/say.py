"""Reports about drift for people: as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from fintech_infra.operations.drift.model import Drift, Item, Judgement
from fintech_infra.report.markdown_text import code, escaped, fenced
from fintech_infra.report.naming import short_type
from fintech_infra.report.plain import one_line


def text(drift: Drift) -> str:
    """A report as plain text."""
    lines = [f"{drift.project} / {drift.stack}: {headline(drift)}"]
    for item in drift.items:
        lines += ["", *_text_item(item)]
    lines += ["", *(f"note: {note}" for note in drift.notes)]
    return "\n".join(map(_safe, lines)) + "\n"


def headline(drift: Drift) -> str:
    """What was found, in a sentence."""
    if not drift.items:
        return "nothing has drifted."
    counts = ((sum(it.judgement is word for it in drift.items), word) for word in Judgement)
    return ", ".join(f"{count} {word.value}" for count, word in counts if count) + "."


def markdown(drift: Drift) -> str:
    """A report as Markdown, in which nothing of the program's is markup."""
    where = f"{drift.project} / {drift.stack}"
    lines = [f"## Drift of {escaped(where)}", "", escaped(headline(drift))]
    for item in drift.items:
        lines += ["", *_markdown_item(item)]
    lines += ["", *(f"- {escaped(note)}" for note in drift.notes)]
    return "\n".join(lines) + "\n"


def _safe(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + one_line(line)


def _title(item: Item) -> str:
    what = f"{short_type(item.type)} {item.name}"
    return f"{what}: {item.path}" if item.path else f"{what} ({_ops(item)})"


def _ops(item: Item) -> str:
    return "gone" if item.op == "deleted" else item.op


def _text_item(item: Item) -> Iterator[str]:
    yield f"{item.judgement.value.upper()} {_title(item)}"
    yield f"  {item.reason}"
    if item.seen:
        yield f"  {_again(item)}"
    yield from (f"  {line}" for line in item.evidence)
    yield from (f"  {line}" for line in _causes(item))
    yield from (f"  {line}" for line in _who(item))
    for number, step in enumerate(item.steps, 1):
        yield f"  {number}. {step.kind} ({step.tier}): {step.says}"
        if step.command:
            yield f"     {step.command}"


def _again(item: Item) -> str:
    times = "1 earlier report" if item.seen == 1 else f"{item.seen} earlier reports"
    return f"It has drifted in {times}, so each step needs one tier more."


def _causes(item: Item) -> Iterator[str]:
    for cause in item.causes:
        at = f" at {cause.path}" if cause.path else ""
        name = cause.urn.rpartition("::")[2]
        yield f"{cause.control} ({cause.severity}) on {name}{at}: {cause.message}"
        yield from (f"  {line}" for line in cause.chain)


def _who(item: Item) -> Iterator[str]:
    yield from (f"on record: {line}" for line in item.who)


def _markdown_item(item: Item) -> Iterator[str]:
    yield f"### {item.judgement.value.capitalize()}: {escaped(_title(item))}"
    yield ""
    yield escaped(item.reason) + (f" {escaped(_again(item))}" if item.seen else "")
    if item.source:
        yield f"Declared at {code(item.source)}."
    lines = [*item.evidence, *_causes(item), *_who(item)]
    if lines:
        yield ""
        yield fenced(lines)
    for number, step in enumerate(item.steps, 1):
        yield ""
        yield f"{number}. **{step.kind}** ({step.tier}): {escaped(step.says)}"
        if step.command:
            yield ""
            yield (
                f"```sh\n{one_line(step.command)}\n```"
                if "`" not in step.command
                else fenced([step.command], "sh")
            )

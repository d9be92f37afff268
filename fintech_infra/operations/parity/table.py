"""A comparison for people: what differs, in a table, and why two things were matched or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fintech_infra.operations.parity.findings import Secrets, shown
from fintech_infra.operations.parity.model import Aspect, Difference, Judged, Match, Pair
from fintech_infra.operations.parity.rules import Rule
from fintech_infra.report.naming import counted, short_type
from fintech_infra.report.page import OUTCOME_STYLE, SEVERITY_STYLE, UNDECIDED_STYLE
from fintech_infra.report.plain import one_line
from fintech_infra.report.summary import Outcome

_CELL: Final = 60
_VALUED: Final = frozenset({Aspect.SETTING, Aspect.OPTION, Aspect.COUNT, Aspect.CONTROL})
"""Aspects whose two values say what differs."""
_WHAT: Final = 34
_VALUE: Final = 10
"""The least widths of columns."""
_NAMED: Final = 3
"""How many of the things that differ alike are named."""
_Found = list[Difference]


def print_comparison(
    judged: Judged, rules: Sequence[Rule], outcome: Outcome, console: Console
) -> None:
    """Print what differs, worst first, with a column for each environment, and the outcome."""
    texts = Secrets([judged.reference, *(pair.other for pair in judged.pairs)])
    _print_title(judged, console)
    if judged.found:
        console.print(_table(judged, texts))
        console.print()
    for at in judged.unused:
        rule = rules[at]
        place = f"{rule.source}: " if rule.source else ""
        console.print(
            Text(f"{place}the rule {rule.kind} of {rule.within or rule.resource} allows nothing")
        )
    _print_summary(judged, outcome, console)


def _print_title(judged: Judged, console: Console) -> None:
    title = Text(f"{judged.reference.project}", "bold")
    title.append(f"  {', '.join(judged.others)} compared with {judged.reference.stack}", "not bold")
    console.print(title)
    console.print()


def _table(judged: Judged, texts: Secrets) -> Table:
    """A row for each thing that differs; what differs alike in several things is one row."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("what", overflow="fold", min_width=_WHAT)
    for name in (judged.reference.stack, *judged.others):
        table.add_column(one_line(name), overflow="fold", min_width=_VALUE)
    same: dict[tuple[object, ...], list[_Found]] = {}
    for found in _found(judged):
        cells = tuple(it.plain for it in _values(found, judged, texts))
        same.setdefault((*_kind(found[0]), cells, _why(found[0])), []).append(found)
    for rows in same.values():
        first = rows[0]
        table.add_row(_severity(first[0]), _what(rows, texts), *_values(first, judged, texts))
    return table


def _found(judged: Judged) -> Iterable[_Found]:
    """What is found of one thing, in all environments that differ from the reference in it."""
    rows: dict[tuple[object, ...], _Found] = {}
    for it in sorted(judged.found, key=_order):
        said = _why(it) if it.aspect is Aspect.PERMISSION else ""
        rows.setdefault((*_kind(it), it.match.role, it.path, said), []).append(it)
    return rows.values()


def _kind(it: Difference) -> tuple[object, ...]:
    path = it.path if it.aspect in _VALUED else ""
    return (it.undecided, it.severity, it.aspect, path)


def _order(it: Difference) -> tuple[object, ...]:
    place = (list(Aspect).index(it.aspect), it.path, it.match.role)
    return (it.undecided, it.severity.rank, *place)


def _severity(it: Difference) -> Text:
    style = UNDECIDED_STYLE if it.undecided else SEVERITY_STYLE[it.severity]
    return Text("undecided" if it.undecided else str(it.severity), style)


def _what(rows: Sequence[_Found], texts: Secrets) -> Text:
    first = rows[0][0]
    path = first.path if first.aspect in _VALUED else ""
    lines = [f"{first.aspect} {path}".rstrip()]
    lines += [_named(found[0]) for found in rows[:_NAMED]]
    if len(rows) > _NAMED:
        lines.append(f"and {len(rows) - _NAMED:,} more")
    text = Text("\n  ".join(one_line(texts.text(it)) for it in lines))
    text.append(f"\n  {one_line(texts.text(_why(first)))}", "dim")
    return text


def _named(it: Difference) -> str:
    return f"{short_type(it.match.any.type)} {it.match.any.name}"


def _why(it: Difference) -> str:
    """Why it was compared with what, or what the difference is, where that says so."""
    if it.aspect in {Aspect.RESOURCE, Aspect.PATH, Aspect.PERMISSION, Aspect.CONTROL}:
        return it.message
    return it.match.why


def _values(found: _Found, judged: Judged, texts: Secrets) -> list[Text]:
    by_stack = {it.stack: it for it in found}
    cells = [_cell(found[0].reference, texts)]
    for stack in judged.others:
        difference = by_stack.get(stack)
        cells.append(_cell(difference.other, texts) if difference else Text("the same", "dim"))
    return cells


def _cell(value: object, texts: Secrets) -> Text:
    text = one_line(texts.text(shown(value)))
    return Text(text if len(text) <= _CELL else f"{text[: _CELL - 3]}...")


def _print_summary(judged: Judged, outcome: Outcome, console: Console) -> None:
    line = Text(str(outcome), OUTCOME_STYLE[outcome])
    number = len(judged.found)
    compared = sum(pair.compared for pair in judged.pairs)
    facts = [
        f"{counted(number, 'difference')}" if number else "no differences",
        f"{len(judged.allowed):,} allowed",
        f"{compared:,} matches",
    ]
    if judged.unused:
        facts.append(f"{counted(len(judged.unused), 'rule')} unused")
    line.append(f"  {' · '.join(facts)}", "not bold")
    console.print(line)


def explained(judged: Judged, rules: Sequence[Rule], name: str) -> list[Text]:
    """Why what is called `name` was matched or not, and what differs; nothing where none is.

    `name` is a shell-style pattern of a name or of `type::name`.
    """
    texts = Secrets([judged.reference, *(pair.other for pair in judged.pairs)])
    lines: list[Text] = []
    for pair in judged.pairs:
        for match in pair.matches:
            if _is_called(match, name):
                lines += _explained(match, pair, judged, rules, texts)
    return lines


def names(judged: Judged) -> list[str]:
    """Every name that can be explained."""
    return sorted({match.any.name for pair in judged.pairs for match in pair.matches})


def _is_called(match: Match, name: str) -> bool:
    return any(
        fnmatchcase(text, name)
        for it in (match.reference, match.other)
        if it is not None
        for text in (it.name, f"{it.type}::{it.name}")
    )


def _explained(
    match: Match, pair: Pair, judged: Judged, rules: Sequence[Rule], texts: Secrets
) -> Iterable[Text]:
    sides = ((pair.reference.stack, match.reference), (pair.other.stack, match.other))
    ends = " and ".join(f"{it.name if it else 'nothing'} in {stack}" for stack, it in sides)
    yield Text(one_line(f"{short_type(match.any.type)}: {ends}"), "bold")
    yield Text(f"  {one_line(match.why)}")
    allowed = {id(it.difference): it.rule for it in judged.allowed}
    for it in pair.differences:
        if it.match is match:
            rule = allowed.get(id(it))
            said = _line(it, None if rule is None else rules[rule])
            yield Text(f"  {one_line(texts.text(said))}")


def _line(it: Difference, rule: Rule | None) -> str:
    what = f"{it.aspect} {it.path}".rstrip()
    values = f"{shown(it.reference)}, {shown(it.other)}" if it.aspect in _VALUED else it.message
    by = f"allowed by {rule.source or rule.kind}: {rule.reason}" if rule else "allowed by no rule"
    return f"{what}: {values}; {by}"

"""The judgement of a canary on a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from fintech_infra.report.plain import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from fintech_infra.operations.canary import Judgement, MetricResult

_WIDTH: Final = 120


def as_text(judgement: Judgement) -> str:
    """Verdict and why, a table of the metrics, the groups and the score."""
    from rich.console import Console

    page = io.StringIO()
    console = Console(file=page, width=_WIDTH, highlight=False, markup=False)
    plan, total = judgement.plan, judgement.score
    why = "; ".join(one_line(it) for it in judgement.why)
    console.print(f"{judgement.verdict.upper()}: {why}", soft_wrap=True)
    _print_metrics(judgement, console)
    for group in total.groups:
        score = "no data" if group.score is None else f"{group.score:.4g}"
        console.print(f"{one_line(group.name)}: {score}, weight {group.weight:.4g} %")
    console.print(
        f"score {total.value:g}, {total.grade}; look {plan.look} of {plan.looks}, "
        f"confidence {judgement.level:.6g}"
    )
    if judgement.unjudged:
        names = ", ".join(one_line(name) for name in judgement.unjudged)
        console.print(f"not in the config: {names}", soft_wrap=True)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()) + "\n"


def _print_metrics(judgement: Judgement, console: Console) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("metric", "harmful", "class", "p", "shift (interval)", "effect", "samples"):
        table.add_column(name, overflow="fold")
    table.add_column("old, new", no_wrap=True)
    table.add_column("why", overflow="fold")
    for result in judgement.results:
        table.add_row(*_cells(result))
    console.print(table)


def _cells(result: MetricResult) -> list[str]:
    from fintech_infra.operations.canary import sparklines

    rule, found = result.rule, result.comparison
    marks = [word for word, held in (("critical", result.critical), ("muted", rule.muted)) if held]
    return [
        one_line(rule.name),
        rule.direction,
        " ".join([result.label, *marks]),
        f"{found.p_value:.2g}" if found else "",
        f"{found.shift:.3g} ({found.lower:.3g} to {found.upper:.3g})" if found else "",
        f"{rule.effect.measure} {found.effect:.3g}" if found else "",
        f"{len(result.control)}, {len(result.experiment)}",
        "\n".join(sparklines(result.control, result.experiment)),
        "not read, as said above" if result.unread else one_line(result.why),
    ]

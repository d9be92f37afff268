"""A report as plain lines, and as JSON.

The JSON document: `format` (`fintech-infra rightsize`), `version` (1), `project`, `stack`, `at`,
`terms` (`headroom`, `risk`, `horizonDays`), `exitCode`, `prices` (`date`, `region`, `currency`;
null without), `savingPerMonth` (null where it is not known), `loads`, `patch` (`file`, `diff`,
`previews`, `why`), `unknown` and `outside`, sentences.

A load has `kind`, `name`, `urn`, `verdict`, `why`, `sizes` (`role`, `unit`, `now`,
`recommended`), `needs` (`what`, `unit`, `capacity`, `usual`, `middle`, `peak`, `needed`, `full`,
`missing`, and `forecast` with `since`, `model`, `coverage` and `notes`, null where there is none),
`money` (`now`, `then`, `saving`, `hours`, `why`) and `settings` (`role`, `outcome`, `key`, `value`,
`why`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fintech_infra.operations.moments import written
from fintech_infra.operations.rightsizing.advice import Outcome, Recommendation, Report, Verdict
from fintech_infra.operations.rightsizing.model import Need
from fintech_infra.operations.rightsizing.wording import (
    UNHELD,
    advice_words,
    cost_words,
    headline,
    need_words,
    sizes_words,
    terms_words,
    trial_words,
)
from fintech_infra.report.encoding import document as as_json
from fintech_infra.report.encoding import encode
from fintech_infra.report.plain import one_line

FORMAT: Final = "fintech-infra rightsize"
VERSION: Final = 1
_NAME: Final = 12


def text(report: Report) -> str:
    """The report for a terminal or a log."""
    lines = [
        f"right-sizing of {report.project} / {report.stack}: {headline(report)}",
        terms_words(report.terms),
        "",
    ]
    for it in report.recommendations:
        lines += [*_load(it, report), ""]
    lines += [f"cannot say yet: {it}" for it in report.unknown]
    lines += report.outside
    if not (report.recommendations or report.unknown or report.outside):
        lines.append("nothing in this environment can be sized")
    if report.patch.why:
        lines.append(f"no patch, {UNHELD}: {report.patch.why}")
    shown = [_plain(it) for it in lines]
    return "\n".join([*shown, *_diff(report)]).rstrip("\n") + "\n"


def _plain(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" "))) + one_line(line)


def _diff(report: Report) -> Iterator[str]:
    if report.patch.diff:
        yield f"tried in {report.patch.previews} previews; nothing is applied. The patch:"
        yield ""
        yield from map(_plain, report.patch.diff.splitlines())


def _load(it: Recommendation, report: Report) -> Iterator[str]:
    source = f" ({it.load.source})" if it.load.source else ""
    yield f"{it.verdict.upper()}  {it.load.kind} {it.load.name}{source}"
    yield _row("now", sizes_words(it.load))
    if it.verdict is Verdict.CANNOT_SAY:
        yield from (_row("missing", reason) for reason in it.why)
        return
    for need in it.needs:
        yield _row("needed", need_words(need))
    for change in it.changes:
        yield _row("recommended", advice_words(change))
    if it.changes:
        yield from (_row("cost", line) for line in cost_words(it.money))
    yield from (_row("why", line) for line in it.why)
    for trial in report.patch.trials:
        if trial.load == it.load.urn:
            name = "setting" if trial.outcome is Outcome.FOUND else "no setting"
            yield _row(name, trial_words(trial))


def _row(name: str, said: str) -> str:
    return f"  {name:<{_NAME}}{said}"


def document(report: Report) -> str:
    """The report as JSON; the module says what is in it."""
    terms, patch = report.terms, report.patch
    prices = {"date": str(report.day), "region": report.region, "currency": report.currency}
    content = {
        "format": FORMAT,
        "version": VERSION,
        "project": report.project,
        "stack": report.stack,
        "at": written(report.at),
        "terms": {
            "headroom": terms.headroom,
            "risk": terms.risk,
            "horizonDays": terms.horizon.days,
        },
        "exitCode": report.exit_code,
        "prices": prices if report.day else None,
        "savingPerMonth": None if report.saving is None else round(report.saving, 2),
        "loads": [_entry(it, report) for it in report.recommendations],
        "patch": {
            "file": patch.file,
            "diff": patch.diff,
            "previews": patch.previews,
            "why": patch.why,
        },
        "unknown": list(report.unknown),
        "outside": list(report.outside),
    }
    return as_json({key: encode(value) for key, value in content.items()})


def _entry(it: Recommendation, report: Report) -> dict[str, Any]:
    money = it.money
    return {
        "kind": str(it.load.kind),
        "name": it.load.name,
        "urn": it.load.urn,
        "verdict": str(it.verdict),
        "why": list(it.why),
        "sizes": [
            {
                "role": str(size.role),
                "unit": size.unit,
                "now": size.value,
                "recommended": next((a.value for a in it.advice if a.size is size), None),
            }
            for size in it.load.sizes
        ],
        "needs": [_need(need) for need in it.needs],
        "money": {
            "now": round(money.now, 2) if money.currency else None,
            "then": round(money.then, 2) if money.currency else None,
            "saving": round(money.saving, 2) if money.currency else None,
            "hours": [{"unit": unit, "now": now, "then": then} for unit, now, then in money.hours],
            "why": money.why,
        },
        "settings": [
            {
                "role": str(trial.advice.size.role),
                "outcome": str(trial.outcome),
                "key": trial.key,
                "value": trial.value,
                "why": list(trial.why),
            }
            for trial in report.patch.trials
            if trial.load == it.load.urn
        ],
    }


def _need(need: Need) -> dict[str, Any]:
    found = need.forecast
    said = {
        "what": need.usage.what,
        "unit": need.usage.unit,
        "capacity": need.usage.capacity,
        "missing": list(need.missing),
        "forecast": None,
    }
    if found is None or need.missing:
        return said
    return said | {
        "usual": need.usual,
        "middle": need.middle,
        "peak": need.peak,
        "needed": need.needed,
        "full": need.full,
        "forecast": {
            "since": written(found.since),
            "model": found.model,
            "coverage": found.backtest.coverage,
            "notes": list(found.notes),
        },
    }

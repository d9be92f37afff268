"""How sizes, needs and money are worded, in every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fintech_infra.operations.rightsizing.advice import (
    Advice,
    Money,
    Outcome,
    Report,
    Trial,
)
from fintech_infra.operations.rightsizing.model import Amount, Load, Need, Role, Terms
from fintech_infra.report.naming import counted

UNHELD: Final = "not held to controls and parity rules"
"""What is said of a recommendation that no preview has tried."""


def headline(report: Report) -> str:
    """What a report comes to, in a line."""
    sizes = sum(len(it.changes) for it in report.changed)
    parts = [f"{counted(sizes, 'size')} to change" if sizes else "nothing to change"]
    if report.undecided:
        parts.append(f"{counted(report.undecided, 'load')} cannot be said yet")
    if report.saving is not None:
        parts.append(money_words(report.saving, report.currency))
    return ", ".join(parts)


def terms_words(terms: Terms) -> str:
    """What a size has to keep."""
    return (
        f"{terms.headroom:.0%} headroom above a peak that {terms.horizon.days} days exceed with a "
        f"probability of {terms.risk:g} at most"
    )


def amount(value: Amount, unit: str) -> str:
    """A size with its unit."""
    return value if isinstance(value, str) else f"{value:g} {unit}"


def size_name(role: Role, unit: str) -> str:
    """What a size is called: `least ACU` and `task CPU`."""
    return f"{role} {unit}" if role in {Role.LEAST, Role.MOST} else str(role)


def sizes_words(load: Load) -> str:
    """The sizes of a load as they are."""
    return ", ".join(f"{it.role} {amount(it.value, it.unit)}" for it in load.sizes)


def need_words(need: Need) -> str:
    """What is needed of one resource, with the interval of the peak."""
    use = need.usage
    if need.missing or need.forecast is None:
        return f"{use.what}: cannot be said"
    return (
        f"{use.what} {need.needed:.4g} {use.unit}: a peak of {need.middle:.4g} to {need.peak:.4g} "
        "with the headroom"
    )


def advice_words(advice: Advice) -> str:
    """A size and what is recommended."""
    size = advice.size
    now, then = amount(size.value, ""), amount(advice.value, size.unit)
    return f"{size.role} {now.strip()} -> {then}"


def money_words(saving: float, currency: str) -> str:
    """What a month costs less, or more."""
    return f"{currency} {abs(saving):,.2f} a month {'less' if saving >= 0 else 'more'}"


def cost_words(money: Money) -> Iterator[str]:
    """What is known of the costs: money, else the capacity that is paid, and why no more."""
    if money.currency:
        day = f"prices of {money.day}"
        change = money_words(money.saving, money.currency)
        yield f"{change}: {money.now:,.2f} now, {money.then:,.2f} then ({day})"
        return
    for unit, now, then in money.hours:
        if now or then:
            yield f"{unit} a month: {now:,.0f} now, {then:,.0f} then"
    if money.why:
        yield money.why


def trial_words(trial: Trial) -> str:
    """What became of a setting, in a line."""
    name = size_name(trial.advice.size.role, trial.advice.size.unit)
    if trial.outcome is Outcome.FOUND:
        return f"{name}: {trial.key} becomes {trial.value}"
    if trial.outcome is Outcome.HELD:
        minded = "; ".join(trial.why)
        return f"{name}: {trial.key} would become {trial.value}, held back: {minded}"
    return f"{name}, {UNHELD}: {'; '.join(trial.why)}"

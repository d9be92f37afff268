"""How long a trail is kept: what each regime asks for, and what is refused. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from fintech_infra.components._bucket.retention import MOST_LOCK_DAYS
from fintech_infra.components._shape import nearest

_YEAR_DAYS: Final = 366
"""No year is longer, so a lock is never a day short."""

_MOST_YEARS: Final = MOST_LOCK_DAYS // _YEAR_DAYS


class Regime(StrEnum):
    """Rules that say how long records of who did what are kept."""

    PCI_DSS = "pci-dss"
    """PCI DSS 4.0.1 10.5.1: a year, of which three months at hand."""
    NYDFS = "nydfs"
    """23 NYCRR 500.6(b): records to rebuild transactions, five years."""
    MIFID_II = "mifid-ii"
    """MiFID II Art. 16(7): five years."""
    SEC_17A_4 = "sec-17a-4"
    """17 CFR 240.17a-4(a): six years, unalterable."""
    SOX = "sox"
    """18 U.S.C. 1520, 17 CFR 210.2-06: what an audit rests on, seven years."""


YEARS: Final[Mapping[Regime, int]] = {
    Regime.PCI_DSS: 1,
    Regime.NYDFS: 5,
    Regime.MIFID_II: 5,
    Regime.SEC_17A_4: 6,
    Regime.SOX: 7,
}


@dataclass(frozen=True)
class TrailRetention:
    """For how many years, and so days, records are locked, and by which rules."""

    years: int
    regimes: tuple[Regime, ...]

    @property
    def days(self) -> int:
        """Days of the lock."""
        return self.years * _YEAR_DAYS

    @property
    def basis(self) -> str:
        """The rules, as a tag can say them."""
        return " + ".join(regime.value for regime in self.regimes)


def retention_problems(args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield `(path, reason)` for what is wrong with the retention of a trail."""
    regimes = args.get("regimes")
    if regimes is not None and not regimes:
        yield "regimes", f"is empty; accepted are {', '.join(Regime)}"
    unknown = [item for item in regimes or [] if item not in list(Regime)]
    for index, item in enumerate(regimes or []):
        if item in unknown:
            yield f"regimes[{index}]", f"is {item!r}; {nearest(item, Regime)}"
    if "retention_years" not in args or unknown:
        return
    years, least = int(args["retention_years"]), plan_retention({"regimes": regimes}).years
    if not least <= years <= _MOST_YEARS:
        longest = [item for item in _regimes(regimes) if YEARS[item] == least]
        yield (
            "retention_years",
            f"is {years}; accepted are {least}, which {longest[0]} asks for, to {_MOST_YEARS}",
        )


def plan_retention(args: Mapping[str, Any]) -> TrailRetention:
    """Return the retention of a trail whose arguments were found to be right."""
    regimes = _regimes(args.get("regimes"))
    least = max(YEARS[regime] for regime in regimes)
    return TrailRetention(int(args.get("retention_years", least)), tuple(regimes))


def _regimes(given: list[str] | None) -> list[Regime]:
    """The regimes in the order of their declaration; all of them where none is given."""
    return [regime for regime in Regime if regime in (given or list(Regime))]

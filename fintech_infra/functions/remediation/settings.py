"""What a function was deployed with. What is missing or malformed stops it: nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fintech_infra.functions.remediation.budget import MOST
from fintech_infra.functions.remediation.decide import Risk


class Duty(StrEnum):
    """Which of the two functions this is: they have different roles."""

    JUDGE = "judge"
    """Reads, judges and takes from the budget; can change nothing that it judges."""
    ACT = "act"
    """Carries out what was judged; cannot take from the budget."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment of a function, read."""

    duty: Duty
    name: str
    account: str
    dry_run: bool
    kill_switch: str
    table: str
    per_hour: int
    ledger: str
    risks: Mapping[str, Risk]
    declared: Mapping[str, str]
    deployers: frozenset[str]


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Return the settings in a function's environment variables.

    Raises:
        KeyError: one is missing.
        ValueError: one is malformed, or the budget is greater than any that can be configured.
    """
    per_hour = int(environment["ACTIONS_PER_HOUR"])
    if not 1 <= per_hour <= MOST:
        raise ValueError(f"ACTIONS_PER_HOUR is {per_hour}; accepted are 1 to {MOST}")
    dry_run = environment["DRY_RUN"]
    if dry_run not in {"true", "false"}:
        raise ValueError(f"DRY_RUN is {dry_run!r}; accepted are 'true' and 'false'")
    risks: dict[str, str] = json.loads(environment["RISKS"])
    return Settings(
        duty=Duty(environment["DUTY"]),
        name=environment["NAME"],
        account=environment["ACCOUNT"],
        dry_run=dry_run == "true",
        kill_switch=environment["KILL_SWITCH"],
        table=environment["BUDGET_TABLE"],
        per_hour=per_hour,
        ledger=environment["LEDGER_BUCKET"],
        risks={name: Risk(risk) for name, risk in risks.items()},
        declared=json.loads(environment["DECLARED"]),
        deployers=frozenset(json.loads(environment["DEPLOYERS"])),
    )

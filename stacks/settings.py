"""What differs between environments: one row of facts per stack, in `Pulumi.<stack>.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pulumi

from fintech_infra import DataClass, Egress, PublicAccess


@dataclass(frozen=True, slots=True)
class Settings:
    """The facts of one environment. Capacities are in Aurora capacity units."""

    zones: list[str]
    cidr: str
    egress: Egress
    public_access: PublicAccess
    data_class: DataClass
    database_version: str
    database_min_capacity: float
    database_max_capacity: float
    backup_days: int
    record_years: int
    alarm_topic_arn: str


def read_settings(config: pulumi.Config, stack: str) -> Settings:
    """Read the settings of a stack.

    Raises:
        pulumi.RunError: settings are missing or wrong; the message lists each with its file and
            what is accepted.
    """
    reader = _Reader(config, stack)
    settings = Settings(
        zones=reader.read("zones", _texts, "a list of zone names, such as [eu-central-1a, ...]"),
        cidr=reader.read("cidr", str, "an IPv4 range such as 10.48.0.0/16"),
        egress=reader.choose("egress", Egress, Egress.NONE),
        public_access=reader.choose("publicAccess", PublicAccess, PublicAccess.BLOCKED),
        data_class=reader.choose("dataClass", DataClass),
        database_version=reader.read("databaseVersion", str, 'a version such as "17.4"'),
        database_min_capacity=reader.read("databaseMinCapacity", float, "a number"),
        database_max_capacity=reader.read("databaseMaxCapacity", float, "a number"),
        backup_days=reader.read("backupDays", int, "a whole number of days", "35"),
        record_years=reader.read("recordYears", int, "a whole number of years"),
        alarm_topic_arn=reader.read("alarmTopicArn", str, "the ARN of an SNS topic", ""),
    )
    reader.raise_if_wrong()
    return settings


class _Reader:
    def __init__(self, config: pulumi.Config, stack: str) -> None:
        self._config = config
        self._stack = stack
        self._problems: list[str] = []

    def read(
        self, key: str, convert: Callable[[Any], Any], accepted: str, default: str | None = None
    ) -> Any:
        given = self._config.get(key) or default
        if given is None:
            self._problems.append(f"{key} is missing; it takes {accepted}")
            return None
        try:
            return convert(given)
        except (TypeError, ValueError):
            self._problems.append(f"{key} is {given!r}; it takes {accepted}")
            return None

    def choose(self, key: str, values: type[StrEnum], default: StrEnum | None = None) -> Any:
        return self.read(key, values, "one of " + ", ".join(values), default)

    def raise_if_wrong(self) -> None:
        if self._problems:
            name = self._config.name
            lines = [f"  {name}:{problem}" for problem in self._problems]
            raise pulumi.RunError(
                "\n".join([f"settings in Pulumi.{self._stack}.yaml are wrong:", *lines])
            )


def _texts(given: str) -> list[str]:
    import json

    values = json.loads(given)
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise ValueError(given)
    return values

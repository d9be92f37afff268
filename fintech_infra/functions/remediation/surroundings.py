"""What a function works with: its settings, AWS, and the clock."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from fintech_infra.functions.remediation.budget import Budget
from fintech_infra.functions.remediation.ledger import Ledger
from fintech_infra.functions.remediation.model import Clients
from fintech_infra.functions.remediation.settings import Settings, settings_from


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything outside of the code. `now` is in seconds since 1970."""

    settings: Settings
    clients: Clients
    now: Callable[[], int]
    wait: Callable[[float], None]

    @property
    def budget(self) -> Budget:
        """The budget of this component."""
        settings = self.settings
        return Budget(self.clients("dynamodb"), settings.table, settings.name, settings.per_hour)

    @property
    def ledger(self) -> Ledger:
        """The ledger of this component."""
        return Ledger(self.clients("s3"), self.settings.ledger, self.settings.name)

    def switch(self) -> str | None:
        """The value of the kill switch, None where it cannot be read: that stops everything."""
        try:
            return self._parameter(self.settings.kill_switch)
        except (BotoCoreError, ClientError):
            return None

    def published(self, remediation: str) -> Mapping[str, Any]:
        """What the program declares for a remediation, by resource id."""
        parameter = self.settings.declared.get(remediation)
        if parameter is None:
            return {}
        return cast("dict[str, Any]", json.loads(self._parameter(parameter)))

    def _parameter(self, name: str) -> str:
        return str(self.clients("ssm").get_parameter(Name=name)["Parameter"]["Value"])


@cache
def deployed() -> Surroundings:
    """Return the surroundings of the deployed function, the same for all of its invocations."""
    return Surroundings(
        settings=settings_from(os.environ),
        clients=cache(_client),
        now=lambda: int(time.time()),
        wait=time.sleep,
    )


def _client(service: str) -> Any:
    return boto3.client(cast("Any", service))

"""The ledger: one object per entry in a locked archive, written once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from fintech_infra.functions.remediation.errors import code_of

PREFIX: Final = "self-healing"
_WRITTEN_ALREADY: Final = ("PreconditionFailed", "412")


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries below `self-healing/<name>/` in `bucket`."""

    client: Any
    bucket: str
    name: str

    def record(self, event: str, stage: str, now: int, entry: Mapping[str, Any]) -> str:
        """Write an entry about an event and return its key.

        An event has one entry per stage; the first stands. Retries and events that EventBridge
        delivers twice change nothing.
        """
        at = datetime.fromtimestamp(now, UTC)
        key = f"{PREFIX}/{self.name}/{event}/{stage}.json"
        body = {"at": at.isoformat(), "event": event, "stage": stage, **entry}
        try:
            self.client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=json.dumps(body, sort_keys=True, default=str).encode(),
                ContentType="application/json",
                # Object Lock asks for a checksum of what is uploaded.
                ChecksumAlgorithm="SHA256",
                IfNoneMatch="*",
            )
        except ClientError as error:
            if code_of(error) not in _WRITTEN_ALREADY:
                raise
        return key

"""The budget of actions per hour, in a DynamoDB table: so many slots, each taken for an hour.

Slots make the window slide: in any 3,600 seconds there are at most as many actions as there are
slots, where a counter per clock hour would let twice as many through around the full hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from fintech_infra.functions.remediation.errors import code_of

HOUR: Final = 3600
MOST: Final = 20
"""Actions per hour that can be configured: more of them are no incident, but a deployment."""

_KEPT: Final = 30 * 24 * HOUR
"""How long an unused slot stays in the table before its time to live removes it."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The slots called `name` in `table`, `limit` of them. Times are seconds since 1970."""

    client: Any
    table: str
    name: str
    limit: int

    def left(self, now: int) -> int:
        """How many more actions are possible now."""
        return max(0, self.limit - len(self._taken(now)))

    def holds(self, event: str, now: int) -> bool:
        """Whether a slot is taken for the event with this id."""
        return event in self._taken(now).values()

    def take(self, event: str, now: int) -> bool:
        """Take a slot for the event, unless it has one; return whether it has one then.

        Two who take at the same time never get the same slot: DynamoDB decides.
        """
        taken = self._taken(now)
        if event in taken.values():
            return True
        if len(taken) >= self.limit:
            return False
        free = (slot for slot in range(self.limit) if slot not in taken)
        return any(self._take(slot, event, now) for slot in free)

    def _taken(self, now: int) -> dict[int, str]:
        """The events by slot that took one within the hour."""
        found = self.client.query(
            TableName=self.table,
            KeyConditionExpression="budget = :name",
            ExpressionAttributeValues={":name": {"S": self.name}},
            ConsistentRead=True,
        )
        return {
            int(item["slot"]["N"]): item["event"]["S"]
            for item in found["Items"]
            if int(item["taken_at"]["N"]) > now - HOUR
        }

    def _take(self, slot: int, event: str, now: int) -> bool:
        try:
            self.client.update_item(
                TableName=self.table,
                Key={"budget": {"S": self.name}, "slot": {"N": str(slot)}},
                UpdateExpression="SET #event = :event, taken_at = :now, expires_at = :expiry",
                ConditionExpression="attribute_not_exists(taken_at) OR taken_at <= :hour_ago",
                ExpressionAttributeNames={"#event": "event"},
                ExpressionAttributeValues={
                    ":event": {"S": event},
                    ":now": {"N": str(now)},
                    ":expiry": {"N": str(now + _KEPT)},
                    ":hour_ago": {"N": str(now - HOUR)},
                },
            )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True

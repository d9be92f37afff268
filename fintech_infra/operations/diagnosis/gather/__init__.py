"""Gathers a case from AWS and a deployment ledger.

`gather` asks every gatherer and joins what they bring: `alarms` (which rang, what they watch,
samples), `calls` (CloudTrail), `services` (ECS), `logs`, `recorded` (the ledger). What one of them
cannot read is in the case, and weakens the diagnosis.
"""

from fintech_infra.operations.diagnosis.gather.asked import BEFORE, DAYS, Asked
from fintech_infra.operations.diagnosis.gather.whole import gather

__all__ = ["BEFORE", "DAYS", "Asked", "gather"]

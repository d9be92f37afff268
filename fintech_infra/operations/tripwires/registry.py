"""Every tripwire, in the order of reports."""

from __future__ import annotations

from typing import Final

from fintech_infra.operations.tripwires import (
    buckets,
    data,
    keys,
    monitoring,
    roles,
    security_groups,
)
from fintech_infra.operations.tripwires.model import Tripwire

TRIPWIRES: Final[tuple[Tripwire, ...]] = (
    *security_groups.TRIPWIRES,
    *buckets.TRIPWIRES,
    *keys.TRIPWIRES,
    *roles.TRIPWIRES,
    *data.TRIPWIRES,
    *monitoring.TRIPWIRES,
)

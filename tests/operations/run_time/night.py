"""All that an intruder does in a night, one thing for each kind of tripwire."""

from __future__ import annotations

from tests.operations.run_time.doors import DOORS
from tests.operations.run_time.guards import GUARDS

TAMPERED = {**DOORS, **GUARDS}

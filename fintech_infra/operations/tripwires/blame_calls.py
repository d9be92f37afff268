"""Which calls of AWS set which properties, by type, as CloudTrail names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fintech_infra.operations.tripwires.blame_doors import DOORS
from fintech_infra.operations.tripwires.blame_guards import GUARDS
from fintech_infra.operations.tripwires.blame_setters import Setters

SETTERS: Final[Mapping[str, Setters]] = {**DOORS, **GUARDS}
"""What is not here is looked up by the resource alone, and any call that changes counts."""

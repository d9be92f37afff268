"""Tripwires: the few facts of an account that matter most, read from AWS itself.

`live` looks for the resources of an environment and gives the picture of what is there, for
`operations.drift` to judge; `explained` adds to the report what was not told. They are no refresh:
what no tripwire looks at stays as recorded.
"""

from fintech_infra.operations.tripwires.collect import Looked, live
from fintech_infra.operations.tripwires.explain import explained
from fintech_infra.operations.tripwires.registry import TRIPWIRES

__all__ = ["TRIPWIRES", "Looked", "explained", "live"]

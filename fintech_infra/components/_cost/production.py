"""Which environments are production, by their names."""

import re
from typing import Final

ENVIRONMENT_TAG: Final = "environment"
"""Tag that says which environment a resource belongs to."""

# The controls and the reaper know the same names by themselves: neither can be imported here.
_PRODUCTION: Final = frozenset({"live", "prd", "prod", "production"})


def is_production(environment: str) -> bool:
    """Whether the name of an environment denotes production.

    >>> [is_production(name) for name in ("prod", "eu-production", "PROD_EU", "dev", "preprod")]
    [True, True, True, False, False]
    """
    parts = re.split(r"[-_.]", environment.lower())
    return bool({parts[0], parts[-1]} & _PRODUCTION)

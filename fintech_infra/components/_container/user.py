"""The user that a container runs as."""

from typing import Final

DEFAULT_UID: Final = 10_001
"""A user that no base image has, so that it owns nothing."""

UIDS: Final = (1, 65_534)
"""User ids other than root's."""

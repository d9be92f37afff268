"""What keeps a report from being written."""

from __future__ import annotations


class FormatError(ValueError):
    """Raised when a report cannot be written in a format; says why, and what would help."""

"""Building blocks: one public component per module."""

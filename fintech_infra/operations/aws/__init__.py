"""How operations reach AWS: clients, calls, pages, and what is not told.

Only modules that read or change an account use this; what they judge is decided without.
"""

from fintech_infra.operations.aws.access import Access, NoAccessError, UnreadError, connect

__all__ = ["Access", "NoAccessError", "UnreadError", "connect"]

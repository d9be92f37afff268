"""Environments from files: states, plans, and what this command has saved.

`read` tells them apart by what is in them. Nothing here runs a program or needs Pulumi's SDK.
"""

from fintech_infra.engine.exported.kinds import ACCEPTED, read

__all__ = ["ACCEPTED", "read"]

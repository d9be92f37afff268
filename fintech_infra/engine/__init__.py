"""Running programs: any Pulumi Python program becomes an `Environment`, offline.

`preview` is the entry point. It starts the program in a fresh interpreter (the project's own
virtual environment where it has one), answers it in the place of Pulumi's engine and of the cloud
providers, and returns what was declared.
"""

from fintech_infra.engine.errors import PreviewError, Problem
from fintech_infra.engine.runner import Preview, preview

__all__ = ["Preview", "PreviewError", "Problem", "preview"]

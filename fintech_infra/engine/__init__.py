"""Running programs: any Pulumi Python program becomes an `Environment`, offline.

`preview` is the entry point. It starts the program in a fresh interpreter (the project's own
virtual environment where it has one), answers it in the place of Pulumi's engine and of the cloud
providers, and returns what was declared.
"""

from typing import TYPE_CHECKING, Any

from fintech_infra.engine.errors import PreviewError, Problem

if TYPE_CHECKING:
    from fintech_infra.engine.runner import Preview, preview

__all__ = ["Preview", "PreviewError", "Problem", "preview"]


def __getattr__(name: str) -> Any:
    """Import the runner when it is asked for.

    The interpreter that runs the program has no use for it, and may lack what it needs.
    """
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fintech_infra.engine import runner

    return getattr(runner, name)

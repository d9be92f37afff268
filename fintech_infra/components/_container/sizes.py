"""Sizes of Fargate jobs: which amounts of memory go with which number of vCPUs."""

from collections.abc import Iterator
from typing import Final

_GIB: Final = 1024

MEMORY: Final = {
    0.25: (512, 1024, 2048),
    0.5: tuple(range(1 * _GIB, 4 * _GIB + 1, _GIB)),
    1.0: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2.0: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4.0: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8.0: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16.0: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
}
"""MiB of memory that Batch accepts on Fargate, by vCPUs.
https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html"""


def size_problems(vcpus: float, memory_mb: int) -> Iterator[tuple[str, str]]:
    """Yield `(argument, reason)` for what is wrong with the size of a job."""
    accepted = MEMORY.get(vcpus)
    if accepted is None:
        yield "vcpus", f"is {vcpus:g}; accepted are {', '.join(f'{item:g}' for item in MEMORY)}"
    elif memory_mb not in accepted:
        reason = f"is {memory_mb}, which does not go with {vcpus:g} vCPU; accepted are"
        yield "memory_mb", f"{reason} {_said(accepted)}"


def _said(amounts: tuple[int, ...]) -> str:
    step = amounts[1] - amounts[0]
    if amounts == tuple(range(amounts[0], amounts[-1] + 1, step)):
        return f"{amounts[0]} to {amounts[-1]} in steps of {step}"
    return ", ".join(str(item) for item in amounts)

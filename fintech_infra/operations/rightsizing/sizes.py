"""Sizes that AWS accepts, and how the next larger one is found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_GIB: Final = 1024

TASK_SIZES: Final[Mapping[int, Sequence[int]]] = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
"""MiB of memory that a Fargate task may have, by its CPU units, 1024 to the vCPU.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""

STEP: Final = 0.5
"""Steps of the capacity of Aurora Serverless v2, in ACUs.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ServerlessV2ScalingConfiguration.html"""
MOST_UNITS: Final = 256.0
"""The greatest capacity of an instance, in ACUs (same page)."""
LEAST_MOST: Final = 1.0
"""The greatest capacity cannot be set lower, in ACUs (same page)."""

_NEARLY: Final = 1e-9
"""What arithmetic in floating point may add to a number that is whole."""


def up(value: float, step: float) -> float:
    """The smallest multiple of `step` that is not below `value`.

    >>> up(3.01, 0.5), up(3.0, 0.5), up(0.0, 0.5)
    (3.5, 3.0, 0.0)
    """
    return math.ceil(value / step - _NEARLY) * step


def memory_for(cpu: int, needed: float) -> int | None:
    """The smallest memory in MiB that a task of `cpu` units may have and that is not below.

    None where it may not have as much.

    >>> memory_for(512, 1100), memory_for(256, 4096)
    (2048, None)
    """
    return next((it for it in TASK_SIZES.get(cpu, ()) if it >= needed), None)


def tasks_for(vcpus: float, each: float) -> int:
    """How many tasks that hold `each` vCPUs it takes to hold `vcpus`.

    >>> tasks_for(0.9, 0.3), tasks_for(0.0, 0.3)
    (3, 0)
    """
    return math.ceil(vcpus / each - _NEARLY)


def larger_cpus(cpu: int) -> Iterator[int]:
    """The CPU units of tasks, from `cpu` upwards."""
    return (it for it in sorted(TASK_SIZES) if it >= cpu)

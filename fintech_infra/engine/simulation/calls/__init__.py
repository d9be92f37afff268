"""Data sources: the pure ones are computed, the others simulated from their result types."""

from fintech_infra.engine.simulation.calls.call import Call, CallError
from fintech_infra.engine.simulation.calls.registry import answer

__all__ = ["Call", "CallError", "answer"]

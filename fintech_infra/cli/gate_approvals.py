"""The verbs of `fintech-infra gate` that are about approvals."""

from __future__ import annotations

from typing import Any

from fintech_infra.cli import gate_approve, gate_check


def add_to(verbs: Any) -> None:
    """Add the verbs `approve` and `check`."""
    gate_approve.add_to(verbs)
    gate_check.add_to(verbs)

"""Waivers and findings to try them on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from fintech_infra.controls.waivers import Waiver

TERMS: dict[str, Any] = {
    "control": "kms-rotation-enabled",
    "resource": "aws:kms/key:Key::pay",
    "reason": "The key is rotated by hand every month.",
    "owner": "payments",
    "approver": "risk office",
    "created": date(2026, 11, 1),
    "expires": date(2027, 1, 15),
}
TODAY = date(2026, 12, 1)


@pytest.fixture
def waiver() -> Callable[..., Waiver]:
    """Return `waiver(**terms)`: one that is in order, but for `terms`."""

    def build(**terms: Any) -> Waiver:
        return Waiver(**{**TERMS, **terms})

    return build

"""`Waiver`: who lets a finding stand, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver.

    `control` is the id of one control. `resource` is a shell-style pattern of URNs. `expires` is
    the last day on which it holds. `origin` says where it is written: a file with the number of
    the entry, or the URN of a waiver that a program declares.
    """

    control: str
    resource: str
    reason: str
    owner: str
    approver: str
    created: date
    expires: date
    origin: str = ""

"""Waivers: findings that somebody answers for, until a day.

What each module does: `fields` says what a waiver has to say, `file` and `inline` read waivers from
a project's file and from what its program declares, `apply` lets them stand before findings.
"""

from fintech_infra.controls.waivers.model import Mistake, Waiver

__all__ = ["Mistake", "Waiver"]

"""Waivers: findings that somebody answers for, until a day."""

from fintech_infra.controls.waivers.model import Waiver

__all__ = ["Waiver"]

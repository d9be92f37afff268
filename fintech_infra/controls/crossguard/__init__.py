"""The controls as CrossGuard policies: the only place among the controls that knows Pulumi."""

from fintech_infra.controls.crossguard.policies import enforcement, policies

__all__ = ["enforcement", "policies"]

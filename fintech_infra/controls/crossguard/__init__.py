"""The controls as a CrossGuard pack: the only place among the controls that knows Pulumi.

`server` serves, `servicer` answers, `reading` and `wire` read what is sent, `rules` and `settings`
say what is in force, `said` puts findings in words, `remediation` and `patch` mend, `waiving` finds
the project's waivers.
"""

from fintech_infra.controls.crossguard.info import Pack
from fintech_infra.controls.crossguard.server import serve

__all__ = ["Pack", "serve"]

"""Facts about a change: what is true of it that a decision goes by.

`facts_of` gathers them all. What each module does: `resources` looks at what happens to stateful
ones, `weakening` at protection and retention (by the table in `weak`), `exposure`, `openings` and
`permissions` at the graph, `standing` at controls and waivers, `radius` at what a change can reach.
"""

from fintech_infra.operations.gate.facts.all import context_of, facts_of
from fintech_infra.operations.gate.facts.standing import Standard

__all__ = ["Standard", "context_of", "facts_of"]
